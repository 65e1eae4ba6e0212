// "What would change the answer?": how far each assumption moves the difference, and where it would turn.

import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { known } from "../catalogue.js";
import { Tornado } from "../charts.js";
import { download, once } from "../socket.js";
import { language, number, pick, t } from "../words.js";
import { begin, NOTHING } from "./asking.js";
import { MARKS } from "./cards.js";
import { tidy } from "./scale.js";
import { valueText, withUnit } from "./slider.js";

const FIRST_ROWS = 12;
let last = { key: null, state: NOTHING, stop: null }; // the study goes on while the visitor is at another place
let tell = () => {};

function note(key, changes) {
  if (key !== last.key) return;
  last = { ...last, state: { ...last.state, ...changes } };
  tell(last);
}

function start(key, message) {
  last.stop?.();
  last = { key, state: { ...NOTHING, phase: "waiting" }, stop: null };
  const under = begin(message, "answers", (changes) => note(key, changes));
  last = { ...last, stop: under.stop };
  tell(last);
}

function giveUp() {
  last.stop?.();
  note(last.key, { phase: last.state.answer ? "done" : "idle" });
}

/** The study of one arm against the control for the outcome that is looked at. */
export function Answers({ session, arm }) {
  const [shown, show] = useState(last);
  useEffect(() => {
    tell = show;
    show(last);
    return () => (tell = () => {});
  }, []);
  const message = {
    ask: "answers", control: session.arms[0], arm: session.arms[arm], assumptions: session.assumptions,
    seed: session.seed, months: session.months, outcome: session.outcome,
  };
  const key = JSON.stringify(message);
  const { phase, answer, why, id } = shown.state;
  const busy = ["waiting", "queued", "running"].includes(phase);
  const old = answer && shown.key !== key;
  return html`<section class="panel assume-answers" aria-labelledby="assume-answers-title">
    <h2 id="assume-answers-title">${t("assumptions_answers")}</h2>
    <p>${t("assumptions_answers_lead")}</p>
    <div class="row">
      <button class="button primary" disabled=${busy && !old} onClick=${() => start(key, message)} data-test="answers-start">
        ${t(answer ? "assumptions_answers_again" : "assumptions_answers_start")}</button>
      ${busy && html`<button class="button" onClick=${giveUp} data-test="answers-stop">${t("assumptions_stop")}</button>`}
      <span class="quiet" aria-live="polite" data-test="answers-progress">${progressText(shown.state)}</span>
    </div>
    ${phase === "wrong" && html`<p class="wrong" role="alert">${why}</p>`}
    ${old && html`<p class="quiet" data-test="answers-old">${t("assumptions_answers_old")}</p>`}
    ${answer && html`<${Found} answer=${answer} of=${id} />`}
  </section>`;
}

function progressText({ phase, answer, place, progress }) {
  if (phase === "queued" && place > 0) return t("assumptions_queued", { place });
  if (answer) return t(phase === "done" ? "assumptions_points_done" : "assumptions_points_shown", {
    n: number(answer.points), done: number(progress?.runs ?? answer.points), most: number(answer.most) });
  if (!["waiting", "queued", "running"].includes(phase)) return "";
  return progress ? t("assumptions_points", { n: number(progress.runs), most: number(progress.most) }) : t("assumptions_first_points");
}

function Found({ answer, of }) {
  const [all, setAll] = useState(false);
  const [wrong, setWrong] = useState("");
  const rows = all ? answer.inputs : answer.inputs.slice(0, FIRST_ROWS);
  const fetch = (question, save) => () => {
    setWrong("");
    once({ of, ...question, language: language() }).then(save, (error) => setWrong(error.message));
  };
  const table = fetch({ ask: "table" }, (file) => download("what-would-change-the-answer.csv", file.text, "text/csv"));
  const figure = (format) =>
    fetch({ ask: "figure", kind: "tornado", format }, (file) => download(file.name, file.arrays.bytes, file.type));
  return html`<div>
    <p data-test="answers-said">${pick(answer.estimate.said)} ${answer.by_chance && pick(answer.by_chance)}</p>
    <${Tornado} rows=${rows} estimate=${answer.estimate} outcome=${answer.outcome} />
    <div class="wide"><table class="figures assume-table" data-test="answers-table">
      <caption class="sr-only">${t("assumptions_answers")}</caption>
      <thead><tr>
        <th class="words" scope="col">${t("assumptions_assumption")}</th>
        <th scope="col">${t("assumptions_now")}</th>
        <th scope="col">${t("assumptions_break_even")}</th>
        <th class="words" scope="col">${t("assumptions_turns")}</th>
      </tr></thead>
      <tbody>${rows.map((row) => html`<${Line} key=${row.name} row=${row} />`)}</tbody>
    </table></div>
    <div class="row">
      ${answer.inputs.length > FIRST_ROWS && html`<button class="button quiet-button" onClick=${() => setAll(!all)}
        aria-expanded=${all} data-test="answers-all">
        ${all ? t("assumptions_fewer") : t("assumptions_all", { n: answer.inputs.length })}</button>`}
      <button class="button" onClick=${table} data-test="answers-csv">${t("download")} CSV</button>
      <button class="button" onClick=${figure("svg")} data-test="answers-svg">${t("download")} SVG</button>
      <button class="button" onClick=${figure("png")} data-test="answers-png">${t("download")} PNG</button>
    </div>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
  </div>`;
}

function Line({ row }) {
  const card = cardOf(row.name);
  return html`<tr data-test=${`answer-${row.name}`}>
    <td class="words"><span class="mark" title=${pick(card.source)}>${MARKS[row.status]}</span>
      ${" "}${pick(card.title)}<span class="sr-only"> (${t(`status_${row.status}`)})</span></td>
    <td>${withUnit(card.default, card)}</td>
    <td>${row.crossing === null ? t("assumptions_no_crossing") : html`${valueText(rounded(row.crossing))}${" "}
      <span class="quiet">${between(row)}</span>`}</td>
    <td class="words">${pick(row.said)}</td>
  </tr>`;
}

function cardOf(name) {
  return known.value.cards.find((one) => one.name === name);
}

/** The interval of a break-even value; an end that lies beyond what was tried is said to. */
function between({ crossing_low: low, crossing_high: high, first, last }) {
  const end = (value, beyond) => (value === null ? beyond : valueText(rounded(value)));
  const below = t("assumptions_below", { value: valueText(rounded(first)) });
  const above = t("assumptions_above", { value: valueText(rounded(last)) });
  return `(${end(low, below)} ${t("to")} ${end(high, above)})`;
}

/** Three digits that count: a break-even value is known no better. */
function rounded(value) {
  return tidy(Number(value.toPrecision(3)));
}

// The panel that stays in view: the difference an arm makes, under the defaults and under what was changed.

import { html, useRef } from "../vendor/preact-htm.js";
import { known as catalogued } from "../catalogue.js";
import { effectText } from "../charts.js";
import { scaled } from "../charts/wording.js";
import { set } from "../state.js";
import { number, pick, t } from "../words.js";
import { comparison, differenceOf, isAwaited, isFar, known, useComparison } from "./comparing.js";
import { Intervals, onAxis } from "./intervals.js";
import { titleOf } from "./titles.js";

const FULL_LEVEL = 0.9; // of intervals, once there are enough sets of parameters

/** The comparison of the session's control with one treated arm. */
export function Panel({ session, arm, onArm }) {
  const choice = session.arms[arm];
  const changes = Object.keys(session.assumptions).length;
  const usual = comparison(session, choice, {});
  const changed = useComparison(changes > 0 ? comparison(session, choice, session.assumptions) : null);
  // A slider that was moved is answered first: the defaults wait for it, unless they are all but done.
  const held = isAwaited(changed) && !isFar(known(usual));
  const defaults = useComparison(usual, { wait: 0, held });
  const latest = useLatest(changed.answer, changes > 0 ? arm : null);
  const outcomes = catalogued.value.measures.filter((one) => one.headline);
  const outcome = outcomes.find((one) => one.key === session.outcome) ?? outcomes[0];
  const row = (key, tone, label, state, answer) => {
    const found = differenceOf(answer, outcome.key);
    return { key, tone, label, state, difference: found && onAxis(found, outcome.unit.en) };
  };
  const rows = [
    row("default", "is-default", t("assumptions_under_defaults"), defaults, defaults.answer),
    row("changed", changed.answer || !latest ? "is-new" : "is-old", t("assumptions_under_changed", { n: changes }), changed,
      changed.answer ?? latest),
  ];
  return html`<aside class="panel assume-panel" aria-labelledby="assume-panel-title" data-test="assumptions-panel">
    <h2 id="assume-panel-title">${t("assumptions_panel")}</h2>
    <div class="assume-choose">
      <div class="field"><label for="assume-arm">${t("assumptions_arm")}</label>
        <select id="assume-arm" value=${arm} onChange=${(event) => onArm(Number(event.target.value))}
          data-test="assumptions-arm">
          ${session.arms.slice(1).map((one, n) => html`<option key=${n} value=${n + 1}>${titleOf(one)}</option>`)}
        </select></div>
      <div class="field"><label for="assume-outcome">${t("assumptions_outcome")}</label>
        <select id="assume-outcome" value=${outcome.key} onChange=${(event) => set({ outcome: event.target.value })}
          data-test="assumptions-outcome">
          ${outcomes.map((one) => html`<option key=${one.key} value=${one.key}>${pick(one.label)}</option>`)}
        </select></div>
    </div>
    <p class="quiet small">${t("assumptions_against", { control: titleOf(session.arms[0]), months: session.months })}</p>
    <${Intervals} rows=${rows.slice(0, changes > 0 ? 2 : 1)} unit=${unitText(outcome)} />
    <div aria-live="polite" class="assume-read">
      <${Reading} ...${rows[0]} />
      ${changes > 0
        ? html`<${Reading} ...${rows[1]} />`
        : html`<p class="quiet" data-test="assumptions-nothing">${t("assumptions_move_one")}</p>`}
    </div>
    <p class="quiet small">${t("assumptions_reading")}</p>
  </aside>`;
}

/** The last answer of an arm under other assumptions, to stand there, pale, until there is one under these. */
function useLatest(answer, arm) {
  const latest = useRef({ arm, answer: null });
  if (latest.current.arm !== arm) latest.current = { arm, answer: null };
  if (answer) latest.current.answer = answer;
  return latest.current.answer;
}

function unitText(outcome) {
  const { by, unit } = scaled(outcome.unit.en);
  return by === 1 ? pick(outcome.unit) : unit;
}

/** One difference in figures and words, with how far its computation has come. */
function Reading({ tone, label, difference, state }) {
  const { phase, why } = state;
  return html`<div class=${`assume-reading ${tone}`} data-test=${`reading-${tone}`}>
    <p class="assume-label"><span class="assume-key" aria-hidden="true"></span>${label}</p>
    ${difference && html`<p class="assume-number" data-test=${`difference-${tone}`}>${effectText(difference)}</p>`}
    <p class="quiet small" data-test=${`progress-${tone}`}>
      ${progressText(state)} ${tone === "is-old" && t("assumptions_before")}</p>
    ${phase === "wrong" && html`<p class="wrong" role="alert">${why}</p>`}
  </div>`;
}

function progressText({ phase, answer, progress, place }) {
  if (phase === "queued" && place > 0) return t("assumptions_queued", { place });
  const { runs, most } = newest(answer, progress);
  if (!answer && phase === "idle") return "";
  if (!answer) return t("assumptions_first_runs", { runs: number(runs ?? 0) });
  const values = { runs: number(runs), most: number(most) };
  const said = t(phase === "done" ? "assumptions_runs_done" : "assumptions_runs", values);
  if (answer.level >= FULL_LEVEL) return said;
  return `${said} ${t("assumptions_first_look", { level: number(100 * answer.level) })}`;
}

/** The further of what the last interval rests on and what was said of runs since. */
function newest(answer, progress) {
  if (!answer) return progress ?? {};
  return progress && progress.runs > answer.runs ? progress : answer;
}

// The difference over many futures: chart, every pair, how the interval narrowed, cost, and the numbers.

import {html, useMemo} from "../vendor/preact-htm.js";
import {Distribution, DotInterval, effectText, Lines} from "../charts.js";
import {ArmSign} from "../charts/parts.js";
import {known} from "../catalogue.js";
import {set} from "../state.js";
import {number, t} from "../words.js";
import {armNames} from "./arms.js";
import {Costs} from "./costs.js";
import {Downloads} from "./downloads.js";
import {HEADLINES, labelOf, periodOf, unitOf} from "./measures.js";
import {Numbers} from "./numbers.js";
import {Provenance} from "./provenance.js";

const NARROWING = 3; // intervals before their narrowing is a picture

/** Arms of an answer with the names, places and colours of what was asked. */
export function armsOf({of, answer}) {
  const names = armNames(of.arms);
  return answer.arms.map((arm, k) => ({...arm, called: names[of.numbers[k]], arm: of.numbers[k]}));
}

function rowsOf(arms, key) {
  return arms.map(({called, arm, measures}) => ({
    key: `${key}-${arm}`, group: key, label: called, arm, unit: unitOf(key), ...measures[key],
  }));
}

/** The difference in one outcome in words, above the maps: one run never stands alone. */
export function Headline({run, old, outcome}) {
  const arms = armsOf(run);
  return html`<dl class=${old ? "compare-headline quiet" : "compare-headline"} data-test="compare-headline">
    ${old && html`<div><dt>${t("compare_earlier")}</dt></div>`}
    ${arms.map(({called, arm, measures}) => html`<div key=${arm}>
      <dt><${ArmSign} arm=${arm} /> ${t("compare_headline", {arm: called, outcome: labelOf(outcome)})}</dt> <dd>${effectText(measures[outcome])}</dd></div>`)}
    <div><a href="#compare-results" onClick=${toResults}>${t("compare_see")}</a></div>
  </dl>`;
}

/** Scrolls by hand: an address of its own would lead to another place of the page. */
function toResults(event) {
  event.preventDefault();
  const results = document.getElementById("compare-results");
  results?.scrollIntoView();
  results?.focus({preventScroll: true});
}

/** All there is of a comparison so far; `old` says that something else is chosen by now. */
export function Results({run, old, outcome}) {
  const {answer} = run;
  const arms = useMemo(() => armsOf(run), [run.of, answer]);
  const shown = HEADLINES.includes(outcome) ? HEADLINES : [outcome, ...HEADLINES];
  const rows = shown.flatMap((key) => rowsOf(arms, key));
  const control = armNames(run.of.arms)[0];
  const notes = Object.fromEntries(shown.map((key) => [key, t("compare_in_control", {
    control, n: number(answer.control.measures[key].mean, digits(answer.control.measures[key].mean)),
  })]));
  return html`<div class=${old ? "compare-results is-old" : "compare-results"} id="compare-results"
    tabindex="-1" data-test="compare-results">
    ${old && html`<p class="banner compare-old" role="status" data-test="compare-old">${t("compare_old")}</p>`}
    ${answer.first_look && html`<p class="small" data-test="compare-first-look">
      ${t("numbers_first_look", {draws: answer.draws})}. ${t("compare_first_look")}</p>`}
    <div class="compare-columns">
      <div class="compare-side"><section class="panel" aria-labelledby="compare-effects-title">
        <h2 id="compare-effects-title">${t("compare_effects", {control})}</h2>
        <p class="quiet small">${t("compare_size", {draws: number(answer.draws), seeds: number(answer.seeds)})}
          ${" "}${t("compare_period", {period: periodOf("", answer)})} ${t("compare_many_lead")}</p>
        <${DotInterval} rows=${rows} names=${Object.fromEntries(shown.map((key) => [key, labelOf(key)]))} notes=${notes}
          level=${answer.level} onPick=${(key) => set({outcome: key})} picked=${outcome} />
        <${Same} of=${run.of} />
        <p class="small" data-test="compare-rests">${restsOn()} <a href="#/assumptions">${t("place_assumptions")}</a></p>
      </section>
      <${Costs} arms=${arms} /></div>
      <div class="compare-side">
        <${Pairs} arms=${arms} answer=${answer} outcome=${outcome} />
        <${Narrowing} run=${run} arms=${arms} outcome=${outcome} />
      </div>
    </div>
    <${Numbers} arms=${arms} answer=${answer} />
    <${Downloads} run=${run} />
    <${Provenance} run=${run} />
  </div>`;
}

/** How many of the model's numbers are calibrated, from the literature, or assumed. */
function restsOn() {
  const count = (status) => number(known.value.cards.filter((card) => card.status === status).length);
  return t("compare_rests", {
    calibrated: count("calibrated"), literature: count("literature"), assumption: count("assumption"),
  });
}

function digits(mean) {
  return Math.abs(mean) >= 20 ? 0 : 1;
}

/** Arms that were not run, because they are the same run as another. */
function Same({of}) {
  const names = armNames(of.arms);
  const left = of.arms.map((_, k) => k).filter((k) => k > 0 && !of.numbers.includes(k));
  return left.map((k) => html`<p key=${k} class="small" data-test=${`result-same-${k}`}>
    <${ArmSign} arm=${k} /> <strong>${names[k]}</strong>, ${t("compare_identical")}</p>`);
}

/** Differences of every pair; of an outcome whose pairs are not sent, those of the deaths. */
function Pairs({arms, answer, outcome}) {
  const sent = Object.keys(answer.arms[0]?.values ?? {});
  const key = sent.includes(outcome) ? outcome : sent[0];
  if (!key) return null;
  const rows = arms.map(({called, arm, values, measures}) => ({
    key: arm, label: called, arm, values: values[key], effect: measures[key],
  }));
  return html`<section class="panel" aria-labelledby="compare-pairs-title">
    <h2 id="compare-pairs-title">${t("compare_pairs", {outcome: labelOf(key)})}</h2>
    <p class="quiet small">${t("compare_pairs_lead")}</p>
    <label class="field compare-outcome"><span class="label">${t("compare_outcome")}</span>
      <select value=${key} data-test="compare-outcome" onChange=${(event) => set({outcome: event.target.value})}>
        ${sent.map((one) => html`<option key=${one} value=${one}>${labelOf(one)}</option>`)}
      </select></label>
    <${Distribution} rows=${rows} unit=${unitOf(key)} name=${labelOf(key)} />
  </section>`;
}

/** The interval against the number of runs it rests on: this is how far the computation is. */
function Narrowing({run, arms, outcome}) {
  const {history, most} = run;
  if (history.length < NARROWING) return null;
  const panels = arms.map(({called, arm}, k) => ({
    key: arm, title: called,
    series: [{
      key: arm, arm, label: called, x: history.map(({runs}) => runs),
      y: history.map((one) => one.arms[k][outcome].estimate),
      low: history.map((one) => one.arms[k][outcome].low), high: history.map((one) => one.arms[k][outcome].high),
    }],
  }));
  const marks = [0, most / 2, most].map((at) => ({at, text: number(at)}));
  return html`<section class="panel" aria-labelledby="compare-narrowing-title">
    <h2 id="compare-narrowing-title">${t("compare_narrowing")}</h2>
    <p class="quiet small">${t("compare_narrowing_lead", {outcome: labelOf(outcome)})}</p>
    <${Lines} panels=${panels} ends=${[0, most]} marks=${marks} />
  </section>`;
}

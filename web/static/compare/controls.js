// How much is computed, and how far it is.

import {html} from "../vendor/preact-htm.js";
import {set} from "../state.js";
import {number, t} from "../words.js";
import {isBusy, keyOf, start, stop, toRun} from "./run.js";

const MONTHS = [12, 24, 36];
const RUNS = [40, 100, 200, 400];
const MOST_SEED = 1_000_000_000; // as web/messages.py takes it

function Choose({label, value, values, onChange, test, say = (one) => number(one)}) {
  return html`<label class="field"><span class="label">${label}</span>
    <select value=${value} data-test=${test} onChange=${(event) => onChange(Number(event.target.value))}>
      ${values.map((one) => html`<option key=${one} value=${one}>${say(one)}</option>`)}
    </select></label>`;
}

/** Months, seed, runs, start and stop. */
export function Controls({session, run, size, onSize}) {
  const busy = isBusy(run);
  const nothing = toRun(session.arms).length === 0;
  const current = busy && run.next?.key === keyOf(session);
  const months = MONTHS.includes(session.months) ? MONTHS : [...MONTHS, session.months].sort((a, b) => a - b);
  const seed = (event) => {
    const value = Number(event.target.value);
    if (event.target.value !== "" && Number.isInteger(value) && value >= 0 && value <= MOST_SEED) set({seed: value});
    else event.target.value = session.seed;
  };
  return html`<div class="compare-controls">
    <div class="row end">
      <${Choose} label=${t("compare_months")} value=${session.months} values=${months} test="compare-months"
        onChange=${(value) => set({months: value})} say=${(n) => t("compare_n_months", {n})} />
      <label class="field"><span class="label">${t("seed")}</span>
        <input type="number" class="compare-seed" min="0" max=${MOST_SEED} step="1" value=${session.seed} data-test="compare-seed"
          onChange=${seed} /></label>
      <${Choose} label=${t("compare_most")} value=${size.most} values=${RUNS} test="compare-most"
        onChange=${(most) => onSize({...size, most})} />
      <label class="check"><input type="checkbox" checked=${size.precise} data-test="compare-precise"
        onChange=${(event) => onSize({...size, precise: event.target.checked})} /> ${t("compare_precise")}</label>
      <button class="button primary" disabled=${nothing || current} data-test="compare-start"
        onClick=${() => start(session, size.most, size.precise)}>${t(run.answer ? "compare_again" : "compare_start")}</button>
      <button class="button" disabled=${!busy} data-test="compare-stop" onClick=${stop}>${t("compare_stop")}</button>
    </div>
    <p class="compare-progress" role="status" aria-live="polite" data-test="compare-progress">${progress(run, nothing)}</p>
    ${run.phase === "wrong" && html`<p class="wrong" role="alert" data-test="compare-wrong">${run.why}</p>`}
  </div>`;
}

function progress(run, nothing) {
  const {phase, runs, most, place, answer} = run;
  if (nothing && !isBusy(run)) return t("compare_nothing");
  if (phase === "queued" && place > 0) return t("queued", {n: number(place)});
  if (phase === "idle" || phase === "wrong") return phase === "idle" && !answer ? t("compare_ready") : "";
  if (runs === 0) return t("compare_first");
  const done = t("compare_done", {n: number(runs), most: number(most)});
  if (phase === "running") return done;
  if (phase === "stopped") return `${done} ${t("compare_stopped")}`;
  return answer?.precise && runs < most ? `${done} ${t("compare_enough")}` : done;
}

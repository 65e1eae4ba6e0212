// Under the map: one run never stands alone. How far other runs of the same scenario lie apart at the date shown.

import { html } from "../vendor/preact-htm.js";
import { number, t } from "../words.js";

const KILLED = "civilian_deaths";
const ATTACKS = "civilian_attacks";
const OTHERS = 100; // runs behind the interval, until the server says how many

/** Interval of a measure to a day: [low, high]; the server has one after every few days, the next of which holds. */
function intervalAt(spread, measure, run, day) {
  const row = spread.measures.indexOf(measure);
  const columns = spread.shapes.low[1];
  const column = Math.min(Math.ceil((day + 1 - run.first) / spread.step), columns - 1);
  const at = row * columns + column;
  return [spread.arrays.low[at], spread.arrays.high[at]];
}

/** This run as a dot on the bar of the others, on a scale that holds both over the whole run. */
function Strip({ name, interval: [low, high], value, most }) {
  const share = (n) => `${(100 * n) / most}%`;
  return html`
    <div class="watch-strip" data-test=${`strip-${name}`}>
      <span class="watch-strip-name">${t(name)}</span>
      <span class="watch-strip-scale" aria-hidden="true">
        <span class="watch-strip-bar" style=${{ left: share(low), width: share(Math.max(high - low, most / 200)) }}></span>
        <span class="watch-strip-dot" style=${{ left: share(value) }}></span>
      </span>
      <span class="small">${t("watch_this_run", { n: number(value) })} · ${t("watch_other_runs", { low: number(low), high: number(high) })}</span>
    </div>`;
}

function Details({ spread, run, day, killed, attacks }) {
  const totals = run.totals(day);
  const ends = (measure) => intervalAt(spread, measure, run, run.end - 1)[1];
  const most = (measure) => 1.05 * Math.max(ends(measure), run.totals(run.last)[measure], 1);
  return html`
    <details class="watch-details" data-test="spread-details"><summary>${t("watch_details")}</summary>
      <div class="watch-strips">
        <${Strip} name=${KILLED} interval=${killed} value=${totals[KILLED]} most=${most(KILLED)} />
        <${Strip} name=${ATTACKS} interval=${attacks} value=${totals[ATTACKS]} most=${most(ATTACKS)} />
      </div></details>`;
}

/** The sentence and its details. */
export function Foot({ run, day, spread }) {
  if (!spread || !run || day === null) {
    const all = spread?.all ?? OTHERS;
    return html`<div class="watch-foot" data-test="spread"><p><b>${t("one_run")}</b> ${t("watch_over_none", { n: all })}</p></div>`;
  }
  const [killed, attacks] = [KILLED, ATTACKS].map((measure) => intervalAt(spread, measure, run, day));
  const values = {
    n: spread.n, level: `${number(100 * spread.held)} %`, low: number(killed[0]), high: number(killed[1]),
    low2: number(attacks[0]), high2: number(attacks[1]),
  };
  return html`
    <div class="watch-foot" data-test="spread" data-n=${spread.n}>
      <p><b>${t("one_run")}</b> ${t("watch_over", values)}${" "}
        ${spread.n < spread.all && html`<span class="quiet">${t("watch_over_counted", { n: spread.n, all: spread.all })}</span>`}</p>
      <${Details} spread=${spread} run=${run} day=${day} killed=${killed} attacks=${attacks} />
    </div>`;
}

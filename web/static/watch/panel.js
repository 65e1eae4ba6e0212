// Beside the map: totals of the run to date, each with what it rests on.

import { html } from "../vendor/preact-htm.js";
import { number, t } from "../words.js";

// What a number rests on: the kinds and sizes of events are fitted to the record, units are those the UN reported, and
// what protection, warning and flight do is assumed.
const STATUS = {
  civilian_attacks: "calibrated", civilian_deaths: "calibrated", intercommunal_events: "calibrated",
  abuses: "calibrated", prevented: "assumption", warnings: "assumption", answered: "assumption",
  displaced_people: "assumption", troops: "literature", tobs: "assumption",
};
const SIGNS = { calibrated: "●", literature: "◐", assumption: "○" };
const TODAY = ["troops", "tobs"]; // levels on the day, not sums

/** The mark of what a number rests on; it says so with the pointer over it and with the focus on it. */
function Status({ status }) {
  if (!status) return null;
  const text = t(`watch_status_${status}`);
  return html`
    <span class="mark watch-mark" tabindex="0" role="img" aria-label=${text} data-tip=${text}>${SIGNS[status]}</span>`;
}

function Total({ name, value }) {
  return html`
    <tr data-test=${`row-${name}`}><td>${t(name)}${"\u00a0"}<${Status} status=${STATUS[name]} /></td>
      <td data-test=${`total-${name}`} data-value=${value}>${number(value)}</td></tr>`;
}

function Totals({ run, day }) {
  const totals = run.totals(day);
  const sums = run.world.columns.filter((key) => !TODAY.includes(key));
  const levels = run.world.columns.filter((key) => TODAY.includes(key));
  return html`
    <table class="figures watch-totals" data-test="totals">
      <caption>${t("to_date")}</caption>
      <tbody>${sums.map((key) => html`<${Total} name=${key} value=${totals[key]} />`)}</tbody>
      <tbody><tr class="watch-today"><th colspan="2" scope="colgroup">${t("watch_today")}</th></tr>
        ${levels.map((key) => html`<${Total} name=${key} value=${totals[key]} />`)}</tbody>
    </table>`;
}

/** The totals of a run on a day; empty before the first has arrived. */
export function Panel({ run, day }) {
  const ready = run !== null && day !== null;
  return html`<div class="watch-panel" data-test="panel">${ready && html`<${Totals} run=${run} day=${day} />`}</div>`;
}

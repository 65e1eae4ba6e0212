// All numbers of a comparison in one table: what chance leaves open and what nobody knows stand apart.

import {html} from "../vendor/preact-htm.js";
import {digitsOf, intervalText, scaled} from "../charts/wording.js";
import {number, t} from "../words.js";
import {COST, labelOf, periodOf, unitOf} from "./measures.js";

const ENDS = ["estimate", "low", "high", "future_low", "future_high", "mc_se", "param_sd"];

/** A difference in the unit that tables show, and the digits of its numbers. */
function shown(measure, unit) {
  const {by, unit: said} = scaled(unit);
  const values = Object.fromEntries(ENDS.map((end) => [end, measure[end] / by]));
  return {...values, by, unit: said, digits: digitsOf(values.estimate, values.low, values.high)};
}

/** A row an outcome and arm. */
export function Numbers({arms, answer}) {
  const keys = Object.keys(answer.control.measures);
  return html`<details class="panel compare-numbers" open>
    <summary><h2>${t("compare_numbers")}</h2></summary>
    <div class="wide"><table class="figures" data-test="compare-table">
      <caption class="sr-only">${t("compare_numbers")}</caption>
      <thead><tr>
        <th class="words" scope="col">${t("numbers_outcome")}</th><th class="words" scope="col">${t("numbers_arm")}</th>
        <th scope="col">${t("numbers_control_mean")}</th><th scope="col">${t("numbers_difference")}</th>
        <th scope="col">${t("compare_interval")}</th><th scope="col">${t("compare_future")}</th>
        <th scope="col">${t("numbers_mc_se")}</th><th scope="col">${t("numbers_param_sd")}</th>
        <th scope="col">${t("numbers_relative")}</th>
      </tr></thead>
      ${keys.map((key) => html`<tbody key=${key}>${arms.map((arm, k) => html`<${Line} key=${arm.arm} arm=${arm} name=${key}
        control=${answer.control.measures[key].mean} first=${k === 0} rows=${arms.length} answer=${answer} />`)}</tbody>`)}
    </table></div>
    <p class="quiet small">${t("compare_period", {period: periodOf("", answer)})} ${t("compare_apart")}</p>
  </details>`;
}

function Line({arm, name, control, first, rows, answer}) {
  const measure = arm.measures[name];
  const unit = unitOf(name);
  const {by, unit: said, digits, ...values} = shown(measure, unit);
  return html`<tr data-test=${`row-${arm.arm}-${name}`}>
    ${first && html`<th class="words outcome" scope="rowgroup" rowspan=${rows}>${labelOf(name)}
      <span class="quiet small">${name === COST ? `${said}; ${periodOf(name, answer)}` : said}</span></th>`}
    <td class="words arm">${arm.called}</td>
    <td>${number(control / by, digitsOf(control / by))}</td>
    ${measure.same ? html`<td class="words" colspan="6">${t("charts_identical")}</td>` : html`
      <td>${number(values.estimate, digits, {signed: true})}</td>
      <td class=${measure.resolved ? "" : "quiet"}>${intervalText(values.low, values.high, digits)}
        ${!measure.resolved && html`<br /><span class="unresolved">${t("not_resolved")}</span>`}</td>
      <td>${intervalText(values.future_low, values.future_high, digits)}</td>
      <td>${number(values.mc_se, Math.max(digits, digitsOf(values.mc_se)))}</td>
      <td>${number(values.param_sd, Math.max(digits, digitsOf(values.param_sd)))}</td>
      <td>${share(measure.relative)}</td>`}
  </tr>`;
}

function share(relative) {
  if (relative === null) return "–";
  return t("charts_percent", {n: number(100 * relative, Math.abs(relative) < 0.1 ? 1 : 0, {signed: true})});
}

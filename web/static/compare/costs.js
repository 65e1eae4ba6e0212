// What arms cost, and what one death averted costs: only where it is resolved that deaths are averted.

import {html} from "../vendor/preact-htm.js";
import {number, t} from "../words.js";
import {amount, digitsOf} from "../charts/wording.js";

const MONEY = "US$";
const MILLION = 1_000_000;

/** "US$ 552 million", or the amount itself where it is below a million. */
function money(value, digits) {
  if (Math.abs(value) >= MILLION) return amount(value, MONEY, {digits});
  return t("compare_dollars", {n: number(Number(value.toPrecision(2)))});
}

function between({estimate, low, high}) {
  const million = Math.max(...[estimate, low, high].map(Math.abs)) / MILLION;
  const digits = digitsOf(million);
  const range = low === high ? "" : ` (${money(low, digits)} ${t("to")} ${money(high, digits)})`;
  return `${money(estimate, digits)}${range}`;
}

/** One line an arm. */
export function Costs({arms}) {
  return html`<section class="panel" aria-labelledby="compare-costs-title">
    <h2 id="compare-costs-title">${t("compare_costs")}</h2>
    <p class="quiet small">${t("compare_costs_lead")}</p>
    <dl class="compare-costs">
      ${arms.map(({called, arm, cost}) => html`<div key=${arm} data-test=${`cost-${arm}`}>
        <dt>${called}</dt>
        <dd>${cost.costed ? between(cost) : t("compare_no_cost")}
          ${cost.costed && html`<br /><span class=${cost.per_death ? "" : "quiet"}>${perDeath(cost.per_death)}</span>`}</dd>
      </div>`)}
    </dl>
  </section>`;
}

function perDeath(found) {
  return found ? t("compare_per_death", {cost: between(found)}) : t("compare_per_death_unresolved");
}

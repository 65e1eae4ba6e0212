// What arms cost, and what one death averted costs: only where it is resolved that deaths are averted.

import {html} from "../vendor/preact-htm.js";
import {number, t} from "../words.js";
import {digitsOf} from "../charts/wording.js";

const MILLION = 1_000_000;

/** "US$ 552 (520 to 570) million", or the amounts themselves where they are below a million. */
function money({estimate, low, high}) {
  const inMillions = Math.max(...[estimate, low, high].map(Math.abs)) >= MILLION;
  const say = inMillions ? millions(estimate, low, high) : (value) => number(Number(value.toPrecision(2)));
  const range = low === high ? "" : ` (${say(low)} ${t("to")} ${say(high)})`;
  return t(inMillions ? "charts_millions" : "compare_dollars", {n: `${say(estimate)}${range}`});
}

/** Says an amount in millions, with the digits that all of some need. */
function millions(...all) {
  const digits = digitsOf(...all.map((value) => value / MILLION));
  return (value) => number(value / MILLION, digits);
}

/** One line an arm. */
export function Costs({arms}) {
  return html`<section class="panel" aria-labelledby="compare-costs-title">
    <h2 id="compare-costs-title">${t("compare_costs")}</h2>
    <p class="quiet small">${t("compare_costs_lead")}</p>
    <dl class="compare-costs">
      ${arms.map(({called, arm, cost}) => html`<div key=${arm} data-test=${`cost-${arm}`}>
        <dt>${called}</dt>
        <dd>${cost.costed ? money(cost) : t("compare_no_cost")}
          ${cost.costed && html`<br /><span class=${cost.per_death ? "" : "quiet"}>${perDeath(cost.per_death)}</span>`}</dd>
      </div>`)}
    </dl>
  </section>`;
}

function perDeath(found) {
  return found ? t("compare_per_death", {cost: money(found)}) : t("compare_per_death_unresolved");
}

// What the arm costs beyond the control, before anything is run, and when its units come.

import { html } from "../vendor/preact-htm.js";
import { MARKS } from "../assumptions/cards.js";
import { known } from "../catalogue.js";
import { dateText, number, pick, t } from "../words.js";

const MILLION = 1_000_000;

/** Planning figures of the draft as the server computes them; `found` are the faults that fields already show. */
export function Cost({ state, found }) {
  const { answer, phase, why } = state;
  const placed = Object.keys(found).some((path) => path !== "");
  return html`<section class="panel levers-cost" aria-labelledby="levers-cost" aria-live="polite" data-test="levers-cost">
    <h2 id="levers-cost">${t("levers_cost")}</h2>
    ${phase === "wrong" && html`<p class="wrong" role="alert" data-test="levers-wrong">
      ${placed ? t("levers_see_fields") : why}</p>`}
    ${!answer && phase !== "wrong" && html`<p class="quiet">${t("levers_counting")}</p>`}
    ${answer && html`<${Figures} cost=${answer} />`}
  </section>`;
}

/** One line of it that stays in view where the form is long and the panel far away. */
export function CostStrip({ state, onShow }) {
  const { answer } = state;
  return html`<div class="levers-strip">
    <span>${answer ? html`<strong>${millions(answer.per_year.mid)}</strong> ${t("levers_strip")}` : t("levers_counting")}</span>
    <button class="button" type="button" onClick=${onShow} data-test="levers-show-cost">${t("levers_show_cost")}</button>
  </div>`;
}

function Figures({ cost }) {
  const civilian = Object.values(cost.civilian_per_year).filter(({ mid }) => mid !== 0);
  const priced = (item) => item === "people" || civilian.some((one) => one === cost.civilian_per_year[item]);
  return html`<table class="figures" data-test="cost-table">
      <caption class="sr-only">${t("levers_cost")}</caption>
      <thead><tr><th scope="col" class="words">${t("levers_item")}</th><th scope="col">${t("levers_millions")}</th></tr></thead>
      <tbody>
        <${Line} name=${t("levers_per_year", { people: number(cost.people, 0, { signed: true }) })} sums=${cost.per_year} />
        ${civilian.map((item) => html`<${Line} key=${pick(item.label)} name=${pick(item.label)} sums=${item} />`)}
        <${Line} name=${t("levers_whole", { months: number(cost.whole.months) })} sums=${cost.whole} />
      </tbody>
    </table>
    <p class="small levers-told" data-test="cost-said">${pick(cost.said)}</p>
    ${cost.arrivals.length > 0 && html`<details data-test="levers-arrivals"><summary>${t("levers_arrivals")}</summary>
      <table class="figures"><thead><tr><th scope="col" class="words">${t("levers_unit")}</th>
        <th scope="col">${t("levers_people_column")}</th><th scope="col">${t("levers_arrival")}</th></tr></thead>
        <tbody>${cost.arrivals.map((group, n) => html`<${Arrival} key=${n} group=${group} />`)}</tbody></table></details>`}
    <ul class="quiet small levers-prices">${cost.prices.filter(({ item }) => priced(item)).map((price) => html`<${Price}
      key=${price.name} price=${price} />`)}</ul>`;
}

function millions(value) {
  return number(value / MILLION, Math.abs(value) >= 10 * MILLION ? 0 : 1, { signed: true });
}

function Line({ name, sums }) {
  return html`<tr><td class="words">${name}</td>
    <td>${millions(sums.mid)} <span class="quiet">(${millions(sums.low)} ${t("to")} ${millions(sums.high)})</span></td></tr>`;
}

function Arrival({ group }) {
  const day = (when) => (when === null ? t("levers_never") : dateText(when));
  return html`<tr><td class="words">${number(group.units)} × ${pick(group.label)}, ${group.base}</td>
    <td>${number(group.people)}</td>
    <td>${day(group.day)}<br /><span class="quiet small">${day(group.early)} ${t("to")} ${day(group.late)}</span></td></tr>`;
}

/** A price that the figures rest on, with what it rests on itself. */
function Price({ price }) {
  const card = known.value.cards.find((one) => one.name === price.name);
  return html`<li><span class="mark" aria-hidden="true">${MARKS[price.status]}</span> ${pick(card.title)}
    (${t(`status_${price.status}`)}): ${pick(card.source)}</li>`;
}

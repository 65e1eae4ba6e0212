// What is at the place that was picked, as of the day shown. Cercles have names here, and nothing smaller has.

import { html } from "../vendor/preact-htm.js";
import { PERPETRATORS } from "../map/look.js";
import { FULL_PRESENCE, describeCell } from "../map/picking.js";
import { number, t } from "../words.js";

const quantity = (units) => (units.length === 1 ? t("watch_unit") : t("watch_units", { n: number(units.length) }));

/** A thing in a few words: kind, strength, task. */
function inWords(run, thing) {
  if (thing.kind === "band") {
    const kind = t(PERPETRATORS[run.world.arrays.band_mark[thing.band]].key);
    return [t("watch_thing_band", { kind }), t("watch_fighters", { n: number(thing.strength) }),
      t(thing.hidden ? "watch_hidden" : "watch_active")];
  }
  if (thing.kind === "army") return [t("watch_thing_army"), quantity(thing.units), t(`watch_task_${thing.task}`)];
  if (thing.kind === "tob") {
    return [t(`watch_thing_tob_${thing.status}`), t("watch_people_there", { n: number(thing.people) })];
  }
  const people = t("watch_people_there", { n: number(thing.amount) });
  if (thing.kind === "un_base") return [t("watch_thing_un_base"), people];
  return [t("watch_thing_un_unit"), people, t(`watch_task_${thing.task}`)];
}

function Fact({ name, value, test }) {
  return html`<div><dt>${name}</dt><dd data-test=${test}>${value}</dd></div>`;
}

function Cell({ run, day, cell, land }) {
  const { cell_km: size } = run.world;
  const found = describeCell(run, day, cell);
  const cercle = land.cercles[found.cercle].label;
  return html`
    <p><b>${t("watch_cell_in", { km: number(size), cercle })}</b></p>
    <dl>
      <${Fact} name=${t("watch_cell_people")} value=${number(found.people)} test="cell-people" />
      <${Fact} name=${t("watch_cell_events")} value=${number(found.events)} test="cell-events" />
      <${Fact} name=${t("watch_cell_deaths")} value=${number(found.deaths)} test="cell-deaths" />
      <${Fact} name=${t("watch_cell_prevented")} value=${number(found.prevented)} test="cell-prevented" />
      <${Fact} name=${t("watch_cell_presence")} value=${number(found.presence, 2)} test="cell-presence" />
    </dl>
    <p class="watch-standing">${t("watch_standing")}${" "}
      ${found.standing.length === 0 && t("watch_nobody")}</p>
    ${found.standing.length > 0 && html`<ul>${found.standing.map((thing) => html`<li>${inWords(run, thing).join(", ")}</li>`)}</ul>`}`;
}

function Thing({ run, day, thing, land }) {
  const [name, ...facts] = inWords(run, thing);
  const cercle = thing.near >= 0 ? land.cercles[run.world.arrays.cell_cercle[thing.near]].label : null;
  return html`
    <p><b>${name}</b></p>
    <ul>${facts.map((fact) => html`<li>${fact}</li>`)}
      ${cercle && html`<li>${t("watch_in_cercle", { cercle })}</li>`}
    </ul>
    ${thing.near >= 0 && html`<dl><${Fact} name=${t("watch_cell_presence")} test="thing-presence"
      value=${number(run.row("presence", day)[thing.near] / FULL_PRESENCE, 2)} /></dl>`}`;
}

/** The card of what was picked, as it is `now` (null once it is gone), in a corner of the map away from it. */
export function Picked({ run, day, land, picked, now, view, onClose }) {
  const { x, y } = now ?? picked;
  const [left, top] = view.toScreen(x, y);
  const aside = left > view.width / 2 && top > view.height / 2 ? "watch-picked-away" : "";
  return html`
    <section class=${`watch-picked ${aside}`} aria-live="polite" aria-label=${t("watch_here")} data-test="picked">
      <button class="button watch-close" data-test="picked-close" aria-label=${t("close")} onClick=${onClose}>×</button>
      ${!now && html`<p>${t("watch_gone")}</p>`}
      ${now?.kind === "cell" && html`<${Cell} run=${run} day=${day} cell=${now.cell} land=${land} />`}
      ${now && now.kind !== "cell" && html`<${Thing} run=${run} day=${day} thing=${now} land=${land} />`}
    </section>`;
}

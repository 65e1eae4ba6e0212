// The place where an arm is made: extra units, bases, permission, accountability, strategy; what it costs; and files.

import { html, useRef, useState } from "./vendor/preact-htm.js";
import { useAsk } from "./assumptions/asking.js";
import { shipped, titleOf } from "./assumptions/titles.js";
import { known } from "./catalogue.js";
import { Actions } from "./levers/actions.js";
import { Cost, CostStrip } from "./levers/cost.js";
import { differences, faultOf, faults, keepDraft, keptDraft, valuesOf, withLever } from "./levers/draft.js";
import { Field, shownValue } from "./levers/fields.js";
import { GAZETTEER, LeverFiles, UPLOADED } from "./levers/files.js";
import { Sites } from "./levers/sites.js";
import { Units } from "./levers/units.js";
import { useStore } from "./state.js";
import { pick, t } from "./words.js";

const WAIT = 400; // ms of quiet before levers are checked and their cost is asked
const UNITS = "package.units";
const SITES = "un.tob_sites";
const ALLOCATION = "un.allocation";

let draft = null; // the arm that is being made, while the page is open; the tab keeps it as well

/** The place "Levers". */
export function Levers() {
  const session = useStore();
  const [choice, setChoice] = useState(() => (draft ??= keptDraft()));
  const change = (next) => {
    draft = next;
    keepDraft(next);
    setChoice(next);
  };
  const message = { ask: "cost", control: session.arms[0], arm: choice, assumptions: session.assumptions };
  const cost = useAsk(message, "cost", WAIT);
  const side = useRef(null);
  const found = cost.refusal?.code === "said" ? faults(cost.refusal.values.text) : {};
  return html`<div class="levers">
    <section class="levers-lead">
      <h1>${t("place_levers")}</h1>
      <p>${t("levers_lead")}</p>
    </section>
    <div class="levers-side" ref=${side}>
      <${Actions} choice=${choice} session=${session} onChange=${change} />
      <${Cost} state=${cost} found=${found} />
      <${Changes} choice=${choice} onChange=${change} />
      <${LeverFiles} choice=${choice} onChange=${change} />
    </div>
    <form class="levers-form" onSubmit=${(event) => event.preventDefault()}>
      <${Start} choice=${choice} session=${session} onChange=${change} />
      ${groups().map(([group, members]) => html`<${Group} key=${group} members=${members} choice=${choice}
        found=${found} onChange=${change} />`)}
    </form>
    <${CostStrip} state=${cost} onShow=${() => side.current.scrollIntoView()} />
  </div>`;
}

/** Levers by group, in their order: [[group, levers], ...]. */
function groups() {
  const found = new Map();
  for (const lever of known.value.levers) found.set(lever.group, [...(found.get(lever.group) ?? []), lever]);
  return [...found];
}

/** From which scenario or arm to start, and what this one is called. */
function Start({ choice, session, onChange }) {
  const start = (event) => {
    const [kind, which] = event.target.value.split(":");
    onChange(kind === "arm" ? session.arms[Number(which)] : { scenario: which, levers: {}, name: "" });
  };
  return html`<section class="panel levers-start">
    <div class="field"><label for="levers-start">${t("levers_start")}</label>
      <select id="levers-start" value=${`scenario:${choice.scenario}`} onChange=${start} data-test="levers-start">
        <optgroup label=${t("levers_shipped")}>
          ${known.value.scenarios.map((one) => html`<option key=${one.name} value=${`scenario:${one.name}`}>
            ${pick(one.label)}</option>`)}
        </optgroup>
        <optgroup label=${t("levers_arms")}>
          ${session.arms.map((arm, n) => html`<option key=${n} value=${`arm:${n}`}>${titleOf(arm)}</option>`)}
        </optgroup>
      </select></div>
    <p class="quiet">${pick(shipped(choice.scenario).title)}</p>
    <div class="field"><label for="levers-name">${t("levers_name")}</label>
      <input id="levers-name" type="text" maxlength="64" value=${choice.name} placeholder=${t("levers_name_hint")}
        onInput=${(event) => onChange({ ...choice, name: event.target.value })} data-test="levers-name" /></div>
  </section>`;
}

function Group({ members, choice, found, onChange }) {
  const values = valuesOf(choice);
  const base = valuesOf({ ...choice, levers: {} });
  const put = (path) => (value) => onChange(withAllocation(choice, path, value));
  return html`<section class="panel levers-group">
    <h2>${pick(members[0].group_title)}</h2>
    ${members.map((lever) => {
      const props = {
        key: lever.path, lever, values, base, fault: faultOf(found, lever.path), found, onChange: put(lever.path),
      };
      if (lever.path === UNITS) return html`<${Units} ...${props} />`;
      if (lever.path === SITES) return html`<${Sites} ...${props} />`;
      return html`<${Field} ...${props} />`;
    })}
  </section>`;
}

let put_away = []; // sites that another allocation cannot use, until places are named again

/** A lever set, and with it what cannot stay: sites belong to the allocation "fixed" and to no other. */
function withAllocation(choice, path, value) {
  const sites = valuesOf(choice).un.tob_sites;
  let next = withLever(choice, path, value);
  if (path === ALLOCATION && value !== "fixed" && sites.length > 0) {
    put_away = sites;
    next = withLever(next, SITES, []);
  }
  if (path === ALLOCATION && value === "fixed" && sites.length === 0) next = withLever(next, SITES, put_away);
  if (path === SITES && value.length > 0) next = withLever(next, ALLOCATION, "fixed");
  return next;
}

/** What differs from the scenario it started from, each with a way back. */
function Changes({ choice, onChange }) {
  const { levers } = known.value;
  const found = differences(choice, levers.map((lever) => lever.path));
  return html`<section class="panel" aria-labelledby="levers-changes">
    <h2 id="levers-changes">${t("levers_changes")}</h2>
    ${found.length === 0 && html`<p class="quiet" data-test="levers-unchanged">${t("levers_unchanged")}</p>`}
    <ul class="levers-changes" data-test="levers-differences">${found.map(({ path, from, to }) => {
      const lever = levers.find((one) => one.path === path);
      const title = lever ? pick(lever.label) : path === GAZETTEER ? t("uploads_settlements") : path;
      const said = (value) => (path !== GAZETTEER ? shownValue(lever, value)
        : t(value === UPLOADED ? "uploads_handed_in" : "uploads_made_up"));
      return html`<li key=${path} data-test=${`difference-${path}`}>
        <span><strong>${title}</strong><br /><s class="quiet">${said(from)}</s> → ${said(to)}</span>
        <button class="button quiet-button" aria-label=${`${t("levers_undo")}: ${title}`}
          onClick=${() => onChange(withAllocation(choice, path, from))} data-test=${`undo-${path}`}>
          ${t("levers_undo")}</button>
      </li>`;
    })}</ul>
  </section>`;
}

// The units that are added: one line for each kind of unit at each base.

import { html } from "../vendor/preact-htm.js";
import { number, pick, t } from "../words.js";
import { at } from "./draft.js";
import { Input, isNeeded, Numeric } from "./fields.js";

const MOST_LINES = 40;
const FIRST = "quick_reaction"; // kind of a new line: what the question is about

/** The lines of units of a draft; the lever says which fields a line has and which kinds of units there are. */
export function Units({ lever, values, found, onChange }) {
  const lines = at(values, lever.path);
  const put = (n, line) => onChange(lines.map((one, k) => (k === n ? line : one)));
  const heads = (some) => number(some.reduce((all, line) => all + line.units * line.heads, 0));
  const add = () => onChange([...lines, kindOf(lever, FIRST).line]);
  const whole = found[lever.path];
  return html`<div class="levers-units" data-test=${`field-${lever.path}`}>
    <h3>${pick(lever.label)}</h3>
    <p data-test="levers-people">${t("levers_people", {
      people: heads(lines), mobile: heads(lines.filter((line) => line.mobile)) })}</p>
    ${whole && html`<p class="wrong small" role="alert">${whole}</p>`}
    ${lines.map((line, n) => html`<${Line} key=${n} n=${n} line=${line} lever=${lever} found=${found}
      onPut=${(next) => put(n, next)} onRemove=${() => onChange(lines.filter((_, k) => k !== n))} />`)}
    <button class="button" type="button" disabled=${lines.length >= MOST_LINES} data-test="unit-add"
      onClick=${add}>${t("levers_add_units")}</button>
  </div>`;
}

function kindOf(lever, type) {
  return lever.types.find((one) => one.value === type);
}

function Line({ n, line, lever, found, onPut, onRemove }) {
  const name = t("levers_line", { n: n + 1 });
  const kind = kindOf(lever, line.type);
  const change = (key) => (value) => onPut(key === "type" ? retyped(lever, line, value) : tidied({ ...line, [key]: value }));
  const shown = lever.fields.filter((field) => isNeeded(field, line));
  const whole = found[`${lever.path}.${n}`];
  return html`<fieldset class="levers-line" data-test=${`unit-${n}`}>
    <legend>${name}</legend>
    <p class="quiet small levers-does">${pick(kind.does)}</p>
    <div class="levers-cells">${shown.map((field) => html`<${Cell} key=${field.name} id=${`unit-${n}-${field.name}`}
      field=${field} value=${line[field.name]} fault=${found[`${lever.path}.${n}.${field.name}`]}
      onChange=${change(field.name)} />`)}</div>
    ${whole && html`<p class="wrong small" role="alert" data-test=${`fault-unit-${n}`}>${whole}</p>`}
    <button class="button quiet-button levers-remove" type="button" onClick=${onRemove} data-test=${`unit-${n}-remove`}
      aria-label=${`${t("levers_remove")}: ${name}`}>${t("levers_remove")}</button>
  </fieldset>`;
}

/** A line of another kind: as such lines usually are, with the number, base and day that were set. */
function retyped(lever, line, type) {
  const { units, base, earliest } = line;
  return tidied({ ...kindOf(lever, type).line, units, base, earliest });
}

/** Only aviation has helicopters, and only helicopters are armed: the model refuses anything else. */
function tidied(line) {
  const helicopters = line.type === "aviation" ? line.helicopters : 0;
  return { ...line, helicopters, armed: helicopters > 0 && line.armed };
}

function Cell({ id, field, value, fault, onChange }) {
  const wrong = fault && html`<span class="wrong small" role="alert" data-test=${`fault-${id}`}>${fault}</span>`;
  const props = { id, lever: field, value, onChange, invalid: Boolean(fault), described: `${id}-help` };
  const help = html`<span class="sr-only" id=${`${id}-help`}>${pick(field.help)}</span>`;
  if (field.kind === "switch") {
    return html`<div class="levers-check" title=${pick(field.help)}><label class="check" for=${id}>
      <${Input} ...${props} /> ${pick(field.label)}</label>${help}${wrong}</div>`;
  }
  const input = field.kind === "number" ? html`<${Numeric} ...${props} slider=${false} />` : html`<${Input} ...${props} />`;
  return html`<div class=${`field levers-cell-${field.kind}`} title=${pick(field.help)}>
    <label for=${id}>${pick(field.label)}</label>${input}${help}${wrong}</div>`;
}

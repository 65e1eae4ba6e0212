// One lever each: a switch, a choice, a number, a share, or a day, with what it means.

import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { digits } from "../assumptions/scale.js";
import { language, number, pick, t } from "../words.js";
import { at, same } from "./draft.js";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FIRST_DAY = "2022-01-01"; // of a lever that a word has stood for until now
const SET = "set"; // in a list of words: a value of its own instead of a word

/** Whether a lever does anything, given the values beside it (`lever.needs`, see web/levers.py). */
export function isNeeded(lever, values) {
  if (!lever.needs) return true;
  const { path, among, above } = lever.needs;
  const value = at(values, path);
  return among ? among.includes(value) : value > above;
}

/** A lever by its kind; `onChange` gets the new value, and the model says what is wrong with it. */
export function Field({ lever, values, base, fault, onChange }) {
  const value = at(values, lever.path);
  const changed = !same(value, at(base, lever.path));
  const id = `lever-${lever.path}`;
  const hint = `${id}-hint`;
  const needed = isNeeded(lever, values);
  return html`<div class=${`levers-field ${changed ? "is-changed" : ""} ${needed ? "" : "is-idle"}`}
    data-test=${`field-${lever.path}`}>
    <label for=${id}>${pick(lever.label)}</label>
    <div class="levers-input">
      <${Input} id=${id} lever=${lever} value=${value} onChange=${onChange} described=${hint} invalid=${fault !== ""} />
    </div>
    <p class="quiet small" id=${hint}>${pick(lever.help)} ${!needed && html`<em>${t("levers_idle")}</em>`}</p>
    ${fault && html`<p class="wrong small" role="alert" data-test=${`fault-${lever.path}`}>${fault}</p>`}
  </div>`;
}

/** What a lever of any kind is set with: a word out of its options, a value, or one of both. */
export function Input(props) {
  const { lever } = props;
  if (lever.kind === "switch") return html`<${Switch} ...${props} />`;
  if (lever.kind === "choice") return html`<${Choice} ...${props} />`;
  if (lever.options.length > 0) return html`<${WordOrValue} ...${props} />`;
  return html`<${Value} ...${props} />`;
}

function Value(props) {
  return DATES.includes(props.lever.kind) ? html`<${Day} ...${props} />` : html`<${Numeric} ...${props} />`;
}

const DATES = ["date", "date-or"];

function Switch({ id, value, onChange, described }) {
  return html`<input id=${id} type="checkbox" checked=${value} aria-describedby=${described} data-test=${id}
    onChange=${(event) => onChange(event.target.checked)} />`;
}

function Choice({ id, lever, value, onChange, described, invalid }) {
  return html`<select id=${id} value=${value} aria-describedby=${described} aria-invalid=${invalid} data-test=${id}
    onChange=${(event) => onChange(event.target.value)}>
    ${lever.options.map((one) => html`<option key=${one.value} value=${one.value}>${pick(one.label)}</option>`)}
  </select>`;
}

/** One of a lever's words (never; as the assumption says), or a value, which comes back when it is chosen again. */
function WordOrValue(props) {
  const { id, lever, value, onChange } = props;
  const [before, setBefore] = useState(null);
  const word = lever.options.findIndex((one) => one.value === value);
  const first = before ?? (isWord(lever, lever.default) ? null : lever.default) ?? startOf(lever);
  const choose = (event) => {
    if (word < 0) setBefore(value);
    onChange(event.target.value === SET ? first : lever.options[Number(event.target.value)].value);
  };
  return html`<select id=${id} value=${word < 0 ? SET : String(word)} onChange=${choose} data-test=${`${id}-word`}>
      ${lever.options.map((one, n) => html`<option key=${n} value=${String(n)}>${pick(one.label)}</option>`)}
      <option value=${SET}>${t(DATES.includes(lever.kind) ? "levers_on_day" : "levers_set_here")}</option>
    </select>
    ${word < 0 && html`<${Value} ...${props} id=${`${id}-value`} label=${pick(lever.label)} />`}`;
}

function isWord(lever, value) {
  return lever.options.some((one) => one.value === value);
}

/** Where a value begins that a word has stood for: the first day of 2022, or the middle of the bounds. */
function startOf(lever) {
  return DATES.includes(lever.kind) ? FIRST_DAY : (lever.min + lever.max) / 2;
}

/** A day; it becomes the lever's as soon as it is whole. */
function Day({ id, lever, value, onChange, described, invalid, label }) {
  return html`<input id=${id} type="date" value=${value} min=${lever.min} max=${lever.max} aria-label=${label}
    aria-describedby=${described} aria-invalid=${invalid} data-test=${id}
    onChange=${(event) => event.target.value && onChange(event.target.value)} />`;
}

/** A number, typed or by a slider; it becomes the lever's value as soon as it is a number. */
export function Numeric({ id, lever, value, onChange, described, invalid, label, slider = true }) {
  const [typed, setTyped] = useState(null);
  useEffect(() => setTyped(null), [value]);
  const type = (event) => {
    const text = event.target.value;
    setTyped(text);
    if (isNumber(text) && Number(text) !== value) onChange(Number(text));
  };
  const unfinished = typed !== null && !isNumber(typed);
  const slides = slider && lever.slider;
  return html`<input id=${id} type="number" min=${lever.min} max=${lever.max} step=${lever.whole ? 1 : "any"}
      value=${typed ?? value} aria-label=${label} aria-describedby=${described} aria-invalid=${invalid || unfinished}
      data-test=${id} onInput=${type} onBlur=${() => setTyped(null)} />
    ${slides && html`<input type="range" min=${slides.min} max=${slides.max} step=${slides.step} value=${value}
      aria-label=${`${label ?? pick(lever.label)}: ${t("levers_slider")}`} data-test=${`${id}-slider`}
      onInput=${(event) => onChange(Number(event.target.value))} />`}`;
}

function isNumber(text) {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** A value as a reader sees it in the list of what was changed. */
export function shownValue(lever, value) {
  const option = lever?.options.find((one) => one.value === value);
  if (option) return pick(option.label);
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return t("levers_nothing");
  if (typeof value === "boolean") return t(value ? "levers_yes" : "levers_no");
  if (typeof value === "number") return number(value, digits(value));
  if (Array.isArray(value)) return listed(value);
  return DAY.test(value) ? dayText(value) : String(value);
}

function listed(value) {
  if (Array.isArray(value[0])) return t("levers_n_sites", { n: value.length });
  const people = value.reduce((all, line) => all + line.units * line.heads, 0);
  return t("levers_n_units", { n: value.length, people: number(people) });
}

/** A day such as 2021-07-15 in the page's language. */
export function dayText(value) {
  const look = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Date(`${value}T00:00:00Z`).toLocaleDateString(language() === "fr" ? "fr-FR" : "en-GB", look);
}

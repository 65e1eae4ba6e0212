// Which arms are compared: shipped scenarios, those with changed levers, and scenario files.

import {html, useRef, useState} from "../vendor/preact-htm.js";
import {ArmSign} from "../charts/parts.js";
import {known} from "../catalogue.js";
import {readText} from "../files.js";
import {once} from "../socket.js";
import {chosen, set} from "../state.js";
import {pick, t} from "../words.js";
import {armKey, armName, countChanges, FEWEST, firstOfSame, MOST, scenarioLabel, shipped} from "./arms.js";

const MOST_NAME = 64; // characters, as web/choice.py takes them
const own = new Map(); // choices with changed levers that were arms while the page is open: none is lost by choosing another

/** Remembers arms that no shipped scenario gives back. */
function remember(choices) {
  for (const choice of choices) if (countChanges(choice.levers ?? {})) own.set(armKey(choice), choice);
}

function change(arms, k, choice) {
  set({arms: arms.map((old, at) => (at === k ? choice : old))});
}

/** The first shipped scenario that is no arm yet. */
function another(arms) {
  const used = new Set(arms.map(({scenario}) => scenario));
  const left = known.value.scenarios.find(({name}) => !used.has(name)) ?? known.value.scenarios[0];
  return chosen(left.name);
}

/** The list of arms, the control first. */
export function Picker({arms, watched}) {
  remember([...arms, watched]);
  const same = firstOfSame(arms);
  return html`<section class="compare-picker" aria-label=${t("compare_arms")}>
    <ol class="compare-arms">
      ${arms.map((choice, k) => html`<${Arm} key=${k} arms=${arms} k=${k} same=${same[k]} />`)}
    </ol>
    ${arms.length < MOST && html`<button class="button" data-test="arm-add"
      onClick=${() => set({arms: [...arms, another(arms)]})}>+ ${t("compare_add")}</button>`}
  </section>`;
}

function Arm({arms, k, same}) {
  const choice = arms[k];
  const [wrong, setWrong] = useState("");
  const title = pick(shipped(choice.scenario)?.title);
  const changes = countChanges(choice.levers ?? {});
  return html`<li class="compare-arm panel" data-test=${`arm-${k}`} style=${{"--arm": `var(--arm${k})`}}>
    <div class="compare-arm-head">
      <span class="grow"><${ArmSign} arm=${k} /> <strong>${k === 0 ? t("compare_control") : t("compare_arm_n", {n: k})}</strong></span>
      <a class="button" href="#/levers" data-test=${`arm-levers-${k}`}>${t("compare_levers")}</a>
      <${FromFile} k=${k} onRead=${(next) => change(arms, k, next)} onWrong=${setWrong} />
      ${k > 0 && arms.length > FEWEST && html`<button class="button quiet-button" data-test=${`arm-remove-${k}`}
        aria-label=${t("compare_remove_named", {name: armName(choice)})} title=${t("compare_remove_named", {name: armName(choice)})}
        onClick=${() => set({arms: arms.filter((_, at) => at !== k)})}>✕</button>`}
    </div>
    <div class="compare-arm-fields">
      <${Scenarios} choice=${choice} k=${k} onChange=${(next) => change(arms, k, next)} />
      <label class="field"><span class="label">${t("compare_name")}</span>
        <input type="text" maxlength=${MOST_NAME} value=${choice.name ?? ""} placeholder=${armName({...choice, name: ""})}
          data-test=${`arm-name-${k}`} onChange=${(event) => change(arms, k, {...choice, name: event.target.value.trim()})} />
      </label>
    </div>
    <p class="small quiet compare-arm-title">${title}
      ${changes > 0 && html` <strong>${t("compare_changes", {n: changes})}</strong>`}</p>
    ${same < k && html`<p class="small compare-same" data-test=${`arm-same-${k}`}>
      ${same === 0 ? t("compare_same_control") : t("compare_same_as", {name: armName(arms[same])})}</p>`}
    ${wrong && html`<p class="wrong small" role="alert">${wrong}</p>`}
  </li>`;
}

/** Shipped scenarios by group: [[title, names], ...]. */
function groups() {
  const found = new Map();
  for (const {name, group_title: title} of known.value.scenarios) {
    found.set(pick(title), [...(found.get(pick(title)) ?? []), name]);
  }
  return [...found];
}

function Scenarios({choice, k, onChange}) {
  const mine = [...own.values()];
  const index = mine.findIndex((one) => armKey(one) === armKey(choice));
  const value = index >= 0 ? `own:${index}` : choice.scenario;
  const take = (wanted) => onChange(wanted.startsWith("own:") ? mine[Number(wanted.slice(4))] : chosen(wanted));
  return html`<label class="field"><span class="label">${t("scenario")}</span>
    <select value=${value} data-test=${`arm-scenario-${k}`} onChange=${(event) => take(event.target.value)}>
      ${groups().map(([title, names]) => html`<optgroup key=${title} label=${title}>
        ${names.map((name) => html`<option key=${name} value=${name}>${scenarioLabel(name)}</option>`)}
      </optgroup>`)}
      ${mine.length > 0 && html`<optgroup label=${t("compare_own")}>
        ${mine.map((one, at) => html`<option key=${at} value=${`own:${at}`}>
          ${armName(one)}</option>`)}
      </optgroup>`}
    </select></label>`;
}

/** A scenario file from the visitor's machine in place of an arm. */
function FromFile({k, onRead, onWrong}) {
  const input = useRef(null);
  const read = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    onWrong("");
    try {
      const text = await readText(file);
      const answer = await once({ask: "read", kind: "scenario", name: file.name, text});
      onRead(answer.choice);
    } catch (error) {
      onWrong(error.message);
    }
    if (input.current) input.current.value = "";
  };
  return html`<button class="button" onClick=${() => input.current.click()} data-test=${`arm-open-${k}`}>${t("compare_open")}</button>
    <input ref=${input} type="file" accept=".toml" class="sr-only" tabindex="-1" aria-label=${t("compare_open")}
      data-test=${`arm-file-${k}`} onChange=${read} />`;
}

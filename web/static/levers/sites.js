// Places of temporary operating bases in order of preference: on the map, and as a list for the keyboard.

import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { land } from "../catalogue.js";
import { MapCanvas } from "../map/map.js";
import { number, pick, t } from "../words.js";
import { at } from "./draft.js";

const SHOWN = ["flood", "places"];
const DEGREE = 1000; // three digits of a degree are a hundred metres
const MOST_SITES = 24;

const rounded = (degrees) => Math.round(degrees * DEGREE) / DEGREE;

/** The sites of a draft. */
export function Sites({ lever, values, fault, onChange }) {
  const [ground, setGround] = useState(null);
  useEffect(() => {
    land().then(setGround);
  }, []);
  const sites = at(values, lever.path);
  const add = (lat, lon) => sites.length < MOST_SITES && onChange([...sites, [rounded(lat), rounded(lon)]]);
  const put = (n, site) => onChange(sites.map((one, k) => (k === n ? site : one)));
  const remove = (n) => onChange(sites.filter((_, k) => k !== n));
  const up = (n) => onChange([...sites.slice(0, n - 1), sites[n], sites[n - 1], ...sites.slice(n + 1)]);
  return html`<fieldset class="levers-sites" data-test=${`field-${lever.path}`}>
    <legend>${pick(lever.label)}</legend>
    <p class="quiet small">${t("levers_sites_lead")}</p>
    ${fault && html`<p class="wrong small" role="alert" data-test=${`fault-${lever.path}`}>${fault}</p>`}
    <div class="levers-where">
      <div class="levers-map">${ground && html`<${MapCanvas} land=${ground} run=${null} layers=${SHOWN} sites=${sites}
        label=${t("levers_map", { n: sites.length })} onPlace=${add}
        onMove=${(n, lat, lon) => put(n, [rounded(lat), rounded(lon)])} onRemove=${remove} />`}</div>
      <ol class="levers-list" data-test="levers-sites">
        ${sites.map((site, n) => html`<${Site} key=${n} n=${n} site=${site} onPut=${put} onRemove=${remove} onUp=${up} />`)}
      </ol>
    </div>
    <${NewSite} onAdd=${add} full=${sites.length >= MOST_SITES} />
  </fieldset>`;
}

function Site({ n, site, onPut, onRemove, onUp }) {
  const name = t("levers_site", { n: n + 1 });
  const degree = (k, label) => html`<input type="number" step="0.001" value=${site[k]} aria-label=${`${name}: ${label}`}
    data-test=${`site-${n}-${k === 0 ? "lat" : "lon"}`} onChange=${(event) => {
      const value = Number(event.target.value);
      if (event.target.value !== "" && Number.isFinite(value)) onPut(n, k === 0 ? [value, site[1]] : [site[0], value]);
    }} />`;
  return html`<li data-test=${`site-${n}`}>
    ${degree(0, t("levers_latitude"))} ${degree(1, t("levers_longitude"))}
    <button class="button quiet-button" type="button" disabled=${n === 0} onClick=${() => onUp(n)}
      aria-label=${`${name}: ${t("levers_up")}`} title=${t("levers_up")} data-test=${`site-${n}-up`}>↑</button>
    <button class="button quiet-button" type="button" onClick=${() => onRemove(n)}
      aria-label=${`${name}: ${t("levers_remove")}`} title=${t("levers_remove")} data-test=${`site-${n}-remove`}>✕</button>
  </li>`;
}

/** A site typed in: added with the button or Enter, as soon as both numbers are there. */
function NewSite({ onAdd, full }) {
  const [typed, setTyped] = useState(["", ""]);
  const ready = !full && typed.every((text) => text.trim() !== "" && Number.isFinite(Number(text)));
  const add = () => {
    if (!ready) return;
    onAdd(Number(typed[0]), Number(typed[1]));
    setTyped(["", ""]);
  };
  const entered = (event) => event.key === "Enter" && (event.preventDefault(), add());
  const box = (k, label, example) => html`<div class="field"><label for=${`new-site-${k}`}>${label}</label>
    <input id=${`new-site-${k}`} type="number" step="any" value=${typed[k]} placeholder=${number(example, 2)} onKeyDown=${entered}
      onInput=${(event) => setTyped(typed.map((text, n) => (n === k ? event.target.value : text)))}
      data-test=${k === 0 ? "new-site-lat" : "new-site-lon"} /></div>`;
  return html`<div class="row end levers-new-site">
    ${box(0, t("levers_latitude"), 14.35)} ${box(1, t("levers_longitude"), -3.61)}
    <button class="button" type="button" disabled=${!ready} onClick=${add} data-test="new-site-add">
      ${t("levers_add_site")}</button>
  </div>`;
}

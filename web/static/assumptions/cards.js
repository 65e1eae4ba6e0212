// The cards: one a parameter, in groups that open and close, found by search and by status.

import { html, useState } from "../vendor/preact-htm.js";
import { PriorCurve } from "../charts.js";
import { pick, t } from "../words.js";
import { Exact, Slider, valueText, withUnit } from "./slider.js";
import { span } from "./scale.js";

export const STATUSES = ["calibrated", "literature", "assumption"];
const remembered = { query: "", statuses: STATUSES, changed: false, open: null }; // while the page is open

/** Text without accents or capitals, so that "devoilee" finds "dévoilée". */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Cards that a search, the statuses ticked and "changed only" leave. */
export function found(cards, { query, statuses, changed }, assumptions) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  return cards.filter((card) => {
    if (!statuses.includes(card.status) || (changed && !(card.name in assumptions))) return false;
    const text = plain([card.name, pick(card.title), pick(card.meaning), pick(card.group_title), pick(card.source)].join(" "));
    return words.every((word) => text.includes(word));
  });
}

/** Cards by group, in their order: [[group, cards], ...]. */
export function grouped(cards) {
  const groups = new Map();
  for (const card of cards) groups.set(card.group, [...(groups.get(card.group) ?? []), card]);
  return [...groups];
}

/** All cards with what finds them; `onChange(name, value)` with null puts a card back to its default. */
export function Cards({ cards, assumptions, onChange, onReset }) {
  const [filter, setFilter] = useState(remembered);
  const change = (changes) => setFilter(Object.assign(remembered, changes) && { ...remembered });
  const groups = grouped(cards);
  const open = filter.open ?? [groups[0][0]];
  const shown = found(cards, filter, assumptions);
  const narrowed = filter.query.trim() !== "" || filter.changed || filter.statuses.length < STATUSES.length;
  const toggle = (group) =>
    change({ open: open.includes(group) ? open.filter((one) => one !== group) : [...open, group] });
  return html`<div>
    <${Finder} filter=${filter} change=${change} all=${cards.length} shown=${shown.length}
      changed=${Object.keys(assumptions).length} onReset=${onReset}
      onOpenAll=${() => change({ open: groups.map(([group]) => group) })} onCloseAll=${() => change({ open: [] })} />
    ${shown.length === 0 && html`<p class="quiet" data-test="assumptions-none">${t("assumptions_none")}</p>`}
    ${grouped(shown).map(([group, members]) => html`<${Group} key=${group} group=${group} cards=${members}
      open=${narrowed || open.includes(group)} fixed=${narrowed} onToggle=${() => toggle(group)}
      assumptions=${assumptions} onChange=${onChange} />`)}
  </div>`;
}

function Finder({ filter, change, all, shown, changed, onReset, onOpenAll, onCloseAll }) {
  const tick = (status) => {
    const on = filter.statuses.includes(status);
    const next = on ? filter.statuses.filter((one) => one !== status) : [...filter.statuses, status];
    change({ statuses: STATUSES.filter((one) => next.includes(one)) });
  };
  return html`<div class="assume-finder" role="search">
    <label class="field assume-search">${t("assumptions_search")}
      <input type="search" value=${filter.query} onInput=${(event) => change({ query: event.target.value })}
        data-test="assumptions-search" /></label>
    <fieldset class="assume-statuses"><legend class="sr-only">${t("assumptions_statuses")}</legend>
      ${STATUSES.map((status) => html`<label key=${status}>
        <input type="checkbox" checked=${filter.statuses.includes(status)} onChange=${() => tick(status)}
          data-test=${`status-${status}`} /> ${MARKS[status]} ${t(`status_${status}`)}</label>`)}
      <label><input type="checkbox" checked=${filter.changed}
        onChange=${(event) => change({ changed: event.target.checked })} data-test="changed-only" />
        ${" "}${t("assumptions_changed_only")}</label>
    </fieldset>
    <div class="row assume-tools">
      <span class="quiet" aria-live="polite" data-test="assumptions-count">
        ${t("assumptions_count", { shown, all, changed })}</span>
      <button class="button quiet-button" onClick=${onOpenAll} data-test="open-all">${t("assumptions_open_all")}</button>
      <button class="button quiet-button" onClick=${onCloseAll} data-test="close-all">${t("assumptions_close_all")}</button>
      <button class="button" disabled=${changed === 0} onClick=${onReset} data-test="reset-all">
        ${t("assumptions_reset_all")}</button>
    </div>
  </div>`;
}

export const MARKS = { calibrated: "●", literature: "◐", assumption: "○" };

function Group({ group, cards, open, fixed, onToggle, assumptions, onChange }) {
  const changed = cards.filter((card) => card.name in assumptions).length;
  const id = `group-${group.replaceAll(" ", "-")}`;
  return html`<section class="assume-group">
    <h2><button aria-expanded=${open} aria-controls=${id} onClick=${onToggle} disabled=${fixed} data-test=${id}>
      <span class="assume-arrow" aria-hidden="true">${open ? "▾" : "▸"}</span> ${pick(cards[0].group_title)}
      ${" "}<span class="quiet">${cards.length}</span>
      ${changed > 0 && html` <span class="assume-changed">${t("assumptions_changed_n", { n: changed })}</span>`}
    </button></h2>
    ${open && html`<p class="quiet">${pick(cards[0].group_sentence)}</p>`}
    <div id=${id} class="assume-cards">${open && cards.map((card) => html`<${Card} key=${card.name} card=${card}
      value=${assumptions[card.name] ?? card.default} changed=${card.name in assumptions} onChange=${onChange} />`)}
    </div>
  </section>`;
}

/** One parameter: what it is, what it rests on, how uncertain it is, and its value. */
export function Card({ card, value, changed, onChange }) {
  const title = pick(card.title);
  const change = (next) => onChange(card.name, next === card.default ? null : next);
  return html`<article class=${changed ? "assume-card is-changed" : "assume-card"} data-test=${`card-${card.name}`}>
    <header>
      <h3>${title}</h3>
      <span class="assume-status" title=${pick(card.source)}><span class="mark" aria-hidden="true">${MARKS[card.status]}</span>
        ${" "}${t(`status_${card.status}`)}</span>
    </header>
    <p>${pick(card.meaning)}</p>
    <div class="assume-curve">${card.range && html`<${PriorCurve} card=${card} value=${value}
      span=${{ ...span(card, value), scale: card.slider.scale }} />`}</div>
    <${Slider} card=${card} label=${title} value=${value} onChange=${change} />
    <div class="row assume-value">
      <${Exact} card=${card} label=${title} value=${value} onChange=${change} />
      <span>${pick(card.unit)}</span>
      <button class="button quiet-button" disabled=${!changed} onClick=${() => onChange(card.name, null)}
        aria-label=${`${t("assumptions_reset")}: ${title}`} data-test=${`reset-${card.name}`}>
        ${t("assumptions_reset")}</button>
    </div>
    <p class="quiet assume-facts">${t("assumptions_facts", {
      value: withUnit(card.default, card), low: valueText(card.low), high: valueText(card.high) })}
      ${" "}${t("assumptions_prior", { prior: pick(card.prior.text) })}</p>
    <p class="quiet assume-source">${t("assumptions_source", { source: pick(card.source) })}</p>
  </article>`;
}

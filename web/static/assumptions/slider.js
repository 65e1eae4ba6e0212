// A slider with an exact number beside it: drag, arrows, or type.

import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { number, pick, t } from "../words.js";
import { digits, moved, placeOf, snapped, span, tidy } from "./scale.js";

const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/** A value in the page's language. */
export function valueText(value) {
  return number(value, digits(value));
}

const PURE = ["", "share", "ratio"]; // units that are no words behind a number

/** A value of a card with its unit. */
export function withUnit(value, { unit }) {
  return PURE.includes(unit.en) ? valueText(value) : `${valueText(value)} ${pick(unit)}`;
}

/** The slider of a card; `onChange` gets every value it passes. */
export function Slider({ card, label, value, onChange }) {
  const { low, high } = span(card, value);
  const [first, last] = [placeOf(card, low), placeOf(card, high)];
  const keyed = (event) => {
    const target = { Home: low, End: high }[event.key] ?? (KEYS[event.key] && moved(card, value, KEYS[event.key]));
    if (target === undefined) return;
    event.preventDefault();
    onChange(target);
  };
  const left = `${(100 * (placeOf(card, card.default) - first)) / (last - first)}%`;
  return html`<div class="assume-slider">
    <input type="range" min=${first} max=${last} step="any" value=${placeOf(card, value)} aria-label=${label}
      aria-valuetext=${withUnit(value, card)} onKeyDown=${keyed} data-test=${`slider-${card.name}`}
      onInput=${(event) => onChange(snapped(card, Number(event.target.value)))} />
    <div class="assume-ends" aria-hidden="true">
      <span class="assume-track"><span class="assume-default" style=${{ left }}></span></span>
      <span>${valueText(low)}</span>
      <span>${valueText(high)}</span>
    </div>
  </div>`;
}

/** The exact number of a card: taken when it is complete and within bounds, else said what is expected. */
export function Exact({ card, label, value, onChange }) {
  const [typed, setTyped] = useState(null);
  useEffect(() => setTyped(null), [value]);
  const wrong = typed !== null && !fits(card, typed);
  const take = () => {
    if (typed === null || wrong) return;
    onChange(tidy(Number(typed)));
    setTyped(null);
  };
  const bounds = { low: valueText(card.low), high: valueText(card.high) };
  const expected = t(card.whole ? "assumptions_expected_whole" : "assumptions_expected", bounds);
  const step = card.slider.scale === "log" ? "any" : card.slider.step;
  return html`<span class="assume-exact">
    <input type="number" min=${card.low} max=${card.high} step=${step} value=${typed ?? tidy(value)}
      aria-label=${`${label}: ${t("assumptions_value")}`} aria-invalid=${wrong} data-test=${`number-${card.name}`}
      onInput=${(event) => setTyped(event.target.value)} onChange=${take} />
    ${wrong && html`<span class="wrong" role="alert">${expected}</span>`}
  </span>`;
}

function fits(card, text) {
  const value = Number(text);
  return text.trim() !== "" && value >= card.low && value <= card.high && (!card.whole || Number.isInteger(value));
}

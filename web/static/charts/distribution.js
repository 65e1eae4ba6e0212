// Paired differences one by one: each dot is one pair of runs, stacked where they fall together.

import {html} from "../vendor/preact-htm.js";
import {AxisBelow, armColour, EffectMark} from "./parts.js";
import {aroundZero, linear} from "./scale.js";
import {useWidth} from "./width.js";
import {effectText, isIdentical, scaled} from "./wording.js";
import {number, t} from "../words.js";

const DOT = 4; // largest radius of a dot, pixels
const LEAST_DOT = 1.2;
const STACK = 88; // height of the tallest stack, pixels
const BAR = 26; // room of the interval under the stacks
const EDGE = 12;

/** How many values are below, at and above zero. */
export function split(values) {
  const fewer = values.filter((value) => value < 0).length;
  const more = values.filter((value) => value > 0).length;
  return {fewer, same: values.length - fewer - more, more};
}

/** Dots stacked in columns 2 `radius` wide: [{x, level}]. */
export function stacked(values, x, radius) {
  const heights = new Map();
  return values.map((value) => {
    const column = Math.round(x(value) / (2 * radius));
    const level = heights.get(column) ?? 0;
    heights.set(column, level + 1);
    return {x: column * 2 * radius, level};
  });
}

/** The largest radius at which the tallest stack still fits. */
function radiusFor(values, x) {
  for (let radius = DOT; radius > LEAST_DOT; radius -= 0.4) {
    const tallest = Math.max(0, ...stacked(values, x, radius).map(({level}) => level + 1));
    if (tallest * 2 * radius <= STACK) return radius;
  }
  return LEAST_DOT;
}

/**
 * Differences of every pair so far, with the interval of the effect and zero; rows share one axis.
 *
 * rows: {key, label, arm, values, effect: {estimate, low, high, future_low, future_high, resolved}}.
 */
export function Distribution({rows, unit = "", name = ""}) {
  const [place, width] = useWidth();
  const {by, unit: said} = scaled(unit);
  const drawn = rows.map((row) => ({...row, values: row.values.map((value) => value / by), effect: divided(row.effect, by)}));
  const ends = aroundZero(drawn.flatMap(({values, effect: e}) => [...values, ...(e ? [e.low, e.high] : [])]));
  const x = linear(ends, [EDGE, width - EDGE]);
  const radius = Math.min(DOT, ...drawn.map(({values}) => radiusFor(values, x)));
  return html`<div class="chart distribution" ref=${place} data-test="distribution">
    ${drawn.map((row) => html`<${Row} key=${row.key} row=${row} x=${x} ends=${ends} width=${width} radius=${radius}
      caption=${t("difference", {unit: said})} name=${name} />`)}
  </div>`;
}

function divided(effect, by) {
  if (!effect) return null;
  const ends = ["estimate", "low", "high", "future_low", "future_high"].filter((end) => end in effect);
  return {...effect, ...Object.fromEntries(ends.map((end) => [end, effect[end] / by]))};
}

function Row({row, x, ends, width, radius, caption, name}) {
  const {label, values, effect} = row;
  if (values.length > 0 && values.every((value) => value === 0) && (!effect || isIdentical(effect))) {
    return html`<section class="chart-group"><h3>${label}</h3><p class="quiet">${t("charts_identical")}</p></section>`;
  }
  const dots = stacked(values, x, radius);
  const tallest = Math.max(1, ...dots.map(({level}) => level + 1));
  const floor = Math.max(24, tallest * 2 * radius) + 6;
  const bottom = floor + BAR;
  const counts = split(values);
  const share = t("charts_split", {n: number(values.length), fewer: number(counts.fewer), same: number(counts.same), more: number(counts.more)});
  return html`<section class="chart-group">
    <h3>${label} <span class="quiet note">${share}</span></h3>
    <svg viewBox=${`0 0 ${width} ${bottom + 40}`} role="img"
      aria-label=${`${name}. ${label}: ${share}${effect ? `; ${effectText(effect)}` : ""}`}>
      <${AxisBelow} x=${x} ends=${ends} top=${0} bottom=${bottom} caption=${caption} directions />
      ${dots.map((dot) => html`<circle class="pair" cx=${dot.x} cy=${floor - radius - 2 * radius * dot.level}
        r=${radius * 0.9} style=${{fill: armColour(row.arm ?? 0)}} />`)}
      ${effect && html`<${EffectMark} effect=${{...effect, future_low: undefined}} x=${x} y=${floor + BAR / 2}
        colour=${armColour(row.arm ?? 0)} />`}
    </svg>
  </section>`;
}

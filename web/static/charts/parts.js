// Parts that charts share: axes, keys, and the looks of arms.

import {html} from "../vendor/preact-htm.js";
import {number, t} from "../words.js";
import {ticks, tickTexts} from "./scale.js";

export const ARM_DASHES = ["", "6 2", "2 2", "6 2 2 2"]; // as on paper: a grey copy still tells the arms apart
const TICK_ROOM = 72; // pixels that a number on an axis needs

export const armColour = (arm) => `var(--arm${arm % ARM_DASHES.length})`;
export const armDash = (arm) => ARM_DASHES[arm % ARM_DASHES.length];

/** A short line in the colour and dash of an arm. */
export function ArmSign({arm}) {
  return html`<svg class="arm-sign" viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">
    <line x1="1" x2="27" y1="6" y2="6" stroke=${armColour(arm)} stroke-width="3" stroke-dasharray=${armDash(arm)} />
  </svg>`;
}

/** Grid, zero line and numbers of a horizontal axis; what it measures stands under it. */
export function AxisBelow({x, ends, top, bottom, caption, signed = true, directions = false}) {
  const [from, to] = [x(ends[0]), x(ends[1])];
  const at = ticks(ends, (to - from) / TICK_ROOM);
  const texts = tickTexts(at, {signed});
  const low = bottom + 32;
  return html`<g class="axis">
    ${at.map((value, k) => html`<line class="grid" x1=${x(value)} x2=${x(value)} y1=${top} y2=${bottom} />
      <text x=${x(value)} y=${bottom + 15} text-anchor="middle">${texts[k]}</text>`)}
    <line class="base" x1=${from} x2=${to} y1=${bottom} y2=${bottom} />
    ${ends[0] <= 0 && ends[1] >= 0 && html`<line class="zero" x1=${x(0)} x2=${x(0)} y1=${top} y2=${bottom + 4} />`}
    ${directions && to - from > 260 && html`<text x=${from} y=${low}>← ${t("fewer")}</text>
      <text x=${to} y=${low} text-anchor="end">${t("more")} →</text>`}
    ${caption && html`<text x=${(from + to) / 2} y=${low} text-anchor="middle">${caption}</text>`}
  </g>`;
}

/** What dot, thick and thin bar mean. */
export function IntervalKey({level = 0.9}) {
  const share = t("charts_percent", {n: number(100 * level)});
  const sign = (inner) => html`<svg viewBox="0 0 40 14" width="40" height="14" aria-hidden="true">${inner}</svg>`;
  return html`<p class="chart-key small quiet">
    <span>${sign(html`<g class="mark-effect"><line class="effect" x1="2" x2="38" y1="7" y2="7" />
      <circle cx="20" cy="7" r="4.5" /></g>`)} ${t("interval_effect", {level: share})}</span>
    <span>${sign(html`<g class="mark-effect"><line class="future" x1="2" x2="38" y1="7" y2="7" /></g>`)}
      ${t("interval_future", {level: share})}</span>
    <span>${sign(html`<g class="mark-effect unresolved"><line class="effect" x1="2" x2="38" y1="7" y2="7" />
      <circle cx="20" cy="7" r="4.5" /></g>`)} ${t("unresolved")}</span>
  </p>`;
}

/** Thin bar of one future, thick bar of the effect, and the dot: hollow where the effect is not resolved. */
export function EffectMark({effect, x, y, colour}) {
  const {estimate, low, high, future_low: from, future_high: to, resolved} = effect;
  return html`<g class=${resolved ? "mark-effect" : "mark-effect unresolved"} style=${{"--of": colour}}>
    ${Number.isFinite(from) && html`<line class="future" x1=${x(from)} x2=${x(to)} y1=${y} y2=${y} />`}
    <line class="effect" x1=${x(low)} x2=${x(high)} y1=${y} y2=${y} />
    <circle cx=${x(estimate)} cy=${y} r="5.5" />
  </g>`;
}

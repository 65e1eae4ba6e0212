// What is thought possible of one assumption, as a curve; where its default is, and the value that is set now.

import {html} from "../vendor/preact-htm.js";
import {extent, linear} from "./scale.js";
import {useWidth} from "./width.js";
import {digitsOf} from "./wording.js";
import {number, t} from "../words.js";

const HEIGHT = 56;
const [EDGE, TOP, FLOOR] = [9, 6, 44]; // as far from the ends as the thumb of a slider is wide, so that both agree

/**
 * The densities `card.prior` and `card.posterior` ({x, density}, or null), a line at the default and a mark at the value.
 * `span` {low, high, scale} are the ends of the axis, as of a slider below it; those of the curve by default.
 */
export function PriorCurve({card, value = card.default, span = null}) {
  const [place, width] = useWidth(280);
  const curves = [card.prior, card.posterior].filter(Boolean);
  const ends = span ? [span.low, span.high] : extent([...curves.flatMap(({x}) => x), card.default, value]);
  const along = span?.scale === "log" && ends[0] > 0 ? Math.log : (at) => at;
  const straight = linear(ends.map(along), [EDGE, width - EDGE]);
  const x = (at) => straight(along(Math.min(ends[1], Math.max(ends[0], at))));
  const changed = value !== card.default;
  return html`<div class="chart prior-curve" ref=${place}>
    <svg viewBox=${`0 0 ${width} ${HEIGHT}`} role="img" aria-label=${words(card, value)}>
      ${card.prior && html`<path class="density" d=${shape(card.prior, ends, x, true)} />`}
      ${card.posterior && html`<path class="posterior" d=${shape(card.posterior, ends, x, false)} />`}
      <line class="base" x1=${x(ends[0])} x2=${x(ends[1])} y1=${FLOOR} y2=${FLOOR} />
      <line class="default" x1=${x(card.default)} x2=${x(card.default)} y1=${TOP} y2=${FLOOR + 4} />
      <path class=${changed ? "value changed" : "value"} d=${`M${x(value)} ${FLOOR + 1}l5 8h-10z`} />
    </svg>
  </div>`;
}

/** A density as a line, or as an area down to the axis; each curve is as high as the picture. */
function shape({x: at, density}, ends, x, filled) {
  const y = linear([0, Math.max(...density) || 1], [FLOOR, TOP]);
  const inside = at.map((value, k) => [value, density[k]]).filter(([value]) => value >= ends[0] && value <= ends[1]);
  if (inside.length < 2) return "";
  const curve = inside.map(([value, high]) => `${x(value).toFixed(1)} ${y(high).toFixed(1)}`).join("L");
  if (!filled) return `M${curve}`;
  return `M${x(inside[0][0]).toFixed(1)} ${FLOOR}L${curve}L${x(inside.at(-1)[0]).toFixed(1)} ${FLOOR}Z`;
}

function words(card, value) {
  const say = (n) => number(n, Number.isInteger(n) ? 0 : digitsOf(n) + 1);
  const set = t("charts_prior_value", {value: say(value), default: say(card.default)});
  if (!card.prior) return `${t("charts_prior_none")} ${set}`;
  const [low, high] = card.range ?? extent(card.prior.x);
  return `${t("charts_prior_from", {low: say(low), high: say(high)})} ${set}`;
}

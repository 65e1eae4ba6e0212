// The same difference under the defaults and under changed assumptions, one over the other on one axis.

import { html } from "../vendor/preact-htm.js";
import { effectText } from "../charts.js";
import { AxisBelow } from "../charts/parts.js";
import { aroundZero, linear } from "../charts/scale.js";
import { useWidth } from "../charts/width.js";
import { scaled } from "../charts/wording.js";

const [EDGE, ROW, TOP, BELOW] = [16, 36, 8, 40];
const ENDS = ["estimate", "low", "high", "future_low", "future_high"];

/** A difference in the unit of its axis: millions where it is money. */
export function onAxis(difference, unit) {
  const { by } = scaled(unit);
  return { ...difference, ...Object.fromEntries(ENDS.map((end) => [end, difference[end] / by])) };
}

/** Rows of {key, label, tone, difference} in one unit: a dot, a bar for the effect and a line for one future. */
export function Intervals({ rows, unit }) {
  const [place, width] = useWidth(360);
  const drawn = rows.filter((row) => row.difference);
  const ends = aroundZero(drawn.flatMap(({ difference }) => ENDS.map((end) => difference[end])));
  const x = linear(ends, [EDGE, width - EDGE]);
  const floor = TOP + ROW * rows.length;
  const said = drawn.map((row) => `${row.label}: ${effectText(row.difference)}`).join("; ");
  return html`<div class="chart assume-intervals" ref=${place}>
    <svg viewBox="0 0 ${width} ${floor + BELOW}" role="img" aria-label=${said}>
      <${AxisBelow} x=${x} ends=${ends} top=${TOP} bottom=${floor} caption=${unit} directions />
      ${rows.map((row, n) => row.difference && html`<${Row} key=${row.key} tone=${row.tone} ...${row.difference} x=${x}
        y=${TOP + ROW * (n + 0.5)} />`)}
    </svg>
  </div>`;
}

function Row({ tone, estimate, low, high, future_low: from, future_high: to, resolved, x, y }) {
  return html`<g class=${`assume-row ${tone}`}>
    <line class="future" x1=${x(from)} x2=${x(to)} y1=${y} y2=${y} />
    <line class="effect" x1=${x(low)} x2=${x(high)} y1=${y} y2=${y} />
    <circle class=${resolved ? "dot" : "dot hollow"} cx=${x(estimate)} cy=${y} r="7" />
  </g>`;
}

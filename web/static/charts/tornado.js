// What would change the answer: how far each input swings it, longest first, and where it would turn.

import {html} from "../vendor/preact-htm.js";
import {AxisBelow} from "./parts.js";
import {aroundZero, linear} from "./scale.js";
import {useWidth} from "./width.js";
import {digitsOf, intervalText} from "./wording.js";
import {number, t} from "../words.js";

const WIDE = 640;
const ROW = 34;
const TALL_ROW = 54;
const HEAD = 20;

/**
 * Swings of the answer.
 *
 * rows: {key, label, mark, low, high, swing: [answer at low, answer at high], swing_low: [its interval at low],
 * swing_high: [at high], crossing}. low and high are values of the input; crossing is the value at which the answer is
 * zero, null where there is none. `estimate` is the answer at the defaults.
 */
export function Tornado({rows, estimate = null, unit = "", name = "", onPick = null, picked = null}) {
  const [place, width] = useWidth();
  const wide = width >= WIDE;
  const labels = wide ? Math.min(280, width * 0.34) : 8;
  const row = wide ? ROW : TALL_ROW;
  const bottom = HEAD + rows.length * row + 4;
  const ends = aroundZero([...rows.flatMap((r) => [...r.swing, ...(r.swing_low ?? []), ...(r.swing_high ?? [])]), estimate ?? 0]);
  const x = linear(ends, [labels + 12, width - 24]);
  return html`<div class="chart tornado" ref=${place} data-test="tornado">
    <svg viewBox=${`0 0 ${width} ${bottom + 40}`} role="img" aria-label=${`${name}. ${rows.map(rowWords).join("; ")}`}>
      <${AxisBelow} x=${x} ends=${ends} top=${HEAD - 4} bottom=${bottom} caption=${t("difference", {unit})} directions />
      ${Number.isFinite(estimate) && html`<line class="answer" x1=${x(estimate)} x2=${x(estimate)} y1=${HEAD - 4} y2=${bottom} />
        <text class="small-text" x=${x(estimate)} y="11" text-anchor="middle">${t("charts_answer")}</text>`}
      ${rows.map((r, k) => html`<${Row} key=${r.key} row=${r} x=${x} wide=${wide} top=${HEAD + k * row} height=${row}
        left=${labels} width=${width} pick=${onPick && (() => onPick(r.key))} picked=${picked === r.key} />`)}
    </svg>
  </div>`;
}

function inputText(value) {
  return number(value, Number.isInteger(value) ? 0 : digitsOf(value) + 1);
}

function rowWords(row) {
  const swing = intervalText(row.swing[0], row.swing[1]);
  const turns = row.crossing === null ? t("charts_no_crossing") : t("charts_crossing", {value: inputText(row.crossing)});
  return `${row.mark} ${row.label}: ${swing}, ${turns}`;
}

function Row({row, x, wide, top, height, left, width, pick, picked}) {
  const y = wide ? top + height / 2 : top + height - 14;
  const name = wide ? y + 4.5 : top + 14;
  const [from, to] = row.swing.map(x);
  const press = pick && {onClick: pick, style: {cursor: "pointer"}};
  return html`<g class=${picked ? "row-of-chart picked" : "row-of-chart"} ...${press ?? {}}>
    <title>${rowWords(row)}</title>
    <rect class="touch" x="0" y=${top} width=${width} height=${height} />
    <text class="name" x=${wide ? left : 8} y=${name} text-anchor=${wide ? "end" : "start"}>
      ${row.label} <tspan class="status">${row.mark}</tspan></text>
    <rect class="swing" x=${Math.min(from, to)} width=${Math.max(1, Math.abs(to - from))} y=${y - 7} height="14" />
    <${End} at=${x} ends=${row.swing_low} y=${y - 3} />
    <${End} at=${x} ends=${row.swing_high} y=${y + 3} />
    <text class="end" x=${from + (from <= to ? -4 : 4)} y=${y + 4} text-anchor=${from <= to ? "end" : "start"}>${inputText(row.low)}</text>
    <text class="end" x=${to + (from <= to ? 4 : -4)} y=${y + 4} text-anchor=${from <= to ? "start" : "end"}>${inputText(row.high)}</text>
    ${row.crossing !== null && row.crossing !== undefined && html`<path class="turn"
      d=${`M${x(0)} ${y - 11}l5 -5h-10zM${x(0)} ${y - 11}V${y + 11}`} />`}
  </g>`;
}

/** Interval of the answer at one end of the input. */
function End({at, ends, y}) {
  return ends && html`<line class="end-interval" x1=${at(ends[0])} x2=${at(ends[1])} y1=${y} y2=${y} />`;
}

// Differences: one axis an outcome, one row an arm; a dot, the interval of the effect and that of one future.

import {html} from "../vendor/preact-htm.js";
import {AxisBelow, armColour, EffectMark, IntervalKey} from "./parts.js";
import {aroundZero, linear} from "./scale.js";
import {useWidth} from "./width.js";
import {effectText, isIdentical, scaled} from "./wording.js";
import {t} from "../words.js";

const WIDE = 640; // from here on, names and numbers stand beside the bars; below, above them
const ROW = 28;
const TALL_ROW = 58;
const AXIS = 40;
const LETTER = 6.9; // pixels of a letter, on average
const MOST_LABEL = 0.26; // of the width
const MOST_FIGURES = 0.44;

/** Rows by their group, both in the order given. */
export function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups];
}

/**
 * Dot and interval of effects.
 *
 * rows: {key, label, group, unit, arm, estimate, low, high, future_low, future_high, resolved}; rows of one group share
 * an axis and a unit. `notes` says something beside the heading of a group. `onPick(group)` makes headings buttons.
 */
export function DotInterval({rows, notes = {}, level = 0.9, names = {}, onPick = null, picked = null}) {
  const [place, width] = useWidth();
  const wide = width >= WIDE;
  const sides = wide ? [room(rows.map(({label}) => label), MOST_LABEL * width),
    room(rows.map((row) => effectText(onAxis(row))), MOST_FIGURES * width)] : [8, 8];
  return html`<div class="chart dot-interval" ref=${place} data-test="dot-interval">
    <${IntervalKey} level=${level} />
    ${grouped(rows).map(([group, members]) => html`<${Group} key=${group} rows=${members} width=${width} sides=${sides}
      name=${names[group] ?? group} note=${notes[group]} pick=${onPick && (() => onPick(group))}
      picked=${picked === group} />`)}
  </div>`;
}

function Group({rows, width, sides, name, note, pick, picked}) {
  const heading = html`${name} ${note && html`<span class="quiet note">${note}</span>`}`;
  return html`<section class="chart-group">
    <h3>${pick ? html`<button class="chart-heading" aria-pressed=${picked} onClick=${pick}>${heading}</button>` : heading}</h3>
    <${Panel} rows=${rows} width=${width} sides=${sides} name=${name} />
  </section>`;
}

/** Rows in the unit of their axis. */
function onAxis(row) {
  const {by} = scaled(row.unit);
  const ends = ["estimate", "low", "high", "future_low", "future_high"];
  return {...row, ...Object.fromEntries(ends.filter((end) => end in row).map((end) => [end, row[end] / by]))};
}

function Panel({rows: given, width, sides: [labels, figures], name}) {
  const rows = given.map(onAxis);
  const wide = width >= WIDE;
  const row = wide ? ROW : TALL_ROW;
  const bottom = rows.length * row + 4;
  const ends = aroundZero(rows.flatMap((r) => [r.low, r.high, r.future_low, r.future_high]));
  const x = linear(ends, [labels + 8, width - figures - 8]);
  const {unit} = scaled(given[0].unit);
  const words = rows.map((r) => `${r.label}: ${effectText(r)}`);
  return html`<svg viewBox=${`0 0 ${width} ${bottom + AXIS}`} role="img" aria-label=${`${name}. ${words.join("; ")}`}>
    ${!rows.every(isIdentical) && html`<${AxisBelow} x=${x} ends=${ends} top=${0} bottom=${bottom}
      caption=${t("difference", {unit})} directions />`}
    ${rows.map((r, k) => html`<${Row} key=${r.key} row=${r} x=${x} wide=${wide} top=${k * row + 2} height=${row}
      left=${labels} width=${width} />`)}
  </svg>`;
}

/** Pixels that the longest of some texts needs, up to a limit. */
function room(texts, most) {
  return Math.min(most, LETTER * Math.max(...texts.map(({length}) => length)) + 12);
}

function Row({row, x, wide, top, height, left, width}) {
  const y = wide ? top + height / 2 : top + height - 12;
  const text = wide ? y + 4.5 : top + 16;
  const numbers = html`<text class=${row.resolved ? "figures" : "figures unresolved"} x=${wide ? width : left}
    y=${wide ? text : text + 18} text-anchor=${wide ? "end" : "start"}>${effectText(row)}</text>`;
  return html`<g class="row-of-chart">
    <text class="name" x=${wide ? left - 4 : left} y=${text} text-anchor=${wide ? "end" : "start"}>${row.label}</text>
    ${!isIdentical(row) && html`<${EffectMark} effect=${row} x=${x} y=${y} colour=${armColour(row.arm ?? 0)} />`}
    ${numbers}
  </g>`;
}

// What would change the answer: how far each input swings it, longest first, and where it would turn.

import {html} from "../vendor/preact-htm.js";
import {known} from "../catalogue.js";
import {labelOf, unitOf} from "../compare/measures.js";
import {AxisBelow} from "./parts.js";
import {aroundZero, linear} from "./scale.js";
import {useWidth} from "./width.js";
import {digitsOf, intervalText, scaled} from "./wording.js";
import {number, pick, t} from "../words.js";

const WIDE = 640;
const BAR = 30; // height of a bar's row, pixels
const LINE = 17; // of a line of a label
const LETTER = 7;
const MOST_LABEL = 0.4; // of the width
const HEAD = 20;

/**
 * Swings of the answer, one row an input.
 *
 * rows: as in the answers of the server: {name, mark, low, high, swing: [answer at low, answer at high], swing_low,
 * swing_high: interval of the swing's length, crossing}. low and high are values of the input; crossing is the value at
 * which the answer is zero, null where there is none. `label` says what an input is called, its card's title otherwise.
 * `estimate` {estimate, low, high} is the answer over all that is varied; `outcome` what is answered.
 */
export function Tornado({rows, estimate = null, outcome}) {
  const [place, width] = useWidth();
  const wide = width >= WIDE;
  const labels = wide ? MOST_LABEL * width : 8;
  const places = laidOut(rows, wide, (wide ? labels : width) - 16);
  const bottom = HEAD + places.reduce((all, {height}) => all + height, 0) + 4;
  const answer = estimate === null ? [] : [estimate.estimate, estimate.low, estimate.high];
  const ends = aroundZero([...rows.flatMap((r) => [...r.swing, ...reach(r)]), ...answer]);
  const x = linear(ends, [labels + 36, width - 36]);
  return html`<div class="chart tornado" ref=${place} data-test="tornado">
    <svg viewBox=${`0 0 ${width} ${bottom + 40}`} role="img"
      aria-label=${`${labelOf(outcome)}. ${rows.map(rowWords).join("; ")}`}>
      ${estimate && html`<rect class="answer-interval" x=${x(estimate.low)} y=${HEAD - 4} height=${bottom - HEAD + 4}
        width=${Math.max(1, x(estimate.high) - x(estimate.low))} />`}
      <${AxisBelow} x=${x} ends=${ends} top=${HEAD - 4} bottom=${bottom}
        caption=${t("difference", {unit: scaled(unitOf(outcome)).unit})} directions />
      ${estimate && html`<line class="answer" x1=${x(estimate.estimate)} x2=${x(estimate.estimate)} y1=${HEAD - 4} y2=${bottom} />
        <text class="small-text" x=${x(estimate.estimate)} y="11" text-anchor="middle">${t("charts_answer")}</text>`}
      ${rows.map((r, k) => html`<${Row} key=${r.name} row=${r} x=${x} wide=${wide} ...${places[k]} left=${labels}
        width=${width} />`)}
    </svg>
    <p class="small quiet">${t("charts_tornado")} ${rows.some(turns) && html`
      <svg class="turn-sign" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path class="turn" d="M6 9l5 -7h-10z" /></svg>
      ${" "}${t("charts_turn")}`}</p>
  </div>`;
}

const turns = ({crossing}) => crossing !== null && crossing !== undefined;

/** Where the answer at the high end may lie, as far as the swing's length is known. */
function reach({swing, swing_low: low, swing_high: high}) {
  return Number.isFinite(low) && Number.isFinite(high) ? [swing[0] + low, swing[0] + high] : [];
}

function titleOf(row) {
  return row.label ?? (pick(known.value.cards.find(({name}) => name === row.name)?.title) || row.name);
}

/** Lines of each row's label, and where the row lies: beside its label where there is room, below it elsewhere. */
function laidOut(rows, wide, room) {
  let top = HEAD;
  return rows.map((row) => {
    const lines = wrapped(`${titleOf(row)} ${row.mark}`, Math.floor(room / LETTER));
    const height = wide ? Math.max(BAR, lines.length * LINE + 6) : lines.length * LINE + BAR;
    const place = {lines, top, height};
    top += height;
    return place;
  });
}

/** A text in lines of at most so many letters. */
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length + 1 > most) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

function inputText(value) {
  return number(value, Number.isInteger(value) ? 0 : digitsOf(value) + 1);
}

function rowWords(row) {
  const swing = intervalText(row.swing[0], row.swing[1]);
  const turn = turns(row) ? t("charts_crossing", {value: inputText(row.crossing)}) : t("charts_no_crossing");
  return `${row.mark} ${titleOf(row)}: ${swing}, ${turn}`;
}

function Row({row, x, wide, lines, top, height, left, width}) {
  const y = wide ? top + height / 2 : top + height - BAR / 2;
  const name = wide ? y + 4.5 - ((lines.length - 1) * LINE) / 2 : top + 13;
  const [from, to] = row.swing.map(x);
  const ends = reach(row);
  const texts = [row.low, row.high].map(inputText);
  const [before, after] = from <= to ? texts : texts.reverse();
  const all = [from, to, ...ends.map(x)];
  return html`<g class="row-of-chart">
    <title>${rowWords(row)}</title>
    <rect class="touch" x="0" y=${top} width=${width} height=${height} />
    ${lines.map((line, k) => html`<text class="name" x=${wide ? left : 8} y=${name + k * LINE}
      text-anchor=${wide ? "end" : "start"}>${line}</text>`)}
    <rect class="swing" x=${Math.min(from, to)} width=${Math.max(1, Math.abs(to - from))} y=${y - 7} height="14" />
    ${ends.length > 0 && html`<line class="end-interval" x1=${x(ends[0])} x2=${x(ends[1])} y1=${y} y2=${y} />`}
    <text class="end" x=${Math.min(...all) - 4} y=${y + 4} text-anchor="end">${before}</text>
    <text class="end" x=${Math.max(...all) + 4} y=${y + 4}>${after}</text>
    ${turns(row) && html`<path class="turn"
      d=${`M${x(0)} ${y - 11}l5 -5h-10zM${x(0)} ${y - 11}V${y + 11}`} />`}
  </g>`;
}

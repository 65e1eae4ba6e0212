// The legend: beside the map, never over it, always there. Its rows are also the switches of the layers. What it shows
// is data, so that the page and an exported picture draw the same.

import { html, useLayoutEffect, useRef } from "../vendor/preact-htm.js";
import { number, t } from "../words.js";
import {
  CERCLE_LINE, COMMUNITIES, COMMUNITY_FILLS, EDGE, FLOODED, FLOOD_HATCH, HARM, LAYERS, PERPETRATORS, RIVER, ROAD, SAND, TEXT,
  UN, UNIDENTIFIED, UNIT_WIDTH, UN_DARK, VILLAGE, ZONE_LINE, armyWidth, attackWidth, bandWidth, trace, troopsWidth,
  villageWidth,
} from "./look.js";
import { drawAttack, drawTob } from "./marks.js";

export const ROW_PIXELS = 17;
const HANDLE_PIXELS = 24;
const EXAMPLES = { deaths: [0, 10, 50], units: [1, 4, 12], people: [500, 50000], band: 25, troops: 400 };
const SCALE = 0.85; // of marks, as on the map of a small screen
const KEYS = 8; // layers that have a key

// -- handles: {width, height, draw(context, x, y)} around a middle ------------------------------------------------------

/** `mark` is how wide the mark itself is. */
const handle = (draw, { mark = 0 } = {}) => ({
  draw, mark, width: Math.max(HANDLE_PIXELS, mark + 4), height: Math.max(ROW_PIXELS, mark + 2),
});

const point = (shape, width, { fill, edge = EDGE, line = 0.6 }) => handle((context, x, y) => {
  context.beginPath();
  trace(context, shape, x, y, width);
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (!line) return;
  Object.assign(context, { strokeStyle: edge, lineWidth: line });
  context.stroke();
}, { mark: width });

const line = (colour, width, dash = []) => handle((context, x, y) => {
  context.beginPath();
  context.setLineDash(dash);
  context.moveTo(x - 10, y);
  context.lineTo(x + 10, y);
  Object.assign(context, { strokeStyle: colour, lineWidth: width, lineCap: dash.length ? "butt" : "round" });
  context.stroke();
  context.setLineDash([]);
});

const patch = (draw) => handle((context, x, y) => {
  context.save();
  context.beginPath();
  context.rect(x - 11, y - 6, 22, 12);
  context.clip();
  draw(context, x, y);
  context.restore();
});

function flooded(context, x, y) {
  context.fillStyle = FLOODED;
  context.fillRect(x - 11, y - 6, 22, 12);
  context.beginPath();
  for (let right = -22; right < 22; right += 6) {
    context.moveTo(x + right, y + 6);
    context.lineTo(x + right + 12, y - 6);
  }
  Object.assign(context, { strokeStyle: FLOOD_HATCH, lineWidth: 1.3 });
  context.stroke();
}

function present(context, x, y) {
  const fill = context.createRadialGradient(x, y, 0, x, y, 11);
  fill.addColorStop(0, `${UN}88`);
  fill.addColorStop(1, `${UN}00`);
  context.fillStyle = fill;
  context.fillRect(x - 11, y - 9, 22, 18);
}

const actor = ({ colour, shape }) => point(shape, bandWidth(EXAMPLES.band) + 2.5, { fill: colour });

const bands = handle((context, x, y) => {
  const { colour, shape } = PERPETRATORS[1];
  for (const [right, hollow] of [[-6, false], [6, true]]) {
    context.beginPath();
    trace(context, shape, x + right, y, 8);
    Object.assign(context, { fillStyle: colour, strokeStyle: hollow ? colour : EDGE, lineWidth: hollow ? 1.4 : 0.6 });
    if (!hollow) context.fill();
    context.stroke();
  }
});

const ring = (deaths) => {
  const width = attackWidth(deaths) * SCALE;
  return handle((context, x, y) => drawAttack(context, x, y, deaths, 3, UNIDENTIFIED, SCALE), { mark: width + 2 });
};
const dot = (people) => point("circle", villageWidth(people) * SCALE, { fill: VILLAGE, line: 0 });
const soldiers = (units) => point("circle", armyWidth(units) * SCALE, { fill: PERPETRATORS[3].colour, edge: "#FFFFFF", line: 0.9 });
const swatch = (fill) => point("circle", 8, { fill, line: 0.5 });

/** Marks of several sizes close together, each with the number it stands for. */
const ladder = (values, make, unit) => values.map((value, k) => ({
  handle: { ...make(value), width: make(value).mark + 2 },
  text: number(value) + (k === values.length - 1 ? ` ${unit}` : ""),
}));

// -- what the legend says -----------------------------------------------------------------------------------------------

/**
 * Sections, each a list of rows {layer, of, parts: [{handle, text}], note, folds}: a row with a `layer` switches it,
 * one `of` a layer explains it, and one that `folds` is there only while its layer is shown.
 */
export function legendSections() {
  const row = (of, made, text) => ({ of, parts: [{ handle: made, text }] });
  const toggle = (layer, parts = []) => ({ layer, of: layer, parts });
  const ranges = HARM.map(({ from }, k) => (HARM[k + 1] ? `${from}–${HARM[k + 1].from - 1}` : `${from}+`));
  return [
    [toggle("attacks"), { of: "attacks", parts: ladder(EXAMPLES.deaths, ring, t("watch_deaths")) }],
    [
      toggle("bands"),
      ...PERPETRATORS.slice(0, 3).map((mark) => row("bands", actor(mark), t(mark.key))),
      row("bands", bands, t("watch_hollow")),
      row("attacks", actor(PERPETRATORS[UNIDENTIFIED]), t("watch_unidentified")),
    ],
    [toggle("army"), { of: "army", parts: ladder(EXAMPLES.units, soldiers, t("watch_units_there")) }],
    [
      toggle("un"),
      row("un", point("hexagon", troopsWidth(EXAMPLES.troops) * SCALE, { fill: UN, line: 1.2 }),
        t("watch_base", { n: EXAMPLES.troops })),
      row("un", point("hexagon", UNIT_WIDTH, { fill: UN, line: 1 }), t("watch_away")),
      row("un", handle((context, x, y) => drawTob(context, x, y, 0.85, true)), t("watch_tob_open")),
      row("un", handle((context, x, y) => drawTob(context, x, y, 0.85, false)), t("tob_preparing")),
    ],
    [
      toggle("tob_reach"),
      { of: "tob_reach", parts: [
        { handle: point("circle", 13, { edge: UN_DARK, line: 1.4 }), text: t("watch_reach_ring") },
        { handle: patch(present), text: t("watch_presence") },
      ] },
    ],
    [toggle("villages"), { of: "villages", parts: ladder(EXAMPLES.people, dot, t("people")) }],
    [
      toggle("travel_time"),
      { ...row("travel_time", line(UN_DARK, 1.1, [5, 3]), t("watch_km_of_road")), folds: true },
      toggle("flood", [{ handle: patch(flooded), text: "" }]),
      toggle("places", [{ handle: point("circle", 5.6, { fill: SAND, edge: TEXT, line: 1.3 }), text: "" },
        { handle: line(ROAD, 2), text: "" }]),
      { of: null, parts: [{ handle: line(RIVER, 2.6), text: t("river") }] },
      { of: null, parts: [
        { handle: line(ZONE_LINE, 1.5), text: t("zone") }, { handle: line(CERCLE_LINE, 0.9), text: t("cercle") },
      ] },
    ],
    [
      toggle("communities"),
      ...COMMUNITIES.map((name, k) => ({ ...row("communities", swatch(COMMUNITY_FILLS[k]), t(name)), folds: true })),
      toggle("harm"),
      ...HARM.map(({ colour }, k) => ({ ...row("harm", swatch(colour), ranges[k]), folds: true })),
    ],
  ];
}

/** Key of a layer on the keyboard, "" if it has none. */
export const keyOf = (layer) => (LAYERS.indexOf(layer) < KEYS ? String(LAYERS.indexOf(layer) + 1) : "");

// -- on the page --------------------------------------------------------------------------------------------------------

function Handle({ handle: { width, height, draw } }) {
  const canvas = useRef(null);
  useLayoutEffect(() => {
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas.current, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = canvas.current.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    draw(context, width / 2, height / 2);
  }, []);
  return html`
    <canvas ref=${canvas} class="handle" aria-hidden="true" style=${{ width: `${width}px`, height: `${height}px` }}></canvas>`;
}

function Parts({ row }) {
  return row.parts.map(({ handle: made, text }) => html`
    <span class="legend-part"><${Handle} handle=${made} />${text}</span>`);
}

function Row({ row, on, onToggle }) {
  if (!row.layer) return html`<li class=${on ? "" : "off"}><${Parts} row=${row} /></li>`;
  const name = html`<b>${t(`watch_layer_${row.layer}`)}</b>`;
  if (!onToggle) return html`<li>${name}<${Parts} row=${row} /></li>`;
  const key = keyOf(row.layer);
  return html`
    <li class="legend-switch">
      <button class="layer" aria-pressed=${String(on)} data-test=${`layer-${row.layer}`} onClick=${() => onToggle(row.layer)}
        aria-keyshortcuts=${key || undefined}>
        <span class="layer-box" aria-hidden="true">${on ? "✓" : ""}</span>${name}
        ${key && html`<span class="layer-key" aria-hidden="true">${key}</span>`}</button>
      <span class=${on ? "" : "off"}><${Parts} row=${row} /></span>
    </li>`;
}

const isOn = (row, layers) => row.of === null || layers.includes(row.of);

/** Sections with the rows that are there: all that do not fold, or with `onlyShown` those of layers that are shown. */
function sectionsOf(layers, onlyShown) {
  const stays = (row) => isOn(row, layers) || (!onlyShown && !row.folds);
  return legendSections().map((rows) => rows.filter(stays)).filter((rows) => rows.length);
}

/** The legend. With onToggle(layer) every layer is there with a switch; without, only what is shown. */
export function Legend({ layers, onToggle }) {
  return html`
    <section class="legend" aria-label=${t("legend_alt")} data-test="legend">
      ${sectionsOf(layers, !onToggle).map((rows) => html`<ul>
        ${rows.map((row) => html`<${Row} key=${row.layer ?? row.parts[0].text} row=${row} on=${isOn(row, layers)}
          onToggle=${onToggle} />`)}</ul>`)}
    </section>`;
}

// -- on a picture -------------------------------------------------------------------------------------------------------

const [COLUMNS, GAP] = [5, 6];

const heightOf = (row) => Math.max(ROW_PIXELS, ...row.parts.map(({ handle: made }) => made.height));
const sum = (rows) => rows.reduce((all, row) => all + heightOf(row), 0);

/** Sections in columns in their order, each filled until it is as high as it has to be. */
function inColumns(sections, n) {
  const high = Math.max(sum(sections.flat()) / n, ...sections.map(sum));
  const columns = [[]];
  for (const rows of sections) {
    if (columns.length < n && sum(columns.at(-1)) + sum(rows) / 2 > high) columns.push([]);
    columns.at(-1).push(...rows);
  }
  return columns;
}

/** How high the legend of some layers is on a picture. */
export const legendHeight = (layers) => Math.max(...inColumns(sectionsOf(layers, true), COLUMNS).map(sum));

/** Draws the legend of some layers into a context, in columns; returns its height. */
export function drawLegend(context, layers, left, top, width, font) {
  const columns = inColumns(sectionsOf(layers, true), COLUMNS);
  columns.forEach((rows, k) => {
    let y = top;
    for (const row of rows) y += drawRow(context, row, left + (k * width) / COLUMNS, y, font);
  });
  return legendHeight(layers);
}

function drawRow(context, row, left, top, font) {
  const height = heightOf(row);
  const middle = top + height / 2;
  let x = left;
  const write = (text, weight = "") => {
    Object.assign(context, { font: `${weight} 12px ${font}`, fillStyle: TEXT, textAlign: "left", textBaseline: "middle" });
    context.fillText(text, x, middle);
    x += context.measureText(text).width + GAP;
  };
  if (row.layer) write(t(`watch_layer_${row.layer}`), "600");
  for (const { handle: made, text } of row.parts) {
    made.draw(context, x + made.width / 2, middle);
    x += made.width + 3;
    write(text);
  }
  return height;
}

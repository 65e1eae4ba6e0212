// The ground of a map: cercles and zones, water, flood in season, roads, towns, neighbours, scale and north.

import { t } from "../words.js";
import {
  CERCLE_LINE, FLOODED, FLOOD_HATCH, FONT, OUTSIDE, QUIET_TEXT, RIVER, ROAD, SAND, TEXT, UN_DARK, WATER, ZONE_LINE,
  markScale,
} from "./look.js";

const SCALE_STEPS_KM = [1, 2, 5, 10, 20, 50, 100, 200];
const HATCH_PIXELS = 9; // between two lines
const LEAST_NAMED = 8; // points: a line around one cell has no room for its kilometres
const APART_PIXELS = 48; // between two of these numbers
const NAMED_WHEN_SMALL = ["Mopti", "Ségou", "Douentza"];
const SMALL_MAP = 420; // pixels; narrower maps name fewer things

const POINT = 4 / 3; // pixels to a typographic point
const BASELINES = { bottom: "bottom", top: "top", center: "middle" };

/** Adds a polyline of land.arrays.points to the path of a context. */
function follow(context, view, points, start, count) {
  const { scale, width, height, x, y } = view;
  const [left, top] = [width / 2 - x * scale, height / 2 + y * scale];
  context.moveTo(left + points[2 * start] * scale, top - points[2 * start + 1] * scale);
  for (let k = start + 1; k < start + count; k += 1) {
    context.lineTo(left + points[2 * k] * scale, top - points[2 * k + 1] * scale);
  }
}

function region(context, view, land) {
  context.beginPath();
  for (const { rings } of land.cercles) {
    for (const [start, count] of rings) {
      follow(context, view, land.arrays.points, start, count);
      context.closePath();
    }
  }
}

function strokes(context, view, points, lines, colour, width) {
  context.beginPath();
  for (const [start, count] of lines) follow(context, view, points, start, count);
  Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: "round", lineCap: "round" });
  context.stroke();
}

/** Opacity of the flood in a season: 0 where the delta is dry, lighter while the water still rises. */
export function floodOpacity(land, season) {
  return land.flooded_seasons[season].opacity;
}

function hatch(context, width, height) {
  context.beginPath();
  for (let across = -height; across < width; across += HATCH_PIXELS) {
    context.moveTo(across, height);
    context.lineTo(across + height, 0);
  }
  context.strokeStyle = FLOOD_HATCH;
  context.lineWidth = 1.3;
  context.stroke();
}

function drawFlood(context, view, land, season) {
  const opacity = floodOpacity(land, season);
  if (!opacity) return;
  context.save();
  region(context, view, land);
  context.clip();
  context.beginPath();
  follow(context, view, land.arrays.points, ...land.flood);
  context.closePath();
  context.clip();
  context.globalAlpha = opacity;
  context.fillStyle = FLOODED;
  context.fillRect(0, 0, view.width, view.height);
  hatch(context, view.width, view.height);
  context.restore();
}

function drawWater(context, view, land, scale) {
  for (const water of land.rivers) {
    context.beginPath();
    follow(context, view, land.arrays.points, water.start, water.count);
    Object.assign(context, { strokeStyle: RIVER, lineJoin: "round", lineCap: "round" });
    if (water.kind === "lake") {
      context.closePath();
      context.fillStyle = WATER;
      context.fill();
      context.lineWidth = 0.6 * scale;
    } else {
      context.lineWidth = (water.name === "Niger" ? 2.9 : 1.8) * scale;
    }
    context.stroke();
  }
}

/** Everything under the marks, to fill the whole canvas. `layers` is a Set of names; season 0..3. */
export function drawGround(context, view, land, layers, season) {
  const scale = Math.max(markScale(view), 0.6);
  context.fillStyle = OUTSIDE;
  context.fillRect(0, 0, view.width, view.height);
  region(context, view, land);
  context.fillStyle = SAND;
  context.fill();
  if (layers.has("flood")) drawFlood(context, view, land, season);
  drawWater(context, view, land, scale);
  const rings = land.cercles.flatMap((cercle) => cercle.rings);
  strokes(context, view, land.arrays.points, rings, CERCLE_LINE, 0.9 * scale);
  strokes(context, view, land.arrays.points, land.zone_lines, ZONE_LINE, 1.5 * scale);
  if (layers.has("places")) {
    strokes(context, view, land.arrays.points, land.roads.map(({ start, count }) => [start, count]), ROAD, 1.7 * scale);
  }
}

/** Lines of equal travel of a season from the UN's main bases, with their kilometres, above the settlements. */
export function drawTravel(context, view, travel, points, season) {
  const { lines } = travel.find((one) => one.season === season);
  context.save();
  context.globalAlpha = 0.85;
  context.setLineDash([6, 3]);
  strokes(context, view, points, lines.map(({ start, count }) => [start, count]), UN_DARK, 1.1);
  context.restore();
  const labelled = [];
  for (const { km, start, count } of lines) {
    if (count < LEAST_NAMED) continue;
    const middle = start + Math.floor(count / 2);
    const [left, top] = view.toScreen(points[2 * middle], points[2 * middle + 1]);
    if (labelled.some(([x, y]) => Math.hypot(x - left, y - top) < APART_PIXELS)) continue;
    labelled.push([left, top]);
    name(context, `${km} km`, left, top, { size: 10.5, align: "center", colour: UN_DARK });
  }
}

// -- names, above the marks ---------------------------------------------------------------------------------------------

function name(context, text, left, top, look = {}) {
  const { size = 13, align = "left", baseline = "middle", colour = TEXT, halo = SAND, style = "" } = look;
  Object.assign(context, {
    font: `${style} ${size}px ${FONT}`, textAlign: align, textBaseline: baseline, lineJoin: "round",
    strokeStyle: halo, lineWidth: 3.2,
  });
  context.globalAlpha = 0.9;
  context.strokeText(text, left, top);
  context.globalAlpha = 1;
  context.fillStyle = colour;
  context.fillText(text, left, top);
}

const OPPOSITE = { left: "right", right: "left", center: "center" };

/** The box of a town's name: [left, top, right, bottom] in pixels. */
function boxOf(context, text, left, top, { align, baseline, size }) {
  context.font = `${size}px ${FONT}`;
  const wide = context.measureText(text).width;
  const from = left - { left: 0, center: wide / 2, right: wide }[align];
  const high = top - { top: 0, middle: size / 2, bottom: size }[baseline];
  return [from, high, from + wide, high + size];
}

const meet = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

/** A town's name at its usual place; on the other side of the town where another name is there already. */
function drawTownName(context, town, left, top, size, taken) {
  const { dx, dy, across, up } = town.place;
  const sides = [[dx, across], [-dx, OPPOSITE[across]]].map(([right, align]) => {
    const look = { align, baseline: BASELINES[up], size };
    const at = [left + right * POINT, top - dy * POINT];
    return { look, at, box: boxOf(context, town.name, ...at, look) };
  });
  const { look, at, box } = sides.find((side) => !taken.some((other) => meet(side.box, other))) ?? sides[0];
  name(context, town.name, ...at, look);
  taken.push(box);
}

function drawTowns(context, view, land, small) {
  const taken = [];
  for (const town of land.towns) {
    if (!town.capital) continue; // the only places a map names
    const [left, top] = view.toScreen(town.x, town.y);
    context.beginPath();
    context.arc(left, top, small ? 1.8 : 2.9, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: SAND, strokeStyle: TEXT, lineWidth: small ? 0.9 : 1.3 });
    context.fill();
    context.stroke();
    if (!small || NAMED_WHEN_SMALL.includes(town.name)) {
      drawTownName(context, town, left, top, small ? 10.5 : 12, taken);
    }
  }
}

function drawScale(context, view, small) {
  const room = small ? 0.3 : 0.16;
  const fitting = SCALE_STEPS_KM.filter((step) => step * view.scale <= view.width * room);
  const length = fitting.at(-1) ?? SCALE_STEPS_KM[0];
  const [right, low] = [view.width - 20, view.height - 14];
  const left = right - length * view.scale;
  context.beginPath();
  for (const x of [left, right]) {
    context.moveTo(x, low - 4);
    context.lineTo(x, low + 4);
  }
  context.moveTo(left, low);
  context.lineTo(right, low);
  Object.assign(context, { strokeStyle: TEXT, lineWidth: 1.8, lineCap: "butt" });
  context.stroke();
  name(context, `${length} km`, right, low - 14, { align: "right", size: 12, halo: OUTSIDE });
  if (small) return;
  name(context, "0", left, low - 14, { align: "center", size: 12, halo: OUTSIDE });
  drawNorth(context, left - 30, low);
}

function drawNorth(context, x, low) {
  context.beginPath();
  context.moveTo(x, low + 4);
  context.lineTo(x, low - 20);
  Object.assign(context, { strokeStyle: TEXT, fillStyle: TEXT, lineWidth: 1.4 });
  context.stroke();
  context.beginPath();
  context.moveTo(x, low - 26);
  context.lineTo(x + 4, low - 17);
  context.lineTo(x - 4, low - 17);
  context.fill();
  name(context, "N", x, low - 34, { align: "center", size: 12, halo: OUTSIDE });
}

/** Towns with their names, neighbours, scale bar and north arrow. */
export function drawNames(context, view, land, layers) {
  const small = view.width < SMALL_MAP;
  for (const neighbour of small ? [] : land.neighbours) {
    const [left, top] = view.toScreen(neighbour.x, neighbour.y);
    const text = t(neighbour.key);
    name(context, text, left, top, { align: "center", colour: QUIET_TEXT, halo: OUTSIDE, style: "italic" });
  }
  if (layers.has("places")) drawTowns(context, view, land, small);
  drawScale(context, view, small);
}

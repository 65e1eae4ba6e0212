// What is at a place of the map: units and bases near the pointer, and the cell. Never a village: their places are
// drawn by lot, and a name would claim more than the model knows.

import { insideRings } from "./projection.js";
import { FREE, armyPlaces, unPlaces } from "./marks.js";

const NEAR_PIXELS = 12;
export const FULL_PRESENCE = 255; // as presence is packed

/** Number of the cell at a point in km, -1 outside the region. */
export function cellAt(world, x, y) {
  const column = Math.floor((x - world.west) / world.cell_km);
  const row = Math.floor((y - world.south) / world.cell_km);
  const { cell_col: columns, cell_row: rows } = world.arrays;
  for (let k = 0; k < columns.length; k += 1) if (columns[k] === column && rows[k] === row) return k;
  return -1;
}

/** Centre of a cell in km. */
export function centreOf(world, cell) {
  const { cell_col: column, cell_row: row } = world.arrays;
  return [world.west + world.cell_km * (column[cell] + 0.5), world.south + world.cell_km * (row[cell] + 0.5)];
}

/** Cercle of `land` at a point in km, null outside the region. */
export function cercleAt(land, x, y) {
  return land.cercles.find(({ rings }) => insideRings(land.arrays.points, rings, x, y)) ?? null;
}

/** Index of the nearest of places {x, y} (km) within some pixels of a pixel, -1 if there is none. */
export function nearestOf(view, places, left, top, pixels = NEAR_PIXELS) {
  let [best, least] = [-1, pixels];
  places.forEach(({ x, y }, k) => {
    const [placeLeft, placeTop] = view.toScreen(x, y);
    const distance = Math.hypot(placeLeft - left, placeTop - top);
    if (distance <= least) [best, least] = [k, distance];
  });
  return best;
}

/** Everything that can be picked on a day, by layer; what lies on top comes first. */
function pickable(run, day, shown) {
  const { world } = run;
  const found = [];
  if (shown.has("un")) {
    for (const tob of run.tobs(day)) if (tob.status !== FREE) found.push({ ...tob, kind: "tob" });
    const task = run.row("un_task", day);
    const { bases, away } = unPlaces(world, ...run.places("un", day), task);
    for (const base of bases) found.push({ ...base, kind: "un_base" });
    for (const unit of away) found.push({ ...unit, kind: "un_unit", task: task[unit.units[0]] });
  }
  if (shown.has("army")) {
    const task = run.row("army_task", day);
    for (const place of armyPlaces(world, ...run.places("army", day))) {
      found.push({ ...place, kind: "army", task: task[place.units[0]] });
    }
  }
  if (shown.has("bands")) {
    const [strength, hidden] = [run.row("band_strength", day), run.row("band_hidden", day)];
    world.arrays.band_x.forEach((x, k) => {
      if (strength[k] === 0) return;
      found.push({ kind: "band", x, y: world.arrays.band_y[k], band: k, strength: strength[k], hidden: hidden[k] > 0 });
    });
  }
  return found;
}

/** Whether two things that were picked, on different days, are the same one. */
function isSame(thing, picked) {
  if (picked.kind === "un_base") {
    return thing.kind === "un_base" && Math.hypot(thing.x - picked.x, thing.y - picked.y) < 1;
  }
  if (picked.kind === "band") return thing.band === picked.band;
  if (picked.kind === "tob") return thing.kind === "tob" && thing.slot === picked.slot;
  const ofUn = (kind) => kind.startsWith("un_");
  return ofUn(thing.kind) === ofUn(picked.kind) && Boolean(thing.units?.includes(picked.units?.[0]));
}

/** A thing that was picked as it is on another day; null while it is nowhere (a TOB that was closed). */
export function onDay(run, day, picked) {
  if (picked.kind === "cell") return picked;
  const all = pickable(run, day, new Set(["un", "army", "bands"]));
  const thing = all.find((one) => isSame(one, picked));
  return thing ? { ...thing, cell: -1, near: cellAt(run.world, thing.x, thing.y) } : null;
}

/** What is known of a cell on a day, with the bands and units that stand in it. */
export function describeCell(run, day, cell) {
  const { arrays } = run.world;
  const all = pickable(run, day, new Set(["un", "army", "bands"]));
  return {
    cercle: arrays.cell_cercle[cell],
    people: arrays.cell_people[cell],
    presence: run.row("presence", day)[cell] / FULL_PRESENCE,
    standing: all.filter(({ x, y }) => cellAt(run.world, x, y) === cell),
    ...run.inCell(cell, day),
  };
}

/**
 * What is at a pixel on a day: {kind, x, y, cell, near, ...} with kind tob, un_base, un_unit, army, band or cell; null
 * outside the region. `cell` is -1 but for a cell itself; `near` is the cell in which a thing stands.
 */
export function pick(view, run, day, layers, left, top) {
  const things = pickable(run, day, new Set(layers));
  const nearest = nearestOf(view, things, left, top);
  if (nearest >= 0) {
    const thing = things[nearest];
    return { ...thing, cell: -1, near: cellAt(run.world, thing.x, thing.y) };
  }
  const cell = cellAt(run.world, ...view.toLand(left, top));
  if (cell < 0) return null;
  const [x, y] = centreOf(run.world, cell);
  return { kind: "cell", x, y, cell, near: cell };
}

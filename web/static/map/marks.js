// Everything that is drawn anew each day: settlements' harm, bands, forces, bases, presence, attacks.

import {
  ATTACK_DAYS, COMMUNITY_FILLS, EDGE, HARM, NATIONAL, PERPETRATORS, SAND, TOB_WIDTH, UN, UNIT_WIDTH, UN_DARK, VILLAGE,
  armyWidth, attackAlpha, attackWidth, bandWidth, trace, troopsWidth, villageWidth,
} from "./look.js";

export const [FREE, PREPARING, OPEN] = [0, 1, 2];
export const [AT_BASE, ON_TOB, ON_PATROL, NOT_ARRIVED, ON_OPERATION, OUT_OF_ACTION] = [0, 1, 2, 3, 4, 5];
export const PREVENTED = 1;
const SAME_TOWN_KM = 5;
const ASIDE_KM = 7;
const NEW_DAYS = 3; // an attack is drawn heavier at first
const DENSEST_PRESENCE = 0.5;

// -- settlements --------------------------------------------------------------------------------------------------------

/** Settlements by people, muted; coloured by first community only if asked. */
export function drawVillages(context, view, world, scale, { byCommunity, faint }) {
  const { village_x: x, village_y: y, village_people: people, village_community: community } = world.arrays;
  const fills = byCommunity ? COMMUNITY_FILLS : [VILLAGE];
  context.globalAlpha = byCommunity ? 0.85 : faint ? 0.4 : 0.62;
  fills.forEach((fill, which) => {
    context.beginPath();
    for (let k = 0; k < x.length; k += 1) {
      if (byCommunity && community[k] !== which) continue;
      const [left, top] = view.toScreen(x[k], y[k]);
      const width = villageWidth(people[k]) * scale * (byCommunity ? 1.35 : 1);
      if (width < 2.2) context.rect(left - width / 2, top - width / 2, width, width); // as good as round, and quicker
      else trace(context, "circle", left, top, width);
    }
    context.fillStyle = fill;
    context.fill();
  });
  context.globalAlpha = 1;
}

/** Settlements where people were killed in this run so far: darker, the more; `killed` by village. */
export function drawHarm(context, view, world, scale, killed) {
  const { village_x: x, village_y: y, village_people: people } = world.arrays;
  HARM.forEach(({ from, colour }, step) => {
    const below = HARM[step + 1]?.from ?? Infinity;
    context.beginPath();
    for (let k = 0; k < killed.length; k += 1) {
      if (killed[k] < from || killed[k] >= below) continue;
      const [left, top] = view.toScreen(x[k], y[k]);
      trace(context, "circle", left, top, Math.max(villageWidth(people[k]), 4 + 1.4 * step) * scale);
    }
    Object.assign(context, { fillStyle: colour, strokeStyle: EDGE, lineWidth: 0.5 });
    context.fill();
    context.stroke();
  });
}

// -- presence and reach -------------------------------------------------------------------------------------------------

/** UN presence as a picture of the grid, one pixel a cell; drawn stretched, so that it is soft. */
export class PresencePicture {
  constructor(world) {
    const { cell_col: column, cell_row: row } = world.arrays;
    this.columns = 1 + column.reduce((most, n) => Math.max(most, n), 0);
    this.rows = 1 + row.reduce((most, n) => Math.max(most, n), 0);
    this.at = Uint32Array.from(column, (n, k) => 4 * ((this.rows - 1 - row[k]) * this.columns + n));
    this.canvas = new OffscreenCanvas(this.columns, this.rows);
    this.pixels = new ImageData(this.columns, this.rows);
    const [red, green, blue] = [1, 3, 5].map((k) => parseInt(UN.slice(k, k + 2), 16));
    for (let k = 0; k < this.pixels.data.length; k += 4) this.pixels.data.set([red, green, blue], k);
  }

  /** `presence` is 0..255 by cell; the grid's south-western corner is at `west`, `south` km. */
  draw(context, view, presence, west, south, cellKm) {
    for (let k = 0; k < presence.length; k += 1) this.pixels.data[this.at[k] + 3] = DENSEST_PRESENCE * presence[k];
    this.canvas.getContext("2d").putImageData(this.pixels, 0, 0);
    const [left, top] = view.toScreen(west, south + this.rows * cellKm);
    const cell = cellKm * view.scale;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "medium";
    context.drawImage(this.canvas, left, top, this.columns * cell, this.rows * cell);
  }
}

/** A thin ring around every open TOB at the distance over which its presence is felt. */
export function drawReach(context, view, tobs, reachKm, scale) {
  context.beginPath();
  for (const tob of tobs) {
    if (tob.status !== OPEN) continue;
    const [left, top] = view.toScreen(tob.x, tob.y);
    context.moveTo(left + reachKm * view.scale, top);
    context.arc(left, top, reachKm * view.scale, 0, 2 * Math.PI);
  }
  Object.assign(context, { strokeStyle: UN_DARK, lineWidth: 1.4 * scale });
  context.stroke();
}

// -- bands and forces ---------------------------------------------------------------------------------------------------

/** Bands at home by faction; hollow while they lie low. */
export function drawBands(context, view, world, strength, hidden, scale) {
  const { band_x: x, band_y: y, band_mark: mark } = world.arrays;
  context.globalAlpha = 0.8;
  PERPETRATORS.forEach(({ colour, shape }, which) => {
    for (const low of [0, 1]) {
      context.beginPath();
      for (let k = 0; k < x.length; k += 1) {
        if (mark[k] !== which || strength[k] === 0 || Boolean(hidden[k]) !== Boolean(low)) continue;
        const [left, top] = view.toScreen(x[k], y[k]);
        trace(context, shape, left, top, bandWidth(strength[k]) * scale);
      }
      Object.assign(context, { fillStyle: colour, strokeStyle: low ? colour : EDGE, lineWidth: low ? 1.2 : 0.6 });
      if (!low) context.fill();
      context.stroke();
    }
  });
  context.globalAlpha = 1;
}

/** Units at the very same place as one mark: [{x, y, amount, units}]. */
export function gathered(x, y, amount, chosen) {
  const places = new Map();
  for (let k = 0; k < x.length; k += 1) {
    if (!chosen(k)) continue;
    const key = `${x[k].toFixed(2)} ${y[k].toFixed(2)}`;
    const place = places.get(key) ?? { x: x[k], y: y[k], amount: 0, units: [] };
    place.amount += amount(k);
    place.units.push(k);
    places.set(key, place);
  }
  return [...places.values()];
}

/** National forces by place, beside a UN base of the same town. */
export function armyPlaces(world, x, y) {
  const { un_base_x: baseX, un_base_y: baseY } = world.arrays;
  const places = gathered(x, y, () => 1, () => true);
  for (const place of places) {
    const besideUn = baseX.some((base, k) => Math.hypot(place.x - base, place.y - baseY[k]) < SAME_TOWN_KM);
    if (besideUn) Object.assign(place, { x: place.x + ASIDE_KM, y: place.y - ASIDE_KM });
  }
  return places;
}

export function drawArmy(context, view, places, scale) {
  context.beginPath();
  for (const place of places) {
    trace(context, "circle", ...view.toScreen(place.x, place.y), armyWidth(place.amount) * scale);
  }
  Object.assign(context, { fillStyle: PERPETRATORS[NATIONAL].colour, strokeStyle: "#FFFFFF", lineWidth: 0.9 * scale });
  context.globalAlpha = 0.88;
  context.fill();
  context.stroke();
  context.globalAlpha = 1;
}

/** UN units by what they do: troops at each main base, and units elsewhere that are not on a TOB. */
export function unPlaces(world, x, y, task) {
  const { un_people: people, un_base_x: baseX, un_base_y: baseY } = world.arrays;
  const bases = gathered(x, y, (k) => people[k], (k) => task[k] === AT_BASE);
  const empty = Array.from(baseX, (base, k) => ({ x: base, y: baseY[k], amount: 0, units: [] }));
  const elsewhere = (k) => ![AT_BASE, ON_TOB, NOT_ARRIVED].includes(task[k]);
  return {
    bases: [...empty.filter((base) => !bases.some((near) => Math.hypot(near.x - base.x, near.y - base.y) < 1)), ...bases],
    away: gathered(x, y, (k) => people[k], elsewhere),
  };
}

function hexagon(context, view, place, width, line) {
  context.beginPath();
  trace(context, "hexagon", ...view.toScreen(place.x, place.y), width);
  Object.assign(context, { fillStyle: UN, strokeStyle: EDGE, lineWidth: line });
  context.fill();
  context.stroke();
}

export function drawUn(context, view, { bases, away }, scale) {
  for (const base of bases) hexagon(context, view, base, troopsWidth(base.amount) * scale, 1.2);
  for (const unit of away) hexagon(context, view, unit, UNIT_WIDTH * scale, 1);
}

/** A TOB: the UN's hexagon on white with a dot, over all else; without the dot while it is being set up. */
export function drawTob(context, left, top, scale, isOpen) {
  context.beginPath();
  trace(context, "hexagon", left, top, (TOB_WIDTH + 5) * scale);
  context.fillStyle = "#FFFFFF";
  context.fill();
  context.beginPath();
  trace(context, "hexagon", left, top, TOB_WIDTH * scale);
  Object.assign(context, { strokeStyle: UN_DARK, lineWidth: 2.4 * scale });
  context.stroke();
  if (!isOpen) return;
  context.beginPath();
  trace(context, "circle", left, top, 0.38 * TOB_WIDTH * scale);
  context.fillStyle = UN_DARK;
  context.fill();
}

export function drawTobs(context, view, tobs, scale) {
  for (const tob of tobs) {
    if (tob.status !== FREE) drawTob(context, ...view.toScreen(tob.x, tob.y), scale, tob.status === OPEN);
  }
}

/** A base that a visitor places: the mark of a TOB in a colour of choices, numbered. */
export function drawSite(context, view, [x, y], text, scale, held) {
  const [left, top] = view.toScreen(x, y);
  const size = Math.max(scale, 0.8) * (held ? 1.2 : 1);
  context.beginPath();
  trace(context, "hexagon", left, top, 24 * size);
  Object.assign(context, { fillStyle: UN_DARK, strokeStyle: SAND, lineWidth: 2 });
  context.fill();
  context.stroke();
  Object.assign(context, {
    fillStyle: "#FFFFFF", font: `600 ${12 * size}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle",
  });
  context.fillText(text, left, top + 0.5);
}

// -- attacks ------------------------------------------------------------------------------------------------------------

/** One attack: a ring by deaths around the perpetrator's shape, fading with age (days, may be a fraction). */
export function drawAttack(context, left, top, deaths, age, mark, scale) {
  const { colour, shape } = PERPETRATORS[mark];
  const width = attackWidth(deaths) * scale;
  const line = 2.6 * scale * (1 + 0.5 * Math.max(0, 1 - age / NEW_DAYS));
  const alpha = attackAlpha(age);
  context.beginPath();
  context.arc(left, top, width / 2, 0, 2 * Math.PI);
  context.globalAlpha = 0.16 * alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 0.45 * alpha;
  Object.assign(context, { strokeStyle: EDGE, lineWidth: line + 1.2 * scale });
  context.stroke();
  context.globalAlpha = alpha;
  Object.assign(context, { strokeStyle: colour, lineWidth: line });
  context.stroke();
  context.beginPath();
  trace(context, shape, left, top, 5 * scale);
  Object.assign(context, { fillStyle: colour, strokeStyle: EDGE, lineWidth: 0.6 });
  context.fill();
  context.stroke();
  context.globalAlpha = 1;
}

/** Attacks and clashes of the last ATTACK_DAYS that took place, oldest first, the deadliest of a day first. */
export function recentAttacks(events, at) {
  const recent = [];
  for (let k = events.until(Math.floor(at)) - 1; k >= 0 && events.day[k] > at - ATTACK_DAYS; k -= 1) {
    if (events.outcome[k] !== PREVENTED) recent.push(k);
  }
  return recent.sort((one, other) => events.day[one] - events.day[other] || events.deaths[other] - events.deaths[one]);
}

export function drawAttacks(context, view, events, at, scale) {
  for (const k of recentAttacks(events, at)) {
    const [left, top] = view.toScreen(events.x[k], events.y[k]);
    drawAttack(context, left, top, events.deaths[k], at - events.day[k], events.mark[k], scale);
  }
}

// Draws a run on a canvas. What changes seldom is kept as pictures of its own: the ground with the settlements below,
// names above; between them only what a day changes is drawn.

import { seasonOf } from "../words.js";
import { drawGround, drawNames, drawTravel } from "./ground.js";
import { SAND, TEXT, UN_DARK, markScale } from "./look.js";
import {
  PresencePicture, armyPlaces, drawArmy, drawAttacks, drawBands, drawHarm, drawReach, drawSite, drawTobs, drawUn,
  drawVillages, unPlaces,
} from "./marks.js";
import { Viewport, toKm } from "./projection.js";

/** A picture that is drawn anew only when its key changes. */
class Sheet {
  constructor() {
    this.canvas = new OffscreenCanvas(1, 1);
    this.key = "";
  }

  draw(context, key, { width, height, ratio }, paint) {
    if (key !== this.key) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      const own = this.canvas.getContext("2d");
      own.setTransform(ratio, 0, 0, ratio, 0, 0);
      paint(own);
      this.key = key;
    }
    context.drawImage(this.canvas, 0, 0, width, height);
  }
}

let runs = 0;
const numbers = new WeakMap();

/** A number of its own for each run, for keys. */
function numberOf(run) {
  if (!run) return 0;
  if (!numbers.has(run)) numbers.set(run, (runs += 1));
  return numbers.get(run);
}

/** One map on a canvas; `land` is the ground. Draws only when told to. */
export class Painter {
  constructor(canvas, land) {
    this.canvas = canvas;
    this.land = land;
    this.view = new Viewport(land.extent);
    this.below = new Sheet();
    this.above = new Sheet();
    this.presence = null;
    this.drawn = { count: 0 };
    this.ratio = 1;
  }

  /** Takes the size of the canvas's box on the page. */
  resize(width, height, ratio = window.devicePixelRatio || 1) {
    this.view.resize(width, height);
    this.ratio = ratio;
    this.canvas.width = Math.round(this.view.width * ratio);
    this.canvas.height = Math.round(this.view.height * ratio);
  }

  /**
   * Draws a moment: `run` is Frames or null, `at` a day number or a fraction between two; `layers` a list of names,
   * `language` in which names are written, `sites` [[lat, lon], ..] that a visitor placed, `held` the one under the
   * pointer, `picked` what picking.js found, `aimed` whether the cross in the middle shows.
   */
  draw({ run = null, at = null, layers, language, sites = [], held = -1, picked = null, aimed = false }) {
    const context = this.canvas.getContext("2d", { alpha: false });
    const shown = new Set(layers);
    const ready = run !== null && at !== null && at >= run.first && Math.floor(at) <= run.last;
    const day = ready ? Math.floor(at) : run?.first ?? null;
    const season = day === null ? 0 : seasonOf(day, this.land.season_of_month);
    const { view, ratio } = this;
    const size = { width: view.width, height: view.height, ratio };
    const scale = markScale(view);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const key = [view.key, ratio, season, numberOf(run), [...shown].sort(), language].join();
    this.below.draw(context, key, size, (own) => this.paintBelow(own, run?.world, shown, season, scale));
    if (ready) this.paintDay(context, run, at, day, shown, scale);
    this.above.draw(context, key, size, (own) => drawNames(own, view, this.land, shown));
    sites.forEach(([lat, lon], k) => drawSite(context, view, toKm(lat, lon), String(k + 1), scale, k === held));
    if (picked) this.paintPicked(context, run, picked);
    if (aimed) this.paintCross(context);
    this.tell(run, day, ready, shown);
  }

  paintBelow(context, world, shown, season, scale) {
    drawGround(context, this.view, this.land, shown, season);
    const byCommunity = shown.has("communities");
    if (world && (shown.has("villages") || byCommunity)) {
      drawVillages(context, this.view, world, scale, { byCommunity, faint: shown.has("harm") });
    }
    if (shown.has("travel_time")) drawTravel(context, this.view, ...this.travel(world), season);
  }

  /** Lines of equal travel and their points: the land's, unless the run's grid or roads are not the usual ones. */
  travel(world) {
    if (world?.travel) return [world.travel, world.arrays.travel_points];
    return [this.land.travel, this.land.arrays.points];
  }

  paintDay(context, run, at, day, shown, scale) {
    const { view } = this;
    const { world } = run;
    if (shown.has("tob_reach")) {
      if (this.presence?.world !== world) this.presence = { world, picture: new PresencePicture(world) };
      const { west, south, cell_km: cellKm } = world;
      this.presence.picture.draw(context, view, run.row("presence", day), west, south, cellKm);
      drawReach(context, view, run.tobs(day), world.presence_km, scale);
    }
    if (shown.has("harm")) drawHarm(context, view, world, scale, run.killed(day));
    if (shown.has("bands")) {
      drawBands(context, view, world, run.row("band_strength", day), run.row("band_hidden", day), scale);
    }
    if (shown.has("army")) drawArmy(context, view, armyPlaces(world, ...run.places("army", at)), scale);
    if (shown.has("un")) {
      drawUn(context, view, unPlaces(world, ...run.places("un", at), run.row("un_task", day)), scale);
    }
    if (shown.has("attacks")) drawAttacks(context, view, run.events, at, scale);
    if (shown.has("un")) drawTobs(context, view, run.tobs(day), scale);
  }

  /** A frame around what was picked. */
  paintPicked(context, run, picked) {
    const half = picked.cell >= 0 && run ? (run.world.cell_km * this.view.scale) / 2 : 12;
    const [left, top] = this.view.toScreen(picked.x, picked.y);
    context.beginPath();
    context.rect(left - half, top - half, 2 * half, 2 * half);
    for (const [colour, width] of [[SAND, 4], [TEXT, 1.6]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.stroke();
    }
  }

  /** The cross that says which place the keyboard means. */
  paintCross(context) {
    const [x, y] = [this.view.width / 2, this.view.height / 2];
    context.beginPath();
    for (const [right, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 5 * right, y + 5 * down);
      context.lineTo(x + 16 * right, y + 16 * down);
    }
    for (const [colour, width] of [[SAND, 4], [UN_DARK, 2]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.stroke();
    }
  }

  /** What a reader of the page's code, such as a test, can see of a picture. */
  tell(run, day, ready, shown) {
    this.drawn.count += 1;
    Object.assign(this.canvas.dataset, {
      frames: this.drawn.count, day: day ?? "", drawn: ready ? "run" : "ground", layers: [...shown].join(" "),
      seed: run?.world.seed ?? "",
    });
  }

  /** Frees the pictures. */
  free() {
    for (const sheet of [this.below, this.above]) Object.assign(sheet.canvas, { width: 1, height: 1 });
    this.presence = null;
  }
}

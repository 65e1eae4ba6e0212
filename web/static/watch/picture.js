// The map as a picture to take away: title, date, map, legend, and what must be said with it.

import { drawLegend, legendHeight } from "../map/legend.js";
import { FONT, QUIET_TEXT, SAND, TEXT } from "../map/look.js";
import { Painter } from "../map/painter.js";
import { dateText, language, seasonOf, seasonText, t } from "../words.js";
import { scenarioLabel } from "./bar.js";

const [WIDTH, EDGE, RATIO] = [1240, 24, 2];
const LINE = 17;
const GAP = 16;

/** Text in lines that are no wider than a width. */
function wrapped(context, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (context.measureText(longer).width > width && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function write(context, text, left, top, { size = 13, weight = "", colour = TEXT } = {}) {
  Object.assign(context, {
    font: `${weight} ${size}px ${FONT}`, fillStyle: colour, textAlign: "left", textBaseline: "alphabetic",
  });
  context.fillText(text, left, top);
}

/** What is said under the picture: caveat, source, and what was changed. */
function caption({ assumptions, gazetteer }) {
  const changed = Object.entries(assumptions).map(([name, value]) => `${name} = ${value}`);
  return [
    `${t("one_run")} ${t("caveat")}`,
    t("watch_source", { text: t(gazetteer ? "map_source_gazetteer" : "map_source") }),
    ...(changed.length ? [t("watch_picture_changed", { names: changed.join(", ") })] : []),
  ];
}

/**
 * A PNG as a Blob of what a live map shows. `shown` is {run, day, layers, scenario, seed, assumptions, gazetteer}.
 */
export async function picture(live, shown) {
  const { run, day, layers } = shown;
  const { land, view } = live.painter;
  const wide = WIDTH - 2 * EDGE;
  const high = Math.round((wide * view.height) / view.width);
  const map = new Painter(document.createElement("canvas"), land);
  map.resize(wide, high, RATIO);
  Object.assign(map.view, { x: view.x, y: view.y, zoom: view.zoom });
  map.draw({ run, at: day, layers, language: language() });

  const page = document.createElement("canvas");
  const context = page.getContext("2d");
  context.font = `12px ${FONT}`;
  const lines = caption(shown).flatMap((text) => wrapped(context, text, wide));
  const top = 76;
  const height = top + high + GAP + legendHeight(layers) + GAP + lines.length * LINE + EDGE;
  Object.assign(page, { width: WIDTH * RATIO, height: height * RATIO });
  context.setTransform(RATIO, 0, 0, RATIO, 0, 0);
  context.fillStyle = SAND;
  context.fillRect(0, 0, WIDTH, height);
  const title = t("watch_picture_title", { scenario: scenarioLabel(shown.scenario), seed: shown.seed });
  write(context, title, EDGE, 38, { size: 20, weight: "600" });
  const when = `${dateText(day)} · ${seasonText(seasonOf(day, land.season_of_month))}`;
  write(context, when, EDGE, 60, { size: 14, colour: QUIET_TEXT });
  context.drawImage(map.canvas, EDGE, top, wide, high);
  drawLegend(context, layers, EDGE, top + high + GAP, wide, FONT);
  lines.forEach((text, k) => {
    write(context, text, EDGE, height - EDGE - LINE * (lines.length - 1 - k), { size: 12, colour: QUIET_TEXT });
  });
  map.free();
  return new Promise((resolve) => page.toBlob(resolve, "image/png"));
}

// Courses over time as small multiples: a line a series, a band where there is one, a cursor at the day shown.

import {html} from "../vendor/preact-htm.js";
import {armColour, armDash} from "./parts.js";
import {extent, linear, ticks, tickTexts} from "./scale.js";
import {useWidth} from "./width.js";
import {number} from "../words.js";
import {digitsOf} from "./wording.js";

const HEIGHT = 112;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 8, 22];
const LEAST_PANEL = 240;

/**
 * Panels of lines that share their horizontal axis.
 *
 * panels: {key, title, unit, series: [{key, label, arm, colour, dash, x, y, low, high}]}; x and y are lists (or typed
 * arrays) of equal length, low and high the band. `ends` are the ends of the horizontal axis, `marks` its numbers
 * [{at, text}], `now` where the cursor stands.
 */
export function Lines({panels, series, title = "", ends, marks = [], now = null, zero = true}) {
  const [place, width] = useWidth();
  const shown = panels ?? [{key: "only", title, series}];
  const columns = Math.max(1, Math.min(shown.length, Math.floor(width / LEAST_PANEL)));
  const each = Math.floor((width - 16 * (columns - 1)) / columns);
  const horizontal = ends ?? extent(shown.flatMap((panel) => panel.series.flatMap((s) => [...s.x])));
  return html`<div class="chart lines" ref=${place} data-test="lines" style=${{"--columns": columns}}>
    ${shown.map((panel) => html`<${Panel} key=${panel.key} panel=${panel} width=${each} ends=${horizontal}
      marks=${marks} now=${now} zero=${zero} />`)}
  </div>`;
}

function Panel({panel, width, ends, marks, now, zero}) {
  const values = panel.series.flatMap((s) => [...extent([...s.y]), ...(s.low ? [...extent([...s.low]), ...extent([...s.high])] : [])]);
  const [least, most] = extent(zero ? [0, ...values] : values);
  const vertical = [least, most > least ? most : least + 1];
  const x = linear(ends, [LEFT, width - RIGHT]);
  const y = linear(vertical, [HEIGHT - BOTTOM, TOP]);
  const at = ticks(vertical, 3);
  const texts = tickTexts(at);
  const last = panel.series.map((s) => `${s.label}: ${lastOf(s)}`).join("; ");
  return html`<figure class="chart-group">
    <figcaption>${panel.title}</figcaption>
    <svg viewBox=${`0 0 ${width} ${HEIGHT}`} role="img" aria-label=${`${panel.title}. ${last}`}>
      <g class="axis">
        ${at.map((value, k) => html`<line class="grid" x1=${LEFT} x2=${width - RIGHT} y1=${y(value)} y2=${y(value)} />
          <text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${texts[k]}</text>`)}
        ${marks.map((mark) => html`<text x=${x(mark.at)} y=${HEIGHT - 6} text-anchor="middle">${mark.text}</text>`)}
        ${vertical[0] < 0 && vertical[1] >= 0 && html`<line class="zero" x1=${LEFT} x2=${width - RIGHT} y1=${y(0)} y2=${y(0)} />`}
        <line class="base" x1=${LEFT} x2=${width - RIGHT} y1=${y(vertical[0])} y2=${y(vertical[0])} />
      </g>
      ${panel.series.map((s) => s.low && html`<path class="band" d=${band(s, x, y)} style=${{fill: colourOf(s)}} />`)}
      ${panel.series.map((s) => html`<path class="line" d=${line(s.x, s.y, x, y)} stroke-dasharray=${s.dash ?? armDash(s.arm ?? 0)}
        style=${{stroke: colourOf(s)}} />`)}
      ${now !== null && html`<line class="now" x1=${x(now)} x2=${x(now)} y1=${TOP} y2=${HEIGHT - BOTTOM} />`}
    </svg>
  </figure>`;
}

function colourOf(series) {
  return series.colour ?? armColour(series.arm ?? 0);
}

function lastOf({y}) {
  return y.length ? number(y[y.length - 1], digitsOf(y[y.length - 1])) : "–";
}

function points(xs, ys, x, y) {
  return Array.from(xs, (value, k) => `${x(value).toFixed(1)} ${y(ys[k]).toFixed(1)}`);
}

function line(xs, ys, x, y) {
  return xs.length ? `M${points(xs, ys, x, y).join("L")}` : "";
}

function band(series, x, y) {
  const there = points(series.x, series.high, x, y);
  const back = points(series.x, series.low, x, y).reverse();
  return there.length ? `M${[...there, ...back].join("L")}Z` : "";
}

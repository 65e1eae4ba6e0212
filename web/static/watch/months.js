// Attacks on civilians a month, one small line per perpetrator, all on one scale: the course of a run beside its map.

import { html, useMemo } from "../vendor/preact-htm.js";
import { PERPETRATORS } from "../map/look.js";
import { PREVENTED } from "../map/marks.js";
import { dateOf, number, t } from "../words.js";

const CIVILIAN_KINDS = 5; // the first of abm.kinds.KINDS
const [WIDTH, HEIGHT, EDGE] = [260, 30, 4];

const monthOf = (day) => {
  const date = dateOf(day);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
};

/** Attacks on civilians by perpetrator and month up to a day: [5][months since the run began]. */
export function monthlyAttacks(run, day) {
  const first = monthOf(run.first);
  const counts = PERPETRATORS.map(() => new Array(monthOf(day) - first + 1).fill(0));
  const { events } = run;
  const end = events.until(day);
  for (let k = 0; k < end; k += 1) {
    if (events.kind[k] >= CIVILIAN_KINDS || events.outcome[k] === PREVENTED) continue;
    counts[events.mark[k]][monthOf(events.day[k]) - first] += 1;
  }
  return counts;
}

const sum = (values) => values.reduce((all, n) => all + n, 0);

const SHAPES = {
  triangle: (x, y) => `M${x} ${y - 4}l4 8h-8z`,
  square: (x, y) => `M${x - 4} ${y - 4}h8v8h-8z`,
  diamond: (x, y) => `M${x} ${y - 5}l5 5l-5 5l-5 -5z`,
  circle: (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`,
  cross: (x, y) => `M${x - 4} ${y - 4}l8 8M${x + 4} ${y - 4}l-8 8`,
};

function Line({ mark, counts, months, top }) {
  const x = (month) => EDGE + (month * (WIDTH - 2 * EDGE)) / Math.max(months - 1, 1);
  const y = (n) => HEIGHT - EDGE - (n * (HEIGHT - 2 * EDGE)) / top;
  const line = counts.map((n, month) => `${x(month).toFixed(1)},${y(n).toFixed(1)}`).join(" ");
  const end = [x(counts.length - 1), y(counts.at(-1))];
  return html`
    <figure class="watch-month" data-test=${`months-${mark.key}`}>
      <figcaption><span>${t(`watch_short_${mark.key}`)}</span><b>${number(sum(counts))}</b></figcaption>
      <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
        aria-label=${`${t(mark.key)}: ${counts.join(", ")}`}>
        <path d=${`M${EDGE} ${HEIGHT - EDGE}H${WIDTH - EDGE}M${EDGE} ${EDGE}H${WIDTH - EDGE}`} class="watch-month-grid" />
        <polyline points=${line} fill="none" stroke=${mark.colour} stroke-width="2" vector-effect="non-scaling-stroke" />
      </svg>
      <svg class="watch-month-mark" width="14" height="14" aria-hidden="true"
        style=${{ left: `calc(${(100 * end[0]) / WIDTH}% - 7px)`, bottom: `${HEIGHT - end[1] - 7}px` }}>
        <path d=${SHAPES[mark.shape](7, 7)} fill=${mark.shape === "cross" ? "none" : mark.colour}
          stroke=${mark.shape === "cross" ? mark.colour : "#2B2A27"} stroke-width=${mark.shape === "cross" ? 2.4 : 0.8} />
      </svg>
    </figure>`;
}

const shortMonth = (month) => {
  const date = new Date(Date.UTC(Math.floor(month / 12), month % 12, 1));
  return date.toLocaleDateString(document.documentElement.lang, { month: "short", year: "numeric", timeZone: "UTC" });
};

function Rows({ run, counts, first, months, top }) {
  return html`
    <section class="watch-months" aria-label=${t("monthly_alt")} data-test="months">
      <h2>${t("by_actor")} <span class="quiet small">${shortMonth(first)} – ${shortMonth(first + months - 1)},${" "}
        ${t("watch_month_most", { n: number(top) })}</span></h2>
      <div class="watch-months-row">
        ${PERPETRATORS.map((mark, k) => html`<${Line} mark=${mark} counts=${counts[k]} months=${months} top=${top} />`)}
      </div>
    </section>`;
}

/** Small multiples of a run up to a day. The axis is the whole run, so lines grow towards its end. */
export function Months({ run, day }) {
  const rows = run.events.until(day);
  const month = monthOf(day);
  return useMemo(() => {
    const counts = monthlyAttacks(run, day);
    const first = monthOf(run.first);
    const months = monthOf(run.end - 1) - first + 1;
    const top = Math.max(1, ...counts.flat());
    return html`<${Rows} run=${run} counts=${counts} first=${first} months=${months} top=${top} />`;
  }, [run, rows, month]);
}

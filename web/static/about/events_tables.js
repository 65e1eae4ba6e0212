// The numbers of a visitor's own events: in all by kind, and month by month.

import {html, useState} from "../vendor/preact-htm.js";
import {language, number, t} from "../words.js";

// Kinds that files have and the model has not.
const KINDS_OF_FILES = {jihadists_v_jihadists: "uploads_kind_jihadists", other: "uploads_kind_other"};
const COUNTS = ["events", "deaths", "record_events", "record_deaths"];

/** A recorded kind in words. */
export function kindText(kind) {
  return t(KINDS_OF_FILES[kind] ?? kind);
}

/** A month such as 2020-03 in the page's language. */
export function monthText(month) {
  const look = {month: "short", year: "numeric", timeZone: "UTC"};
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString(language() === "fr" ? "fr-FR" : "en-GB", look);
}

const sum = (counts) => counts.reduce((all, count) => all + (count ?? 0), 0);
const shownCount = (count) => (count === null ? "–" : number(count));

/** Both tables; that of the months is made when it is opened. */
export function EventTables({months, series}) {
  const [open, setOpen] = useState(false);
  return html`<${Table} test="events-kinds" heads=${["kind", "events", "deaths", "both", "record_events"]}
      title=${t("uploads_events_kind")} words=${1} rows=${series.map(inAll)} />
    <details onToggle=${(event) => setOpen(event.target.open)} data-test="events-monthly">
      <summary>${t("uploads_events_monthly")}</summary>
      ${open && html`<${Table} test="events-months" heads=${["month", "kind", ...COUNTS]}
        title=${t("uploads_events_monthly")} words=${2} rows=${byMonth(months, series)} />`}
    </details>`;
}

/** A kind in all months, and beside the record in those that it covers. */
function inAll({kind, events, deaths, record_events: record}) {
  const covered = record.some((count) => count !== null);
  const both = covered ? sum(events.filter((_, month) => record[month] !== null)) : null;
  return [kindText(kind), ...[sum(events), sum(deaths), both, covered ? sum(record) : null].map(shownCount)];
}

/** Months and kinds of which the file or the record has anything. */
function byMonth(months, series) {
  return months.flatMap((month, at) => series
    .map((one) => ({one, counts: COUNTS.map((count) => one[count][at])}))
    .filter(({counts}) => counts.some((count) => count > 0))
    .map(({one, counts}) => [monthText(month), kindText(one.kind), ...counts.map(shownCount)]));
}

/** A table whose first `words` columns are words, and the others numbers. */
function Table({test, title, heads, words, rows}) {
  const look = (column) => (column < words ? "" : "n");
  return html`<div class="wide" tabindex="0" role="region" aria-label=${title}><table data-test=${test}>
    <thead><tr>${heads.map((head, column) => html`<th key=${head} scope="col" class=${look(column)}>
      ${t(`uploads_events_${head}`)}</th>`)}</tr></thead>
    <tbody>${rows.map((cells, row) => html`<tr key=${row}>${cells.map((cell, column) => html`<td key=${column}
      class=${look(column)}>${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

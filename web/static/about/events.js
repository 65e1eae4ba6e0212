// A visitor's own recorded events: what was read of the file, and its months beside those of the embedded record.

import {chosenFile} from "../assumptions/files.js";
import {Lines} from "../charts.js";
import {dayText} from "../levers/fields.js";
import {once} from "../socket.js";
import {html, useState} from "../vendor/preact-htm.js";
import {number, t} from "../words.js";
import {EventTables, kindText, monthText} from "./events_tables.js";

const MOST_MARKS = 5; // years that fit under the narrowest chart
const MONTHS_OF_YEAR = 12;
const MINE = {colour: "var(--accent)", dash: ""};
const RECORD = {colour: "var(--text)", dash: "3 3"};
const QUIET = {text: "", wrong: false};

let account = null; // of the file read last, while the page is open: another place or language loses nothing
let latest = 0; // number of the file chosen last: an answer on an earlier one comes too late

/** The panel at the end of the place About. */
export function OwnEvents({hidden}) {
  const [events, setEvents] = useState(account);
  const [said, setSaid] = useState(QUIET);
  const show = (found, words) => {
    account = found;
    setEvents(found);
    setSaid(words);
  };
  const read = async (event) => {
    const one = ++latest;
    try {
      const coming = chosenFile(event.target);
      show(null, {text: t("about_events_reading"), wrong: false});
      const file = await coming;
      const answer = file && await once({ask: "read", kind: "events", ...file});
      if (one === latest) show(answer?.events ?? null, QUIET);
    } catch (error) {
      if (one === latest) show(null, {text: error.message, wrong: true});
    }
  };
  return html`<section class=${events ? "about-events read" : "about-events"} id="own-events" hidden=${hidden}
    aria-labelledby="own-events-title" data-test="about-events">
    <h2 id="own-events-title" tabindex="-1">${t("about_events")}</h2>
    <p>${t("about_events_lead")}</p>
    <p><strong>${t("about_events_kept")}</strong></p>
    <div class="field"><label for="events-file">${t("about_events_file")}</label>
      <input id="events-file" type="file" accept=".csv,.txt,.tsv" data-test="events-file" onChange=${read} /></div>
    <p class=${said.wrong ? "wrong" : "quiet"} role="status" aria-live="polite" data-test="events-said">
      ${said.text || (events && rowsText(events))}</p>
    ${events && html`<${Account} events=${events} />`}
    ${events?.months.length > 0 && html`<${Months} events=${events} />`}
  </section>`;
}

function rowsText({file, read, kept}) {
  return t("uploads_events_rows", {file, read: number(read), kept: number(kept), dropped: number(read - kept)});
}

/** Rows dropped by reason, and names that a reader can do something about. */
function Account({events}) {
  const {layout, first, last, dropped, remarks} = events;
  const period = first === null ? t("uploads_events_none", {layout})
    : t("uploads_events_period", {layout, first: dayText(first), last: dayText(last)});
  return html`<div data-test="events-account">
    <p>${period}</p>
    ${events.garbled && html`<p class="wrong">${t("uploads_garbled_names")}</p>`}
    ${dropped.length > 0 && html`<div class="wide" tabindex="0" role="region" aria-label=${t("uploads_events_reason")}>
      <table data-test="events-dropped">
        <thead><tr><th scope="col">${t("uploads_events_reason")}</th>
          <th scope="col" class="n">${t("uploads_events_n_rows")}</th>
          <th scope="col">${t("uploads_events_where")}</th></tr></thead>
        <tbody>${dropped.map((reason) => html`<tr key=${reason.word}><td>${t(reason.word)}</td>
          <td class="n">${number(reason.rows)}</td><td class="long">${linesText(reason)}</td></tr>`)}</tbody>
      </table></div>`}
    <${Names} title=${t("uploads_unmapped")} of=${events.unmapped} test="events-unmapped" />
    <${Names} title=${t("uploads_events_unnamed")} of=${events.unnamed_pairs} test="events-unnamed" />
    <${Names} title=${t("uploads_events_disagree")} of=${events.disagreements} test="events-disagreements" />
    ${remarks.length > 0 && html`<h3>${t("uploads_events_remarks")}</h3>
      <ul lang="en" data-test="events-remarks">${remarks.map((remark) => html`<li key=${remark}>${remark}</li>`)}</ul>`}
  </div>`;
}

function linesText({lines, more}) {
  const told = lines.join(", ");
  return more > 0 ? `${told} ${t("uploads_lines_more", {more: number(more)})}` : told;
}

/** Names with their events, the most frequent first; nothing where there are none. */
function Names({title, of, test}) {
  if (of.names.length === 0) return null;
  return html`<h3>${title}</h3><ul data-test=${test}>
    ${of.names.map(({name, events}) => html`<li key=${name}>${t("uploads_events_name", {name, n: number(events)})}</li>`)}
    ${of.more_names > 0 && html`<li class="quiet">${t("uploads_events_more_names", {
      names: number(of.more_names), n: number(of.more_events)})}</li>`}
  </ul>`;
}

/** Events a month of the file, beside the embedded record's: a picture a kind, and the numbers in tables. */
function Months({events}) {
  const {months, series} = events;
  const covered = series.some((one) => one.record_events.some((count) => count !== null));
  const panels = series.map((one) => ({
    key: one.kind,
    title: kindText(one.kind),
    series: [
      {key: "record", label: t("uploads_events_of_record"), ...RECORD, ...steps(one.record_events)},
      {key: "mine", label: t("uploads_events_mine"), ...MINE, ...steps(one.events)},
    ],
  }));
  return html`<h3>${t("uploads_events_chart")}</h3>
    <p>${t("uploads_events_record")} ${!covered && t("uploads_events_uncovered")}</p>
    <p class="chart-key small quiet"><span><${Sign} ...${MINE} /> ${t("uploads_events_mine")}</span>
      <span><${Sign} ...${RECORD} /> ${t("uploads_events_of_record")}</span></p>
    <div data-test="events-chart"><${Lines} panels=${panels} ends=${[0, months.length]} marks=${marksOf(months)} /></div>
    <${EventTables} months=${months} series=${series} />`;
}

function Sign({colour, dash}) {
  return html`<svg viewBox="0 0 40 14" aria-hidden="true"><line x1="2" x2="38" y1="7" y2="7" stroke-width="2"
    stroke-dasharray=${dash} style=${{stroke: colour}} /></svg>`;
}

/** Counts as level stretches, a month wide: also a single month is seen. Months that are not covered are left out. */
function steps(counts) {
  const known = counts.flatMap((count, month) => (count === null ? [] : [[month, count]]));
  return {x: known.flatMap(([month]) => [month, month + 1]), y: known.flatMap(([, count]) => [count, count])};
}

/** Years under the axis, at their Januaries; of a shorter time, its first and last month. */
function marksOf(months) {
  if (months.length <= 2 * MONTHS_OF_YEAR) {
    const shown = [...new Set([0, months.length - 1])];
    return shown.map((month) => ({at: month + 0.5, text: monthText(months[month])}));
  }
  const years = months.flatMap((month, at) => (month.endsWith("-01") ? [{at, text: month.slice(0, 4)}] : []));
  const every = Math.ceil(years.length / MOST_MARKS);
  return years.filter((_, n) => n % every === 0);
}

// Where a result comes from, in one line.

import {html} from "../vendor/preact-htm.js";
import {known} from "../catalogue.js";
import {number, pick, t} from "../words.js";

const HASH = 12; // letters of a code's hash that are shown

function titleOf(name) {
  return pick(known.value.cards.find((card) => card.name === name)?.title) || name;
}

/** "p_warning 0.4 instead of 0.3 ○", for each assumption that was changed. */
function changed(assumptions) {
  if (assumptions.length === 0) return t("compare_unchanged");
  const listed = assumptions.map(({name, value, default: usual, mark}) => t("compare_held", {
    name: titleOf(name), mark, value: plain(value), default: plain(usual),
  }));
  return t("compare_changed", {list: listed.join("; ")});
}

/** A value as it is, at most six digits. */
function plain(value) {
  const digits = (String(Number(value.toPrecision(6))).split(".")[1] ?? "").length;
  return number(value, digits);
}

export function Provenance({run}) {
  const {answer} = run;
  const about = answer.provenance;
  return html`<p class="small quiet compare-provenance" data-test="compare-provenance">
    ${t("run")} <code data-test="compare-hash">${answer.hash}</code> · ${t("compare_code", {
      version: about.package_version, code: about.source_fingerprint.slice(0, HASH),
    })} · ${t("seed")} ${number(about.seed)} · ${t("compare_size", {draws: number(answer.draws), seeds: number(answer.seeds)})}
    ${" "}${clock(answer)} ${changed(about.assumptions)}</p>`;
}

function clock({clock: found}) {
  if (!found.middle) return t("compare_no_clock");
  return t("compare_clock", {day: day(found.middle), low: day(found.low), high: day(found.high)});
}

function day(iso) {
  return new Date(`${iso}T00:00:00Z`).toLocaleDateString(document.documentElement.lang === "fr" ? "fr-FR" : "en-GB", {
    day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
  });
}

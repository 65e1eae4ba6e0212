// Outcomes of a comparison: their words, units, and the order in which they are shown.

import {known} from "../catalogue.js";
import {pick, t} from "../words.js";

export const HEADLINES = ["expected_civilian_deaths", "expected_civilian_attacks", "intercommunal_events", "abuses"];
export const COST = "total_cost";

const MONEY = "US$"; // charts turn it into millions

function measure(key) {
  return known.value.measures.find((one) => one.key === key);
}

/** Name of an outcome for a reader. */
export function labelOf(key) {
  return pick(measure(key)?.label) || key;
}

/** Unit of an outcome for a reader. */
export function unitOf(key) {
  const unit = measure(key)?.unit;
  return unit?.en === MONEY ? MONEY : pick(unit);
}

/** The period that an outcome is counted over; costs count from the first day of the run. */
export function periodOf(key, {count_from: from, months}) {
  return key === COST ? t("numbers_window_start") : t(`numbers_window_${from}`, {months});
}

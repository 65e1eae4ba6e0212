// Outcomes of a comparison: their words, units, and the order in which they are shown.

import {known} from "../catalogue.js";
import {t} from "../words.js";

export const HEADLINES = ["expected_civilian_deaths", "expected_civilian_attacks", "intercommunal_events", "abuses"];
export const COST = "total_cost";

/** Name of an outcome for a reader. */
export function labelOf(key) {
  return t(`numbers_${key}`);
}

/** Unit of an outcome, as the model says it ("US$" is what charts turn into millions). */
export function unitOf(key) {
  const unit = known.value.measures.find((one) => one.key === key)?.unit ?? "";
  return unit === "US$" || unit === "" ? unit : t(`numbers_unit_${unit}`);
}

/** The period that an outcome is counted over; costs count from the first day of the run. */
export function periodOf(key, {count_from: from, months}) {
  return key === COST ? t("numbers_window_start") : t(`numbers_window_${from}`, {months});
}

// Effects in words: estimate, interval, and whether it is resolved.

import {number, t} from "../words.js";

const MILLION = 1_000_000;
const MONEY = "US$";

/** Digits that give the numbers of one row three significant figures at most, by the largest of them. */
export function digitsOf(...values) {
  const size = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  return size >= 100 ? 0 : size >= 1 ? 1 : 2;
}

/** Whether two arms were the same run in every pair: then there is no difference to estimate. */
export function isIdentical({estimate, low, high, future_low: from = 0, future_high: to = 0}) {
  return [estimate, low, high, from, to].every((value) => value === 0);
}

/** What amounts of a unit are divided by on axes and in tables, and what the unit is then called. */
export function scaled(unit) {
  return unit === MONEY ? {by: MILLION, unit: t("charts_million_dollars")} : {by: 1, unit};
}

/** The ends of an interval, "−38.3 to +0.4". */
export function intervalText(low, high, digits = digitsOf(low, high)) {
  const [from, to] = [low, high].map((value) => number(value, digits, {signed: true}));
  return `${from} ${t("to")} ${to}`;
}

/** An effect in words: "−11.6 (−38.3 to +0.4), not resolved". */
export function effectText(effect) {
  if (isIdentical(effect)) return t("charts_identical");
  const digits = digitsOf(effect.estimate, effect.low, effect.high);
  const text = `${number(effect.estimate, digits, {signed: true})} (${intervalText(effect.low, effect.high, digits)})`;
  return effect.resolved ? text : `${text}, ${t("not_resolved")}`;
}

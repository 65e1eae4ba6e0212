// Words, numbers and dates in the visitor's language. The words themselves are in Python (web/words.py).

import {known} from "./catalogue.js";

const DAY = 86_400_000;
let current = "en";

/** "en" or "fr". */
export function language() {
  return current;
}

/** Speak another language from now on. */
export function speak(wanted) {
  current = wanted === "fr" ? "fr" : "en";
  document.documentElement.lang = current;
}

/** The language of the browser, English where it is neither. */
export function languageOfBrowser() {
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => tag === "en" || tag === "fr") ?? "en";
}

/** The text of a pair in both languages, `{en, fr}` or `[en, fr]`. */
export function pick(pair) {
  if (pair === null || pair === undefined) return "";
  if (Array.isArray(pair)) return pair[current === "fr" ? 1 : 0];
  return typeof pair === "object" ? pair[current] : String(pair);
}

/** A word or sentence by its key, its blanks `{like}` filled. */
export function t(key, values = {}) {
  const pair = known.value?.words[key];
  if (!pair) return key;
  return pick(pair).replace(/\{(\w+)\}/g, (blank, name) => (name in values ? String(values[name]) : blank));
}

/** Why the server refused, readable. */
export function sayRefusal({code, values}) {
  return code === "said" ? t("refused_said", values) : t(code, values);
}

// Making a formatter takes milliseconds, using one microseconds.
const formatters = new Map();

function formatter(kind, options) {
  const key = `${current} ${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, new kind(current === "fr" ? "fr-FR" : "en-GB", options));
  return formatters.get(key);
}

/** A number in the language's way; `signed` puts + or − before it. */
export function number(value, digits = 0, {signed = false} = {}) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const rounded = Number(value.toFixed(digits));
  const text = formatter(Intl.NumberFormat, {minimumFractionDigits: digits, maximumFractionDigits: digits})
    .format(Math.abs(rounded));
  const sign = rounded < 0 ? "−" : signed && rounded > 0 ? "+" : "";
  return sign + text;
}

/** Digits after the point that tell numbers of this size apart. */
export function digitsFor(size) {
  const big = Math.abs(size);
  return big >= 20 || big === 0 ? 0 : big >= 2 ? 1 : big >= 0.2 ? 2 : 3;
}

/** Day number of the model as a Date (UTC). */
export function dateOf(day) {
  return new Date(Date.parse(known.value.day_zero + "T00:00:00Z") + day * DAY);
}

/** Day number as "12 Mar 2022". */
export function dateText(day) {
  return formatter(Intl.DateTimeFormat, {day: "numeric", month: "short", year: "numeric", timeZone: "UTC"})
    .format(dateOf(day));
}

/** Season of a day: index 0 dry, 1 rains, 2 rains and flood, 3 flood; `months` is `season_of_month` of the land. */
export function seasonOf(day, months) {
  return months[dateOf(day).getUTCMonth()];
}

/** Season in words. */
export function seasonText(season) {
  return t(`season_${season}`);
}

// Scales and round numbers on axes.

import {number} from "../words.js";

const AIR = 0.06; // share of the axis left free at either end
const STEPS = [1, 2, 5, 10];

/** From a stretch of values to a stretch of pixels. */
export function linear([low, high], [from, to]) {
  const unit = (to - from) / (high - low || 1);
  return (value) => from + unit * (value - low);
}

/** Ends of an axis that shows all values and zero, with a little air; of no values, from −1 to 1. */
export function aroundZero(values) {
  const [low, high] = extent([0, ...values]);
  const air = AIR * (high - low) || 1;
  return [low - air, high + air];
}

/** The smallest and the largest of the numbers among values. */
export function extent(values) {
  const finite = values.filter(Number.isFinite);
  return finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
}

/** Round numbers between two ends, at most about `most` of them. */
export function ticks([low, high], most = 5) {
  const rough = (high - low) / Math.max(1, most);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * STEPS.find((factor) => factor * power >= rough * 0.999999);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: count}, (_, k) => (first + k) * step);
}

/** Ticks as texts, all with the same digits. */
export function tickTexts(at, options = {}) {
  const step = at.length > 1 ? at[1] - at[0] : Math.abs(at[0]) || 1;
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return at.map((value) => number(value, digits, options));
}

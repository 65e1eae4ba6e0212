// Places on a slider and the values they stand for; ends, step and scale come with the card (web/cards.py).

/** From where to where a slider goes: its ends, or as far as a value that was typed in. */
export function span(card, value = card.default) {
  return { low: Math.min(card.slider.min, value), high: Math.max(card.slider.max, value) };
}

/** Place of a value on the slider: the value itself, or its decimal logarithm. */
export function placeOf(card, value) {
  return card.slider.scale === "log" ? Math.log10(value) : value;
}

function valueAt(card, place) {
  if (card.slider.scale !== "log") return tidy(place);
  return Number((10 ** place).toPrecision(3));
}

function bounded(card, value) {
  return Math.min(card.high, Math.max(card.low, value));
}

/** The value `steps` arrows away, within the slider's ends. */
export function moved(card, value, steps) {
  const { step } = card.slider;
  const { low, high } = span(card, value);
  const next = valueAt(card, (Math.round(placeOf(card, value) / step) + steps) * step);
  return bounded(card, Math.min(high, Math.max(low, next)));
}

/** The value at a place of the slider, on its steps; the default exactly where the slider stands on it. */
export function snapped(card, place) {
  const { step } = card.slider;
  if (Math.abs(place - placeOf(card, card.default)) <= step / 2) return card.default;
  return bounded(card, valueAt(card, Math.round(place / step) * step));
}

/** Without the dust of binary fractions. */
export function tidy(value) {
  return Number(value.toPrecision(12));
}

/** Digits after the point that show a value as it is. */
export function digits(value) {
  const text = String(tidy(value));
  if (text.includes("e-")) return Math.min(8, Number(text.split("e-")[1]) + 1);
  return Math.min(6, (text.split(".")[1] ?? "").length);
}

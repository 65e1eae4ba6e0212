// The two comparisons of the panel: under the defaults, and under what was changed. What came back is kept.

import { useEffect, useState } from "../vendor/preact-htm.js";
import { begin, NOTHING } from "./asking.js";

export const MOST = 100; // pairs of runs of one comparison here; a study of more belongs to the Compare place
const WAIT = 250; // ms that a slider must rest before its value is asked
const MOST_KEPT = 40; // comparisons: a workshop goes back and forth between a few values
const kept = new Map(); // what came back, by what was asked, oldest first

/** What is asked for one arm against the control. */
export function comparison({ arms, seed, months }, arm, assumptions) {
  return { ask: "compare", control: arms[0], arms: [arm], assumptions, seed, months, most: MOST, precise: false };
}

/** What is known of a comparison so far. */
export function known(message) {
  return kept.get(JSON.stringify(message)) ?? NOTHING;
}

/** Whether a comparison has been asked and has no interval yet. */
export function isAwaited({ phase, answer }) {
  return answer === null && ["waiting", "queued", "running"].includes(phase);
}

/** Whether so many of its runs are done that giving them up would be a waste. */
export function isFar({ answer }) {
  return runs(answer) >= MOST / 2;
}

/**
 * A comparison as asking.js tells of it; what was computed once, for the defaults or for a value, is not asked again.
 * While it is `held` nothing is computed for it: the server works for one that is more wanted.
 */
export function useComparison(message, { wait = WAIT, held = false } = {}) {
  const key = message && JSON.stringify(message);
  const [shown, show] = useState({ key: null, state: NOTHING });
  useEffect(() => {
    if (!message) return undefined;
    const before = kept.get(key);
    let state = { ...NOTHING, phase: "waiting", answer: before?.answer ?? null };
    const tell = (changes) => {
      // A comparison that starts anew shows fewer runs at first: what was there stays until it is overtaken.
      if (changes.answer && runs(changes.answer) < runs(state.answer)) delete changes.answer;
      state = { ...state, ...changes };
      keep(key, state);
      show({ key, state });
    };
    if (before?.phase === "done") {
      show({ key, state: before });
      return undefined;
    }
    show({ key, state });
    if (held) return undefined;
    let under = null;
    const timer = setTimeout(() => (under = begin(message, "difference", tell)), wait);
    return () => {
      clearTimeout(timer);
      under?.stop();
    };
  }, [key, held]);
  if (!message) return NOTHING;
  return shown.key === key ? shown.state : (kept.get(key) ?? { ...NOTHING, phase: "waiting" });
}

function keep(key, state) {
  kept.delete(key);
  kept.set(key, state);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
}

function runs(answer) {
  return answer?.runs ?? 0;
}

/** The difference of one outcome in an answer, null until there is one. */
export function differenceOf(answer, outcome) {
  return answer?.arms?.[0]?.measures?.[outcome] ?? null;
}

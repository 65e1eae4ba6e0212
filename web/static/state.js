// What a visitor has chosen: the session. It is all that is saved, shared and restored; results are never in it.

import {useEffect, useState} from "./vendor/preact-htm.js";
import {languageOfBrowser} from "./words.js";

export const PLACES = ["watch", "compare", "assumptions", "levers", "about"];
export const LAYERS_SHOWN = ["villages", "bands", "army", "un", "tob_reach", "attacks", "flood", "places"];

/** A shipped scenario without changes, as web/choice.py reads it. */
export const chosen = (scenario) => ({scenario, levers: {}, name: ""});

/** A session as it begins. */
export function fresh() {
  return {
    version: 1,
    name: "",
    language: languageOfBrowser(),
    place: "watch",
    seed: 0,
    watch: {choice: chosen("baseline-2021"), layers: LAYERS_SHOWN, every: "week"},
    arms: [chosen("baseline-2021"), chosen("extra-tobs")],
    months: 36,
    outcome: "expected_civilian_deaths",
    assumptions: {},
  };
}

let state = fresh();
const listeners = new Set();

/** The session as it is. */
export function get() {
  return state;
}

/** Change parts of the session; everyone who uses them is drawn again. */
export function set(changes) {
  state = {...state, ...changes};
  for (const listener of [...listeners]) listener();
}

/** Put a whole session in place of this one. */
export function restore(session) {
  set({...fresh(), ...session});
}

/** A part of the session in a component, e.g. `useStore(s => s.seed)`. */
export function useStore(selector = (s) => s) {
  const [value, change] = useState(() => selector(state));
  useEffect(() => {
    const look = () => change(() => selector(state));
    look();
    listeners.add(look);
    return () => listeners.delete(look);
  }, []);
  return value;
}

/** Set one assumption, or take it back to its default with `null`. */
export function assume(name, value) {
  const {[name]: _, ...others} = state.assumptions;
  set({assumptions: value === null ? others : {...others, [name]: value}});
}

// The comparison under way, or the last one: it goes on while the visitor is at another place of the page.

import {useEffect, useState} from "../vendor/preact-htm.js";
import {ask} from "../socket.js";
import {armKey, firstOfSame} from "./arms.js";

const NOTHING = {phase: "idle", answer: null, of: null, id: null, runs: 0, most: 0, place: 0, why: "", history: []};
let run = NOTHING;
let under = null;
const listeners = new Set();

function become(changes) {
  run = {...run, ...changes};
  for (const listener of [...listeners]) listener(run);
}

/** The state of the comparison; a component that uses it is drawn again with every answer. */
export function useRun() {
  const [shown, show] = useState(run);
  useEffect(() => {
    show(run);
    listeners.add(show);
    return () => listeners.delete(show);
  }, []);
  return shown;
}

export const isBusy = ({phase}) => ["waiting", "queued", "running"].includes(phase);

/** What decides the result: two sessions with the same key have the same answer, run for run. */
export function keyOf({arms, assumptions, seed, months}) {
  const held = Object.keys(assumptions).sort().map((name) => [name, assumptions[name]]);
  return JSON.stringify([arms.map(armKey), held, seed, months]);
}

/** Arms that are run beside the control: those that are the same as another are not run twice. */
export function toRun(arms) {
  const first = firstOfSame(arms);
  return arms.map((_, k) => k).filter((k) => k > 0 && first[k] === k);
}

function sent({scenario, levers, name}) {
  return {scenario, levers: levers ?? {}, name: name ?? ""};
}

/** Start a comparison of what is chosen, in place of the one under way. */
export function start({arms, assumptions, seed, months}, most, precise) {
  under?.stop();
  const numbers = toRun(arms);
  const of = {key: keyOf({arms, assumptions, seed, months}), arms, assumptions, seed, months, numbers};
  const question = {
    ask: "compare", control: sent(arms[0]), arms: numbers.map((k) => sent(arms[k])), assumptions, seed, months, most, precise,
  };
  // The old result stays in sight, marked as such, until the first interval of the new one is there.
  become({phase: "waiting", place: 0, why: "", runs: 0, most, next: of});
  under = ask(question, {on: {
    queued: ({place}) => become({phase: "queued", place}),
    progress: ({runs, most: all}) => become({phase: "running", runs, most: all}),
    difference: (answer) => become({
      phase: "running", answer, of, id: under.id, runs: answer.runs, most: answer.most, history: grown(of, answer),
    }),
    done: () => become({phase: "done"}),
    wrong: (why) => become({phase: "wrong", why}),
  }});
}

/** Intervals so far of this comparison, for the picture of how they narrow. */
function grown(of, answer) {
  const before = run.of === of ? run.history : [];
  return [...before, {runs: answer.draws * answer.seeds, arms: answer.arms.map(({measures}) => measures)}];
}

/** Give up; what has been computed stays. */
export function stop() {
  under?.stop();
  under = null;
  become({phase: run.answer && run.of === run.next ? "stopped" : "idle"});
}

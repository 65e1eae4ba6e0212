// One run of every arm on one seed, day by day, for the maps side by side.

import {useEffect, useState} from "../vendor/preact-htm.js";
import {Frames} from "../map/map.js";
import {ask} from "../socket.js";
import {armKey} from "./arms.js";

const WAIT = 300; // ms that what is chosen must rest before runs are asked
const runs = new Map(); // key -> {frames, why, place, job}
const listeners = new Set();

function tell() {
  for (const listener of [...listeners]) listener();
}

function keyOf(choice, assumptions, seed) {
  return JSON.stringify([armKey(choice), assumptions, seed]);
}

function begin(key, choice, assumptions, seed) {
  const entry = {frames: null, why: "", place: 0, job: null};
  runs.set(key, entry);
  const note = (change) => (message) => {
    change(message);
    tell();
  };
  entry.job = ask(
    {ask: "watch", choice: {scenario: choice.scenario, levers: choice.levers ?? {}, name: choice.name ?? ""}, assumptions, seed, spread: false},
    {on: {
      queued: note(({place}) => (entry.place = place)),
      world: note((world) => (entry.frames = new Frames(world))),
      days: note((days) => entry.frames.add(days)),
      done: note(() => (entry.job = null)),
      wrong: note((why) => Object.assign(entry, {why, job: null})),
    }},
  );
}

/** Keeps the runs that are wanted, whole or under way, and lets go of all others. */
function want(arms, assumptions, seed) {
  const wanted = new Map(arms.map((choice) => [keyOf(choice, assumptions, seed), choice]));
  for (const [key, entry] of [...runs]) {
    if (wanted.has(key) && !entry.why) continue;
    entry.job?.stop();
    runs.delete(key);
  }
  for (const [key, choice] of wanted) if (!runs.has(key)) begin(key, choice, assumptions, seed);
}

/** One entry {frames, why, place} an arm, in their order; frames is null until the first message has come. */
export function useFutures({arms, assumptions, seed}) {
  const [, redraw] = useState(0);
  const keys = arms.map((choice) => keyOf(choice, assumptions, seed));
  useEffect(() => {
    const listen = () => redraw((n) => n + 1);
    listeners.add(listen);
    return () => listeners.delete(listen);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => {
      want(arms, assumptions, seed);
      tell();
    }, runs.size ? WAIT : 0);
    return () => clearTimeout(timer);
  }, [keys.join()]);
  return keys.map((key) => runs.get(key) ?? {frames: null, why: "", place: 0});
}

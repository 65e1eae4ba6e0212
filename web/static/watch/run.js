// The run that is watched, and how far other runs of the same lie apart. There is one at a time on a page; it outlives
// the component, so that another language or a look at another place does not lose it.

import { ask } from "../socket.js";
import { useEffect, useState } from "../vendor/preact-htm.js";
import { Frames } from "../map/frames.js";
import { player } from "./player.js";

const GIVEN_UP_AFTER = 3000; // ms without a reader until the other runs are stopped: the language may just be changing

const IDLE = { key: "", frames: null, phase: "idle", why: "", place: 0, spread: null };
let state = IDLE;
let question = null;
let job = null;
let others = null;
let readers = 0;
const listeners = new Set();

function change(changes) {
  state = { ...state, ...changes };
  for (const listener of [...listeners]) listener(state);
}

/** Handlers of one question: none of them acts once another run was begun. */
function handlers(key, own) {
  const guarded = {};
  for (const [say, act] of Object.entries(own)) guarded[say] = (message) => state.key === key && act(message);
  return { on: guarded };
}

function begin(key) {
  stop();
  change({ ...IDLE, key, phase: "waiting" });
  player.reset();
  job = ask({ ask: "watch", ...question }, handlers(key, {
    queued: ({ place, n }) => change({ phase: "queued", place: place ?? n }),
    world: (world) => change({ frames: new Frames(world), phase: "running" }),
    days: (days) => {
      state.frames.add(days);
      player.arrived(state.frames);
      change({ phase: "running" });
    },
    done: () => {
      job = null;
      change({ phase: "done" });
      spread();
    },
    wrong: (why) => {
      job = null;
      change({ phase: "wrong", why });
    },
  }));
}

/** Asks for other runs of the same, unless all have come. */
function spread() {
  const { key } = state;
  if (others || state.phase !== "done" || (state.spread && state.spread.n >= state.spread.all)) return;
  const over = () => { others = null; };
  others = ask({ ask: "spread", ...question }, handlers(key, {
    spread: (message) => (!state.spread || message.n >= state.spread.n) && change({ spread: message }),
    done: over,
    wrong: over,
  }));
}

function stopOthers() {
  others?.stop();
  others = null;
}

/** Gives up what is under way; what has arrived is freed once another run begins. */
function stop() {
  job?.stop();
  job = null;
  stopOthers();
}

/** Runs the same again, after something went wrong. */
export function again() {
  begin(state.key);
}

/** The run of a choice, begun anew whenever the choice, the assumptions or the seed change. */
export function useRun(choice, assumptions, seed) {
  const [, look] = useState(state);
  const wanted = { choice, assumptions, seed, spread: false };
  const key = JSON.stringify(wanted);
  useEffect(() => {
    listeners.add(look);
    readers += 1;
    spread();
    return () => {
      listeners.delete(look);
      readers -= 1;
      setTimeout(() => readers === 0 && stopOthers(), GIVEN_UP_AFTER);
    };
  }, []);
  useEffect(() => {
    if (key === state.key) return;
    question = wanted;
    begin(key);
  }, [key]);
  return state.key === key ? state : { ...IDLE, phase: "waiting" };
}

// Something asked of the server again whenever what is asked changes, and what has come back so far.

import { useEffect, useState } from "../vendor/preact-htm.js";
import { ask } from "../socket.js";

export const NOTHING = { phase: "idle", answer: null, place: 0, why: "", refusal: null, progress: null, id: null };

/**
 * Asks a message once it has stood for `wait` ms, and stops what was asked before; null asks nothing.
 *
 * Returns {phase, answer, place, why, refusal, progress, id}: phase is idle, waiting, queued, running, done or wrong; answer is
 * the latest to this very message (null until it comes); place the one in the queue; why a sentence on what is wrong;
 * refusal what the server said of a refusal, {code, values}; progress how many runs of how many are done.
 */
export function useAsk(message, say, wait = 0) {
  const [state, setState] = useState(NOTHING);
  const key = message && JSON.stringify(message);
  useEffect(() => {
    setState(message ? { ...NOTHING, phase: "waiting" } : NOTHING);
    if (!message) return undefined;
    let under = null;
    const timer = setTimeout(() => {
      under = begin(message, say, (changes) => setState((before) => ({ ...before, ...changes })));
    }, wait);
    return () => {
      clearTimeout(timer);
      under?.stop();
    };
  }, [key]);
  return state;
}

/** Asks, and tells what becomes of it as changes of the state above; returns {id, stop}. */
export function begin(message, say, tell) {
  let stopped = false;
  const note = (changes) => stopped || tell(changes);
  const asked = ask(message, {
    on: {
      [say]: (answer) => note({ phase: "running", answer, place: 0 }),
      progress: (progress) => note({ progress }),
      queued: ({ place }) => note({ phase: "queued", place }),
      done: () => note({ phase: "done", place: 0 }),
      refused: (refusal) => note({ refusal }),
      wrong: (why) => note({ phase: "wrong", why, place: 0 }),
    },
  });
  note({ id: asked.id });
  return {
    id: asked.id,
    stop: () => {
      stopped = true;
      asked.stop();
    },
  };
}

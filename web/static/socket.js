// The one connection to the server: questions go out with a number, answers come back with it.
//
//   const job = ask({ask: "compare", ...}, {on: {difference: d => ..., done: () => ..., refused: r => ...}});
//   job.stop();
//   const answer = await once({ask: "cost", ...});      // rejects with an Error whose message is readable
//
// Handlers are named by what the answer says: `say` of JSON and of packed messages alike. Beside what each question
// has of its own there are: queued {place}, done, stopped {why}, failed {why}, refused {code, values}, and `lost` when
// the connection broke. `failed`, `refused`, `stopped` and `lost` all reach `on.wrong(text)` where that is given.

import {unpack} from "./unpack.js";
import {sayRefusal, t} from "./words.js";

const AGAIN_AFTER = [500, 1000, 2000, 4000]; // milliseconds between tries to connect again
const NUMBER_BYTES = 8;
const [FOREIGN, FULL] = [4403, 4429]; // why the server closes, see web/socket.py

const asked = new Map(); // number -> {handlers, message}
const listeners = new Set();
let socket = null;
let next = 1;
let tries = 0;
let waiting = []; // questions asked before the connection stood

/** "open", "connecting", "full" where the server has no room, "foreign" where a proxy hides where the page came from. */
export let connection = "connecting";

/** Call a function whenever the state of the connection changes; returns how to end that. */
export function onConnection(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(state) {
  connection = state;
  for (const listener of listeners) listener(state);
}

function connect() {
  const url = new URL("talk", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    tries = 0;
    become("open");
    for (const text of waiting) socket.send(text);
    waiting = [];
  };
  socket.onmessage = (event) => receive(event.data);
  socket.onclose = (event) => {
    lose();
    if (event.code === FULL) return become("full");
    if (event.code === FOREIGN) return become("foreign");
    become("connecting");
    setTimeout(connect, AGAIN_AFTER[Math.min(tries++, AGAIN_AFTER.length - 1)]);
  };
}

/** All that was under way is lost with the connection, but for questions that had not gone out yet. */
function lose() {
  const kept = new Set(waiting.map((text) => JSON.parse(text).id));
  for (const [id, {handlers}] of [...asked]) {
    if (kept.has(id)) continue;
    asked.delete(id);
    handlers.lost?.({say: "lost"});
    handlers.wrong?.(t("connection_lost"));
  }
}

function receive(data) {
  if (typeof data === "string") return dispatch(JSON.parse(data));
  const number = new DataView(data).getUint32(0, true);
  dispatch({...unpack(data, NUMBER_BYTES), to: number});
}

const LAST = new Set(["done", "stopped", "failed", "refused"]);

function dispatch(message) {
  const entry = asked.get(message.to);
  if (!entry) return;
  if (LAST.has(message.say)) asked.delete(message.to);
  const {handlers} = entry;
  handlers[message.say]?.(message);
  if (message.say === "failed") handlers.wrong?.(t("failed", {why: message.why}));
  if (message.say === "refused") handlers.wrong?.(sayRefusal(message));
  if (message.say === "stopped") handlers.wrong?.(t("stopped_time"));
}

/** Ask; `on` has a handler for each thing that may be said. Returns the question's number and how to give it up. */
export function ask(question, {on = {}} = {}) {
  const id = next++;
  asked.set(id, {handlers: on});
  send({id, ...question});
  return {
    id,
    stop() {
      if (!asked.delete(id)) return;
      send({id: next++, ask: "stop", of: id});
    },
  };
}

function send(question) {
  const text = JSON.stringify(question);
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(text);
  else waiting.push(text);
}

/** Break the connection, as a bad line would: for tests. */
export function hangUp() {
  socket?.close();
}

/** The single answer to a question. */
export function once(question) {
  return new Promise((resolve, reject) => {
    let answer = null;
    const keep = (message) => { answer = message; };
    const on = new Proxy({}, {
      get: (_, say) => {
        if (say === "done") return () => resolve(answer);
        if (say === "wrong") return (text) => reject(new Error(text));
        return LAST.has(say) || say === "lost" || say === "queued" ? undefined : keep;
      },
    });
    ask(question, {on});
  });
}

/** Offer bytes or text to the visitor as a file. */
export function download(name, data, type = "text/plain;charset=utf-8") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([data], {type}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

connect();

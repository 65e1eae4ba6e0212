// What is the same for all visitors, fetched once: words, cards, levers, scenarios, outcomes; and the ground of the map.

import {unpack} from "./unpack.js";

let all = null;
let ground = null;

async function fetched(name) {
  const answer = await fetch(new URL(name, document.baseURI));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer;
}

/** The catalogue, see web/catalogue.py. */
export function catalogue() {
  all ??= fetched("catalogue.json").then((answer) => answer.json()).then((found) => (known.value = found));
  return all;
}

/** The catalogue once it has come, for components that are drawn only then: `known.value`. */
export const known = {value: null};

/** The ground of the map, unpacked: see web/land.py. */
export function land() {
  ground ??= fetched("land").then((answer) => answer.arrayBuffer()).then((buffer) => unpack(buffer));
  return ground;
}

// The levers of an arm that is being made: a shipped scenario, and what is changed in it.

import { shipped } from "../assumptions/titles.js";
import { known } from "../catalogue.js";

const SHELF = "sector-centre-levers"; // key in the browser's store of this tab: a page loaded again loses nothing

function isTable(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** One tree of levers over another, as the model merges them: tables key by key, lists as a whole. */
export function merged(base, changes) {
  const all = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    all[key] = isTable(value) && isTable(base[key]) ? merged(base[key], value) : value;
  }
  return all;
}

/** Every lever of a shipped scenario: it says only in what it differs from the default (web/scenarios.py). */
function valuesOfShipped(name) {
  const own = known.value.levers.reduce((all, lever) => within(all, lever.path.split("."), lever.default), {});
  return merged(own, shipped(name).levers);
}

/** Every lever of a choice as the model will see it. */
export function valuesOf(choice) {
  return merged(valuesOfShipped(choice.scenario), choice.levers);
}

/** The value at a path such as `un.allocation`. */
export function at(tree, path) {
  return path.split(".").reduce((part, key) => part?.[key], tree);
}

export function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function without(tree, [key, ...rest]) {
  const { [key]: part, ...others } = tree;
  if (rest.length === 0 || !isTable(part)) return others;
  const left = without(part, rest);
  return Object.keys(left).length > 0 ? { ...others, [key]: left } : others;
}

function within(tree, [key, ...rest], value) {
  if (rest.length === 0) return { ...tree, [key]: value };
  return { ...tree, [key]: within(isTable(tree[key]) ? tree[key] : {}, rest, value) };
}

/** The choice with one lever set; a lever back at its scenario's own value is no change. */
export function withLever(choice, path, value) {
  const own = at(valuesOfShipped(choice.scenario), path) ?? null;
  const keys = path.split(".");
  const levers = same(value, own) ? without(choice.levers, keys) : within(choice.levers, keys, value);
  return { ...choice, levers };
}

/** What differs from the starting scenario: [{path, from, to}], in the order of the levers' list. */
export function differences(choice, order = []) {
  const base = valuesOfShipped(choice.scenario);
  const found = [];
  const walk = (tree, path) => {
    for (const [key, value] of Object.entries(tree)) {
      const here = [...path, key].join(".");
      const before = at(base, here);
      // A part that no lever of the page lies in (the world) is none of the scenario's own, and walked all the same.
      if (isTable(value) && (before === undefined || isTable(before))) walk(value, [...path, key]);
      else if (!same(value, before ?? null)) found.push({ path: here, from: before ?? null, to: value });
    }
  };
  walk(choice.levers, []);
  const rank = ({ path }) => (order.includes(path) ? order.indexOf(path) : order.length);
  return found.sort((one, other) => rank(one) - rank(other));
}

/**
 * What the model said of levers it refuses, by the path of the field: "name: package.units.0.heads: expected ...".
 * Lines that name no field are under "".
 */
export function faults(text) {
  const found = {};
  for (const line of text.split("\n")) {
    const [, path, said] = line.match(/^.*?: ([a-z_]+(?:\.[\w-]+)*): (.*)$/) ?? [null, "", line];
    found[path] = found[path] ? `${found[path]}; ${said}` : said;
  }
  return found;
}

/** What stands against a field or anything inside it. */
export function faultOf(found, path) {
  return Object.keys(found)
    .filter((where) => where === path || where.startsWith(`${path}.`))
    .map((where) => found[where])
    .join("; ");
}

/** The draft that this tab kept, or the package of July 2021. */
export function keptDraft() {
  const first = { scenario: "extra-tobs", levers: {}, name: "" };
  try {
    const kept = JSON.parse(sessionStorage.getItem(SHELF));
    return kept && shipped(kept.scenario) && isTable(kept.levers) && typeof kept.name === "string" ? kept : first;
  } catch {
    return first;
  }
}

export function keepDraft(choice) {
  try {
    sessionStorage.setItem(SHELF, JSON.stringify(choice));
  } catch {
    // Where the browser keeps nothing, the draft lives as long as the page.
  }
}

// What an arm is called, which arms are one and the same, and which scenarios can be chosen.

import {known} from "../catalogue.js";
import {pick} from "../words.js";

export const FEWEST = 2;
export const MOST = 4;

/** The shipped scenario of a name, as the catalogue has it. */
export function shipped(name) {
  return known.value.scenarios.find((scenario) => scenario.name === name);
}

/** A shipped scenario's name for a reader. */
export function scenarioLabel(name) {
  return pick(shipped(name)?.label) || name.replaceAll("-", " ");
}

/** Number of levers that are changed in a choice, those inside tables one by one. */
export function countChanges(levers) {
  if (levers === null || typeof levers !== "object" || Array.isArray(levers)) return 1;
  return Object.values(levers).reduce((all, value) => all + countChanges(value), 0);
}

/** Name of an arm: the visitor's own, or the scenario's, with a sign where levers are changed. */
export function armName(choice) {
  if (choice.name) return choice.name;
  return Object.keys(choice.levers ?? {}).length ? `${scenarioLabel(choice.scenario)} *` : scenarioLabel(choice.scenario);
}

/** What an arm runs, whatever it is called. */
export function armKey({scenario, levers}) {
  return JSON.stringify([scenario, sorted(levers ?? {})]);
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

/** For each arm, the number of the first arm that is the same run. */
export function firstOfSame(arms) {
  const keys = arms.map(armKey);
  return keys.map((key) => keys.indexOf(key));
}

/** Names of arms, told apart by a number where two are called the same. */
export function armNames(arms) {
  const names = arms.map(armName);
  return names.map((name, k) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${k + 1})`));
}

// What an arm is called where a person reads it.

import { known } from "../catalogue.js";
import { pick } from "../words.js";

/** Entry of the catalogue for a shipped scenario. */
export function shipped(name) {
  return known.value.scenarios.find((one) => one.name === name);
}

/** The name a visitor gave an arm, or that of its scenario. */
export function titleOf(choice) {
  if (choice.name) return choice.name;
  const scenario = shipped(choice.scenario);
  return scenario?.label ? pick(scenario.label) : choice.scenario;
}

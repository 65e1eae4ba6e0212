// Keys that work anywhere on the page, unless somebody is typing.

import {useEffect} from "./vendor/preact-htm.js";

const TYPING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function isTyping(target) {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** Whether a key would do something to what has the focus: a button takes space and enter, a slider takes arrows. */
function isTaken(event) {
  const {target, key} = event;
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog[open]") && key !== "Escape") return true;
  if ((key === " " || key === "Enter") && target.closest("button, a, summary, [role=button]")) return true;
  return key.startsWith("Arrow") && target.closest("input, [role=slider], [role=tablist], [data-arrows]") !== null;
}

/** While a component is shown, call `keys[event.key]`; a handler that is called keeps the page from scrolling. */
export function useKeys(keys, dependencies = []) {
  useEffect(() => {
    const press = (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || isTaken(event)) return;
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, dependencies);
}

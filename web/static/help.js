// The keys of the page, in a dialog.

import {html, useEffect, useRef} from "./vendor/preact-htm.js";
import {t} from "./words.js";

const KEYS = [
  ["key_space", "help_play"], ["← →", "help_step"], ["Home End", "help_ends"], ["1 – 8", "help_layers"],
  ["+ −", "help_zoom"], ["?", "help_help"], ["Esc", "help_close"],
];

/** A modal dialog that closes by its button, Escape, or a click outside. */
export function Dialog({label, onClose, children, test}) {
  const dialog = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`
    <dialog ref=${dialog} class="dialog" aria-label=${label} data-test=${test} onClose=${onClose}
      onClick=${(e) => e.target === dialog.current && dialog.current.close()}>
      <div class="dialog-in">
        <div class="row dialog-head"><h2>${label}</h2>
          <button class="button" data-test="close" onClick=${() => dialog.current.close()}>${t("close")}</button></div>
        ${children}
      </div>
    </dialog>`;
}

export function Help({onClose}) {
  return html`
    <${Dialog} label=${t("help")} onClose=${onClose} test="help-dialog">
      <table class="figures"><tbody>
        ${KEYS.map(([key, what]) => html`<tr><td><kbd>${key.startsWith("key_") ? t(key) : key}</kbd></td>
          <td>${t(what)}</td></tr>`)}
      </tbody></table>
      <p>${t("help_marks")}</p>
      <p class="quiet">${t("caveat")}</p>
    <//>`;
}

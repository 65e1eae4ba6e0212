// What is done with an arm that was made: into the comparison, or watched.

import { html, useState } from "../vendor/preact-htm.js";
import { titleOf } from "../assumptions/titles.js";
import { set } from "../state.js";
import { t } from "../words.js";

const MOST_ARMS = 4; // with the control
const NEW = "new";

/** Buttons that use the arm; it may replace any arm, the control too, or become a new one. */
export function Actions({ choice, session }) {
  const full = session.arms.length >= MOST_ARMS;
  const [wanted, setWanted] = useState(NEW);
  const [said, setSaid] = useState("");
  const known = wanted !== NEW && Number(wanted) < session.arms.length;
  const place = known ? wanted : full ? String(session.arms.length - 1) : NEW;
  const use = () => {
    const arms = [...session.arms];
    arms[place === NEW ? arms.length : Number(place)] = choice;
    set({ arms });
    setSaid(t("levers_used", { name: titleOf(choice) }));
  };
  const watch = () => set({ place: "watch", watch: { ...session.watch, choice } });
  return html`<section class="panel" aria-labelledby="levers-actions">
    <h2 id="levers-actions">${titleOf(choice)}</h2>
    <div class="field"><label for="levers-place">${t("levers_use_as")}</label>
      <select id="levers-place" value=${place} onChange=${(event) => setWanted(event.target.value)} data-test="levers-place">
        ${!full && html`<option value=${NEW}>${t("levers_new_arm")}</option>`}
        ${session.arms.map((arm, n) => html`<option key=${n} value=${String(n)}>
          ${t(n === 0 ? "levers_replace_control" : "levers_replace", { name: titleOf(arm) })}</option>`)}
      </select></div>
    <div class="row levers-buttons">
      <button class="button primary" type="button" onClick=${use} data-test="levers-use">${t("levers_use")}</button>
      <button class="button" type="button" onClick=${watch} data-test="levers-watch">${t("levers_watch")}</button>
    </div>
    <p role="status" aria-live="polite" data-test="levers-said">${said}
      ${said && html` <a href="#/compare">${t("place_compare")}</a>`}</p>
  </section>`;
}

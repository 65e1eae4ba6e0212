// Compare: the same seed under two to four scenarios, and what differs between them over many futures.

import {html, useState} from "./vendor/preact-htm.js";
import {Controls} from "./compare/controls.js";
import {Maps} from "./compare/maps.js";
import {Picker} from "./compare/picker.js";
import {Headline, Results} from "./compare/results.js";
import {keyOf, useRun} from "./compare/run.js";
import {useStore} from "./state.js";
import {number, t} from "./words.js";

const remembered = {most: 100, precise: true}; // how much is computed, while the page is open

/** The place as a whole. */
export function Compare() {
  const session = useStore();
  const run = useRun();
  const [size, setSize] = useState({...remembered});
  const held = Object.keys(session.assumptions).length;
  const old = run.answer !== null && run.of.key !== keyOf(session);
  return html`<div class="compare">
    <div class="compare-head">
      <h1>${t("compare_title")}</h1>
      <p class="quiet">${t("compare_lead")}</p>
    </div>
    <${Picker} arms=${session.arms} watched=${session.watch.choice} />
    <section class="panel compare-many" aria-labelledby="compare-many-title">
      <h2 id="compare-many-title">${t("compare_many")}</h2>
      <${Controls} session=${session} run=${run} size=${size} onSize=${(next) => setSize(Object.assign(remembered, next) && {...next})} />
      ${held > 0 && html`<p class="small" data-test="compare-assumptions">
        ${t("compare_n_changed", {n: number(held)})} <a href="#/assumptions">${t("place_assumptions")}</a></p>`}
      ${run.answer && html`<${Headline} run=${run} old=${old} outcome=${session.outcome} />`}
    </section>
    <${Maps} session=${session} />
    ${run.answer && html`<${Results} run=${run} old=${old} outcome=${session.outcome} />`}
  </div>`;
}

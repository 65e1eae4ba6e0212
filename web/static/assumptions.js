// The place where a workshop moves one assumption at a time and sees which conclusion survives.

import { html, useState } from "./vendor/preact-htm.js";
import { Answers } from "./assumptions/answers.js";
import { Cards } from "./assumptions/cards.js";
import { Panel } from "./assumptions/panel.js";
import { known } from "./catalogue.js";
import { assume, set, useStore } from "./state.js";
import { t } from "./words.js";

let lastArm = 1; // which treated arm is looked at, while the page is open

/** The place "Assumptions": cards of every parameter, and the comparison beside them. */
export function Assumptions() {
  const session = useStore();
  const [chosen, setChosen] = useState(lastArm);
  const arm = Math.min(chosen, session.arms.length - 1);
  const choose = (n) => setChosen((lastArm = n));
  return html`<div class="assume">
    <section class="assume-lead">
      <h1>${t("place_assumptions")}</h1>
      <p>${t("assumptions_lead")}</p>
    </section>
    <${Panel} session=${session} arm=${arm} onArm=${choose} />
    <div class="assume-main">
      <${Answers} session=${session} arm=${arm} />
      <${Cards} cards=${known.value.cards} assumptions=${session.assumptions} onChange=${assume}
        onReset=${() => set({ assumptions: {} })} />
    </div>
  </div>`;
}

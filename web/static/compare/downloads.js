// What can be taken away: the table, the figures, and every arm as a scenario file.

import {html, useState} from "../vendor/preact-htm.js";
import {download, once} from "../socket.js";
import {language, t} from "../words.js";
import {armNames} from "./arms.js";

const FIGURES = ["effects", "distribution", "courses"];

/** Buttons for files; what goes wrong is said beside them. */
export function Downloads({run}) {
  const [wrong, setWrong] = useState("");
  const [kind, setKind] = useState(FIGURES[0]);
  const fetch = (question, save) => () => {
    setWrong("");
    once(question).then(save, (error) => setWrong(error.message));
  };
  const of = run.id;
  const table = fetch({ask: "table", of, language: language()}, ({name, text}) => download(name, text, "text/csv;charset=utf-8"));
  const figure = (format) => fetch({ask: "figure", of, kind, format, language: language()},
    ({name, type, arrays}) => download(name, arrays.bytes, type));
  const names = armNames(run.of.arms);
  const scenario = ({scenario: base, levers, name}) => fetch(
    {ask: "write", kind: "scenario", choice: {scenario: base, levers: levers ?? {}, name: name ?? ""}},
    (file) => download(file.name, file.text, "application/toml"),
  );
  return html`<section class="panel compare-downloads" aria-labelledby="compare-downloads-title">
    <h2 id="compare-downloads-title">${t("download")}</h2>
    <div class="row end">
      <button class="button" onClick=${table} data-test="download-csv">${t("compare_csv")}</button>
      <label class="field"><span class="label">${t("compare_figure")}</span>
        <select value=${kind} data-test="download-figure" onChange=${(event) => setKind(event.target.value)}>
          ${FIGURES.map((one) => html`<option key=${one} value=${one}>${t(`compare_figure_${one}`)}</option>`)}
        </select></label>
      <button class="button" onClick=${figure("svg")} data-test="download-svg">SVG</button>
      <button class="button" onClick=${figure("png")} data-test="download-png">PNG</button>
    </div>
    <div class="row">
      <span class="quiet small">${t("compare_scenarios")}</span>
      ${run.of.arms.map((choice, k) => html`<button key=${k} class="button" onClick=${scenario(choice)}
        data-test=${`download-arm-${k}`}>${names[k]} (TOML)</button>`)}
    </div>
    ${wrong && html`<p class="wrong" role="alert" data-test="download-wrong">${wrong}</p>`}
  </section>`;
}

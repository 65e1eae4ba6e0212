// Scenarios and gazetteers, in and out of the page.

import { html, useState } from "../vendor/preact-htm.js";
import { chosenFile } from "../assumptions/files.js";
import { download, once } from "../socket.js";
import { number, t } from "../words.js";
import { at, valuesOf, withLever } from "./draft.js";

export const GAZETTEER = "world.gazetteer";
export const UPLOADED = "uploaded"; // how a choice names the file that was handed in (web/choice.py)

let account = null; // of the settlements handed in, while the page is open: another place or language loses nothing

/** Upload and download of the draft. */
export function LeverFiles({ choice, onChange }) {
  const [said, setSaid] = useState({ text: "", wrong: false });
  const wrong = (error) => setSaid({ text: error.message, wrong: true });
  const read = async (event, kind) => {
    const file = await chosenFile(event.target);
    if (!file) return;
    const answer = await once({ ask: "read", kind, name: file.name, text: file.text });
    if (kind === "gazetteer") account = answer.gazetteer;
    onChange(kind === "scenario" ? answer.choice : withLever(choice, GAZETTEER, UPLOADED));
    setSaid({ text: t("levers_read", { name: file.name }), wrong: false });
  };
  const write = async () => {
    const answer = await once({ ask: "write", kind: "scenario", choice });
    download(answer.name, answer.text, "application/toml");
    setSaid({ text: t("levers_written", { name: answer.name }), wrong: false });
  };
  const box = (kind, label, accept) => html`<div class="field"><label for=${`levers-${kind}`}>${label}</label>
    <input id=${`levers-${kind}`} type="file" accept=${accept} data-test=${`levers-${kind}`}
      onChange=${(event) => read(event, kind).catch(wrong)} /></div>`;
  return html`<section class="panel levers-files" aria-labelledby="levers-files">
    <h2 id="levers-files">${t("levers_files")}</h2>
    <button class="button" type="button" onClick=${() => write().catch(wrong)} data-test="levers-download">
      ${t("levers_download")}</button>
    ${box("scenario", t("levers_upload_scenario"), ".toml")}
    ${box("gazetteer", t("levers_upload_gazetteer"), ".csv,.txt,.tsv")}
    <p class="quiet small">${t("levers_gazetteer_lead")}</p>
    ${account && at(valuesOf(choice), GAZETTEER) === UPLOADED && html`<${Account} read=${account} />`}
    <p class=${said.wrong ? "wrong levers-file-said" : "levers-file-said"} role="status" aria-live="polite"
      data-test="levers-file-said">${said.text}</p>
  </section>`;
}

/** What was read of the settlements handed in, and what was drawn because the file does not say it. */
function Account({ read }) {
  const drawn = { populations: number(read.populations_drawn), communities: number(read.communities_drawn) };
  const kept = { file: read.file, kept: number(read.kept), rows: number(read.rows), outside: number(read.outside) };
  return html`<ul class="levers-account small" data-test="levers-gazetteer-account">
    <li>${t("uploads_gazetteer_kept", kept)}</li>
    <li>${t("uploads_gazetteer_people", { people: number(read.people) })}</li>
    ${read.populations_drawn + read.communities_drawn > 0 && html`<li>${t("uploads_gazetteer_drawn", drawn)}</li>`}
    ${read.empty.length > 0 && html`<li>${t("uploads_gazetteer_empty", { cercles: read.empty.join(", ") })}</li>`}
    ${read.beyond_census.length > 0 && html`<li>${t("uploads_gazetteer_beyond", {
      cercles: read.beyond_census.join(", ") })}</li>`}
    <li><strong>${t("uploads_gazetteer_real")}</strong> <a href="#/about/not-for">${t("about_not_for")}</a></li>
  </ul>`;
}

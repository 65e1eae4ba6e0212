// Scenarios and gazetteers, in and out of the page.

import { html, useState } from "../vendor/preact-htm.js";
import { chosenFile } from "../assumptions/files.js";
import { download, once } from "../socket.js";
import { t } from "../words.js";
import { withLever } from "./draft.js";

const GAZETTEER = "world.gazetteer";
const UPLOADED = "uploaded"; // how a choice names the file that was handed in (web/choice.py)

/** Upload and download of the draft. */
export function LeverFiles({ choice, onChange }) {
  const [said, setSaid] = useState({ text: "", wrong: false });
  const wrong = (error) => setSaid({ text: error.message, wrong: true });
  const read = async (event, kind) => {
    const file = await chosenFile(event.target);
    if (!file) return;
    const answer = await once({ ask: "read", kind, name: file.name, text: file.text });
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
    <p class=${said.wrong ? "wrong levers-file-said" : "levers-file-said"} role="status" aria-live="polite"
      data-test="levers-file-said">${said.text}</p>
  </section>`;
}

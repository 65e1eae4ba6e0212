// Sessions: the state of the page under a name; kept in this browser, in a file, or in a link.

import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";
import { chosenFile } from "./assumptions/files.js";
import { download, once } from "./socket.js";
import { get, restore, set, useStore } from "./state.js";
import { language, t } from "./words.js";

const SHELF = "sector-centre-sessions"; // key of the list in the browser's own store
const MOST_KEPT = 50;
const MOST_CHARACTERS = 400_000; // of a session out of a link, unpacked: a link may hide more than it shows
const LINK = "#s=";

// -- the shelf: sessions kept in this browser ---------------------------------------------------------------------------

/** Sessions kept in this browser, newest first; none where the browser keeps nothing. */
export function shelf() {
  try {
    const kept = JSON.parse(localStorage.getItem(SHELF) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => one?.session && typeof one.saved === "string") : [];
  } catch {
    return [];
  }
}

function putOnShelf(kept) {
  localStorage.setItem(SHELF, JSON.stringify(kept.slice(0, MOST_KEPT)));
}

function isCalled(name) {
  return (one) => one.session.name === name;
}

// -- the link -----------------------------------------------------------------------------------------------------------

async function through(stream, bytes) {
  const packed = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Text of a packed session; refuses to unpack more than a session can be. */
async function unpacked(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST_CHARACTERS) {
      await reader.cancel();
      throw new RangeError("too long for a session");
    }
    parts.push(value);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(parts).arrayBuffer());
}

function toBase64url(bytes) {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64url(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

/** Address of this page with a session in its fragment, which a browser does not send to any server. */
export async function linkTo(session) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(JSON.stringify(session)));
  return location.origin + location.pathname + LINK + toBase64url(bytes);
}

/**
 * The session in the address the page was opened with, as the server validated it; null if the address holds none.
 * Rejects with an Error whose message is a sentence for the visitor.
 */
export async function sessionFromLink() {
  if (!location.hash.startsWith(LINK)) return null;
  let text;
  try {
    text = await unpacked(fromBase64url(location.hash.slice(LINK.length)));
  } catch {
    throw new Error(t("sessions_bad_link"));
  }
  return readSession("link", text);
}

async function readSession(name, text) {
  const answer = await once({ ask: "read", kind: "session", name, text });
  return answer.session;
}

// -- the dialog -----------------------------------------------------------------------------------------------------------

/** The dialog of sessions; `onClose` is told when it is closed, by its button, beside it, or by Escape. */
export function Sessions({ onClose }) {
  const dialog = useRef(null);
  const [said, setSaid] = useState({ text: "", wrong: false });
  useEffect(() => dialog.current.showModal(), []);
  const close = () => dialog.current.close();
  const tell = (text) => setSaid({ text, wrong: false });
  const wrong = (error) => setSaid({ text: error?.message ?? t("sessions_failed"), wrong: true });
  return html`<dialog ref=${dialog} class="dialog sessions" aria-labelledby="sessions-title" onClose=${onClose}
    onClick=${(event) => event.target === dialog.current && close()} data-test="sessions-dialog">
    <div class="dialog-in">
      <div class="row dialog-head">
        <h2 id="sessions-title">${t("sessions_title")}</h2>
        <button class="button" onClick=${close} data-test="sessions-close">${t("close")}</button>
      </div>
      <p class="quiet">${t("sessions_lead")}</p>
      <p class=${said.wrong ? "sessions-said wrong" : "sessions-said"} role="status" aria-live="polite"
        data-test="sessions-said">${said.text}</p>
      <${Keep} tell=${tell} wrong=${wrong} close=${close} />
      <${Share} tell=${tell} wrong=${wrong} />
      <${Files} tell=${tell} wrong=${wrong} />
    </div>
  </dialog>`;
}

/** Name and save what is on the page; open or delete what was saved. */
function Keep({ tell, wrong, close }) {
  const name = useStore((state) => state.name);
  const [kept, setKept] = useState(shelf);
  const [deleted, setDeleted] = useState(null);
  const write = (next, text) => {
    try {
      putOnShelf(next);
      setKept(next);
      tell(text);
    } catch {
      wrong(new Error(t("sessions_no_room")));
    }
  };
  const save = (event) => {
    event.preventDefault();
    if (!name.trim()) return wrong(new Error(t("sessions_needs_name")));
    const entry = { saved: new Date().toISOString(), session: get() };
    write([entry, ...kept.filter((one) => !isCalled(name)(one))], t("sessions_saved", { name }));
  };
  const remove = (one) => {
    setDeleted(one);
    write(kept.filter((other) => other !== one), t("sessions_deleted", { name: one.session.name }));
  };
  const undo = () => {
    write([deleted, ...kept], t("sessions_saved", { name: deleted.session.name }));
    setDeleted(null);
  };
  // The list may hold what an older version of the program, or a hand, has written: the server reads it like a file.
  const reopen = (one) =>
    readSession(one.session.name, JSON.stringify(one.session)).then((session) => {
      close();
      restore(session);
    }, wrong);
  return html`<section>
    <form class="row" onSubmit=${save}>
      <label class="field">${t("sessions_name")}
        <input type="text" maxlength="64" value=${name} onInput=${(event) => set({ name: event.target.value })}
          data-test="session-name" /></label>
      <button class="button primary" type="submit" data-test="session-save">${t("sessions_save")}</button>
    </form>
    ${kept.length === 0 && html`<p class="quiet">${t("sessions_none")}</p>`}
    <ul class="sessions-list">${kept.map((one) => html`<li key=${one.session.name} data-test="session-kept">
      <span><strong>${one.session.name}</strong> <span class="quiet">${savedText(one.saved)}</span></span>
      <button class="button" onClick=${() => reopen(one)} data-test="session-restore"
        aria-label=${`${t("sessions_restore")}: ${one.session.name}`}>${t("sessions_restore")}</button>
      <button class="button quiet-button" onClick=${() => remove(one)} data-test="session-delete"
        aria-label=${`${t("sessions_delete")}: ${one.session.name}`}>${t("sessions_delete")}</button>
    </li>`)}</ul>
    ${deleted && html`<button class="button" onClick=${undo} data-test="session-undo">
      ${t("sessions_undo", { name: deleted.session.name })}</button>`}
  </section>`;
}

function savedText(saved) {
  const when = new Date(saved);
  if (Number.isNaN(when.getTime())) return "";
  return when.toLocaleString(language() === "fr" ? "fr-FR" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** A link that opens the page as it is now. */
function Share({ tell, wrong }) {
  const [link, setLink] = useState("");
  const field = useRef(null);
  const copy = async () => {
    const made = await linkTo(get());
    setLink(made);
    try {
      await navigator.clipboard.writeText(made);
      tell(t("sessions_copied"));
    } catch {
      // Without a secure address a browser lends no clipboard: the link stands there, selected.
      tell(t("sessions_copy_by_hand"));
      field.current?.select();
    }
  };
  return html`<section>
    <h3>${t("sessions_share")}</h3>
    <p class="quiet">${t("sessions_share_lead")}</p>
    <div class="row">
      <button class="button" onClick=${() => copy().catch(wrong)} data-test="session-link">${t("sessions_link")}</button>
      <input ref=${field} type="text" readonly class="sessions-link" value=${link} aria-label=${t("sessions_share")}
        onFocus=${(event) => event.target.select()} data-test="session-link-text" hidden=${!link} />
    </div>
  </section>`;
}

/** The session as a file, out and in. */
function Files({ tell, wrong }) {
  const save = async () => {
    const answer = await once({ ask: "write", kind: "session", session: get() });
    download(answer.name, answer.text, "application/toml");
    tell(t("sessions_exported", { name: answer.name }));
  };
  const load = async (event) => {
    const file = await chosenFile(event.target);
    if (!file) return;
    restore(await readSession(file.name, file.text));
    tell(t("sessions_imported", { name: file.name }));
  };
  return html`<section>
    <h3>${t("sessions_file")}</h3>
    <p class="quiet">${t("sessions_file_lead")}</p>
    <div class="row">
      <button class="button" onClick=${() => save().catch(wrong)} data-test="session-export">
        ${t("sessions_export")}</button>
      <label class="field">${t("sessions_import")}
        <input type="file" accept=".toml" onChange=${(event) => load(event).catch(wrong)} data-test="session-import" />
      </label>
    </div>
  </section>`;
}

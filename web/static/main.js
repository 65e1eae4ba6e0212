// The shell of the page: its head, the place that is shown, and the sentence that stands everywhere.

import {About} from "./about.js";
import {Assumptions} from "./assumptions.js";
import {catalogue} from "./catalogue.js";
import {Compare} from "./compare.js";
import {Help} from "./help.js";
import {useKeys} from "./keyboard.js";
import {Levers} from "./levers.js";
import {Sessions, sessionFromLink} from "./sessions.js";
import {connection, onConnection} from "./socket.js";
import {get, PLACES, restore, set, useStore} from "./state.js";
import {html, render, useEffect, useState} from "./vendor/preact-htm.js";
import {Watch} from "./watch.js";
import {speak, t} from "./words.js";

const SHOWN = {watch: Watch, compare: Compare, assumptions: Assumptions, levers: Levers, about: About};

/** Place of an address such as `#/compare`; null where it names none. */
function placeOf(hash) {
  const place = hash.match(/^#\/(\w+)/)?.[1];
  return PLACES.includes(place) ? place : null;
}

function Head({place, onHelp, onSessions}) {
  const language = useStore((s) => s.language);
  const name = useStore((s) => s.name);
  const other = language === "en" ? "fr" : "en";
  return html`
    <header class="head">
      <a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>
        ${t("skip")}</a>
      <p class="title">${t("title")}</p>
      <nav aria-label=${t("places")}>
        ${PLACES.map((p) => html`
          <a href=${`#/${p}`} data-test=${`place-${p}`} aria-current=${p === place ? "page" : undefined}>
            ${t(`place_${p}`)}</a>`)}
      </nav>
      <div class="head-end">
        <button class="button quiet-button" data-test="sessions" onClick=${onSessions}>
          ${name ? t("session_named", {name}) : t("session")}</button>
        <button class="button quiet-button" data-test="language" lang=${other}
          onClick=${() => set({language: other})}>${t(`speak_${other}`)}</button>
        <button class="button quiet-button" data-test="help" aria-label=${t("help")} onClick=${onHelp}>?</button>
      </div>
    </header>`;
}

function Connection() {
  const [state, change] = useState(connection);
  useEffect(() => {
    change(connection); // it may stand since before this was drawn
    return onConnection(change);
  }, []);
  if (state === "open") return null;
  return html`<p class="connection" role="status" data-test="connection">
    ${t(state === "connecting" ? "connecting" : `connection_${state}`)}</p>`;
}

function App() {
  const language = useStore((s) => s.language);
  const place = useStore((s) => s.place);
  const [open, setOpen] = useState("");
  const [wrong, setWrong] = useState("");
  speak(language);
  useEffect(() => {
    const go = () => {
      const wanted = placeOf(location.hash);
      if (wanted) set({place: wanted});
      else if (location.hash.startsWith("#s=")) open_link();
    };
    const open_link = () => sessionFromLink().then(restored, (error) => setWrong(error.message));
    const restored = (session) => {
      if (!session) return;
      restore(session);
      location.hash = `#/${get().place}`;
    };
    go();
    addEventListener("hashchange", go);
    return () => removeEventListener("hashchange", go);
  }, []);
  useEffect(() => {
    document.title = `${t("title")} · ${t(`place_${place}`)}`;
    if (placeOf(location.hash) !== place && !location.hash.startsWith("#s=")) history.replaceState(null, "", `#/${place}`);
  }, [place, language]);
  useKeys({"?": () => setOpen("help")});
  const Place = SHOWN[place];
  return html`
    <${Head} place=${place} onHelp=${() => setOpen("help")} onSessions=${() => setOpen("sessions")} />
    <${Connection} />
    ${wrong && html`<p class="wrong banner" role="alert" data-test="wrong">${wrong}
      <button class="button" onClick=${() => setWrong("")}>${t("close")}</button></p>`}
    <main id="main" tabindex="-1" key=${language}><${Place} /></main>
    <footer class="foot"><p>${t("caveat")}</p></footer>
    ${open === "help" && html`<${Help} onClose=${() => setOpen("")} />`}
    ${open === "sessions" && html`<${Sessions} onClose=${() => setOpen("")} />`}`;
}

function showFault(error) {
  const place = document.getElementById("app");
  place.textContent = `Sector Centre: ${error.message}`;
  place.setAttribute("role", "alert");
}

catalogue().then(() => {
  set({place: placeOf(location.hash) ?? get().place});
  const place = document.getElementById("app");
  place.textContent = "";
  render(html`<${App} />`, place);
}, showFault);

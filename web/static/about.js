// Look up: what the model is, what it must not be used for, how far to trust it, and where every number comes from.

import {Contents, usePlaceRead} from "./about/contents.js";
import {OwnEvents} from "./about/events.js";
import {markAll, unmark} from "./about/search.js";
import {download} from "./socket.js";
import {html, useEffect, useMemo, useRef, useState} from "./vendor/preact-htm.js";
import {language, number, t} from "./words.js";

const FEWEST_LETTERS = 2;
const PAUSE = 180; // ms after the last letter before a search begins
const fetched = new Map();
// The shell may shorten the address before this place is drawn: the part that was asked for is remembered from the start.
let asked = location.hash;

/** Sections of the page in a language, fetched once; see web/look_up.py. */
function sectionsIn(wanted) {
  if (!fetched.has(wanted)) {
    const coming = fetch(new URL(`about/${wanted}.json`, document.baseURI)).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return (await answer.json()).sections;
    });
    fetched.set(wanted, coming);
    coming.catch(() => fetched.delete(wanted));
  }
  return fetched.get(wanted);
}

function useSections() {
  const [sections, change] = useState(null);
  const [why, fail] = useState("");
  useEffect(() => {
    let here = true;
    sectionsIn(language()).then((found) => here && change(found), (error) => here && fail(error.message));
    return () => { here = false; };
  }, []);
  return {sections, why};
}

/** Show the part that the address names, now and whenever it changes. */
function useAddress(ready) {
  useEffect(() => {
    if (!ready) return undefined;
    const go = () => {
      const name = [location.hash, asked].map((hash) => hash.match(/^#\/about\/(.+)$/)?.[1]).find(Boolean);
      asked = "";
      const place = name && document.getElementById(decodeURIComponent(name));
      if (!place) return;
      place.scrollIntoView();
      place.querySelector("h2, h3, h4")?.focus({preventScroll: true});
    };
    go();
    addEventListener("hashchange", go);
    return () => removeEventListener("hashchange", go);
  }, [ready]);
}

/** What a search found: names of parts with passages (null while nothing is sought), marks, and how many there are. */
function useSearch(root, words, ready) {
  const [found, change] = useState({shown: null, marks: [], count: 0});
  useEffect(() => {
    if (!ready) return undefined;
    const seek = () => {
      unmark(root.current);
      if (words.trim().length < FEWEST_LETTERS) {
        change({shown: null, marks: [], count: 0});
        return;
      }
      const {counts, firsts} = markAll(root.current.querySelectorAll("[data-part]"), words);
      const count = [...counts.values()].reduce((sum, one) => sum + one, 0);
      change({shown: new Set([...counts.keys()].map((part) => part.id)), marks: firsts, count});
    };
    const timer = setTimeout(seek, PAUSE);
    return () => clearTimeout(timer);
  }, [words, ready]);
  return found;
}

function Search({words, found, onWords, onNext}) {
  const said = found.shown === null ? ""
    : found.count === 0 ? t("about_found_none")
    : found.count === 1 ? t("about_found_one")
    : t("about_found", {n: number(found.count), parts: number(found.shown.size)});
  const keys = (event) => {
    if (event.key === "Enter") onNext();
    if (event.key === "Escape") onWords("");
  };
  return html`
    <div class="about-search row" role="search">
      <label class="sr-only" for="about-words">${t("about_search")}</label>
      <input id="about-words" type="search" data-test="about-search" placeholder=${t("about_search")} value=${words}
        autocomplete="off" onInput=${(event) => onWords(event.target.value)} onKeyDown=${keys} />
      ${found.count > 1 && html`
        <button class="button" data-test="about-next" onClick=${onNext}>${t("about_next")}</button>`}
      ${words && html`
        <button class="button" data-test="about-clear" onClick=${() => onWords("")}>${t("about_clear")}</button>`}
      <button class="button quiet-button" data-test="about-print" onClick=${() => print()}>${t("about_print")}</button>
      <p class="small quiet" role="status" data-test="about-found">${said}</p>
    </div>`;
}

function Part({part, lang, shown}) {
  const Heading = part.level > 2 ? "h4" : "h3";
  return html`
    <section class="about-part" id=${part.id} data-part=${part.level} hidden=${shown !== null && !shown.has(part.id)}
      lang=${lang}>
      ${part.level > 1 && html`<${Heading} tabindex="-1" dangerouslySetInnerHTML=${{__html: part.title}} />`}
      <div dangerouslySetInnerHTML=${{__html: part.html}} />
    </section>`;
}

function Section({section, shown}) {
  const lang = section.lang === language() ? undefined : section.lang;
  const none = shown !== null && !section.parts.some((part) => shown.has(part.id));
  return html`
    <section class="about-section" id=${section.id} data-section data-test=${`about-${section.id}`} hidden=${none}>
      <div class="about-head">
        <h2 tabindex="-1">${section.title}</h2>
        <button class="button quiet-button small" data-test=${`about-save-${section.id}`}
          onClick=${() => download(section.file, section.markdown, "text/markdown;charset=utf-8")}>${t("about_save")}</button>
      </div>
      ${section.note && html`<p class="about-note" data-test=${`about-note-${section.id}`}>${section.note}</p>`}
      ${section.parts.map((part) => html`<${Part} key=${part.id} part=${part} lang=${lang} shown=${shown} />`)}
    </section>`;
}

/** The place "About". */
export function About() {
  const {sections, why} = useSections();
  const [words, seek] = useState("");
  const at = useRef(-1);
  const root = useRef(null);
  const ready = sections !== null;
  const found = useSearch(root, words, ready);
  const read = usePlaceRead(root, ready);
  useAddress(ready);
  useNames(root, ready);
  useEffect(() => { at.current = -1; }, [found]);
  const next = () => {
    if (!found.marks.length) return;
    found.marks[at.current]?.classList.remove("now");
    at.current = (at.current + 1) % found.marks.length;
    const mark = found.marks[at.current];
    mark.classList.add("now");
    mark.scrollIntoView({block: "center"});
  };
  const text = useMemo(() => sections?.map((section) => html`
    <${Section} key=${section.id} section=${section} shown=${found.shown} />`), [sections, found.shown]);
  if (why) return html`<p class="wrong" role="alert">${t("about_missing", {why})}</p>`;
  if (!ready) return html`<p class="quiet" role="status">${t("about_loading")}</p>`;
  return html`
    <div class="about" data-test="about">
      <${Contents} sections=${[...sections, {id: "own-events", title: t("about_events"), parts: []}]} read=${read} />
      <div class="about-text">
        <h1>${t("about_title")}</h1>
        <${Search} words=${words} found=${found} onWords=${seek} onNext=${next} />
        <div ref=${root}>${text}</div>
        <${OwnEvents} hidden=${found.shown !== null} />
      </div>
    </div>`;
}

/** Names for the boxes in which wide tables are scrolled: what stands above them. */
function useNames(root, ready) {
  useEffect(() => {
    if (!ready) return;
    for (const box of root.current.querySelectorAll(".wide")) {
      const above = box.previousElementSibling ?? box.closest("[data-part]")?.querySelector("h3, h4");
      box.setAttribute("aria-label", `${t("about_table")} : ${(above?.textContent ?? "").slice(0, 80)}`);
    }
  }, [ready]);
}

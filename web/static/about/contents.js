// The table of contents beside the text: all sections, and the parts of the one that is read.

import {html, useEffect, useState} from "../vendor/preact-htm.js";
import {t} from "../words.js";

const LINE = 140; // px below the top of the window: what has passed it is being read
const NARROW = matchMedia("(max-width: 899px)");

const last = (elements) => [...elements].filter((e) => !e.hidden && e.getBoundingClientRect().top < LINE).at(-1);

/** The section and part that are at the top of the window. */
function placeRead(root) {
  const section = last(root.querySelectorAll("[data-section]"));
  return {section: section?.id ?? "", part: section ? last(section.querySelectorAll("[data-part]"))?.id ?? "" : ""};
}

/** `{section, part}` that is read, as the window is scrolled. */
export function usePlaceRead(root, ready) {
  const [place, change] = useState({section: "", part: ""});
  useEffect(() => {
    if (!ready) return undefined;
    let asked = 0;
    const look = () => {
      asked = 0;
      if (!root.current) return;
      const found = placeRead(root.current);
      change((now) => (now.section === found.section && now.part === found.part ? now : found));
    };
    const scrolled = () => (asked ||= requestAnimationFrame(look));
    addEventListener("scroll", scrolled, {passive: true});
    look();
    return () => {
      removeEventListener("scroll", scrolled);
      cancelAnimationFrame(asked);
    };
  }, [ready]);
  return place;
}

export function Contents({sections, read}) {
  return html`
    <nav class="about-contents" aria-label=${t("about_contents")} data-test="about-contents">
      <details open=${!NARROW.matches}>
        <summary>${t("about_contents")}</summary>
        <ol>${sections.map((section) => html`<${Entry} section=${section} read=${read} />`)}</ol>
      </details>
    </nav>`;
}

function Entry({section, read}) {
  const here = read.section === section.id;
  const parts = section.parts.filter((part) => part.level === 2);
  return html`
    <li>
      <a href=${`#/about/${section.id}`} aria-current=${here ? "true" : undefined}
        data-test=${`about-go-${section.id}`}>${section.title}</a>
      ${here && parts.length > 0 && html`
        <ol lang=${section.lang}>${parts.map((part) => html`
          <li><a href=${`#/about/${part.id}`} aria-current=${part.id === read.part ? "true" : undefined}>
            ${part.name}</a></li>`)}</ol>`}
    </li>`;
}

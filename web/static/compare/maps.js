// The same seed under every arm: small maps that play together, with what has happened so far.

import {html, useEffect, useMemo, useRef, useState} from "../vendor/preact-htm.js";
import {Lines} from "../charts.js";
import {ArmSign} from "../charts/parts.js";
import {land} from "../catalogue.js";
import {useKeys} from "../keyboard.js";
import {LinkedViews, MapCanvas} from "../map/map.js";
import {useStore} from "../state.js";
import {dateOf, dateText, number, seasonOf, seasonText, t} from "../words.js";
import {armNames} from "./arms.js";
import {useFutures} from "./futures.js";

const TOTALS = ["civilian_deaths", "civilian_attacks", "intercommunal_events", "abuses"];
const DRAWN = ["civilian_deaths", "civilian_attacks"];
const EVERY = 7; // days between the points of a line
const DAYS_A_SECOND = 30;
const STEP = 7; // days of one press of an arrow
const remembered = {at: 0}; // days since the first, while the page is open

/** The days that every run has, counted from the first. */
function arrived(futures) {
  const lengths = futures.map(({frames}) => (frames ? frames.last - frames.first : -1));
  return Math.max(0, Math.min(...lengths));
}

function length(futures) {
  return Math.max(1, ...futures.map(({frames}) => (frames ? frames.end - 1 - frames.first : 1)));
}

/** Plays: calls `step(days)` with every picture of the screen while `playing`. */
function usePlay(playing, step) {
  const latest = useRef(step);
  latest.current = step;
  useEffect(() => {
    if (!playing) return undefined;
    let before = performance.now();
    let request = 0;
    const turn = (now) => {
      const days = Math.floor(((now - before) / 1000) * DAYS_A_SECOND);
      if (days > 0) {
        before += (days / DAYS_A_SECOND) * 1000;
        latest.current(days);
      }
      request = requestAnimationFrame(turn);
    };
    request = requestAnimationFrame(turn);
    return () => cancelAnimationFrame(request);
  }, [playing]);
}

/** The ground of the map, null until it has come. */
function useLand() {
  const [ground, setGround] = useState(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    let here = true;
    land().then((found) => here && setGround(found), (error) => here && setWrong(error.message));
    return () => (here = false);
  }, []);
  return [ground, wrong];
}

/** Maps of all arms on the session's seed. */
export function Maps({session}) {
  const futures = useFutures(session);
  const [ground, wrong] = useLand();
  const [at, setAt] = useState(remembered.at);
  const [playing, setPlaying] = useState(false);
  const linked = useMemo(() => new LinkedViews(), []);
  const names = armNames(session.arms);
  const whole = length(futures);
  const most = arrived(futures);
  const now = Math.min(at, most);
  const go = (to) => setAt((remembered.at = Math.max(0, Math.min(most, to))));
  usePlay(playing, (days) => {
    if (now >= whole) setPlaying(false);
    else go(now + days);
  });
  const toggle = () => {
    if (!playing && now >= whole) go(0);
    setPlaying(!playing);
  };
  useKeys({
    " ": toggle, ArrowLeft: () => go(now - STEP), ArrowRight: () => go(now + STEP), Home: () => go(0), End: () => go(whole),
  }, [now, most, playing]);
  const first = futures.find(({frames}) => frames)?.frames.first;
  return html`<section class="panel compare-maps" aria-labelledby="compare-maps-title">
    <div class="row compare-maps-head">
      <h2 id="compare-maps-title">${t("compare_maps")}</h2>
      <p class="quiet small">${t("one_run")} ${t("compare_maps_lead", {seed: session.seed})}</p>
    </div>
    ${wrong && html`<p class="wrong" role="alert">${t("failed", {why: wrong})}</p>`}
    <div class="compare-grid" style=${{"--arms": session.arms.length}}>
      ${futures.map((future, k) => html`<${OneMap} key=${k} arm=${k} name=${names[k]} future=${future} control=${futures[0]}
        now=${now} ground=${ground} linked=${linked} />`)}
    </div>
    <div class="row compare-time">
      <button class="button primary compare-play" onClick=${toggle} disabled=${most === 0} data-test="compare-play">
        ${playing ? t("pause") : t("play")}</button>
      <input class="grow" type="range" min="0" max=${whole} value=${now} aria-label=${t("compare_day")}
        aria-valuetext=${first === undefined ? "" : dateText(first + now)} data-test="compare-day"
        onInput=${(event) => go(Number(event.target.value))} />
      <span class="compare-date" data-test="compare-date">${when(first, now, ground)}</span>
    </div>
    <${Courses} futures=${futures} names=${names} now=${now} whole=${whole} most=${most} />
  </section>`;
}

function when(first, now, ground) {
  if (first === undefined) return "";
  const season = ground ? ` · ${seasonText(seasonOf(first + now, ground.season_of_month))}` : "";
  return `${dateText(first + now)}${season}`;
}

function OneMap({arm, name, future, control, now, ground, linked}) {
  const layers = useStore((s) => s.watch.layers);
  const {frames, why, place} = future;
  const day = frames ? Math.min(frames.first + now, frames.last) : 0;
  const ready = frames && frames.last >= frames.first;
  const label = ready ? t("map_alt", {date: dateText(day)}) : t("compare_map_waits");
  return html`<figure class="compare-map" data-test=${`compare-map-${arm}`}>
    <figcaption><${ArmSign} arm=${arm} /> <strong>${name}</strong>
      ${arm === 0 && html` <span class="quiet small">${t("compare_control")}</span>`}</figcaption>
    <div class="compare-canvas">
      ${ground && html`<${MapCanvas} land=${ground} run=${ready ? frames : null} day=${day} layers=${layers}
        label=${`${name}. ${label}`} small=${true} linked=${linked} />`}
    </div>
    ${why ? html`<p class="wrong small" role="alert">${why}</p>`
      : ready ? html`<${Totals} arm=${arm} frames=${frames} control=${control.frames} day=${day} />`
      : html`<p class="quiet small" role="status">${place > 0 ? t("queued", {n: place}) : t("building")}</p>`}
  </figure>`;
}

/** Totals to date, and how far they are from the control's on the same day. */
function Totals({arm, frames, control, day}) {
  const totals = frames.totals(day);
  const other = arm > 0 && control && day <= control.last ? control.totals(day) : null;
  return html`<dl class="compare-totals">
    ${TOTALS.map((key) => html`<div key=${key}><dt>${t(key)}</dt>
      <dd data-test=${`compare-total-${arm}-${key}`}>${number(totals[key])}
        ${other && html` <span class="quiet small">(${number(totals[key] - other[key], 0, {signed: true})})</span>`}</dd></div>`)}
  </dl>`;
}

/** Totals over time of all arms, with a line at the day shown. */
function Courses({futures, names, now, whole, most}) {
  const weeks = Math.floor(most / EVERY);
  const frames = futures.map((future) => future.frames);
  const panels = useMemo(() => DRAWN.map((key) => ({
    key, title: t("compare_to_date", {what: t(key)}),
    series: frames.map((one, k) => ({key: k, arm: k, label: names[k], ...course(one, key, weeks)})),
  })), [weeks, ...frames, names.join()]);
  const first = frames.find((one) => one)?.first;
  if (first === undefined || weeks < 1) return null;
  return html`<${Lines} panels=${panels} ends=${[0, whole]} now=${now} marks=${years(first, whole)} />`;
}

function course(frames, key, weeks) {
  if (!frames) return {x: [], y: []};
  const column = frames.world.columns.indexOf(key);
  const x = Array.from({length: weeks + 1}, (_, k) => k * EVERY).filter((day) => frames.first + day <= frames.last);
  return {x, y: x.map((day) => frames.row("totals", frames.first + day)[column])};
}

/** The first of January and July, as marks on the axis. */
function years(first, whole) {
  const marks = [];
  for (let day = 0; day <= whole; day += 1) {
    const date = dateOf(first + day);
    if (date.getUTCDate() !== 1 || date.getUTCMonth() !== 0) continue;
    marks.push({at: day, text: String(date.getUTCFullYear())});
  }
  return marks;
}

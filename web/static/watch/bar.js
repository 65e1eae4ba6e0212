// The bar above the map: which run, and its time.

import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { known } from "../catalogue.js";
import { set } from "../state.js";
import { dateText, number, pick, seasonOf, seasonText, t } from "../words.js";
import { SPEEDS } from "./player.js";

export const STEPS = { day: 1, week: 7, month: 30 }; // days
const MOST_SEED = 2 ** 53 - 1;

const scenarioOf = (name) => known.value.scenarios.find((scenario) => scenario.name === name);

/** Short name of a shipped scenario in the visitor's language. */
export const scenarioLabel = (name) => pick(scenarioOf(name)?.label ?? name);

/** One sentence on a shipped scenario. */
export const scenarioTitle = (name) => pick(scenarioOf(name)?.title ?? "");

/** Scenarios by group: [{group, title, members}]. */
function groups() {
  const found = new Map();
  for (const scenario of known.value.scenarios) {
    const { group, group_title: title } = scenario;
    if (!found.has(group)) found.set(group, { group, title, members: [] });
    found.get(group).members.push(scenario);
  }
  return [...found.values()];
}

function ScenarioSelect({ watch }) {
  const { choice } = watch;
  const choose = (event) => {
    set({ watch: { ...watch, choice: { scenario: event.target.value, levers: {}, name: "" } } });
  };
  return html`
    <div class="field watch-scenario">
      <label for="watch-scenario">${t("scenario")}</label>
      <select id="watch-scenario" data-test="scenario" value=${choice.scenario} onChange=${choose}
        aria-describedby="watch-title" title=${scenarioTitle(choice.scenario)}>
        ${groups().map(({ title, members }) => html`<optgroup label=${pick(title)}>
          ${members.map(({ name, label }) => html`<option value=${name}>${pick(label)}</option>`)}</optgroup>`)}
      </select>
    </div>`;
}

function SeedField({ seed }) {
  const [text, setText] = useState(String(seed)); // its own: the bar is drawn again while somebody types
  const [wrong, setWrong] = useState(false);
  useEffect(() => setText(String(seed)), [seed]);
  const choose = (event) => {
    const typed = event.target.value.trim();
    const good = /^\d+$/.test(typed) && Number(typed) <= MOST_SEED;
    setWrong(!good);
    if (good) set({ seed: Number(typed) });
  };
  return html`
    <div class="field watch-seed">
      <label for="watch-seed">${t("seed")}</label>
      <input id="watch-seed" data-test="seed" inputmode="numeric" autocomplete="off" value=${text}
        onInput=${(event) => setText(event.target.value)}
        aria-invalid=${String(wrong)} aria-describedby=${wrong ? "watch-seed-wrong" : undefined} onChange=${choose} />
      ${wrong && html`<p id="watch-seed-wrong" class="wrong small watch-seed-wrong" role="alert">${t("seed_wrong")}</p>`}
    </div>`;
}

const SIGNS = {
  reset: "M3 3v10M13 3v10L5 8z",
  back: "M11 3v10L4 8z",
  step: "M5 3v10l7-5z",
  play: "M4 2v12l10-6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
};

function Press({ name, test, act, disabled, primary = false, labelled = false }) {
  const text = t(name === "back" ? "watch_back" : name);
  return html`
    <button class=${`button watch-press ${primary ? "primary" : ""}`} data-test=${test ?? name} disabled=${disabled}
      onClick=${act} title=${text} aria-label=${text}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d=${SIGNS[name]} fill="currentColor"
        stroke=${name === "reset" ? "currentColor" : "none"} stroke-width="1.6" /></svg>
      ${labelled && html`<span>${text}</span>`}
    </button>`;
}

function Slider({ player, frames }) {
  const day = player.at === null ? frames?.first ?? 0 : Math.floor(player.at);
  const first = frames?.first ?? 0;
  const end = frames ? frames.end - 1 : 1;
  const share = (value) => `${(100 * (value - first)) / Math.max(end - first, 1)}%`;
  const seek = (event) => {
    player.seek(Number(event.target.value));
    event.target.value = String(Math.floor(player.at ?? first));
  };
  return html`
    <input type="range" class="watch-slider" data-test="day-slider" min=${first} max=${end} step="1" value=${day}
      disabled=${!frames || player.at === null} aria-label=${t("watch_slider")} aria-valuetext=${frames ? dateText(day) : ""}
      style=${{ "--seen": share(day), "--got": share(Math.max(frames?.last ?? first, first)) }} onInput=${seek} />`;
}

function Select({ label, test, value, options, onChoose }) {
  const id = `watch-${test}`;
  return html`
    <div class="field"><label for=${id}>${label}</label>
      <select id=${id} data-test=${test} value=${value} onChange=${(event) => onChoose(event.target.value)}>
        ${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}
      </select></div>`;
}

function When({ frames, land, day }) {
  if (!frames || day === null) return html`<div class="watch-when"></div>`;
  return html`
    <div class="watch-when" data-test="when">
      <strong data-test="date" data-day=${day}>${dateText(day)}</strong>
      <span class="quiet small" data-test="season">${land && seasonText(seasonOf(day, land.season_of_month))}</span>
    </div>`;
}

function Arriving({ run }) {
  const { frames, phase } = run;
  if (phase === "queued") return html`<p class="quiet small" role="status">${t("watch_queued", { place: run.place })}</p>`;
  if (phase === "waiting" || (frames && frames.last < frames.first)) {
    return html`<p class="quiet small" role="status" data-test="building">${t("building")}</p>`;
  }
  if (!frames || frames.complete) return null;
  const values = { n: number(frames.last - frames.first + 1), all: number(frames.end - frames.first) };
  return html`<p class="quiet small" data-test="arriving">${t("watch_arriving", values)}</p>`;
}

/** Scenario, seed, play, steps, speed, slider, date. */
export function Bar({ watch, seed, run, player, land, step }) {
  const { frames } = run;
  const ready = player.at !== null && frames !== null;
  const day = ready ? Math.floor(player.at) : null;
  const every = watch.every in STEPS ? watch.every : "week";
  return html`
    <section class="watch-bar" aria-label=${t("watch_play_bar")}>
      <${ScenarioSelect} watch=${watch} />
      <${SeedField} seed=${seed} />
      <div class="watch-presses">
        <${Press} name="reset" act=${() => player.seek(frames.first)} disabled=${!ready} />
        <${Press} name="back" act=${() => step(-1)} disabled=${!ready || day <= frames.first} />
        <${Press} name=${player.playing ? "pause" : "play"} test="play" primary=${true} labelled=${true}
          act=${() => (player.playing ? player.pause() : player.play())} disabled=${!ready} />
        <${Press} name="step" act=${() => step(1)} disabled=${!ready || day >= frames.last} />
      </div>
      <${Select} label=${t("watch_step_length")} test="every" value=${every}
        options=${Object.keys(STEPS).map((key) => [key, t(key)])} onChoose=${(key) => set({ watch: { ...watch, every: key } })} />
      <${Select} label=${t("watch_speed")} test="speed" value=${String(player.speed)}
        options=${SPEEDS.map((speed) => [String(speed), String(speed)])} onChoose=${(text) => player.setSpeed(Number(text))} />
      <div class="watch-time">
        <${Slider} player=${player} frames=${frames} />
        <div aria-live="polite"><${Arriving} run=${run} /></div>
      </div>
      <${When} frames=${frames} land=${land} day=${day} />
      <p id="watch-title" class="watch-title quiet small" data-test="scenario-title">${scenarioTitle(watch.choice.scenario)}</p>
    </section>`;
}

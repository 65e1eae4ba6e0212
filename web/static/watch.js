// The place Watch: one run on a map, its time, its totals, and how far other runs of the same lie apart.

import { land as fetchLand } from "./catalogue.js";
import { useKeys } from "./keyboard.js";
import { Legend } from "./map/legend.js";
import { LAYERS } from "./map/look.js";
import { MapCanvas } from "./map/map.js";
import { onDay } from "./map/picking.js";
import { download } from "./socket.js";
import { set, useStore } from "./state.js";
import { html, useCallback, useEffect, useMemo, useRef, useState } from "./vendor/preact-htm.js";
import { Bar, STEPS } from "./watch/bar.js";
import { Foot } from "./watch/foot.js";
import { Months } from "./watch/months.js";
import { Panel } from "./watch/panel.js";
import { Picked } from "./watch/picked.js";
import { picture } from "./watch/picture.js";
import { usePlayer } from "./watch/player.js";
import { again, useRun } from "./watch/run.js";
import { dateText, t } from "./words.js";

const KEYS = 8; // layers with a key of their own
const ZOOM_STEP = 1.5;

/** The ground of the map once it has come, or why it has not. */
function useLand() {
  const [land, setLand] = useState(null);
  const [why, setWhy] = useState("");
  useEffect(() => {
    fetchLand().then(setLand, (error) => setWhy(error.message));
  }, []);
  return [land, why];
}

/** What differs from the shipped scenario and the defaults: said wherever a run is shown. */
function Changes({ choice, assumptions }) {
  const n = Object.keys(assumptions).length;
  const levers = Object.keys(choice.levers ?? {}).length > 0;
  if (!n && !levers) return null;
  return html`
    <p class="watch-changes" role="status" data-test="changes">
      ${n > 0 && html`<span>${t(n === 1 ? "watch_changed_assumption" : "watch_changed_assumptions", { n })}${" "}
        <a href="#/assumptions" data-test="to-assumptions">${t("watch_to_assumptions")}</a></span>`}
      ${levers && html`<span>${t("watch_changed_levers")} <a href="#/levers">${t("watch_to_levers")}</a></span>`}
      ${usesGazetteer(choice) && html`<span>${t("watch_own_gazetteer")}</span>`}
    </p>`;
}

const usesGazetteer = (choice) => Boolean(choice.levers?.world?.gazetteer);

function useLayers(watch) {
  return useCallback((layer) => {
    const wanted = watch.layers.includes(layer) ? watch.layers.filter((one) => one !== layer) : [...watch.layers, layer];
    set({ watch: { ...watch, layers: LAYERS.filter((one) => wanted.includes(one)) } });
  }, [watch]);
}

function keysOf({ player, frames, step, toggle, map }) {
  const keys = {
    " ": () => frames && (player.playing ? player.pause() : player.play()),
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => frames && player.seek(frames.first),
    End: () => frames && player.seek(frames.last),
    "+": () => map.current?.zoom(ZOOM_STEP),
    "-": () => map.current?.zoom(1 / ZOOM_STEP),
  };
  LAYERS.slice(0, KEYS).forEach((layer, k) => { keys[String(k + 1)] = () => toggle(layer); });
  return keys;
}

export function Watch() {
  const watch = useStore((s) => s.watch);
  const seed = useStore((s) => s.seed);
  const assumptions = useStore((s) => s.assumptions);
  const [land, missing] = useLand();
  const run = useRun(watch.choice, assumptions, seed);
  const player = usePlayer();
  const map = useRef(null);
  const [picked, setPicked] = useState(null);
  const { frames } = run;
  const ready = frames !== null && player.frames === frames && player.at !== null;
  const day = ready ? Math.floor(player.at) : null;
  const now = useMemo(() => (ready && picked ? onDay(frames, day, picked) : null), [frames, ready, day, picked]);
  const toggle = useLayers(watch);
  const step = (direction) => player.step(direction * (STEPS[watch.every] ?? STEPS.week));
  useEffect(() => setPicked(null), [frames]);
  useEffect(() => {
    const draw = (at) => map.current?.show(at);
    player.drawers.add(draw);
    return () => player.drawers.delete(draw);
  }, []);
  const legend = useMemo(() => html`<${Legend} layers=${watch.layers} onToggle=${toggle} />`, [toggle]);
  useKeys(keysOf({ player, frames, step, toggle, map }), [frames, watch]);
  const save = async () => {
    const shown = {
      run: frames, day, layers: watch.layers, scenario: watch.choice.scenario, seed, assumptions,
      gazetteer: usesGazetteer(watch.choice),
    };
    download(`sector-centre-${watch.choice.scenario}-${seed}-${day}.png`, await picture(map.current, shown), "image/png");
  };
  return html`
    <div class="watch" data-test="watch">
      <h1 class="sr-only">${t("place_watch")}</h1>
      <${Bar} watch=${watch} seed=${seed} run=${run} player=${player} land=${land} step=${step} />
      <${Changes} choice=${watch.choice} assumptions=${assumptions} />
      ${run.phase === "wrong" && html`<p class="wrong" role="alert" data-test="run-wrong">${run.why}${" "}
        <button class="button" onClick=${again}>${t("watch_again")}</button></p>`}
      ${missing && html`<p class="wrong" role="alert">${t("watch_land_missing", { why: missing })}</p>`}
      <div class="watch-main">
        <div class="watch-map">
          ${land && html`<${MapCanvas} land=${land} run=${frames} at=${ready ? player.shown : null} layers=${watch.layers}
            label=${`${t("watch_map", { date: day === null ? "…" : dateText(day) })}. ${t("watch_map_keys")}`}
            picked=${now} onPick=${setPicked} controls=${map} />`}
          ${ready && picked && map.current && html`<${Picked} run=${frames} day=${day} land=${land} picked=${picked}
            now=${now} view=${map.current.view} onClose=${() => setPicked(null)} />`}
          <button class="button watch-save" data-test="save-picture" disabled=${!ready} onClick=${save}>
            ${t("watch_picture")}</button>
          ${ready && !picked && html`<p class="quiet small watch-hint">${t("watch_here_hint")}</p>`}
        </div>
        <div class="watch-under">${ready && html`<${Months} run=${frames} day=${day} />`}</div>
        <aside class="watch-side panel">
          <${Panel} run=${ready ? frames : null} day=${day} />
          ${legend}
        </aside>
      </div>
      <${Foot} run=${frames} day=${day} spread=${run.spread} />
    </div>`;
}

// The map as a component: a canvas that takes the size of its box, with zoom, pan, picking and placing.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact-htm.js";
import { language, t } from "../words.js";
import { Gestures } from "./gestures.js";
import { Painter } from "./painter.js";
import { cercleAt, nearestOf, pick } from "./picking.js";
import { toKm, toLatLon } from "./projection.js";

export { toKm, toLatLon } from "./projection.js";
export { Frames } from "./frames.js";

const STEP = 1.5; // zoom of one press
const PAN_PIXELS = 48; // of one press of an arrow
const SITE_PIXELS = 18;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Maps that show the same part of the land: give one to several MapCanvas as `linked`. */
export class LinkedViews {
  constructor() {
    this.maps = new Set();
  }

  /** Makes all others show what one shows. */
  follow(map) {
    for (const other of this.maps) {
      if (other === map) continue;
      const { x, y, zoom } = map.painter.view;
      Object.assign(other.painter.view, { x, y, zoom });
      other.redraw();
    }
  }
}

/** What a map on the page holds between two renderings: painter, gestures, and the latest properties. */
class LiveMap {
  constructor(canvas, land) {
    this.canvas = canvas;
    this.painter = new Painter(canvas, land);
    this.props = null;
    this.asked = 0;
    this.moving = null; // a site on its way: {site, lat, lon}
    this.aimed = false;
    this.gestures = new Gestures(canvas, this);
  }

  /** Draws at once what the properties say. */
  draw() {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    const { run, at, day, layers, sites = [], picked } = this.props;
    const places = sites.map((site, k) => (this.moving?.site === k ? [this.moving.lat, this.moving.lon] : site));
    this.painter.draw({
      run, at: at ?? day, layers, picked, sites: places, language: language(),
      held: this.moving?.site ?? -1, aimed: this.aimed,
    });
  }

  /** Draws another moment of the same run, without a rendering of the component. */
  show(at) {
    this.props = { ...this.props, at };
    this.draw();
  }

  /** Draws before the next picture of the screen, once however often it is asked for. */
  redraw() {
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  get view() {
    return this.painter.view;
  }

  viewChanged() {
    this.redraw();
    this.props.linked?.follow(this);
  }

  zoom(factor, left, top) {
    this.view.zoomAt(factor, left, top);
    this.viewChanged();
  }

  pan(right, down) {
    this.view.panBy(right, down);
    this.viewChanged();
  }

  reset() {
    this.view.reset();
    this.viewChanged();
  }

  get wheelZooms() {
    return !this.props.small || document.activeElement === this.canvas;
  }

  // -- what a press means ----------------------------------------------------------------------------------------------

  siteAt(left, top) {
    const places = (this.props.sites ?? []).map(([lat, lon]) => toKm(lat, lon)).map(([x, y]) => ({ x, y }));
    return nearestOf(this.view, places, left, top, SITE_PIXELS);
  }

  press(left, top, aimed = false) {
    this.aimed = aimed;
    const { run, at, day, layers, onPick, onPlace } = this.props;
    const [x, y] = this.view.toLand(left, top);
    if (onPlace) {
      const cercle = cercleAt(this.painter.land, x, y);
      if (cercle && this.siteAt(left, top) < 0) onPlace(...toLatLon(x, y), cercle.name);
    } else if (onPick && run) {
      const now = Math.floor(at ?? day);
      if (now >= run.first && now <= run.last) onPick(pick(this.view, run, now, layers, left, top));
    }
  }

  /** Takes hold of a site; false where there is none, or it may not be moved. */
  hold(left, top) {
    const site = this.props.onMove ? this.siteAt(left, top) : -1;
    if (site < 0) return false;
    const [lat, lon] = this.props.sites[site];
    this.moving = { site, lat, lon };
    this.redraw();
    return true;
  }

  carry(left, top) {
    const [x, y] = this.view.toLand(left, top);
    if (cercleAt(this.painter.land, x, y)) [this.moving.lat, this.moving.lon] = toLatLon(x, y);
    this.redraw();
  }

  put() {
    const { site, lat, lon } = this.moving;
    this.moving = null;
    const [oldLat, oldLon] = this.props.sites[site];
    if (lat !== oldLat || lon !== oldLon) this.props.onMove(site, lat, lon);
    this.redraw();
  }

  remove(left, top) {
    const site = this.props.onRemove ? this.siteAt(left, top) : -1;
    if (site >= 0) this.props.onRemove(site);
  }

  key(event) {
    const middle = [this.view.width / 2, this.view.height / 2];
    const arrow = ARROWS[event.key];
    if (arrow) this.pan(arrow[0] * PAN_PIXELS, arrow[1] * PAN_PIXELS);
    else if (event.key === "Enter") this.press(...middle, true);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(...middle);
    else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.aimed = true;
    this.redraw();
  }

  /** The cross in the middle shows only while the keyboard is used. */
  focus(has) {
    this.aimed = has && this.canvas.matches(":focus-visible");
    this.redraw();
  }

  free() {
    cancelAnimationFrame(this.asked);
    this.props?.linked?.maps.delete(this);
    this.gestures.free();
    this.painter.free();
  }
}

function Buttons({ map }) {
  const act = (what) => () => what(map.current);
  return html`
    <div class="map-buttons" role="group" aria-label=${t("watch_zoom")}>
      <button class="button" data-test="zoom-in" aria-label=${t("watch_zoom_in")} title=${t("watch_zoom_in")}
        onClick=${act((m) => m.zoom(STEP))}>+</button>
      <button class="button" data-test="zoom-out" aria-label=${t("watch_zoom_out")} title=${t("watch_zoom_out")}
        onClick=${act((m) => m.zoom(1 / STEP))}>−</button>
      <button class="button" data-test="zoom-reset" aria-label=${t("watch_zoom_reset")} title=${t("watch_zoom_reset")}
        onClick=${act((m) => m.reset())}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M2 6V2h4M14 6V2h-4M2 10v4h4M14 10v4h-4"
          fill="none" stroke="currentColor" stroke-width="1.8" /></svg></button>
    </div>`;
}

/**
 * A map. Takes the size of its box (class "map-box"; give it a height by CSS).
 *
 * land: unpacked /land. run: Frames or null. day (or `at`, which may lie between two days). layers: names out of
 * look.js LAYERS. label: what a screen reader says. small: no buttons, and the wheel zooms only with the focus.
 * linked: LinkedViews. picked: what was picked; onPick(found or null). sites: [[lat, lon], ..] with
 * onPlace(lat, lon, cercle), onMove(index, lat, lon), onRemove(index); with onPlace nothing is picked.
 * controls: a ref that is given {zoom(factor), reset(), show(at), painter}.
 */
export function MapCanvas(props) {
  const { land, label, small = false, linked, controls } = props;
  const canvas = useRef(null);
  const map = useRef(null);
  const [size, sized] = useState(0);

  useLayoutEffect(() => {
    const live = new LiveMap(canvas.current, land);
    map.current = live;
    linked?.maps.add(live);
    if (controls) controls.current = live;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      live.painter.resize(contentRect.width, contentRect.height);
      sized((n) => n + 1);
    });
    observer.observe(canvas.current.parentElement);
    return () => {
      observer.disconnect();
      live.free();
      if (controls) controls.current = null;
    };
  }, [land]);

  const { run, day, at = day, layers, picked, sites } = props;
  const has = Boolean(run) && at !== null && run.last >= Math.floor(at);
  useLayoutEffect(() => {
    map.current.props = props;
  });
  useLayoutEffect(() => {
    if (map.current.view.width > 1) map.current.draw();
  }, [land, run, at, has, layers, picked, sites, size]);

  useEffect(() => {
    const density = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    const again = () => {
      const { view } = map.current;
      map.current.painter.resize(view.width, view.height);
      map.current.redraw();
    };
    density.addEventListener("change", again);
    return () => density.removeEventListener("change", again);
  }, []);

  return html`
    <div class=${`map-box ${small ? "map-small" : ""}`}>
      <canvas ref=${canvas} class=${props.onPlace ? "map-canvas map-placing" : "map-canvas"} tabindex="0" role="application"
        aria-label=${label} aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Enter + -" data-arrows
        data-test="map" onKeyDown=${(e) => map.current.key(e)} onFocus=${() => map.current.focus(true)}
        onBlur=${() => map.current.focus(false)}></canvas>
      ${!small && html`<${Buttons} map=${map} />`}
    </div>`;
}

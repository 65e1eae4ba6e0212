// Pointer and wheel on a map: drag pans, two fingers pinch, the wheel zooms, a press without a move is a press.

const STILL_PIXELS = 5;
const WHEEL = 0.0016; // zoom of one pixel of wheel

/** Listens on a canvas, and tells `map` (zoom, pan, press, hold, carry, put, remove, wheelZooms) what was meant. */
export class Gestures {
  constructor(canvas, map) {
    this.canvas = canvas;
    this.map = map;
    this.pointers = new Map();
    this.moved = false;
    this.holding = false;
    this.ends = new AbortController();
    const listen = (name, act, more = {}) => {
      canvas.addEventListener(name, (event) => act.call(this, event), { signal: this.ends.signal, ...more });
    };
    listen("pointerdown", this.down);
    listen("pointermove", this.move);
    listen("pointerup", this.up);
    listen("pointercancel", this.cancel);
    listen("wheel", this.wheel, { passive: false });
    listen("dblclick", (event) => map.remove(event.offsetX, event.offsetY));
  }

  free() {
    this.ends.abort();
  }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.pointers.size === 1) {
      this.moved = false;
      this.holding = this.map.hold(event.offsetX, event.offsetY);
    }
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.offsetX, event.offsetY];
    const far = Math.hypot(now[0] - before[0], now[1] - before[1]) > STILL_PIXELS;
    if (!this.moved && !far && this.pointers.size === 1) return;
    this.moved = true;
    if (this.pointers.size > 1) this.pinch(event.pointerId, before, now);
    else if (this.holding) this.map.carry(...now);
    else this.map.pan(now[0] - before[0], now[1] - before[1]);
    this.pointers.set(event.pointerId, now);
  }

  /** One of two fingers moved: the land between them follows. */
  pinch(id, before, now) {
    const other = [...this.pointers].find(([pointer]) => pointer !== id)[1];
    const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
    const middle = ([x, y]) => [(x + other[0]) / 2, (y + other[1]) / 2];
    const [from, to] = [middle(before), middle(now)];
    this.map.pan(to[0] - from[0], to[1] - from[1]);
    if (apart(before) > STILL_PIXELS) this.map.zoom(apart(now) / apart(before), ...to);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.pointers.size) return;
    if (this.holding) this.map.put();
    else if (!this.moved) this.map.press(event.offsetX, event.offsetY);
    this.holding = false;
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    if (this.holding) this.map.put();
    this.holding = false;
  }

  wheel(event) {
    if (!this.map.wheelZooms && !event.ctrlKey) return;
    event.preventDefault();
    this.map.zoom(Math.exp(-event.deltaY * WHEEL), event.offsetX, event.offsetY);
  }
}

// The time of the run that is watched: a day number that may lie between two days while it plays. Nothing moves unless
// this time moves.

import { useEffect, useState } from "../vendor/preact-htm.js";

export const SPEEDS = [7, 15, 30, 60, 120]; // days a second
const MOST_GAP = 0.25; // seconds that one picture may add: a page that was hidden does not leap
const TEXT_GAP = 100; // ms between two renderings of numbers and dates while it plays; the map is drawn every time
const calm = matchMedia("(prefers-reduced-motion: reduce)");

class Player {
  constructor() {
    this.at = null;
    this.playing = false;
    this.speed = 30;
    this.frames = null;
    this.listeners = new Set();
    this.drawers = new Set(); // called with every picture while it plays
    this.told = 0;
    this.asked = 0;
    this.before = 0;
  }

  tell() {
    this.told = performance.now();
    for (const listener of [...this.listeners]) listener({});
  }

  /** Another run begins: its first day is shown as soon as it arrives, and it plays on if the last one did. */
  reset() {
    this.frames = null;
    this.at = null;
    this.tell();
  }

  arrived(frames) {
    this.frames = frames;
    this.at ??= frames.first;
  }

  /** What is drawn: whole days where the visitor wants no motion, and fractions only while it plays. */
  get shown() {
    return this.playing && !calm.matches ? this.at : this.at === null ? null : Math.floor(this.at);
  }

  get ended() {
    return this.frames !== null && this.at !== null && this.at >= this.frames.end - 1;
  }

  play() {
    if (this.ended) this.at = this.frames.first;
    this.playing = true;
    this.before = performance.now();
    this.next();
    this.tell();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.asked);
    if (this.at !== null) this.at = Math.floor(this.at);
    this.tell();
  }

  next() {
    cancelAnimationFrame(this.asked);
    this.asked = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    const gap = Math.min(Math.max(now - this.before, 0) / 1000, MOST_GAP);
    this.before = now;
    if (this.frames && this.at !== null) {
      const at = Math.min(this.at + gap * this.speed, this.frames.last);
      if (at !== this.at) {
        this.at = at;
        if (now - this.told >= TEXT_GAP) this.tell();
        for (const draw of this.drawers) draw(this.shown);
      }
      if (this.ended) return this.pause();
    }
    this.next();
  }

  /** Shows a day, or the nearest that has arrived. */
  seek(day) {
    if (!this.frames) return;
    this.at = Math.min(Math.max(Math.floor(day), this.frames.first), this.frames.last);
    this.before = performance.now();
    this.tell();
  }

  step(days) {
    if (this.playing) this.pause();
    if (this.at !== null) this.seek(this.at + days);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.tell();
  }
}

export const player = new Player();

/** The player, in a component that is drawn anew whenever its time or state changes. */
export function usePlayer() {
  const [, look] = useState({});
  useEffect(() => {
    player.listeners.add(look);
    return () => {
      player.listeners.delete(look);
      if (player.listeners.size === 0) player.pause();
    };
  }, []);
  return player;
}

// One run as it arrives: the world, then days in chunks of typed arrays that are kept as they came.

import { PREVENTED } from "./marks.js";

const MORE = 1.6; // growth of the arrays of events
const EVENT_COLUMNS = {
  day: Int32Array, x: Float32Array, y: Float32Array, kind: Uint8Array, mark: Uint8Array, deaths: Uint16Array,
  village: Int32Array, cell: Uint16Array, outcome: Uint8Array, answer: Uint8Array,
};

/** The log of events in the order of days; columns as in EVENT_COLUMNS, `length` rows of them filled. */
export class Events {
  constructor(firstDay) {
    this.firstDay = firstDay;
    this.length = 0;
    this.ends = []; // by day: rows up to the end of that day
    this.room(256);
  }

  room(rows) {
    for (const [name, Type] of Object.entries(EVENT_COLUMNS)) {
      const larger = new Type(rows);
      if (this[name]) larger.set(this[name].subarray(0, this.length));
      this[name] = larger;
    }
  }

  /** Rows up to the end of a day. */
  until(day) {
    if (day < this.firstDay || !this.ends.length) return 0;
    return this.ends[Math.min(day - this.firstDay, this.ends.length - 1)];
  }

  add(days) {
    const rows = days.arrays.event_day.length;
    if (this.length + rows > this.day.length) this.room(Math.ceil(MORE * (this.length + rows)));
    const order = Uint32Array.from({ length: rows }, (_, k) => k);
    order.sort((one, other) => days.arrays.event_day[one] - days.arrays.event_day[other]);
    for (const name of Object.keys(EVENT_COLUMNS)) {
      const column = days.arrays[`event_${name}`];
      order.forEach((from, k) => { this[name][this.length + k] = column[from]; });
    }
    let row = this.length;
    this.length += rows;
    for (let day = days.first; day < days.first + days.count; day += 1) {
      while (row < this.length && this.day[row] <= day) row += 1;
      this.ends.push(row);
    }
  }
}

/** A run: `world` is the first message; days are added in their order. */
export class Frames {
  constructor(world) {
    this.world = world;
    this.first = world.first;
    this.end = world.end;
    this.chunks = [];
    this.chunkOf = []; // by day
    this.events = new Events(world.first);
    this.harmed = null;
  }

  /** Last day that has arrived; one before the first while none has. */
  get last() {
    return this.first + this.chunkOf.length - 1;
  }

  get complete() {
    return this.last >= this.end - 1;
  }

  add(days) {
    if (days.first !== this.last + 1) throw new RangeError(`day ${days.first} came after day ${this.last}`);
    for (let k = 0; k < days.count; k += 1) this.chunkOf.push(this.chunks.length);
    this.chunks.push(days);
    this.events.add(days);
  }

  /** The row of an array on a day, a view without a copy. */
  row(name, day) {
    const chunk = this.chunks[this.chunkOf[day - this.first]];
    const columns = chunk.shapes[name][1];
    const start = (day - chunk.first) * columns;
    return chunk.arrays[name].subarray(start, start + columns);
  }

  /** Totals to date by key. */
  totals(day) {
    const values = this.row("totals", day);
    return Object.fromEntries(this.world.columns.map((key, k) => [key, values[k]]));
  }

  /** TOBs of a day: [{slot, status, x, y, people}], free slots among them. */
  tobs(day) {
    const [status, x, y, people] = ["tob_status", "tob_x", "tob_y", "tob_people"].map((name) => this.row(name, day));
    return Array.from(status, (value, slot) => ({ slot, status: value, x: x[slot], y: y[slot], people: people[slot] }));
  }

  /** Where units are at a moment: between two days on the straight line from one to the other. */
  places(units, at) {
    const day = Math.floor(at);
    const [x, y] = [this.row(`${units}_x`, day), this.row(`${units}_y`, day)];
    const share = at - day;
    if (share === 0 || day >= this.last) return [x, y];
    const [nextX, nextY] = [this.row(`${units}_x`, day + 1), this.row(`${units}_y`, day + 1)];
    const between = (now, next) => now.map((value, k) => value + share * (next[k] - value));
    return [between(x, nextX), between(y, nextY)];
  }

  /** Killed in each village up to a day; worked out onwards from the day asked for before. */
  killed(day) {
    if (!this.harmed || day < this.harmed.day) {
      this.harmed = { day: this.first - 1, row: 0, killed: new Uint16Array(this.world.arrays.village_x.length) };
    }
    const { events } = this;
    const end = events.until(day);
    for (let k = this.harmed.row; k < end; k += 1) {
      if (events.outcome[k] !== PREVENTED && events.village[k] >= 0) {
        this.harmed.killed[events.village[k]] += events.deaths[k];
      }
    }
    Object.assign(this.harmed, { day, row: end });
    return this.harmed.killed;
  }

  /** What happened in a cell up to a day: events that took place, deaths in them, and how many were prevented. */
  inCell(cell, day) {
    const { events } = this;
    const found = { events: 0, deaths: 0, prevented: 0 };
    for (let k = events.until(day) - 1; k >= 0; k -= 1) {
      if (events.cell[k] !== cell) continue;
      if (events.outcome[k] === PREVENTED) found.prevented += 1;
      else Object.assign(found, { events: found.events + 1, deaths: found.deaths + events.deaths[k] });
    }
    return found;
  }
}

// Kilometres, degrees and pixels. The projection is that of abm/geography.py: kilometres east and north of 7.0 °W,
// 12.4 °N, equirectangular, true to scale at 14.3 °N.

const LON0 = -7.0;
const LAT0 = 12.4;
const KM_PER_DEGREE_LON = 111.32 * Math.cos((14.3 * Math.PI) / 180);
const KM_PER_DEGREE_LAT = 110.574;

const CLOSEST = 16; // most zoom; 1 shows the whole region

/** Degrees (WGS84) to [x, y] in km. */
export function toKm(lat, lon) {
  return [(lon - LON0) * KM_PER_DEGREE_LON, (lat - LAT0) * KM_PER_DEGREE_LAT];
}

/** Kilometres to [latitude, longitude] in degrees, the inverse of toKm. */
export function toLatLon(x, y) {
  return [y / KM_PER_DEGREE_LAT + LAT0, x / KM_PER_DEGREE_LON + LON0];
}

const between = (value, low, high) => Math.min(Math.max(value, low), high);

/** Which part of the land a canvas shows: sizes in CSS pixels, land in km. */
export class Viewport {
  /** `extent` is [west, east, south, north] in km. */
  constructor(extent) {
    this.extent = extent;
    this.width = 1;
    this.height = 1;
    this.reset();
  }

  /** Pixels to a km when the whole extent is shown. */
  get fitting() {
    const [west, east, south, north] = this.extent;
    return Math.min(this.width / (east - west), this.height / (north - south));
  }

  get scale() {
    return this.fitting * this.zoom;
  }

  /** Changes whenever anything drawn at a place would have to be drawn elsewhere. */
  get key() {
    return [this.width, this.height, this.x, this.y, this.zoom].join(" ");
  }

  resize(width, height) {
    this.width = Math.max(width, 1);
    this.height = Math.max(height, 1);
  }

  reset() {
    const [west, east, south, north] = this.extent;
    this.x = (west + east) / 2;
    this.y = (south + north) / 2;
    this.zoom = 1;
  }

  toScreen(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  toLand(left, top) {
    return [this.x + (left - this.width / 2) / this.scale, this.y - (top - this.height / 2) / this.scale];
  }

  /** Zooms by a factor; the land under a pixel stays there. */
  zoomAt(factor, left = this.width / 2, top = this.height / 2) {
    const [x, y] = this.toLand(left, top);
    this.zoom = between(this.zoom * factor, 1, CLOSEST);
    const [nowX, nowY] = this.toLand(left, top);
    this.moveTo(this.x + x - nowX, this.y + y - nowY);
  }

  panBy(right, down) {
    this.moveTo(this.x - right / this.scale, this.y + down / this.scale);
  }

  /** Centre of the view; it never leaves the extent, so the region cannot be lost. */
  moveTo(x, y) {
    const [west, east, south, north] = this.extent;
    this.x = between(x, west, east);
    this.y = between(y, south, north);
  }
}

/** Whether a point lies inside closed rings of points (Float32Array of x, y pairs) by the even-odd rule. */
export function insideRings(points, rings, x, y) {
  let inside = false;
  for (const [start, count] of rings) {
    for (let k = start, before = start + count - 1; k < start + count; before = k, k += 1) {
      const [x1, y1, x2, y2] = [points[2 * k], points[2 * k + 1], points[2 * before], points[2 * before + 1]];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
    }
  }
  return inside;
}

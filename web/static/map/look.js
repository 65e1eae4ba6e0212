// Colours, sizes and shapes of everything on a map; the colours are those of abm/views/palette.py.

export const SAND = "#F4F0E6";
export const OUTSIDE = "#ECE7DA";
export const CERCLE_LINE = "#B9AF9B";
export const ZONE_LINE = "#8C826E";
export const WATER = "#A9C9DD";
export const RIVER = "#74A9CB";
export const FLOODED = "#CFE3EC";
export const FLOOD_HATCH = "#B5D2E0";
export const ROAD = "#C7B68F";
export const VILLAGE = "#A79D89";
export const TEXT = "#2B2A27";
export const QUIET_TEXT = "#5E5748";
export const EDGE = "#2B2A27";
export const UN = "#56B4E9";
export const UN_DARK = "#1F6E9E"; // UN blue, darkened for lines as thin as a ring
export const COMMUNITIES = ["dogon", "fulani", "bambara", "bozo", "songhay", "other"];
export const COMMUNITY_FILLS = ["#B88A4A", "#A8849B", "#7E9A6B", "#5F93A8", "#9A8F5C", "#8F8F8F"];

// Killed in a village so far in this run: a hue that no actor has.
export const HARM = [
  { from: 1, colour: "#C99AA6" },
  { from: 5, colour: "#A65A70" },
  { from: 20, colour: "#792845" },
  { from: 50, colour: "#420D24" },
];

export const [JIHADISTS, DOGON_DOZO, FULANI_MILITIA, NATIONAL, UNIDENTIFIED] = [0, 1, 2, 3, 4];
export const PERPETRATORS = [
  { key: "jihadists", colour: "#D55E00", shape: "triangle" },
  { key: "dogon_dozo", colour: "#E69F00", shape: "square" },
  { key: "fulani_militia", colour: "#CC79A7", shape: "diamond" },
  { key: "national_forces", colour: "#0072B2", shape: "circle" },
  { key: "unidentified", colour: "#7F7F7F", shape: "cross" },
];

export const FONT = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", "Liberation Sans", sans-serif';

// -- what layers there are; the first eight have the keys 1 to 8 --------------------------------------------------------

export const LAYERS = [
  "villages", "bands", "army", "un", "tob_reach", "attacks", "travel_time", "flood", "communities", "harm", "places",
];
export const SHOWN = ["villages", "bands", "army", "un", "tob_reach", "attacks", "flood", "places"];

// -- widths of marks in pixels on a map as wide as USUAL_WIDTH ----------------------------------------------------------

const POINT = 4 / 3; // pixels to a typographic point
export const USUAL_WIDTH = 912;
export const ATTACK_DAYS = 30;
const FAINTEST = 0.18;

/** Settlements: area in proportion to people, with a floor that keeps hamlets visible. */
export const villageWidth = (people) => POINT * Math.max(1.1, 0.035 * Math.sqrt(people));
/** Bands: area in proportion to fighters. */
export const bandWidth = (fighters) => POINT * 0.68 * Math.sqrt(Math.max(fighters, 4));
/** National forces: area in proportion to units at one place. */
export const armyWidth = (units) => POINT * 3.9 * Math.sqrt(units);
/** UN troops at one place. */
export const troopsWidth = (troops) => POINT * Math.max(5, 0.46 * Math.sqrt(troops));
/** Ring of an attack: grows with deaths, and one without deaths still shows. */
export const attackWidth = (deaths) => POINT * (7 + 3.1 * Math.sqrt(deaths));
/** Opacity of an attack: 1 on its day, fading linearly over ATTACK_DAYS. */
export const attackAlpha = (age) => 1 - ((1 - FAINTEST) * age) / ATTACK_DAYS;
export const UNIT_WIDTH = POINT * 5;
export const TOB_WIDTH = POINT * 11;

/** Size of all marks on a map: smaller on a small one, larger as it is zoomed, though less than the land. */
export function markScale(view) {
  const [west, east] = view.extent;
  const wide = (view.fitting * (east - west)) / USUAL_WIDTH;
  return Math.min(Math.max(wide, 0.42), 1.6) * Math.sqrt(Math.sqrt(view.zoom));
}

// -- shapes -------------------------------------------------------------------------------------------------------------

function polygon(path, x, y, radius, corners, turned) {
  for (let k = 0; k < corners; k += 1) {
    const angle = turned + (2 * Math.PI * k) / corners;
    path[k ? "lineTo" : "moveTo"](x + radius * Math.sin(angle), y - radius * Math.cos(angle));
  }
  path.closePath();
}

function cross(path, x, y, half) {
  const arm = half * 0.5;
  const steps = [
    [-arm, -half], [0, -arm], [arm, -half], [half, -arm], [arm, 0], [half, arm],
    [arm, half], [0, arm], [-arm, half], [-half, arm], [-arm, 0], [-half, -arm],
  ];
  steps.forEach(([right, down], k) => path[k ? "lineTo" : "moveTo"](x + right, y + down));
  path.closePath();
}

const SHAPES = {
  circle(path, x, y, width) {
    path.moveTo(x + width / 2, y);
    path.arc(x, y, width / 2, 0, 2 * Math.PI);
  },
  square: (path, x, y, width) => path.rect(x - width / 2, y - width / 2, width, width),
  triangle(path, x, y, width) {
    path.moveTo(x, y - width / 2);
    path.lineTo(x + width / 2, y + width / 2);
    path.lineTo(x - width / 2, y + width / 2);
    path.closePath();
  },
  diamond: (path, x, y, width) => polygon(path, x, y, width * 0.66, 4, 0),
  cross: (path, x, y, width) => cross(path, x, y, width / 2),
  hexagon: (path, x, y, width) => polygon(path, x, y, width / 2, 6, 0),
};

/** Adds a shape of a width, centred on a point, to the path of a context. */
export function trace(path, shape, x, y, width) {
  SHAPES[shape](path, x, y, width);
}

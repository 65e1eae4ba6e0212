// The charts of every place. They draw numbers that were computed elsewhere, and say them in words beside the picture.

export {Distribution} from "./charts/distribution.js";
export {DotInterval} from "./charts/dot_interval.js";
export {Lines} from "./charts/lines.js";
export {PriorCurve} from "./charts/prior_curve.js";
export {Tornado} from "./charts/tornado.js";
export {effectText, isIdentical} from "./charts/wording.js";

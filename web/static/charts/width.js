// How wide a chart may be: pictures are drawn in pixels of the screen, so that their text keeps its size.

import {useEffect, useRef, useState} from "../vendor/preact-htm.js";

const LEAST = 240;

/** [ref for the element around a chart, its width in pixels]. */
export function useWidth(first = 640) {
  const place = useRef(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const measure = () => place.current && setWidth(Math.max(LEAST, Math.floor(place.current.clientWidth)));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return [place, width];
}

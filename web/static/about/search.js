// Finding words in what is shown, without regard to accents or capitals, and marking them.

const MOST_MARKED = 1500;
const texts = new WeakMap();

/** Text as it is compared: lower case, no accents, plain spaces and apostrophes; as long as the original. */
export function folded(text) {
  return Array.from({length: text.length}, (_, i) => plain(text[i])).join("");
}

const known = new Map();

function plain(letter) {
  let found = known.get(letter);
  if (found === undefined) {
    found = /\s/.test(letter) ? " " : letter === "’" ? "'" : letter.toLowerCase().normalize("NFD")[0] ?? letter;
    known.set(letter, found);
  }
  return found;
}

function textOf(element) {
  if (!texts.has(element)) texts.set(element, folded(element.textContent));
  return texts.get(element);
}

function* placesIn(text, wanted) {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) yield at;
}

/** Take all marks out of an element again. */
export function unmark(root) {
  for (const mark of root.querySelectorAll("mark")) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
}

/** Mark words in each element; returns how many passages each has, and the first mark of every passage. */
export function markAll(elements, words) {
  const wanted = folded(words.trim()).replace(/ +/g, " ");
  const counts = new Map();
  const firsts = [];
  for (const element of elements) {
    const places = [...placesIn(textOf(element), wanted)];
    if (!places.length) continue;
    counts.set(element, places.length);
    if (firsts.length < MOST_MARKED) firsts.push(...markPlaces(element, places, wanted.length));
  }
  return {counts, firsts};
}

function markPlaces(element, places, length) {
  const firsts = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let node = walk.nextNode(), at = 0; node; node = walk.nextNode()) {
    nodes.push({node, at});
    at += node.length;
  }
  // From the end, so that what is split does not move what is still to be found.
  let last = nodes.length - 1;
  for (const place of places.toReversed()) {
    let first = null;
    while (last > 0 && nodes[last].at >= place + length) last--;
    for (let i = last; i >= 0; i--) {
      const {node, at} = nodes[i];
      if (at + node.length > place) first = markPiece(node, Math.max(place - at, 0), Math.min(place + length - at, node.length));
      if (at <= place) break;
    }
    if (first) firsts.push(first);
  }
  return firsts.reverse();
}

function markPiece(node, from, to) {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  const mark = document.createElement("mark");
  range.surroundContents(mark);
  return mark;
}

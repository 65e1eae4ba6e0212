// Reads what web/packing.py packs: a header as JSON, then arrays that are used where they lie, without a copy.

const TYPES = {
  u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array,
  u4: Uint32Array, i4: Int32Array, f4: Float32Array, f8: Float64Array,
};

/** Header of a packed message with `arrays` by name and their `shapes`; `from` is where the message starts. */
export function unpack(buffer, from = 0) {
  const length = new DataView(buffer).getUint32(from, true);
  const start = from + 4 + length;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, from + 4, length)));
  const arrays = {};
  const shapes = {};
  for (const [name, kind, shape, at] of header.arrays) {
    arrays[name] = new TYPES[kind](buffer, start + at, shape.reduce((all, n) => all * n, 1));
    shapes[name] = shape;
  }
  return {...header, arrays, shapes};
}

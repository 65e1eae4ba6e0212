// Files that come in: their bytes become text here, and nowhere else.

import {number, t} from "./words.js";

const KILO = 1000;
const MOST = 8000; // kB of the largest kind, as web/uploads.py reads them: more is not even sent

/**
 * The text of a file, in UTF-8; where the bytes are none, in Windows-1252, as spreadsheets save with accents.
 * Rejects with an Error whose message is a sentence for the visitor.
 */
export async function readText(file) {
  if (file.size > MOST * KILO) {
    const size = number(Math.ceil(file.size / KILO));
    throw new Error(t("uploads_too_large", {name: file.name, size, most: number(MOST)}));
  }
  let bytes;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    throw new Error(t("uploads_unreadable", {name: file.name}));
  }
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// Files that come in.

import { readText } from "../files.js";

/** Name and text of the file chosen in an input; the input is emptied, so that the same file can be chosen again. */
export async function chosenFile(input) {
  const file = input.files[0];
  if (!file) return null;
  input.value = "";
  return { name: file.name, text: await readText(file) };
}

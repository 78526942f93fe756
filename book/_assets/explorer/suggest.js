// Suggestions while a phrase is being typed.

import { beginning, MOST_WORDS } from "./query.js";
import { fold, stripMarks } from "./words.js";

const MOST = 8;
const MOST_ENTRIES = 4;

/**
 * A suggestion: label, text for the field, whether it is a phrasebook entry.
 * @typedef {{label: string, ask: string, entry: boolean, zh: string}} Suggestion
 */

/**
 * Phrasebook entries first, then the most frequent n-grams of the same length.
 * @param {import("./data.js").Data} data
 * @param {string} text
 * @returns {Promise<Suggestion[]>}
 */
export async function suggestions(data, text) {
  const index = await data.index();
  const { begun, prefix, size } = beginning(text.normalize("NFKC"));
  if (!begun.length || /["“”„«»*]/u.test(text)) return [];
  const entries = entriesLike(index, text);
  if (/\p{Script=Han}/u.test(text)) return entries; // the tables of n-grams are English
  if (size > MOST_WORDS) return entries;
  const listed = new Set(entries.map((e) => fold(e.ask)));
  const ngrams = (await data.completions(prefix, size, MOST))
    .filter((key) => !listed.has(fold(key)))
    .map((key) => ({ label: key, ask: key, entry: Object.hasOwn(index.names, fold(key)), zh: "" }));
  return [...entries, ...ngrams].slice(0, MOST);
}

/**
 * Entries whose name begins with the input, then those with a later word that begins with it.
 * @param {import("./data.js").Index} index
 * @param {string} text
 * @returns {Suggestion[]}
 */
function entriesLike(index, text) {
  const sought = fold(text.normalize("NFKC"));
  if (!sought) return [];
  /** @type {Map<number, number>} */
  const ranks = new Map();
  const better = (/** @type {number} */ place, /** @type {number} */ rank) =>
    ranks.set(place, Math.min(rank, ranks.get(place) ?? 9));
  for (const [name, place] of Object.entries(index.names)) {
    if (name.startsWith(sought) || name.startsWith(stripMarks(sought))) better(place, 0);
    else if (name.includes(` ${sought}`)) better(place, 1);
  }
  index.entries.forEach(([, , zh], place) => {
    if (zh.includes(text.trim())) better(place, 0);
  });
  // the input may be a part of a Chinese variant
  if (/\p{Script=Han}/u.test(sought)) {
    for (const [wording, place] of Object.entries(index.wordings)) {
      if (wording.includes(sought)) better(place, 1);
    }
  }
  return [...ranks]
    .sort((a, b) => a[1] - b[1] || a[0] - b[0])
    .slice(0, MOST_ENTRIES)
    .map(([place]) => {
      const [, label, zh, , ask] = index.entries[place];
      return { label, zh, ask, entry: true };
    });
}

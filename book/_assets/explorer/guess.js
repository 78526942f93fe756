// "Did you mean": entries inside a phrase, entries and words with a similar spelling, entries that
// share a word, and the longest parts that are counted.

import { find, read } from "./own.js";
import { MOST_WORDS } from "./query.js";
import { sum } from "./stats.js";
import { fold } from "./words.js";

const MOST = 4;

/**
 * Edit distance of two words: changes, insertions, deletions, swaps; more than two count as
 * three (Damerau 1964, without editing the same position twice).
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function distance(a, b) {
  if (Math.abs(a.length - b.length) > 2) return 3;
  /** @type {number[][]} */
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2][j - 2] + 1);
      }
      row.push(least);
    }
    if (Math.min(...row) > 2) return 3;
    rows.push(row);
  }
  return rows[a.length][b.length];
}

/** How many letters may be wrong: none in short words, two in long ones. @param {string} text */
const slack = (text) => (text.length < 4 ? 0 : text.length < 8 ? 1 : 2);

/** Most words of a phrase whose parts are looked up; each part may need another file. */
const MOST_READ = 16;

/**
 * Suggestions: entries first, then the phrase with corrected words. If the phrase is too long to be
 * counted, or there is no suggestion, also its longest parts that are counted.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @returns {Promise<{meant: {label: string, ask: string}[], pieces: {label: string, ask: string}[]}>}
 */
export async function guess(data, index, term) {
  const sought = fold(term.text);
  const long = term.size > MOST_WORDS;
  /** @type {Map<string, {label: string, ask: string, far: number}>} */
  const found = new Map();
  const book = long && await data.phrasebook();
  for (const { entry, start, stop } of book ? find(read(term.text, book.simplified), book) : []) {
    const [id, label, , , ask] = index.entries[entry];
    found.set(id, { label, ask, far: start - stop });
  }
  for (const table of [index.names, index.wordings]) {
    for (const [name, place] of Object.entries(table)) {
      const far = distance(name, sought);
      const [id, label, , , ask] = index.entries[place];
      if (far <= slack(sought) && far < (found.get(id)?.far ?? 9)) {
        found.set(id, { label, ask, far });
      }
    }
  }
  const entries = [...found.values()].sort((a, b) => a.far - b.far).slice(0, MOST);
  const words = await Promise.all(long ? [] : term.words.map((word) => spelt(data, word)));
  const again = words.join(" ");
  if (!long && again !== term.words.join(" ") && !entries.some(({ ask }) => fold(ask) === fold(again))) {
    entries.push({ label: again, ask: again, far: 0 });
  }
  const there = new Set(entries.map(({ ask }) => ask));
  const akin = sharing(index, term.words).filter(({ ask }) => !there.has(ask));
  const meant = [...entries, ...akin].slice(0, MOST).map(({ label, ask }) => ({ label, ask }));
  return { meant, pieces: long || !meant.length ? await longest(data, term.words) : [] };
}

/**
 * The longest parts of a phrase that are counted, the rarest first.
 * @param {import("./data.js").Data} data
 * @param {string[]} words
 */
async function longest(data, words) {
  const some = words.slice(0, MOST_READ);
  for (let size = Math.min(MOST_WORDS, some.length - 1); size > 0; size -= 1) {
    const parts = some.slice(size - 1).map((_, at) => some.slice(at, at + size).join(" "));
    // parts that begin or end with a short word, such as "of the sea", say little
    const telling = parts.filter((part) => size === 1 || /^\S{4}(.* )?\S{4,}$/u.test(part));
    const counted = await Promise.all([...new Set(telling)].map(async (label) => {
      const counts = await data.ngram(label.split(" "));
      return { label, ask: label, n: counts ? sum(counts.years, (y) => y.n) : 0 };
    }));
    const there = counted.filter(({ n }) => n).sort((a, b) => a.n - b.n);
    // a word like "and" says little beside much rarer ones
    const rare = there.filter(({ n }) => size > 1 || n <= 100 * there[0].n);
    if (there.length) return rare.slice(0, MOST).map(({ label, ask }) => ({ label, ask }));
  }
  return [];
}

/**
 * Entries with a long word of the phrase in their names, those with most of them first.
 * @param {import("./data.js").Index} index
 * @param {string[]} words
 */
function sharing(index, words) {
  const sought = words.filter((word) => word.length > 3).map(fold);
  /** @type {Map<number, number>} */
  const found = new Map();
  for (const [name, place] of Object.entries(index.names)) {
    const parts = new Set(name.split(/[ -]/u));
    const shared = sought.filter((word) => parts.has(word)).length;
    if (shared > (found.get(place) ?? 0)) found.set(place, shared);
  }
  return [...found].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([place]) => {
    const [, label, , , ask] = index.entries[place];
    return { label, ask };
  });
}

/**
 * The word, or the most frequent one with a similar spelling. The first three letters must be
 * right, because other words are in other files.
 * @param {import("./data.js").Data} data
 * @param {string} word
 */
async function spelt(data, word) {
  if (!slack(word) || await data.ngram([word])) return word;
  const near = await data.beginning(word.slice(0, 3), 1, Infinity);
  let best = { word, far: slack(word) + 1, n: 0 };
  for (const [key, { years }] of near ?? []) {
    const far = distance(key, word);
    if (far <= best.far && far <= slack(word)) {
      const n = sum(years, (y) => y.n);
      if (far < best.far || n > best.n) best = { word: key, far, n };
    }
  }
  return best.word;
}

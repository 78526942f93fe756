// Decode counts in the shards: src/tifa/publish/explorer_codec.py encodes them and explains the format.

const ALPHABET = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i))
  .filter((c) => c !== '"' && c !== "\\");
const VALUE = new Map(ALPHABET.map((c, i) => [c, i]));
const BASE = ALPHABET.length;
const SMALL = BASE - 3;
const GAPS = 28;
const OTHER = BASE - 1;

/** Reads numbers off a string, one after the other. */
class Reader {
  /** @param {string} written */
  constructor(written) {
    if (typeof written !== "string") throw new Error("a row of counts is missing");
    this.written = written;
    this.place = 0;
  }

  get done() {
    return this.place >= this.written.length;
  }

  /** @returns {number} */
  digit() {
    const value = VALUE.get(this.written[this.place]);
    if (value === undefined) throw new Error("a row of counts is damaged");
    this.place += 1;
    return value;
  }

  /** @returns {number} */
  number() {
    const value = this.digit();
    if (value < SMALL) return value;
    let total = 0;
    for (let left = value - SMALL + 2; left > 0; left -= 1) total = total * BASE + this.digit();
    return total;
  }
}

/**
 * The last digit of a number, as one character.
 * @param {number} n
 */
export const lastDigit = (n) => ALPHABET[n % BASE];

/**
 * Pairs of numbers: country and count, or count and documents.
 * @param {string} written
 * @returns {[number, number][]}
 */
export function decodePairs(written) {
  const reader = new Reader(written);
  /** @type {[number, number][]} */
  const pairs = [];
  while (!reader.done) pairs.push([reader.number(), reader.number()]);
  return pairs;
}

/**
 * Documents and words of each year.
 * @param {string} written
 * @param {number} years
 * @returns {number[][]}
 */
export function decodeBases(written, years) {
  const pairs = decodePairs(written);
  if (pairs.length !== years) throw new Error("a row of years is damaged");
  return pairs;
}

/**
 * The place of a country's group of speakers in the index, in each year; -1 if it did not speak.
 * @param {string} written
 * @param {number} years
 * @returns {number[]}
 */
export function decodeGroups(written, years) {
  const reader = new Reader(written);
  const places = Array.from({ length: years }, () => reader.number() - 1);
  if (!reader.done) throw new Error("a row of groups is too long");
  return places;
}

/**
 * Counts by year.
 * @param {string} written
 * @param {number[][]} cells frequent pairs of occurrences and documents, written as one character
 * @param {number} years years of the corpus
 * @returns {{n: number, docs: number}[]} one a year, zeros included
 */
export function decodeYears(written, cells, years) {
  const found = Array.from({ length: years }, () => ({ n: 0, docs: 0 }));
  const reader = new Reader(written);
  for (let year = 0; !reader.done; year += 1) {
    const value = reader.digit();
    if (value < GAPS) {
      year += value;
      continue;
    }
    if (!found[year]) throw new Error("a row of counts is too long");
    if (value === OTHER) {
      const docs = reader.number();
      found[year] = { n: docs + reader.number(), docs };
    } else {
      const [n, docs] = cells[value - GAPS];
      found[year] = { n, docs };
    }
  }
  return found;
}

/**
 * Patterns, each with the number of a string that it resembles, and how much it has of its beginning
 * and end.
 * @param {string} written
 * @param {string[]} known strings that come first
 * @returns {string[]}
 */
export function decodeWordings(written, known) {
  const seen = [...known];
  for (const cell of written ? written.split("|") : []) {
    const [model, same, end] = Array.from(cell.slice(0, 3), (sign) => VALUE.get(sign) ?? -1);
    const like = seen[model];
    if (like === undefined || same < 0 || end < 0 || same + end > like.length) throw new Error("a wording is damaged");
    seen.push(like.slice(0, same) + cell.slice(3) + like.slice(like.length - end));
  }
  return seen.slice(known.length);
}

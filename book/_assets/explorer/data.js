// Fetches the files of the explorer, each once, and finds phrases in them.

import { decodePairs, decodeYears } from "./codec.js";
import { sum } from "./stats.js";

const FORMAT = 1;

/**
 * index.json, as src/tifa/explorer.py writes it.
 * @typedef {object} Index
 * @property {number} format
 * @property {number} first
 * @property {number[][]} years documents and words of each year
 * @property {number[][]} cells
 * @property {[string, string, number, number][]} countries code, name, documents, words
 * @property {[string, number, number][]} places label, documents, words
 * @property {string[][]} sections where each shard begins, by number of words
 * @property {Record<string, string[]>} suggest
 * @property {{word: number, ngram: number, top: number}} least
 * @property {number} wildcard
 * @property {string[][]} entries id, label, Chinese, and a query where the label is none
 * @property {Record<string, number>} names
 * @property {Record<string, number>} wordings
 */

/**
 * An n-gram or an entry, decoded.
 * @typedef {object} Counts
 * @property {{n: number, docs: number}[]} years
 * @property {[number, number][]} countries place in the index, and occurrences
 * @property {[number, number][]} places occurrences and documents
 * @property {[string[], ...number[]][]} [variants] of an entry: wordings and their counts
 */

/**
 * The shard in which a key would stand.
 * @param {string[]} starts
 * @param {string} key
 * @returns {number}
 */
export function shardOf(starts, key) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Data {
  /** @param {(name: string) => Promise<any>} fetchJson gives a file of the explorer */
  constructor(fetchJson) {
    this.fetchJson = fetchJson;
    /** @type {Map<string, Promise<any>>} */
    this.files = new Map();
    this.named = false;
  }

  /**
   * @param {string} name
   * @returns {Promise<any>}
   */
  file(name) {
    let promise = this.files.get(name);
    if (!promise) {
      promise = this.fetchJson(name);
      // what failed may be tried again
      promise.catch(() => this.files.delete(name));
      this.files.set(name, promise);
    }
    return promise;
  }

  /** @returns {Promise<Index>} */
  async index() {
    const index = await this.file("index.json");
    if (index.format !== FORMAT) throw new Error("the page is older than its data");
    if (!this.named) {
      this.named = true;
      index.entries.forEach((/** @type {string[]} */ [id], /** @type {number} */ place) => {
        index.names[id.replaceAll("-", " ")] = place;
      });
    }
    return index;
  }

  /**
   * @param {string} written
   * @returns {Promise<Counts>}
   */
  async decode(written) {
    const { cells, years } = await this.index();
    const [byYear = "", countries = "", places = ""] = written.split(" ");
    return {
      years: decodeYears(byYear, cells, years.length),
      countries: decodePairs(countries),
      places: decodePairs(places),
    };
  }

  /**
   * Counts of an n-gram; null where the table has none.
   * @param {string[]} words
   * @returns {Promise<Counts | null>}
   */
  async ngram(words) {
    const { sections } = await this.index();
    const starts = sections[words.length - 1];
    const key = words.join(" ");
    if (!starts?.length) return null;
    const shard = await this.file(`${words.length}/${shardOf(starts, key)}.json`);
    return Object.hasOwn(shard, key) ? this.decode(shard[key]) : null;
  }

  /**
   * Counts of a phrasebook entry, all wordings.
   * @param {string} id from the index, never from the query
   * @returns {Promise<Counts>}
   */
  async entry(id) {
    const { years, countries, places, variants } = await this.file(`entry/${id}.json`);
    return { ...(await this.decode(`${years} ${countries} ${places}`)), variants };
  }

  /**
   * N-grams that begin alike, in order; null where there are more than so many.
   * @param {string} prefix
   * @param {number} size words of the n-grams
   * @param {number} most
   * @returns {Promise<Map<string, string> | null>} n-gram to its row
   */
  async beginning(prefix, size, most) {
    const starts = (await this.index()).sections[size - 1] ?? [];
    const last = shardOf(starts, `${prefix}\uffff`);
    /** @type {Map<string, string>} */
    const found = new Map();
    for (let n = shardOf(starts, prefix); n >= 0 && n <= last; n += 1) {
      const shard = await this.file(`${size}/${n}.json`);
      for (const [key, row] of Object.entries(shard)) {
        if (key.startsWith(prefix)) found.set(key, row);
      }
      if (found.size > most) return null;
    }
    return found;
  }

  /**
   * The most frequent n-grams with a beginning.
   * @param {string} prefix
   * @param {number} size
   * @param {number} most
   * @returns {Promise<string[]>}
   */
  async completions(prefix, size, most) {
    const { suggest } = await this.index();
    if (Object.hasOwn(suggest, prefix)) {
      return suggest[prefix].slice(0, most).map((end) => prefix + end);
    }
    const found = await this.beginning(prefix, size, Infinity);
    const counted = [];
    for (const [key, row] of found ?? []) {
      counted.push({ key, n: sum((await this.decode(row)).years, (y) => y.n) });
    }
    counted.sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
    return counted.slice(0, most).map(({ key }) => key);
  }
}

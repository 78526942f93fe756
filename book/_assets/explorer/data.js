// Fetches the files of the explorer, each once, and finds phrases in them.

import { decodeBases, decodeGroups, decodePairs, decodeWordings, decodeYears, lastDigit } from "./codec.js";
import { expand, fits, slots } from "./own.js";
import { sum } from "./stats.js";
import { fold } from "./words.js";

const FORMAT = 7;

/**
 * A corpus other than the debates, counted by year.
 * @typedef {object} Room
 * @property {string} id
 * @property {string} label
 * @property {"en" | "zh"} language
 * @property {number} first
 * @property {number[][]} years documents and words of each year
 * @property {number[]} all documents and words of all years
 * @property {boolean} words whether Chinese words are counted there
 * @property {number} least fewest occurrences of a word in the table
 */

/**
 * index.json, as src/tifa/publish/explorer.py writes it, and values derived from it.
 * @typedef {object} Index
 * @property {number} format
 * @property {number} first
 * @property {number[][]} years documents and words of each year
 * @property {number[][]} cells frequent counts, which the shards write as one character (codec.js)
 * @property {[string, string, number, number][]} countries code, name, documents, words
 * @property {[string, number, number][]} places label, documents, words
 * @property {Room[]} rooms
 * @property {{label: string, years: number[][]}[]} speakers
 * @property {{word: number, ngram: number, top: number}} least fewest occurrences of a word and of
 *   an n-gram in the tables, and number of countries that are published for each
 * @property {number} wildcard most n-grams that a wildcard may add up
 * @property {string[][]} entries id, label, Chinese, pinyin, and a query for it
 * @property {Record<string, number>} names place in entries, by folded name
 * @property {Record<string, number>} wordings place in entries, by folded wording
 * @property {[string[][], number][]} wild slots of wordings with * or ?, and place in entries
 */

/**
 * An n-gram or an entry, decoded.
 * @typedef {object} Counts
 * @property {{n: number, docs: number}[]} years
 * @property {[number, number][]} countries place in the index, and occurrences
 * @property {[number, number][]} places occurrences and documents
 * @property {[string[], ...number[]][]} [variants] of an entry: wordings and their counts
 * @property {[string[], ...number[]][]} [chinese] the same in the rooms
 * @property {{n: number, docs: number}[][]} [speakers] by year, for each group of speakers
 * @property {({n: number, docs: number}[] | null)[]} [rooms] by year, for each room
 * @property {string[]} [kin] ids of entries to compare with
 * @property {[number, string[]]} [apart] number of speeches that the chapters count, and the wordings
 *   that they leave out
 * @property {string} [naming] why the chapters count fewer texts
 * @property {string} [doubt] that most hits are something else
 * @property {string} [mind] what else its wordings may mean
 */

/** A file is missing or damaged. It must not be taken for a phrase that does not occur. */
export class Damaged extends Error {}

/**
 * Number of the shard that would contain a key; -1 if the key is before all of them.
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

/**
 * Places of entries by their folded names, as in the library (src/tifa/lexicon/names.py).
 * @param {string[][]} entries
 * @returns {Record<string, number>}
 */
export function namesOf(entries) {
  /** @type {Record<string, number>} */
  const names = {};
  const add = (/** @type {string} */ name, /** @type {number} */ place) => {
    const folded = fold(name);
    if (folded && !Object.hasOwn(names, folded)) names[folded] = place;
  };
  entries.forEach(([id], place) => add(id, place));
  entries.forEach(([, label, zh, pinyin], place) => {
    const [, before, inside, after] = /^([^(]*)(?:\(([^)]*)\)?)?(.*)$/u.exec(label) ?? [];
    const acronym = inside && inside === inside.toUpperCase() ? inside : "";
    for (const name of [label, before + after, acronym, zh, pinyin]) add(name ?? "", place);
  });
  return names;
}

/** Matches most wordings, which need no folding: that would take most of the time of reading the index. */
const PLAIN = /^(?:[a-z]+(?: [a-z]+)*|[\u4e00-\u9fff]+)$/u;

/**
 * Places of entries by their wordings, as in the library (src/tifa/lexicon/names.py).
 * @param {string[]} written patterns of each entry (codec.js), with / for | between alternatives
 * @param {string[][]} entries
 * @param {Record<string, number>} names which are left out
 */
function wordingsOf(written, entries, names) {
  /** @type {Record<string, number>} */
  const wordings = {};
  /** @type {[string[][], number][]} */
  const wild = [];
  written.forEach((all, place) => {
    const [, label, zh] = entries[place];
    const patterns = decodeWordings(all, [label.toLowerCase().split(" (")[0], zh]);
    for (const pattern of patterns.map((one) => one.replaceAll("/", "|"))) {
      if (/[*?]/u.test(pattern)) {
        wild.push([slots(pattern).filter(([word]) => word !== "," && word !== "."), place]);
      } else {
        for (const one of expand(pattern).map((each) => (PLAIN.test(each) ? each : fold(each)))) {
          if (one && !Object.hasOwn(names, one) && !Object.hasOwn(wordings, one)) wordings[one] = place;
        }
      }
    }
  });
  return { wordings, wild };
}

/**
 * The place of the entry with this folded wording, or -1.
 * @param {Index} index
 * @param {string} name
 * @returns {number}
 */
export function worded({ wordings, wild }, name) {
  if (Object.hasOwn(wordings, name)) return wordings[name];
  const words = name.split(" ");
  const found = wild.find(([slot]) => slot.length === words.length &&
    slot.every((one, at) => fits(one, words[at], false)));
  return found ? found[1] : -1;
}

/**
 * Decode counts of a word in the rooms with words; null in those where it is too rare for the table.
 * @param {string[]} parts
 * @param {Index} index
 */
function inRooms(parts, { rooms, cells }) {
  return rooms.map((room) => {
    const years = room.words ? parts.shift() ?? "" : "";
    return years || (room.words && room.least === 1) ? decodeYears(years, cells, room.years.length) : null;
  });
}

/**
 * Decode a row of a shard: counts by year, by country, in the small corpora, and those of a word that
 * Chinese texts have in Latin letters or digits.
 * @param {string} written
 * @param {Index} index
 * @returns {Counts}
 */
function decode(written, index) {
  const { cells, years } = index;
  const [byYear = "", countries = "", places = "", ...rooms] = written.split(" ");
  return {
    ...rooms.length ? { rooms: inRooms(rooms, index) } : {},
    years: decodeYears(byYear, cells, years.length),
    countries: decodePairs(countries),
    places: decodePairs(places),
  };
}

export class Data {
  /**
   * @param {(name: string, signal: AbortSignal) => Promise<any>} fetchJson gives a file of the explorer
   * @param {number} [limit] milliseconds that a file may take
   */
  constructor(fetchJson, limit = 30_000) {
    this.fetchJson = fetchJson;
    this.limit = limit;
    /** @type {Map<string, Promise<any>>} */
    this.files = new Map();
    /** @type {Promise<Index> | null} */
    this.ready = null;
  }

  /**
   * Fetch a file that must not be empty.
   * @param {string} name
   * @returns {Promise<any>}
   */
  file(name) {
    let promise = this.files.get(name);
    if (!promise) {
      promise = this.#whole(name);
      // a failed request may be repeated
      promise.catch(() => this.files.delete(name));
      this.files.set(name, promise);
    }
    return promise;
  }

  /** @param {string} name */
  async #whole(name) {
    let content;
    try {
      content = await this.fetchJson(name, AbortSignal.timeout(this.limit));
    } catch (error) {
      const { name: kind, message = error } = /** @type {any} */ (error) ?? {};
      const why = kind === "TimeoutError" ? `no answer within ${this.limit / 1000} seconds` : message;
      throw new Damaged(`${name}: ${why}`);
    }
    if (typeof content !== "object" || content === null || !Object.keys(content).length) {
      throw new Damaged(`${name} is empty`);
    }
    return content;
  }

  /**
   * Fetch and decode a file. If it is malformed, or is about something else, throw {@link Damaged}, and
   * fetch it again next time.
   * @template T
   * @param {string} name
   * @param {(content: any) => T} make
   * @param {string} [of] the entry, country or kind of n-gram that it should be of
   * @returns {Promise<T>}
   */
  async #made(name, make, of) {
    const content = await this.file(name);
    try {
      if (of && content.of !== of) throw new Damaged(`${name} holds something else`);
      return make(content);
    } catch (error) {
      this.files.delete(name);
      throw error instanceof Damaged ? error : new Damaged(`${name} is damaged`);
    }
  }

  /** @returns {Promise<Index>} */
  index() {
    if (!this.ready) {
      this.ready = this.#index();
      this.ready.catch(() => {
        this.ready = null;
      });
    }
    return this.ready;
  }

  /** @returns {Promise<Index>} */
  async #index() {
    return this.#made("index.json", Data.#read);
  }

  /**
   * Make the index from the content of index.json.
   * @param {any} raw index.json
   * @returns {Index}
   */
  static #read(raw) {
    if (raw.format !== FORMAT) throw new Damaged("the page is older than its data");
    const entries = raw.entries.map((/** @type {string[]} */ [id, label, zh, pinyin, ask]) => {
      const name = label.toLowerCase();
      return [id || name.replace(/[^a-z0-9]+/gu, "-").replace(/^-|-$/gu, ""), label, zh, pinyin, ask ?? name];
    });
    const rooms = raw.rooms.map((/** @type {any} */ room) => {
      const years = decodeBases(room.years, room.last - room.first + 1);
      return { ...room, years, all: [sum(years, (y) => y[0]), sum(years, (y) => y[1])] };
    });
    const names = namesOf(entries);
    const spoken = decodePairs(raw.spoken);
    const countries = raw.countries.split("|").map((/** @type {string} */ one, /** @type {number} */ at) =>
      [one.split(" ", 1)[0], one.slice(one.indexOf(" ") + 1), ...spoken[at]]);
    const span = raw.last - raw.first + 1;
    return {
      ...raw,
      years: decodeBases(raw.years, span),
      rooms,
      speakers: raw.speakers.map((/** @type {[string, string]} */ [label, years]) =>
        ({ label, years: decodeBases(years, span) })),
      entries,
      countries,
      names,
      ...wordingsOf(raw.wordings, entries, names),
    };
  }

  /**
   * First keys of the shards of a kind, and the last digits of how many keys each has.
   * @param {number | "zh"} kind number of words, or Chinese
   * @returns {Promise<{starts: string[], sizes: string}>}
   */
  async section(kind) {
    return this.#made(`sections/${kind}.json`, ({ starts, sizes }) => {
      const made = { starts: starts === null ? [] : starts.split("|"), sizes }; // null: there is no shard
      if (made.starts.length !== made.sizes.length) throw new Damaged(`sections/${kind}.json is damaged`);
      return made;
    }, `${kind}`);
  }

  /** Fetch the first keys of all shards, and the suggestions, ahead; a failure is reported on use. */
  warm() {
    for (const kind of /** @type {(number | "zh")[]} */ ([1, 2, 3, 4, "zh"])) {
      this.section(kind).catch(() => {});
    }
    this.file("suggest.json").catch(() => {});
  }

  /**
   * Read a shard. If it has keys of another one, or not all of its own, throw {@link Damaged}.
   * @template T
   * @param {number | "zh"} kind
   * @param {number} place
   * @param {(shard: Record<string, string>) => T} make
   * @returns {Promise<T>}
   */
  async #shard(kind, place, make) {
    const { starts, sizes } = await this.section(kind);
    const name = `${kind}/${place}.json`;
    const end = starts[place + 1] ?? "\uffff";
    return this.#made(name, (shard) => {
      const keys = Object.keys(shard);
      if (lastDigit(keys.length) !== sizes[place] || !keys.every((k) => starts[place] <= k && k < end)) {
        throw new Damaged(`${name} holds something else`);
      }
      return make(shard);
    });
  }

  /**
   * Decode the row of a key in its shard; null if there is none.
   * @template T
   * @param {number | "zh"} kind
   * @param {string} key
   * @param {(row: string) => T} make
   * @returns {Promise<T | null>}
   */
  async #row(kind, key, make) {
    const place = shardOf((await this.section(kind)).starts, key);
    return place < 0 ? null
      : this.#shard(kind, place, (shard) => (Object.hasOwn(shard, key) ? make(shard[key]) : null));
  }

  /**
   * Counts of an n-gram; null if the table does not have it.
   * @param {string[]} words
   * @returns {Promise<Counts | null>}
   */
  async ngram(words) {
    const index = await this.index();
    return this.#row(words.length, words.join(" "), (row) => decode(row, index));
  }

  /**
   * Counts of a Chinese word by year in each room; null if no table has it. In a room null stands for
   * a word that is too rare for the room's table, and where no Chinese words are counted.
   * @param {string} word
   * @returns {Promise<({n: number, docs: number}[] | null)[] | null>}
   */
  async chinese(word) {
    const index = await this.index();
    return this.#row("zh", word, (row) => inRooms(row.split(" "), index));
  }

  /**
   * A Chinese word in simplified characters.
   * @param {string} word
   * @returns {Promise<string>}
   */
  async simplified(word) {
    const table = await this.#made("simplified.json", ({ from, to }) => {
      const plain = Array.from(to);
      const pairs = Array.from(from, (c, at) => /** @type {[string, string]} */ ([c, plain[at]]));
      if (!pairs.length || pairs.length !== plain.length) throw new Damaged("simplified.json is damaged");
      return new Map(pairs);
    });
    return Array.from(word, (c) => table.get(c) ?? c).join("");
  }

  /**
   * The phrasebook, with every entry of the index.
   * @returns {Promise<import("./own.js").Book>}
   */
  async phrasebook() {
    const { entries } = await this.index();
    return this.#made("phrasebook.json", (book) => {
      if (book.entries.length !== entries.length || !book.entries.every((/** @type {any} */ [variants, within]) =>
        variants.length && within) || !book.controls || !book.simplified) {
        throw new Damaged("phrasebook.json is damaged");
      }
      return book;
    });
  }

  /**
   * Counts of a phrasebook entry with all its variants.
   * @param {string} id from the index, never from the query
   * @returns {Promise<Counts>}
   */
  async entry(id) {
    const { cells, rooms, years } = await this.index();
    return this.#made(`entry/${id}.json`, (file) => ({
      years: decodeYears(file.years, cells, years.length),
      countries: decodePairs(file.countries),
      places: decodePairs(file.places),
      variants: file.variants,
      chinese: file.chinese,
      kin: file.kin,
      apart: file.apart,
      naming: file.naming,
      doubt: file.doubt,
      mind: file.mind,
      speakers: file.speakers.map((/** @type {string} */ w) =>
        decodeYears(w, cells, years.length)),
      rooms: file.rooms.map((/** @type {string} */ w, /** @type {number} */ at) =>
        decodeYears(w, cells, rooms[at].years.length)),
    }), id);
  }

  /**
   * One country's speeches and words by year, its group of speakers by year, its counts of an entry,
   * and names that it had before.
   * @param {string} code from the index, never from the address
   * @param {string} id of the entry
   */
  async country(code, id) {
    const { cells, years } = await this.index();
    return this.#made(`country/${code}.json`, (file) => ({
      before: file.before,
      groups: decodeGroups(file.groups, years.length),
      bases: decodeBases(file.years, years.length),
      years: decodeYears(Object.hasOwn(file.entries, id) ? file.entries[id] : "", cells,
        years.length),
    }), code);
  }

  /**
   * N-grams with a prefix, in order; null if there are too many.
   * @param {string} prefix
   * @param {number} size words of the n-grams
   * @param {number} most
   * @returns {Promise<Map<string, Counts> | null>}
   */
  async beginning(prefix, size, most) {
    const [index, { starts }] = await Promise.all([this.index(), this.section(size)]);
    const last = shardOf(starts, `${prefix}\uffff`);
    /** @type {Map<string, Counts>} */
    const found = new Map();
    for (let n = shardOf(starts, prefix); n >= 0 && n <= last; n += 1) {
      await this.#shard(size, n, (shard) => {
        for (const [key, row] of Object.entries(shard)) {
          // a row that begins so is of a word of Chinese texts only
          if (key.startsWith(prefix) && !row.startsWith("   ")) found.set(key, decode(row, index));
        }
      });
      if (found.size > most) return null;
    }
    return found;
  }

  /**
   * The most frequent n-grams with a prefix.
   * @param {string} prefix
   * @param {number} size
   * @param {number} most
   * @returns {Promise<string[]>}
   */
  async completions(prefix, size, most) {
    const known = await this.#made("suggest.json", ({ ends }) => (Object.hasOwn(ends, prefix)
      ? ends[prefix].slice(0, most).map((/** @type {string} */ end) => prefix + end) : null));
    if (known) return known;
    const found = await this.beginning(prefix, size, Infinity) ?? [];
    const counted = [...found].map(([key, { years }]) => ({ key, n: sum(years, (y) => y.n) }));
    counted.sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
    return counted.slice(0, most).map(({ key }) => key);
  }
}

// From a query to results: look up each phrase, and explain missing ones.

import { worded } from "./data.js";
import { guess } from "./guess.js";
import { find, holds, read } from "./own.js";
import { entryNamed, MOST_LETTERS, MOST_WORDS, nowhere, parse, parseWhole } from "./query.js";
import { addUp, byYear, number, PER, peak, pooled, sum } from "./stats.js";
import { fold, stripMarks } from "./words.js";

/** Years added to each side at a point of a speaker's line. */
export const AROUND = 2;
const HAN = /\p{Script=Han}/u;

/**
 * A phrase with its counts.
 * @typedef {object} Result
 * @property {"entry" | "ngram" | "wording" | "wildcard" | "chinese" | "none"} kind
 * @property {string} label what it is called in charts and tables
 * @property {string} title the same in full
 * @property {import("./query.js").Term} term
 * @property {import("./stats.js").Year[]} years empty if nothing is known
 * @property {[number, number][]} countries
 * @property {[number, number | null][] | null} places occurrences and documents; null if they
 *   are not published
 * @property {number} n
 * @property {number | null} docs null if speeches are not counted
 * @property {string[]} told sentences that a reader needs beside the numbers
 * @property {string} [id] of the phrasebook entry
 * @property {string} [wording] id of the entry that has these words among its wordings
 * @property {string} [zh]
 * @property {string} [ask] the plainest query for the entry
 * @property {[string[], ...number[]][]} [variants]
 * @property {{key: string, n: number}[]} [parts] n-grams that a wildcard stands for
 * @property {boolean} [under] not in the table, so rarer than the words in it
 * @property {string[]} [near] n-grams that begin like one that was not found
 * @property {{label: string, ask: string}[]} [meant] what may have been meant
 * @property {{label: string, ask: string}[]} [pieces] its longest parts that are counted
 * @property {{label: string, ask: string}[]} [partOf] entries whose Chinese has these characters
 * @property {(RoomCounts | null)[]} [rooms] for each room; null if it is not counted there
 * @property {{n: number, docs: number}[][]} [speakers] by year, for each group of speakers
 * @property {string[]} [kin] entries to compare with
 * @property {string} [asked] what was typed, if that is a wording of the entry and not its name
 * @property {boolean} [alone] whether these very words are counted too
 * @property {[string[], ...number[]][]} [chinese] wordings and their counts in the rooms
 * @property {string[]} [said] sentences to quote, on who says it
 * @property {string} [doubt] that most hits of an entry are something else
 * @property {string} [mind] what else the wordings of an entry may mean
 * @property {Own | null} [own] of an entry: what was typed, counted without its other wordings
 */

/**
 * Counts of one wording; ``chinese`` has its occurrences in each room.
 * @typedef {{n: number, docs: number | null, places: [number, number | null][], chinese?: number[]}} Own
 */

/**
 * Counts of a phrase in a room.
 * @typedef {{years: import("./stats.js").Year[], n: number, docs: number}} RoomCounts
 */

/**
 * A line of the chart.
 * @typedef {object} Series
 * @property {string} label
 * @property {string} title
 * @property {string} counted what was counted, in words
 * @property {import("./stats.js").Year[]} years
 * @property {number} place by which it has its colour and marker
 */

/**
 * Look up every phrase of a query.
 * @param {import("./data.js").Data} data
 * @param {string} query
 * @param {boolean} [settled] whether to find out why a phrase is missing, which needs more files
 * @returns {Promise<{results: Result[], left: number}>}
 */
export async function look(data, query, settled = true) {
  const index = await data.index();
  const whole = parseWhole(query);
  const named = whole !== null && findEntry(whole, index) >= 0;
  const { terms, left } = named ? { terms: [whole], left: 0 } : parse(query);
  if (!terms.length && query.trim()) terms.push(nowhere(query));
  const results = await Promise.all(terms.map((term) => lookTerm(data, index, term, settled)));
  return { results, left };
}

/**
 * Look up one phrase: as an entry, an n-gram, a wildcard, or Chinese.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {boolean} settled
 * @returns {Promise<Result>}
 */
async function lookTerm(data, index, term, settled) {
  if (term.kind === "bad") return nothing(term, [WRONG[term.why ?? ""] ?? ""]);
  if (term.kind === "wildcard") return lookWildcard(data, index, term);
  const entry = findEntry(term, index);
  if (entry >= 0) return lookEntry(data, index, term, entry, settled);
  if (term.words.some((word) => RARE_SIGN.test(word))) {
    const why = "Words with this sign (beyond U+FFFF) are counted, but not listed here.";
    return nothing(term, [why]);
  }
  if (HAN.test(term.text)) return lookChinese(data, index, term, settled);
  return lookNgram(data, index, term, settled);
}

/** Characters that browsers sort in another order than the files do, so the files leave them out. */
const RARE_SIGN = /[\u{10000}-\u{10FFFF}]/u;

const WRONG = {
  star: "The asterisk stands for any ending, so it comes last: multilateral*. " +
    "Before it there must be a word, or its beginning.",
  han: "The asterisk works for English words only. Chinese is looked up without it.",
  much: `More than ${MOST_LETTERS} letters are not looked up, so nothing is said of any part. For a whole ` +
    "text there is the field “A text of your own” below.",
  mark: "The question mark is no wildcard here. An asterisk at the end is: multilateral*.",
  sign: "The signs # and @ are not counted: words are letters and digits.",
  empty: "There is no word in this: letters or digits are needed.",
  long: `N-grams have up to ${MOST_WORDS} words.`,
};

/**
 * The place in the index of the entry with this name or wording, or -1.
 * @param {import("./query.js").Term} term
 * @param {import("./data.js").Index} index
 * @returns {number}
 */
function findEntry(term, index) {
  // pinyin may be typed with accents
  for (const text of [term.text, stripMarks(term.text)]) {
    const named = entryNamed({ ...term, text }, index.names);
    if (named >= 0) return named;
    const place = term.kind === "phrase" && !term.exact ? worded(index, fold(text)) : -1;
    if (place >= 0) return place;
  }
  return -1;
}

/**
 * A result without counts.
 * @param {import("./query.js").Term} term
 * @param {string[]} told
 * @returns {Result}
 */
function nothing(term, told) {
  return {
    kind: "none",
    label: term.text,
    title: term.text,
    term,
    years: [],
    countries: [],
    places: null,
    n: 0,
    docs: 0,
    told,
  };
}

/**
 * Counts by year, with shares, rates and totals.
 * @param {import("./data.js").Index} index
 * @param {import("./data.js").Counts} counts
 */
function numbers(index, counts) {
  return {
    years: byYear(counts.years, index.years, index.first),
    countries: counts.countries,
    n: sum(counts.years, (y) => y.n),
    docs: sum(counts.years, (y) => y.docs),
  };
}

/**
 * The result of a phrase that names an entry.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {number} place
 * @param {boolean} [settled] whether to find out if these very words are counted too
 * @returns {Promise<Result>}
 */
async function lookEntry(data, index, term, place, settled = false) {
  const [id, title, zh, , ask] = index.entries[place];
  const counts = await data.entry(id);
  // an entry without a variant in the language of a corpus has no count there, not zero
  const [english, chinese] = [counts.variants?.length, counts.chinese?.length];
  const found = english
    ? numbers(index, counts)
    : { years: [], countries: [], n: 0, docs: null };
  const own = settled ? await ownCounts(data, index, term, id, counts) : null;
  const told = [];
  const as = asked(term, index.entries[place]);
  const rooms = inRooms(index, (counts.rooms ?? []).map((years, at) =>
    ((index.rooms[at].language === "zh" ? chinese : english) ? years : null)));
  const all = own?.chinese ? inChinese(index, rooms) : found.n;
  const counted = own && all && own.n !== all ? own : null;
  if (counted?.docs && !counted.chinese) {
    told.push(`“${term.text}” is counted letter by letter: words made with it, such as possessives and ` +
      "compounds, are not in its number.");
  }
  if (counted && !counted.chinese && (counted.n > found.n || (counted.docs ?? 0) > (found.docs ?? 0))) {
    told.push("These words alone have more than all wordings of the entry, because they are counted across " +
      "commas and other marks, and wordings are not.");
  }
  if (as && !counted) told.push(`“${as}” leads to this entry, whose wordings are counted together.`);
  if (!english) {
    told.push("The entry has no English wording, so it is not looked for in English texts.");
  }
  if (!chinese) {
    told.push("The entry has no Chinese wording, so it is not looked for in Chinese texts.");
  }
  if (english && !found.n) {
    told.push(
      "No speech at the UN General Debates has it. Entries are counted in the full texts, " +
        "whatever their frequency: this zero is exact.",
    );
  }
  if (counts.naming) told.push(counts.naming);
  if (counts.apart) {
    const [left, patterns] = counts.apart;
    told.push(`The chapters count ${left} of these speeches: they leave out those that say only ` +
      `“${first(patterns[0])}”, or the like.`);
  }
  return {
    ...found,
    kind: "entry",
    label: title.replace(/\s*\([^)]*\)/gu, "").trim() || title,
    title,
    term,
    places: english ? counts.places : null,
    told,
    id,
    zh,
    ask,
    variants: counts.variants,
    chinese: counts.chinese,
    speakers: counts.speakers,
    rooms,
    kin: english ? counts.kin : [],
    doubt: counts.doubt,
    mind: counts.mind,
    asked: as,
    alone: Boolean(own?.docs),
    own: counted,
  };
}

/**
 * What was typed, if it is not a name of the entry; else an empty string.
 * @param {import("./query.js").Term} term
 * @param {string[]} entry id, label, Chinese, pinyin
 */
function asked(term, [, label, , pinyin]) {
  const same = (/** @type {string} */ text) => fold(text).replaceAll("-", " ");
  const typed = same(term.text);
  const [, before, inside = ""] = /^([^(]*)(?:\(([^)]*)\))?/u.exec(label) ?? [];
  const names = [label, before ?? "", inside].map(same);
  const spoken = same(stripMarks(term.text)) === same(pinyin ?? "");
  return names.includes(typed) || spoken || HAN.test(term.text) ? "" : term.text;
}

/**
 * Occurrences in the Chinese rooms together.
 * @param {import("./data.js").Index} index
 * @param {(RoomCounts | null)[]} rooms
 */
function inChinese(index, rooms) {
  return sum(rooms.map((room, at) => (index.rooms[at].language === "zh" ? room?.n ?? 0 : 0)), (n) => n);
}

/**
 * Counts of just the typed words, as an n-gram or as one wording of the entry; null if not known.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {string} id of the entry
 * @param {import("./data.js").Counts} entry
 * @returns {Promise<Own | null>}
 */
async function ownCounts(data, index, term, id, { variants = [], chinese = [] }) {
  if (HAN.test(term.text)) return ownChinese(data, index, term, chinese);
  const counts = term.size > MOST_WORDS ? null : await data.ngram(term.words);
  if (counts?.years.some((y) => y.n)) {
    const [n, docs] = [sum(counts.years, (y) => y.n), sum(counts.years, (y) => y.docs)];
    return { n, docs, places: counts.places };
  }
  // the id of an entry may be typed, but with hyphens it is not a wording
  const own = term.text === id && id.includes("-") ? null : ofWording(term.text, variants);
  return own && "places" in own ? own : null;
}

/**
 * Counts of just the typed characters in the Chinese rooms; null if not known.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {[string[], ...number[]][]} rows wordings of the entry
 * @returns {Promise<Own | null>}
 */
async function ownChinese(data, index, term, rows) {
  const counts = await data.chinese(term.words.join(""));
  const own = ofWording(term.words.join(""), rows, true);
  // a row has numbers for rooms where the characters are too rare for the table of words
  if (counts && !(own && index.rooms.some((room, at) => room.words && !counts[at]))) {
    const rooms = inRooms(index, counts);
    const chinese = rooms.map((room) => room?.n ?? 0);
    return { n: inChinese(index, rooms), docs: sum(rooms, (room) => room?.docs ?? 0), places: [], chinese };
  }
  if (!own || !("places" in own)) return null;
  // a row has the Chinese rooms only
  const left = [own.n, ...own.places.map(([k]) => k)];
  const chinese = index.rooms.map(({ language }) => (language === "zh" ? left.shift() ?? 0 : 0));
  return { ...own, n: sum(chinese, (n) => n), places: [], chinese };
}

/**
 * Counts of a phrase by the table of wordings, or null if no row counts it. In the table a place counts
 * for its longest wording only, so rows of wordings that always contain this one are added. If its row
 * also counts other wordings, or another row may count some of its places, its own number is not known:
 * then the result names these, and the number of the row.
 * @param {string} text
 * @param {[string[], ...number[]][]} variants
 * @param {boolean} [zh] whether they are Chinese
 * @returns {Own | {n: number, patterns: string[], beyond: string} | null}
 */
function ofWording(text, variants, zh = false) {
  const said = read(text, {});
  const whole = said.parts.filter(({ part }) => part).length;
  const entries = variants.map(([patterns]) => /** @type {[[string[], string[]][], string[]]} */ (
    [[zh ? [[], patterns] : [patterns, []]], []]));
  const hit = find(said, { entries, simplified: {} }).find(({ start, stop }) => !start && stop === whole);
  if (!hit) return null;
  const [patterns, ...own] = variants[hit.entry];
  let beyond = "";
  variants.forEach(([longer, ...more], row) => {
    if (row === hit.entry || !more.some(Boolean)) return;
    const held = longer.map((pattern) => holds(pattern, patterns, zh));
    if (held.every((how) => how === "whole")) more.forEach((k, at) => { own[at] += k; });
    else beyond ||= longer[held.findIndex(Boolean)] ?? "";
  });
  const [n, ...places] = own;
  if (beyond || patterns.length > 1 || /[(*?]/u.test(patterns[0])) return { n, patterns, beyond };
  return { n, docs: null, places: places.map((k) => [k, null]) };
}

/**
 * Counts in each room, with shares, rates and totals.
 * @param {import("./data.js").Index} index
 * @param {({n: number, docs: number}[] | null)[]} counts
 * @returns {(RoomCounts | null)[]}
 */
function inRooms(index, counts) {
  return counts.map((years, at) => years && {
    years: byYear(years, index.rooms[at].years, index.rooms[at].first),
    n: sum(years, (y) => y.n),
    docs: sum(years, (y) => y.docs),
  });
}

/**
 * Chinese that is not an entry's name: a word of the Chinese rooms, part of an entry, or neither.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {boolean} settled
 * @returns {Promise<Result>}
 */
async function lookChinese(data, index, term, settled) {
  if (term.words.length > 1) {
    const parts = [...new Set([term.words.join(""), ...term.words])];
    return {
      ...nothing(term, ["Chinese is counted where no sign or space stands between the characters, so this is not."]),
      meant: parts.map((part) => ({ label: part, ask: part })),
    };
  }
  let word = term.words.join("");
  let counts = await data.chinese(word);
  if (!counts && settled) {
    const plain = await data.simplified(word);
    if (plain !== word) {
      const again = { ...term, words: [plain] };
      const entry = findEntry({ ...again, text: plain }, index);
      if (entry >= 0) return lookEntry(data, index, again, entry, settled);
      word = plain;
      counts = await data.chinese(word);
    }
  }
  const partOf = entriesWith(index, word);
  if (!counts) {
    const least = Math.max(...index.rooms.map((room) => room.least));
    return {
      ...nothing(term, settled ? [
        "Not counted here, which does not mean never said: the tables of the Chinese corpora hold " +
          `what a segmenter takes for one word, on the evening news from ${least} times on. ` +
          "These characters may still occur there, as a part of longer wordings.",
      ] : []),
      partOf,
    };
  }
  const rooms = inRooms(index, counts);
  return {
    ...nothing(term, []),
    kind: "chinese",
    label: word,
    title: word,
    rooms,
    n: sum(rooms, (room) => room?.n ?? 0),
    partOf,
    told: [
      "Counted in the Chinese corpora wherever these characters stand side by side, with no sign between " +
        "them. The UN General Debates and the two reports are in English, so nothing can be said of them.",
      ...rare(index, rooms),
    ],
  };
}

/**
 * Whether a Chinese word is too rare for the table of a room, in which it may still occur.
 * @param {Pick<Result, "kind" | "rooms">} result
 * @param {import("./data.js").Room} room
 * @param {number} at its place
 */
export const rareIn = ({ kind, rooms }, room, at) => kind !== "entry" && room.words && rooms?.[at] === null;

/**
 * Sentences on the rooms for whose tables a word is too rare.
 * @param {import("./data.js").Index} index
 * @param {(RoomCounts | null)[]} rooms
 */
function rare(index, rooms) {
  return index.rooms.flatMap((room, at) => (rareIn({ kind: "chinese", rooms }, room, at)
    ? [`Fewer than ${room.least} times in ${room.label}: rarer words are not in its table.`] : []));
}

/**
 * Entries with these Chinese characters, the shortest first.
 * @param {import("./data.js").Index} index
 * @param {string} characters
 */
function entriesWith(index, characters) {
  const places = new Set(index.entries.flatMap(([, , zh], at) =>
    (zh.includes(characters) ? [at] : [])));
  for (const [wording, at] of Object.entries(index.wordings)) {
    if (wording.includes(characters)) places.add(at);
  }
  const found = [...places].map((at) => index.entries[at]);
  found.sort((a, b) => a[2].length - b[2].length || (a[0] < b[0] ? -1 : 1));
  return found.slice(0, 8).map(([, label, zh, , ask]) =>
    ({ label: zh ? `${zh} (${label})` : label, ask }));
}

/**
 * Lines of the chart: one per phrase, for all speakers.
 * @param {Result[]} results
 * @returns {Series[]}
 */
export function phraseLines(results) {
  return results.flatMap(({ label, title, kind, years }, place) =>
    (years.length ? [{ label, title, counted: COUNTED[kind], years, place }] : []));
}

const COUNTED = { entry: "phrasebook entry", ngram: "exact words", wildcard: "sum of n-grams" };
const POOLED = "phrasebook entry, five years added up";

/**
 * Lines of the chart: one entry, by group of speakers and by country.
 * @param {import("./data.js").Data} data
 * @param {Result} result of an entry
 * @param {string[]} codes of countries
 * @returns {Promise<Series[]>}
 */
export async function speakerLines(data, result, codes) {
  const index = await data.index();
  const { id = "", title, speakers = [] } = result;
  const known = codes.flatMap((code) => index.countries.filter(([c]) => c === code));
  const own = await Promise.all(known.map(async ([code, label]) =>
    ({ label, ...await data.country(code, id) })));
  // a chosen country has its own line, and is left out of that of its group
  const groups = index.speakers.map(({ label, years }, at) => {
    const [counts, bases] = [structuredClone(speakers[at]), structuredClone(years)];
    for (const country of own) {
      counts.forEach((count, year) => {
        if (country.groups[year] !== at) return;
        count.n -= country.years[year].n;
        count.docs -= country.years[year].docs;
        bases[year] = bases[year].map((base, place) => base - country.bases[year][place]);
      });
    }
    return { label, years: counts, bases };
  });
  const lines = [...groups, ...own].map(({ label, years, bases }) =>
    ({ label, years: pooled(years, bases, index.first, AROUND) }));
  return lines.map(({ label, years }, place) =>
    ({ label, title: `${title}: ${label}`, counted: POOLED, years, place }));
}

/**
 * An answer in sentences to quote: China beside all others, or who says these words most; then
 * each chosen country.
 * @param {import("./data.js").Data} data
 * @param {Result} result
 * @param {string[]} codes of countries
 * @returns {Promise<string[]>}
 */
export async function sentences(data, result, codes) {
  const index = await data.index();
  const countries = codes.flatMap((code) => index.countries.filter(([known]) => known === code));
  if (result.kind === "ngram") return users(result, index, countries.map(([, name]) => name));
  if (result.kind !== "entry" || !result.years.length) return [];
  const said = countries.map(async ([code, name]) => {
    const { bases, years, before } = await data.country(code, result.id ?? "");
    const spoke = bases.flatMap(([documents], at) => (documents ? [index.first + at] : []));
    const as = before.map((/** @type {[string, number, number]} */ [other, from, to]) =>
      `as ${other} ${from}–${to}`).join(", ");
    return `${name}: in ${sum(years, (y) => y.docs)} of ${sum(bases, (y) => y[0])} speeches, ` +
      `${spoke[0]}–${spoke.at(-1)}${as && ` (${as})`}.`;
  });
  return [...(result.n ? [beside(result, index)] : []), ...await Promise.all(said)];
}

/**
 * Sentences on the countries that use an n-gram most, and on chosen ones. Only for the former are
 * numbers published.
 * @param {Result} result
 * @param {import("./data.js").Index} index
 * @param {string[]} names
 */
function users({ label, n, countries }, index, names) {
  const shown = countries.map(([at, k]) => ({ name: index.countries[at][1], k: number.format(k) }));
  const most = shown.slice(0, 3).map(({ name, k }) =>
    `${name} (${k}${name === "China" ? ", until 1971 the Republic of China" : ""})`).join(", ");
  const { top } = index.least;
  return [
    `“${label}” is said ${number.format(n)} times at the UN General Debates, most often by ${most}; other forms and spellings of it count apart.`,
    ...names.map((name) => {
      const own = shown.find((one) => one.name === name);
      const [k, why] = own || shown.length < top ? [own?.k ?? 0, ""] :
        [`at most ${shown[top - 1].k}`, `: it is not among the ${top} countries that say it most`];
      return `${name}: ${k} of ${number.format(n)} times${why}.`;
    }),
  ];
}

/**
 * A sentence that compares the first group of speakers with all others, from the year on in which it
 * first said the entry.
 * @param {Result} result
 * @param {import("./data.js").Index} index
 */
function beside({ label, variants = [], speakers = [] }, index) {
  const first = speakers[0].findIndex((y) => y.docs);
  const from = Math.max(0, first);
  const docs = speakers.map((years) => sum(years.slice(from), (y) => y.docs));
  const of = index.speakers.map(({ years }) => sum(years.slice(from), (y) => y[0]));
  const earlier = sum(speakers, (years) => sum(years.slice(0, from), (y) => y.docs));
  const all = (/** @type {number[]} */ some) => number.format(sum(some.slice(1), (n) => n));
  const [{ label: who, years: bases }] = index.speakers;
  const before = bases.slice(0, from).some(([documents]) => documents) ? "said it" : "spoke";
  const [since, there, then] = first < 0 ? ["", " at the UN General Debates", ""] : [
    `Since ${index.first + from}, when ${who} first ${before} at the UN General Debates, `, "",
    `; before that, in ${number.format(earlier)} speech${earlier === 1 ? "" : "es"}`,
  ];
  const any = variants.length > 1 ? `, in any of its wordings,` : "";
  return `${since}“${label}”${any} is in ${docs[0]} of ${who}’s ${of[0]} speeches${there}, and in ` +
    `${all(docs)} of the ${all(of)} by everybody else${then}.`;
}

/**
 * The latest five years in words, for each line that has a speech in the middle one.
 * @param {Series[]} series of speakers
 * @param {number} last year of the debates
 */
export function lately(series, last) {
  const said = series.flatMap(({ label, years }) => {
    const middle = years.find(({ year }) => year === last - AROUND);
    return middle ? [`${label} ${number.format(middle.docs ?? 0)} of ` +
      `${number.format(middle.documents)} speeches`] : [];
  });
  return said.length ? `In ${last - 2 * AROUND} to ${last}: ${said.join("; ")}. ` : "";
}

/**
 * Results of related entries, to be drawn next to an entry without a hit.
 * @param {import("./data.js").Data} data
 * @param {Result} result
 * @returns {Promise<Result[]>}
 */
export async function compare(data, result) {
  const index = await data.index();
  return Promise.all((result.kin ?? []).map(async (id) => {
    const place = index.entries.findIndex(([known]) => known === id);
    return lookEntry(data, index, result.term, place);
  }));
}

/**
 * The result of words that are no entry: an n-gram, one wording of an entry, or nothing.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {boolean} settled
 * @returns {Promise<Result>}
 */
async function lookNgram(data, index, term, settled) {
  const name = term.words.join(" ");
  const long = term.words.length > MOST_WORDS;
  const counts = long ? null : await data.ngram(term.words);
  const wording = fold(name);
  const place = worded(index, wording);
  const [id, entry] = index.entries[place < 0 && Object.hasOwn(index.names, wording)
    ? index.names[wording] : place] ?? [];
  const typed = term.text.toLowerCase() === name ? term.text : name; // keeps capitals
  const rooms = counts?.rooms && inRooms(index, counts.rooms);
  const also = rooms ? ["Written so, in Latin letters or digits, in Chinese texts: " +
    `${elsewhere(rooms, index)}. Chinese characters for it are not in this number.`, ...rare(index, rooms)] : [];
  const about = {
    label: typed,
    title: typed,
    term,
    rooms,
    // the tables of words are complete: a missing word does not occur
    places: term.size > 1 ? null : zeros(index, counts?.places),
    wording: place < 0 ? undefined : id,
  };
  if (counts && sum(counts.years, (y) => y.n)) {
    return { ...numbers(index, counts), ...about, kind: "ngram", told: also };
  }
  if (!settled) return nothing(term, []);
  const { variants = [] } = id ? await data.entry(id) : {};
  const own = ofWording(term.text, variants);
  if (own && !("places" in own)) {
    const { n, patterns, beyond } = own;
    const times = `${number.format(n)} ${n === 1 ? "time" : "times"} at the UN General Debates`;
    const others = beyond ? ". Places that count for another wording of the entry, such as " +
      `“${readable(beyond)}”, may be missing` : "";
    const several = patterns.length > 1;
    const told = [
      ...also,
      `These words alone are not counted here, only as a part of the entry “${entry}”. Its ` +
        `wording${several ? "s" : ""} ${patterns.map((one) => `“${readable(one)}”`).join(", ")}` +
        `${several ? " together" : ""}: ${times}${others}.`,
    ];
    return { ...nothing(term, told), ...about, wording: id, places: null };
  }
  if (own) {
    const told = [
      ...also,
      `Counted in the full texts as a wording of the entry “${entry}”. Years, countries and the ` +
        "number of speeches are published for the whole entry only.",
    ];
    const { n, docs, places } = own;
    return { ...nothing(term, told), ...about, wording: id, n, docs, places, kind: "wording", own };
  }
  if (long) {
    const told = [
      `These are ${term.words.length} words. Counts are published for up to ${MOST_WORDS} words, ` +
        "and longer only for entries of the phrasebook and their wordings.",
    ];
    return { ...nothing(term, told), ...await guess(data, index, term) };
  }
  return {
    ...nothing(term, [...await explain(data, index, term), ...also]),
    ...about,
    under: true,
    near: await near(data, term),
    ...await guess(data, index, term),
  };
}

/**
 * Counts in the small corpora; zeros if there are none.
 * @param {import("./data.js").Index} index
 * @param {[number, number][]} [places]
 * @returns {[number, number][]}
 */
function zeros(index, places) {
  return places?.length ? places : index.places.map(() => [0, 0]);
}

/** Words so common that their own number tells a reader nothing. */
const STOP_WORDS = new Set(("a an and are as at be been but by for from has have in into is it its " +
  "not of on or our that the their them these they this to was we were which who will with").split(" "));

/**
 * Why an n-gram is not in the table.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 */
async function explain(data, index, term) {
  const { word, ngram } = index.least;
  if (term.size === 1) {
    return [
      "No count is published for this word in the UN General Debates. It occurs in no speech, or " +
        `fewer than ${word} times in all: rarer words are not in the table.`,
    ];
  }
  const told = [
    "No count is published for these words in the UN General Debates. They never stand together " +
      `within one sentence, or do so fewer than ${ngram} times in all: rarer n-grams are not in ` +
      "the table.",
  ];
  const each = await Promise.all([...new Set(term.words)].map(async (w) => {
    const counts = await data.ngram([w]);
    return { w, n: counts ? sum(counts.years, (y) => y.n) : 0 };
  }));
  const rarest = each.reduce((a, b) => (b.n < a.n ? b : a));
  if (rarest.n === 0) {
    told.push(
      `“${rarest.w}” alone is seen fewer than ${word} times, so together they are rarer still.`,
    );
  } else {
    const telling = each.filter(({ w }) => !STOP_WORDS.has(w));
    if (telling.length) {
      told.push(`Alone: ${telling.map(({ w, n }) => `“${w}” ${number.format(n)} times`).join(", ")}.`);
    }
  }
  return told;
}

/**
 * Frequent n-grams with the same beginning as a missing one.
 * @param {import("./data.js").Data} data
 * @param {import("./query.js").Term} term
 */
async function near(data, term) {
  if (term.size > 2) return []; // each further word needs another file
  const last = term.words[term.words.length - 1];
  const name = term.words.join(" ");
  const least = name.length - last.length + 4;
  for (let length = name.length - 1; length >= least; length -= 1) {
    const found = await data.completions(name.slice(0, length), term.size, 4);
    if (found.length) return found;
  }
  return [];
}

/**
 * The result of a wildcard: the sum of all n-grams that begin like it.
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @returns {Promise<Result>}
 */
async function lookWildcard(data, index, term) {
  const most = index.wildcard;
  const found = await data.beginning(term.prefix, term.size, most);
  const [one, what] = term.size === 1 ? ["word", "words"]
    : [`n-gram of ${term.size} words`, `n-grams of ${term.size} words`];
  if (!found) {
    return nothing(term, [
      `More than ${most} ${what} in the table begin so. At most ${most} are added up: ` +
        "type one letter more.",
    ]);
  }
  const tables = [...found].map(([key, counts]) => ({ key, ...counts }));
  const debated = tables.filter((t) => sum(t.years, (y) => y.n));
  const { word, ngram } = index.least;
  const least = term.size === 1 ? word : ngram;
  const name = `${term.prefix}*`;
  const about = { label: name, title: name, term };
  const places = term.size > 1 ? null : index.places.map((_, at) => {
    const n = sum(tables, (t) => t.places[at]?.[0] ?? 0);
    return /** @type {[number, null]} */ ([n, null]);
  });
  if (!debated.length) {
    return {
      ...nothing(term, [
        `No ${what} in the table of the UN General Debates begin so. Those seen fewer than ` +
          `${least} times in all are not in it.`,
      ]),
      ...about,
      places,
    };
  }
  const counts = addUp(debated.map((t) => t.years), index.years.length);
  const parts = debated.map((t) => ({ key: t.key, n: sum(t.years, (y) => y.n) }));
  parts.sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
  return {
    ...about,
    kind: "wildcard",
    years: byYear(counts, index.years, index.first),
    countries: [],
    places,
    n: sum(counts, (y) => y.n),
    docs: null,
    parts,
    told: [
      `The sum of ${number.format(parts.length)} ${parts.length === 1 ? one : what} in the table with this ` +
        `beginning; those seen fewer than ${least} times in all are not in it. A share of speeches cannot be given: a ` +
        "speech with two of them would count twice. So the chart shows the rate.",
    ],
  };
}

/**
 * The first sentence of an answer, in pairs: a name, printed bold, and what is said of it. If the typed
 * words are one wording of an entry, they come first, with their own number.
 * @param {Result} result
 * @param {import("./data.js").Index} index
 * @param {"share" | "rate"} measure
 * @returns {[string, string][]}
 */
export function headline(result, index, measure) {
  const { title, term, own, asked: as, kind } = result;
  const said = summary(result, index, measure);
  if (kind !== "entry" || !own) return [[title, `${as ? ` for “${as}”` : ""} ${said}`]];
  const speeches = number.format(sum(index.years, (y) => y[0]));
  if (own.chinese) {
    const all = elsewhere(result.rooms ?? [], index);
    return [[`“${term.text}”`, ` ${ofOwn(own, index)}; with its other wordings, as the entry `],
      [title, `: ${result.years.length ? `${all}; ${said}` : said}`]];
  }
  const how = own.docs === null ? ` ${ofOwn(own, index)}` : ` in ${number.format(own.docs)} of ${speeches} speeches`;
  return [[`“${term.text}”`, `${how}; with its other wordings, as the entry `], [title, `: ${said}`]];
}

/**
 * How often a wording occurs, in words.
 * @param {Own} own
 * @param {import("./data.js").Index} index
 */
function ofOwn({ n, chinese }, index) {
  return chinese ? elsewhere(chinese.map((k) => ({ n: k })), index) || "0 times in the Chinese corpora"
    : `${number.format(n)} ${n === 1 ? "time" : "times"} at the UN General Debates`;
}

/**
 * A sentence on the results, for the summary and for screen readers.
 * @param {Result} result
 * @param {import("./data.js").Index} index
 * @param {"share" | "rate"} measure
 * @returns {string}
 */
export function summary(result, index, measure) {
  if (result.kind === "wording" && result.own) return ofOwn(result.own, index);
  const where = elsewhere(result.rooms ?? [], index);
  if (result.kind === "none") {
    return `no count published${where && ` for the UN General Debates; ${where}`}`;
  }
  if (!result.years.length) return where || "in none of the Chinese corpora";
  const speeches = sum(index.years, (y) => y[0]);
  const times = `${number.format(result.n)} ${result.n === 1 ? "time" : "times"}`;
  const top = peak(result.years, measure);
  const when = top
    ? `, most in ${top.year} (${measure === "share" ? percent(top.share ?? 0) : rate(top.rate)})`
    : "";
  if (result.docs === null) return `${times}${when}`;
  const beside = result.n ? "" : `; ${where || "nor anywhere else here"}`;
  return `in ${number.format(result.docs)} of ${number.format(speeches)} speeches${when}${beside}`;
}

/**
 * The corpus with the most hits of a phrase, and the number of others that have it.
 * @param {({n: number} | null)[]} rooms
 * @param {import("./data.js").Index} index
 */
function elsewhere(rooms, index) {
  const there = rooms.flatMap((room, at) =>
    (room?.n ? [{ n: room.n, label: index.rooms[at].label }] : []));
  if (!there.length) return "";
  there.sort((a, b) => b.n - a.n);
  const [{ n, label }, ...others] = there;
  const more = others.length ? `, and in ${others.length} more of the rooms drawn below` : "";
  return `${number.format(n)} ${n === 1 ? "time" : "times"} in ${label}${more}`;
}

/**
 * Rates in the small corpora, and in the debates if their number is known.
 * @param {Result} result
 * @param {import("./data.js").Index} index
 * @returns {{label: string, n: number}[]}
 */
export function englishRates({ kind, n, places }, index) {
  const there = index.places.map(([label, , words], at) =>
    ({ label, n: (PER * (places?.[at][0] ?? 0)) / words }));
  const all = sum(index.years, ([, words]) => words);
  return kind === "none" ? there : [...there, { label: "UN General Debates", n: (PER * n) / all }];
}

/**
 * A share as a percentage, with at least one significant digit.
 * @param {number} share
 * @returns {string}
 */
export function percent(share) {
  const value = 100 * share;
  return `${value === 0 ? "0" : value < 0.1 ? value.toPrecision(1) : value.toFixed(1)}%`;
}

/**
 * A rate with a sensible number of digits.
 * @param {number} value
 * @returns {string}
 */
export function short(value) {
  if (value === 0) return "0";
  if (value < 0.1) return value.toPrecision(2);
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/**
 * A rate with its unit.
 * @param {number} value
 * @returns {string}
 */
export function rate(value) {
  return `${short(value)} per 10,000 words`;
}

/**
 * The unit of rates in a language.
 * @param {"en" | "zh"} language
 */
export function per(language) {
  return `per 10,000 ${language === "zh" ? "characters" : "words"}`;
}

/**
 * The first wording that a pattern matches.
 * @param {string} pattern
 */
function first(pattern) {
  return pattern.replace(/\(([^|)]*)[^)]*\)/gu, "$1").replaceAll("?", "z").replaceAll("*", "");
}

/**
 * A pattern for readers, who do not know its signs.
 * @param {string} pattern
 */
export function readable(pattern) {
  return pattern.replaceAll("*", "…").replace(/i\?(?=[aei])/gu, "is/z").replaceAll("|)", "|–)")
    .replaceAll("|", " / ");
}

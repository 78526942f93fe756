// From a query to what is shown: each phrase looked up, with what was not found explained.

import { entryNamed, MOST_WORDS, parse, parseWhole } from "./query.js";
import { addUp, byYear, peak, sum } from "./stats.js";
import { fold, stripMarks } from "./words.js";

/**
 * A phrase with its counts.
 * @typedef {object} Result
 * @property {"entry" | "ngram" | "wildcard" | "none"} kind
 * @property {string} label what it is called in charts and tables
 * @property {string} title the same in full
 * @property {import("./query.js").Term} term
 * @property {import("./stats.js").Year[]} years empty where nothing is known
 * @property {[number, number][]} countries
 * @property {[number, number | null][] | null} places occurrences and documents; null where
 *   they are not published
 * @property {number} n
 * @property {number | null} docs null under a wildcard
 * @property {string[]} told sentences that a reader needs beside the numbers
 * @property {string} [id] of the phrasebook entry
 * @property {string} [wording] id of the entry that has these words among its wordings
 * @property {string} [zh]
 * @property {string} [ask] the plainest query for the entry
 * @property {[string[], ...number[]][]} [variants]
 * @property {{key: string, n: number}[]} [parts] n-grams that a wildcard stands for
 * @property {boolean} [under] not in the table: fewer than it takes
 * @property {string[]} [near] n-grams that begin like one that was not found
 */

const number = new Intl.NumberFormat("en");

/**
 * Look every phrase of a query up.
 * @param {import("./data.js").Data} data
 * @param {string} query
 * @param {boolean} [settled] whether to find out why something is missing, which takes files
 * @returns {Promise<{results: Result[], left: number}>}
 */
export async function look(data, query, settled = true) {
  const index = await data.index();
  const whole = parseWhole(query);
  const named = whole !== null && findEntry(whole, index) >= 0;
  const { terms, left } = named ? { terms: [whole], left: 0 } : parse(query);
  const results = await Promise.all(terms.map((term) => lookTerm(data, index, term, settled)));
  return { results, left };
}

/**
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
  if (entry >= 0) return lookEntry(data, index, term, entry);
  if (term.words.length > MOST_WORDS) {
    return nothing(term, [
      `These are ${term.words.length} words. Counts are published for up to ${MOST_WORDS} words, ` +
        "and longer only for entries of the phrasebook.",
    ]);
  }
  return lookNgram(data, index, term, settled);
}

const WRONG = {
  star: "The asterisk stands for any ending, so it comes last: multilateral*. " +
    "Before it there must be a letter or a digit.",
  mark: "The question mark is no wildcard here. An asterisk at the end is: multilateral*.",
  sign: "The signs # and @ are not counted: words are letters and digits.",
  empty: "There is no word in this: letters or digits are needed.",
  long: `N-grams have up to ${MOST_WORDS} words.`,
};

/**
 * @param {import("./query.js").Term} term
 * @param {import("./data.js").Index} index
 * @returns {number}
 */
function findEntry(term, index) {
  // pinyin may be typed with its accents
  for (const text of [term.text, stripMarks(term.text)]) {
    for (const table of [index.names, index.wordings]) {
      const place = entryNamed({ ...term, text }, table);
      if (place >= 0) return place;
    }
  }
  return -1;
}

/**
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
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {number} place
 * @returns {Promise<Result>}
 */
async function lookEntry(data, index, term, place) {
  const [id, title, zh, ask] = index.entries[place];
  const counts = await data.entry(id);
  const found = numbers(index, counts);
  const told = [];
  if (!found.n) {
    told.push(
      "Entries are counted in the full texts, whatever their frequency: this zero is exact.",
    );
  }
  return {
    ...found,
    kind: "entry",
    label: title.replace(/\s*\([^)]*\)/gu, "") || title,
    title,
    term,
    places: counts.places,
    told,
    id,
    zh,
    ask: ask ?? title.toLowerCase(),
    variants: counts.variants,
  };
}

/**
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @param {boolean} settled
 * @returns {Promise<Result>}
 */
async function lookNgram(data, index, term, settled) {
  const name = term.words.join(" ");
  const counts = await data.ngram(term.words);
  const wording = fold(name);
  const about = {
    label: name,
    title: name,
    term,
    // what the tables of words hold is complete: a word that is not there does not occur
    places: term.size > 1 ? null : zeros(index, counts?.places),
    wording: Object.hasOwn(index.wordings, wording)
      ? index.entries[index.wordings[wording]][0]
      : undefined,
  };
  if (counts && sum(counts.years, (y) => y.n)) {
    return { ...numbers(index, counts), ...about, kind: "ngram", told: [] };
  }
  if (!settled) return nothing(term, []);
  return {
    ...nothing(term, await explain(data, index, term)),
    ...about,
    under: true,
    near: await near(data, term),
  };
}

/**
 * @param {import("./data.js").Index} index
 * @param {[number, number][]} [places]
 * @returns {[number, number][]}
 */
function zeros(index, places) {
  return places?.length ? places : index.places.map(() => [0, 0]);
}

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
  const alone = await Promise.all([...new Set(term.words)].map(async (w) => {
    const counts = await data.ngram([w]);
    return { w, n: counts ? sum(counts.years, (y) => y.n) : 0 };
  }));
  const rarest = alone.reduce((a, b) => (b.n < a.n ? b : a));
  if (rarest.n === 0) {
    told.push(
      `“${rarest.w}” alone is seen fewer than ${word} times, so together they are rarer still.`,
    );
  } else {
    told.push(`Alone: ${alone.map(({ w, n }) => `“${w}” ${number.format(n)} times`).join(", ")}.`);
  }
  return told;
}

/**
 * Frequent n-grams that begin like one that was not found.
 * @param {import("./data.js").Data} data
 * @param {import("./query.js").Term} term
 */
async function near(data, term) {
  if (term.size > 2) return []; // each word more is a file more
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
 * @param {import("./data.js").Data} data
 * @param {import("./data.js").Index} index
 * @param {import("./query.js").Term} term
 * @returns {Promise<Result>}
 */
async function lookWildcard(data, index, term) {
  const most = index.wildcard;
  const found = await data.beginning(term.prefix, term.size, most);
  const what = term.size === 1 ? "words" : `n-grams of ${term.size} words`;
  if (!found) {
    return nothing(term, [
      `More than ${most} ${what} in the table begin so. At most ${most} are added up: ` +
        "type one letter more.",
    ]);
  }
  const tables = await Promise.all(
    [...found].map(async ([key, row]) => ({ key, ...(await data.decode(row)) })),
  );
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
      `The sum of ${number.format(parts.length)} ${what} in the table that begin so; those seen ` +
        `fewer than ${least} times in all are not in it. A share of speeches cannot be given: a ` +
        "speech with two of them would count twice. So the chart shows the rate.",
    ],
  };
}

/**
 * A sentence on what was found, for the summary and for screen readers.
 * @param {Result} result
 * @param {import("./data.js").Index} index
 * @param {"share" | "rate"} measure
 * @returns {string}
 */
export function summary(result, index, measure) {
  if (result.kind === "none") return "no count published";
  const speeches = sum(index.years, (y) => y[0]);
  const times = `${number.format(result.n)} ${result.n === 1 ? "time" : "times"}`;
  const top = peak(result.years, measure);
  const when = top
    ? `, most in ${top.year} (${measure === "share" ? percent(top.share ?? 0) : rate(top.rate)})`
    : "";
  if (result.docs === null) return `${times}${when}`;
  return `in ${number.format(result.docs)} of ${number.format(speeches)} speeches${when}`;
}

/**
 * @param {number} share
 * @returns {string}
 */
export function percent(share) {
  const value = 100 * share;
  return `${value === 0 ? "0" : value < 0.1 ? value.toPrecision(1) : value.toFixed(1)}%`;
}

/**
 * A rate with as many digits as say something.
 * @param {number} value
 * @returns {string}
 */
export function short(value) {
  if (value === 0) return "0";
  if (value < 0.1) return value.toPrecision(2);
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/**
 * @param {number} value
 * @returns {string}
 */
export function rate(value) {
  return `${short(value)} per 10,000 words`;
}

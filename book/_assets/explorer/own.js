// Find entries of the phrasebook in a pasted text, with the same result as the library
// (src/tifa/lexicon/match.py, src/tifa/text/tokens.py and chinese.py): a test compares the two.

import { normalise, NOTHING, withoutLayout, WORD } from "./words.js";

/** Stands for a sign that no pattern matches. */
const BLOCK = "";
const HAN = /\p{Script=Han}/u;
const QUOTES = /^['"《》〈〉「」『』]$/u;
const PIECE = /\p{Script=Han}|(?:(?!\p{Script=Han})[^-])+/gu;
const NO_WORD = /^(?:|,|\.|、)$/u;

/**
 * The unit of matching: a word, a comma or a block, and its position.
 * @typedef {{part: string, start: number, stop: number}} Part
 */

/** @typedef {{entry: number, start: number, stop: number}} Hit places of parts; stop is exclusive */

/**
 * A text as it is displayed, with its parts, its length as the library counts it, and its numbers of
 * words and of Chinese characters.
 * @typedef {{text: string, parts: Part[], length: number, words: number, characters: number,
 *   language: "en" | "zh"}} Read
 */

/**
 * @typedef {object} Book phrasebook.json
 * @property {[[string[], string[]][], string[]][]} entries wordings (English, Chinese) and longer
 *   Chinese words inside which the entry does not count
 * @property {number[]} [controls] places of entries that are names of places or common words
 * @property {Record<string, string>} simplified
 */

/**
 * Read a text, as Chinese if at least a third of its letters are Chinese characters.
 * @param {string} text
 * @param {Record<string, string>} simplified
 * @returns {Read}
 */
export function read(text, simplified) {
  const han = (text.match(/\p{Script=Han}/gu) ?? []).length;
  const letters = (text.match(/\p{L}/gu) ?? []).length;
  const found = han * 3 >= letters && han ? chinese(text, simplified) : english(text, simplified);
  return { ...found, characters: found.parts.filter(({ part }) => HAN.test(part)).length };
}

/**
 * Cut an English text into parts, as the library does.
 * @param {string} text
 * @param {Record<string, string>} simplified
 * @returns {Omit<Read, "characters">}
 */
function english(text, simplified) {
  /** @type {Part[]} */
  const parts = [];
  let length = 0;
  let latin = 0;
  let shown = "";
  const unit = new RegExp(`${WORD.source}|\\S`, "gu");
  // a blank line ends a sentence; a title has no full stop
  for (const paragraph of withoutLayout(text.replace(/\r\n?/gu, "\n")).split(/\n{2,}/u)) {
    const said = normalise(paragraph).replace(/\s+/gu, " ").trim();
    for (const found of said.matchAll(unit)) {
      const start = shown.length + found.index;
      const [unitText] = found;
      if (QUOTES.test(unitText)) continue;
      const word = /^[\p{L}\p{N}]/u.test(unitText);
      if (word) length += 1;
      if (word && /(?!\p{Script=Han})\p{L}|\p{N}/u.test(unitText)) latin += 1;
      // Chinese in an English text is found by its characters
      for (const { 0: piece, index } of unitText.matchAll(word ? PIECE : /.+/gu)) {
        const plain = piece === "&" ? "and" : piece.toLowerCase();
        const sign = { "，": ",", "、": "、" }[piece] ?? BLOCK;
        const simple = Object.hasOwn(simplified, plain) ? simplified[plain] : plain;
        const part = word || /^[&,.]$/u.test(piece) ? simple : sign;
        parts.push({ part, start: start + index, stop: start + index + piece.length });
      }
    }
    shown += `${said}\n\n`;
    parts.push({ part: BLOCK, start: shown.length, stop: shown.length });
  }
  return { text: shown.trimEnd(), parts, length, words: latin, language: "en" };
}

/**
 * Cut a Chinese text into parts, as the library does.
 * @param {string} text
 * @param {Record<string, string>} simplified
 * @returns {Omit<Read, "characters">}
 */
function chinese(text, simplified) {
  const blank = "[^\\S\\n\\u2029]";
  const latin = "(?:(?!\\p{Script=Han})[\\p{L}\\p{M}\\p{N}])";
  const shown = text
    .replace(NOTHING, "")
    .replace(/\r\n?/gu, "\n")
    .normalize("NFC")
    .replace(new RegExp(`${blank}{3,}`, "gu"), "  ") // long runs of blanks would make the next step slow
    .replace(new RegExp(`${blank}*\\n(?:${blank}*\\n|${blank}{2}|\\u3000)\\s*`, "gu"), "\u2029")
    .replace(new RegExp(`(${latin})${blank}*\\n${blank}*(${latin})`, "gu"), "$1 $2")
    .replace(new RegExp(`${blank}*\\n${blank}*`, "gu"), "")
    .replace(new RegExp(`${blank}+`, "gu"), " ")
    .replaceAll("\u2029", "\n");
  const fold = (/** @type {string} */ c) => {
    if (Object.hasOwn(simplified, c)) return simplified[c];
    if (c === "，") return ",";
    const plain = /[０-９Ａ-Ｚａ-ｚ]/u.test(c) ? c.normalize("NFKC") : c;
    return plain.toLowerCase().length === plain.length ? plain.toLowerCase() : plain;
  };
  const letter = new RegExp(`^${latin}$`, "u");
  const signs = Array.from(shown);
  // a long text has few different characters: each is tested once
  const known = new Map(Array.from(new Set(signs), (sign) =>
    [sign, { latin: letter.test(sign), han: HAN.test(sign), folded: fold(sign) }]));
  const is = (/** @type {number} */ i) => known.get(signs[i])?.latin ?? false;
  /** @type {Part[]} */
  const parts = [];
  let at = 0;
  let length = 0;
  let words = 0;
  let open = false; // whether a run of letters continues
  signs.forEach((sign, i) => {
    const [start, stop] = [at, at + sign.length];
    at = stop;
    const before = open;
    open = false;
    const { han, folded } = /** @type {{han: boolean, folded: string}} */ (known.get(sign));
    if (is(i)) {
      open = true;
      if (before) {
        const last = parts[parts.length - 1];
        last.part += folded;
        last.stop = stop;
      } else {
        parts.push({ part: folded, start, stop });
        length += 1;
        words += 1;
      }
    } else if (han) {
      parts.push({ part: folded, start, stop });
      length += 1;
    } else if (/[-\u2010\u2011]/u.test(sign) && is(i - 1) && is(i + 1)) {
      // a hyphen within a word separates nothing
    } else if (/\s/u.test(sign) && sign !== "\n" && (is(i - 1) || is(i + 1))) {
      // nor does a space next to a letter
    } else if (!/[《》〈〉“”‘’「」『』"']/u.test(sign)) {
      parts.push({ part: NO_WORD.test(folded) ? folded : BLOCK, start, stop });
    }
  });
  return { text: shown, parts, length, words, language: "zh" };
}

/**
 * Slots of a pattern: the words allowed at each position.
 * @param {string} pattern
 * @returns {string[][]}
 */
export function slots(pattern) {
  // keep normalise from taking a star for a footnote mark
  const folded = normalise(pattern.replaceAll("*", "\u0001")).replaceAll("\u0001", "*")
    .replaceAll('"', " ").replaceAll("&", " and ").replace(/[\s.]+$/u, "")
    .replace(/(?<![\p{L}\p{N}*?])'|'(?![\p{L}\p{N}*?])/gu, " ");
  // after a = capitals matter
  const glob = (/** @type {string} */ word) => (word.startsWith("=") ? word : word.toLowerCase());
  return (folded.match(/\([^()\s]*\)|[,.]|[^\s(),.]+/gu) ?? []).flatMap((token) => {
    if (token === "," || token === ".") return [[token]];
    if (token.startsWith("(")) return [token.slice(1, -1).split("|").map(glob)];
    return token.split("-").filter(Boolean).map((word) => [glob(word)]);
  });
}

/**
 * The strings that a pattern without a wildcard stands for.
 * @param {string} pattern
 * @returns {string[]}
 */
export function expand(pattern) {
  let strings = [""];
  for (const [, choice, plain] of pattern.matchAll(/\(([^()]*)\)|([^()]+)/gu)) {
    const members = plain === undefined ? choice.split("|") : [plain];
    strings = strings.flatMap((s) => members.map((m) => s + m));
  }
  return strings;
}

/**
 * Slots of each of the strings that a Chinese pattern stands for.
 * @param {string} pattern
 * @returns {string[][][]}
 */
function chineseSlots(pattern) {
  return expand(pattern).map((s) =>
    (s.match(/[a-z0-9]+|./gu) ?? []).map((token) => [token.replace("，", ",")]));
}

/**
 * Whether a word fits a slot; the last word may be possessive.
 * @param {string[]} slot
 * @param {string} part
 * @param {boolean} last
 */
export function fits(slot, part, last) {
  if (NO_WORD.test(part)) return part !== BLOCK && slot.length === 1 && slot[0] === part;
  const stem = last && part.endsWith("'s") ? part.slice(0, -2) : null;
  return slot.some((written) => {
    const glob = written.startsWith("=") ? written.slice(1).toLowerCase() : written;
    if (!/[*?]/u.test(glob)) return glob === part || glob === stem;
    const pattern = expression(glob);
    return pattern.test(part) || (stem !== null && pattern.test(stem));
  });
}

/**
 * Whether a part has the capitals that a slot requires, if any.
 * @param {string[]} slot
 * @param {string} printed
 * @param {boolean} last
 */
function capitalsFit(slot, printed, last) {
  const cased = slot.flatMap((g) => (g.startsWith("=") ? [expression(g.slice(1))] : []));
  const stem = last ? printed.replace(/['’]s$/u, "") : printed;
  return !cased.length || cased.some((glob) => glob.test(printed) || glob.test(stem));
}

/**
 * How a pattern stands to the shorter ones of a wording: "whole" if each of its matches contains one of
 * theirs, "part" if some may contain one, or share two words with one, else an empty string.
 * @param {string} pattern
 * @param {string[]} shorter patterns of one wording
 * @param {boolean} zh
 * @returns {"whole" | "part" | ""}
 */
export function holds(pattern, shorter, zh) {
  const cut = (/** @type {string} */ written) => (zh ? chineseSlots(written) : [slots(written)]);
  const small = shorter.flatMap(cut);
  const how = cut(pattern).map((long) => {
    const met = small.filter(({ length }) => length <= long.length).flatMap((short) =>
      Array.from({ length: short.length + long.length - 1 }, (_, n) => n - short.length + 1)
        .map((from) => short.flatMap((slot, at) => (long[from + at] ? [[slot, long[from + at]]] : [])))
        .filter((pairs) => pairs.length >= Math.min(2, short.length) &&
          pairs.every(([a, b]) => b.some((word) => a.some((glob) => like(glob, word) || like(word, glob)))))
        .map((pairs) => pairs.length === short.length &&
          pairs.every(([a, b]) => b.every((word) => a.some((glob) => like(glob, word))))));
    if (met.includes(true)) return "whole";
    return met.length ? "part" : "";
  });
  if (how.every((one) => one === "whole")) return "whole";
  return how.some(Boolean) ? "part" : "";
}

/**
 * Whether a glob matches a word, or another glob; a star alone is taken to match none of these.
 * @param {string} glob
 * @param {string} word
 */
const like = (glob, word) => glob === word ||
  (![glob, word].includes("*") && expression(glob).test(word));

/** @type {Map<string, RegExp>} */
const expressions = new Map();

/** @param {string} glob of letters, digits, apostrophes, * and ? */
function expression(glob) {
  let made = expressions.get(glob);
  if (!made) {
    // several stars match what one matches, but slowly
    const body = glob.replace(/\*+/gu, "[^]*").replaceAll("?", "[^]");
    made = new RegExp(`^${body}$`, "u");
    expressions.set(glob, made);
  }
  return made;
}

/**
 * Find every entry; of overlapping matches of one entry, the longest counts, or the first of equals.
 * @param {Read} text
 * @param {Book} book
 * @returns {Hit[]} in the order of the text
 */
export function find(text, book) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  text.parts.forEach(({ part }, at) => {
    const there = places.get(part);
    if (there) there.push(at);
    else places.set(part, [at]);
  });
  const words = [...places.keys()];
  /** @type {Map<string, number[]>} */
  const known = new Map();
  const of = (/** @type {string[]} */ slot, /** @type {boolean} */ last) => {
    const key = `${slot.join("|")}${last ? "'" : ""}`;
    let found = known.get(key);
    if (!found) {
      const plain = slot.map((glob) => (glob.startsWith("=") ? glob.slice(1).toLowerCase() : glob));
      // only a pattern with * or ? is compared with every word of the text
      const near = plain.some((glob) => /[*?]/u.test(glob)) ? words
        : new Set(plain.flatMap((word) => (last ? [word, `${word}'s`] : [word])));
      found = [...near].filter((word) => fits(slot, word, last)).flatMap((w) => places.get(w) ?? []);
      known.set(key, found);
    }
    return found;
  };
  const starts = (/** @type {string[][]} */ pattern) => {
    const all = pattern.map((slot, i) => of(slot, i === pattern.length - 1));
    const rarest = all.reduce((best, some, i) => (some.length < all[best].length ? i : best), 0);
    return all[rarest].map((at) => at - rarest).filter((at) => at >= 0 &&
      at + pattern.length <= text.parts.length &&
      pattern.every((slot, i) => {
        const { part, start, stop } = text.parts[at + i];
        const last = i === pattern.length - 1;
        return fits(slot, part, last) && capitalsFit(slot, text.text.slice(start, stop), last);
      }));
  };
  const hits = book.entries.flatMap(([variants, within], entry) => {
    const zh = text.characters > 0;
    const patterns = variants.flatMap(([english_, chinese_]) =>
      [...(zh ? chinese_.flatMap(chineseSlots) : []), ...english_.map(slots)]);
    const longer = zh ? within.flatMap(chineseSlots).flatMap((pattern) =>
      starts(pattern).map((at) => [at, at + pattern.length])) : [];
    const found = patterns.flatMap((pattern) => starts(pattern)
      .map((start) => ({ entry, start, stop: start + pattern.length })));
    if (!longer.length) return longest(found);
    longer.sort((a, b) => a[0] - b[0]);
    let [next, reach] = [0, 0]; // what lies within a longer expression ends before the end of one that has begun
    return longest(found.sort((a, b) => a.start - b.start).filter(({ start, stop }) => {
      for (; longer[next]?.[0] <= start; next += 1) reach = Math.max(reach, longer[next][1]);
      return stop > reach;
    }));
  });
  return hits.sort((a, b) => a.start - b.start || a.stop - b.stop || a.entry - b.entry);
}

/**
 * Of overlapping hits keep the longest, or the first of equals.
 * @param {Hit[]} hits
 */
export function longest(hits) {
  const taken = new Set();
  return [...hits]
    .sort((a, b) => a.start - a.stop - (b.start - b.stop) || a.start - b.start)
    .filter(({ start, stop }) => {
      for (let at = start; at < stop; at += 1) if (taken.has(at)) return false;
      for (let at = start; at < stop; at += 1) taken.add(at);
      return true;
    });
}

/**
 * What is shown of a text: its lengths, its beginning with marks, and how often it has each entry, in all
 * and as the longest of overlapping ones.
 * @typedef {object} Tally
 * @property {"en" | "zh"} language
 * @property {number} words
 * @property {number} characters
 * @property {number} length as the library counts it
 * @property {number} letters
 * @property {number} lost letters that an earlier program could not read
 * @property {[number, number][]} counts entries and how often, the most frequent first
 * @property {[number, number][]} marked the same of the longest
 * @property {string} text its beginning
 * @property {{from: number, to: number, entries: number[]}[]} marks in the beginning
 */

/**
 * Count the entries of a text.
 * @param {string} written
 * @param {Book} book
 * @param {{letters: number, marks: number}} most that are shown
 * @returns {Tally}
 */
export function tally(written, book, most) {
  const own = read(written, book.simplified);
  const hits = find(own, book);
  const alone = longest(hits);
  const { text, parts, words, characters, length, language } = own;
  const marks = alone.sort((a, b) => a.start - b.start).slice(0, most.marks)
    .map(({ start, stop }) => ({ from: parts[start].start, to: parts[stop - 1].stop, start, stop, entries: new Set() }))
    .filter(({ to }) => to <= most.letters);
  let at = 0;
  for (const { entry, start, stop } of hits) {
    while (marks[at]?.stop <= start) at += 1;
    if (!marks[at]) break;
    if (marks[at].start < stop) marks[at].entries.add(entry);
  }
  // a text with more marks than are shown ends with the last of these
  const end = alone.length > most.marks && marks.length === most.marks ? marks[marks.length - 1].to : most.letters;
  return {
    language, words, characters, length,
    letters: text.length,
    lost: text.split("\ufffd").length - 1,
    counts: inOrder(hits),
    marked: inOrder(alone),
    text: text.slice(0, end).replace(/[\ud800-\udbff]$/u, ""),
    marks: marks.map(({ from, to, entries }) => ({ from, to, entries: [...entries] })),
  };
}

/**
 * Entries with their number of hits, the most frequent first.
 * @param {Hit[]} hits
 * @returns {[number, number][]}
 */
function inOrder(hits) {
  return together([hits.map(({ entry }) => [entry, 1])]);
}

/**
 * Add up counts of entries, the most frequent first.
 * @param {[number, number][][]} all
 * @returns {[number, number][]}
 */
export function together(all) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const [entry, n] of all.flat()) counts.set(entry, (counts.get(entry) ?? 0) + n);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

// Words of a string by the rules of the library (src/tifa/text/words.py): a test compares the two.

const LETTER = "[\\p{L}\\p{N}]";
const INNER = "[\\p{L}\\p{M}\\p{N}]";
const PART = `${LETTER}${INNER}*(?:'${LETTER}${INNER}*)*`;
/** A word. Has the flag g, so use it only with match and matchAll. */
export const WORD = new RegExp(`${PART}(?:-${PART})*`, "gu");
const SPACE = "[\\s\\u0085]";
// end of a word, as in the library's regular expressions
const END = "(?![\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}])";
const PAIR = new RegExp(
  `(${INNER})-${SPACE}+((?:and|or|nor|to|but|as|through|versus)${END})`, "giu",
);
/** Invisible characters. */
export const NOTHING = /\p{Default_Ignorable_Code_Point}/gu;
const LETTERS = {
  "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
  "ß": "ss", "ẞ": "SS", "İ": "I", "i\u0307": "i", "ſ": "s",
};
// footnote marks after a word of three letters or more
const FOOTNOTE = /(\p{L}{3})(?:\[\p{Nd}{1,3}\]|[*†‡⁰¹²³⁴-⁹])+(?=[^\p{L}\p{N}*†‡]|$)/gu;
const DASH = new RegExp(`(${INNER})–(${LETTER})`, "gu");
const BROKEN = new RegExp(`(${INNER})-${SPACE}+(${LETTER})`, "gu");

/**
 * Normalise a text: NFC, straight quotes, words joined that a line break has cut.
 * @param {string} text
 * @returns {string}
 */
export function normalise(text) {
  return text
    .replace(NOTHING, "")
    .normalize("NFC")
    .replace(/[‘’‚‛ʼ′`´\u05f3]/gu, "'")
    .replace(/[“”„‟«»″\u05f4]/gu, '"')
    .replace(/[\u2010\u2011]/gu, "-")
    .replace(/i\u0307|[\ufb00-\ufb06ßẞİſ]/gu, (letter) => LETTERS[letter])
    .replace(FOOTNOTE, "$1")
    .replace(DASH, "$1-$2")
    .replace(DASH, "$1-$2")
    // "medium- and long-term" stays two words, "self- determination" becomes one
    .replace(PAIR, "$1-\u0000$2")
    .replace(BROKEN, "$1-$2")
    .replace(BROKEN, "$1-$2")
    .replaceAll("\u0000", " ");
}

/**
 * Lower-cased words.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  return normalise(text).toLowerCase().match(WORD) ?? [];
}

/**
 * Fold a phrase to compare it with names of entries: hyphens become spaces.
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  return words(text).join(" ").replaceAll("-", " ");
}

/**
 * Remove accents, for pinyin.
 * @param {string} text
 * @returns {string}
 */
export function stripMarks(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "");
}

const ANY = "[\\p{L}\\p{N}_]";
const BREAK = /(?<=[\p{L},-])[ \t]*\n[^\S\n]*\n\s*(?=\p{L})/gu;
// words that never end a sentence; a single letter may be the label of a list item
const UNFINISHED = new RegExp(
  `(?:${ANY}{2}\\s+a|(?<!${ANY})(?:an|and|as|at|because|between|by|for|from|in|including|into|of|`
  + "on|or|our|that|the|their|this|to|toward|towards|under|which|whose|with))$", "u",
);
// a lower-case word, which a heading in capitals would not have
const RUNNING = new RegExp(
  `(?<!${ANY})(?!(?:amid|from|into|over|than|that|upon|with)(?!${ANY}))`
  + `(?:(?![A-Z])\\p{L}){4,}(?!${ANY})`, "u",
);

/**
 * Replace blank lines in the middle of a sentence, as at the end of a page, by a line break.
 * @param {string} text
 * @returns {string}
 */
export function withoutLayout(text) {
  let end = 0; // of the blank lines before: no fragment begins earlier
  return text.replace(BREAK, (found, /** @type {number} */ at) => {
    const before = text.slice(Math.max(end, at - 500), at);
    end = at + found.length;
    const fragment = before.split(/[.!?]["'”’)]*\s|\n\s*\n/u).at(-1) ?? "";
    const [last] = fragment.match(/\S+$/u) ?? [""];
    if (!last) return found;
    const runs = (fragment.match(/ /gu) ?? []).length >= 4 && /\p{L}{2}/u.test(fragment);
    const name = /^\p{Uppercase}/u.test(last) && !last.endsWith(",") && RUNNING.test(fragment);
    const small = /^\p{Lowercase}/u.test(text.slice(at + found.length));
    return UNFINISHED.test(fragment) || (runs && (small || name)) ? "\n" : found;
  });
}

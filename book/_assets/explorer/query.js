// Parse the input: phrases separated by commas. It is untrusted, so it is only split and compared.

import { fold, normalise, words } from "./words.js";

export const MOST_TERMS = 5;
export const MOST_WORDS = 4;
export const MOST_LETTERS = 300;

/**
 * One phrase of a query.
 * @typedef {object} Term
 * @property {"phrase" | "wildcard" | "bad"} kind
 * @property {string} text as typed, without quotation marks and outer space
 * @property {string[]} words normalised
 * @property {boolean} exact in quotation marks: these very words, no phrasebook entry
 * @property {string} prefix of a wildcard: what the n-grams begin with
 * @property {number} size number of words of the n-grams sought
 * @property {string} key the same for phrases that ask for the same
 * @property {string} [why] what is wrong with a bad phrase
 */

/**
 * Read a query.
 * @param {string} query
 * @returns {{terms: Term[], left: number}} phrases without repetition; how many were too many
 */
export function parse(query) {
  const text = clean(query);
  if (text.length > MOST_LETTERS) return { terms: [bad(termOf(`${text.slice(0, 40)}…`), "much")], left: 0 };
  const found = new Map();
  const cuts = commas(text);
  const starts = [0, ...cuts.map((at) => at + 1)];
  for (const [nth, start] of starts.entries()) {
    const term = parseTerm(text.slice(start, cuts[nth]));
    if (term && !found.has(term.key)) found.set(term.key, term);
  }
  const terms = [...found.values()];
  return { terms: terms.slice(0, MOST_TERMS), left: Math.max(0, terms.length - MOST_TERMS) };
}

/**
 * Places of the commas and semicolons between phrases: not those within quotation marks, nor one that
 * groups the digits of a number (1,000).
 * @param {string} text
 * @returns {number[]}
 */
function commas(text) {
  const quoted = "(?<=(?:^|[,，;；])\\s*)[\"“”„«][^\"“”»]*[\"“”»](?=\\s*(?:[,，;；]|$))";
  const number = "(?<!\\d|\\d,)\\d{1,3}(?:,\\d{3})+(?!\\d|,\\d)";
  const found = text.matchAll(new RegExp(`${quoted}|${number}|[,，;；]`, "gu"));
  return [...found].flatMap(({ 0: piece, index }) => (piece.length > 1 ? [] : [index]));
}

/**
 * Read a query as one phrase including commas, because names of entries may contain them.
 * @param {string} query
 * @returns {Term | null}
 */
export function parseWhole(query) {
  const text = clean(query);
  return text.length > MOST_LETTERS ? null : parseTerm(text);
}

/**
 * Lone surrogates and control characters become spaces; what is too long ends in … and is not looked up.
 * @param {string} query
 * @returns {string}
 */
export function clean(query) {
  const kept = query.length > MOST_LETTERS ? `${query.slice(0, MOST_LETTERS)}…` : query;
  return Array.from(kept, (c) => (/[\p{Cc}\p{Cs}]/u.test(c) ? " " : c)).join("");
}

/**
 * Read one phrase of a query.
 * @param {string} piece
 * @returns {Term | null} null where nothing is asked
 */
function parseTerm(piece) {
  // full-width letters and ligatures count as normal letters
  const text = piece.normalize("NFKC").trim();
  if (!text) return null;
  const marked = /^["“”„«](.*)["“”»]$/u.exec(text);
  const inner = (marked ? marked[1] : text).trim();
  const exact = marked !== null;
  const base = { ...termOf(inner), exact };
  if (/[#@]/u.test(inner)) return bad(base, "sign");
  const star = inner.indexOf("*");
  if (star >= 0) return parseWildcard(inner, star, base);
  if (/\?\S/u.test(inner)) return bad(base, "mark");
  base.size = base.words.length;
  if (base.size === 0) return bad(base, "empty");
  return { ...base, kind: "phrase", key: `${exact ? "=" : ""}${base.words.join(" ")}` };
}

/**
 * A phrase of which nothing is known but its text; & stands for "and", as in the texts.
 * @param {string} text
 */
const termOf = (text) => ({ text, exact: false, prefix: "", words: words(text.replaceAll("&", " and ")), size: 0 });

/**
 * What n-grams begin with that go on like a text: its words, with the hyphen or apostrophe at its end;
 * after a space any next word matches.
 * @param {string} text
 * @returns {{begun: string[], prefix: string, size: number}}
 */
export function beginning(text) {
  const begun = words(text);
  const [end = ""] = /[-'\s]$/u.exec(normalise(text)) ?? [];
  const next = /\s/u.test(end);
  return { begun, prefix: begun.join(" ") + (next ? " " : end), size: begun.length + (next ? 1 : 0) };
}

/**
 * Read a phrase with an asterisk at the place star.
 * @param {string} inner
 * @param {number} star
 * @param {Omit<Term, "kind" | "key">} base
 * @returns {Term}
 */
function parseWildcard(inner, star, base) {
  if (star !== inner.length - 1) return bad(base, "star");
  const before = normalise(inner.slice(0, star));
  if (!/[\p{L}\p{M}\p{N}](?:[-']|\s+)?$/u.test(before)) return bad(base, "star");
  if (/\p{Script=Han}/u.test(before)) return bad(base, "han");
  const { begun, prefix, size } = beginning(before);
  if (size > MOST_WORDS) return bad({ ...base, words: begun }, "long");
  return { ...base, kind: "wildcard", words: begun, prefix, size, key: `${prefix}*` };
}

/**
 * A phrase that cannot be looked up, with the reason.
 * @param {Omit<Term, "kind" | "key">} base
 * @param {string} why
 * @returns {Term}
 */
function bad(base, why) {
  return { ...base, kind: "bad", key: `!${base.text}`, why };
}

/**
 * What is asked by a query without a phrase, such as commas alone.
 * @param {string} query
 */
export const nowhere = (query) => bad(termOf(clean(query).trim()), "empty");

/**
 * The index of the entry that a phrase names, or -1.
 * @param {Term} term
 * @param {Record<string, number>} names
 * @returns {number}
 */
export function entryNamed(term, names) {
  if (term.kind !== "phrase" || term.exact) return -1;
  const name = fold(term.text);
  return Object.hasOwn(names, name) ? names[name] : -1;
}

/**
 * The phrase at a position in the field.
 * @param {string} text
 * @param {number} caret
 * @returns {{start: number, end: number, text: string}}
 */
export function termAt(text, caret) {
  const cuts = commas(text);
  const start = (cuts.findLast((at) => at < caret) ?? -1) + 1;
  const end = cuts.find((at) => at >= caret) ?? text.length;
  return { start, end, text: text.slice(start, end) };
}

/**
 * The state in the address: phrases, measure, speakers, chosen countries.
 * @typedef {object} State
 * @property {string} q
 * @property {"share" | "rate"} measure
 * @property {"" | "all" | "speakers"} by empty: by speaker if a single entry is asked for
 * @property {string[]} countries codes, at most {@link MOST_COUNTRIES}
 */

export const MOST_COUNTRIES = 2;

/**
 * State from the address.
 * @param {string} search the part from the question mark on
 * @returns {State}
 */
export function readState(search) {
  const given = new URLSearchParams(search);
  const by = given.get("by") ?? "";
  const codes = (given.get("c") ?? "").split(",").filter((c) => /^[A-Z]{2,4}$/u.test(c));
  return {
    q: clean(given.get("q") ?? "").trim(),
    measure: given.get("m") === "rate" ? "rate" : "share",
    by: by === "all" || by === "speakers" ? by : "",
    countries: [...new Set(codes)].slice(0, MOST_COUNTRIES),
  };
}

/**
 * State as the query string of an address.
 * @param {{q: string, measure?: string, by?: string, countries?: string[]}} state
 * @returns {string}
 */
export function writeState({ q, measure, by = "", countries = [] }) {
  const given = new URLSearchParams();
  if (q) given.set("q", q);
  if (measure === "rate") given.set("m", "rate");
  if (by) given.set("by", by);
  if (countries.length) given.set("c", countries.join(","));
  const written = given.toString().replaceAll("%2C", ",");
  return written ? `?${written}` : "";
}

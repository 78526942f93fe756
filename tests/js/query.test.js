import assert from "node:assert/strict";
import test from "node:test";

import { namesOf } from "../../book/_assets/explorer/data.js";
import {
  clean, entryNamed, MOST_LETTERS, MOST_TERMS, MOST_WORDS, parse, readState, termAt, writeState,
} from "../../book/_assets/explorer/query.js";
import { fold, stripMarks, words } from "../../book/_assets/explorer/words.js";
import { INDEX, random } from "./small.js";

const NAMES = namesOf(INDEX.entries);
const terms = (query) => parse(query).terms;

test("words are lower-cased runs of letters and digits", () => {
  assert.deepEqual(words("The “Shanghai\nSpirit”!"), ["the", "shanghai", "spirit"]);
  assert.deepEqual(words("China’s people-to-people ties (2020)"), [
    "china's", "people-to-people", "ties", "2020",
  ]);
  assert.deepEqual(words("self-\ndetermination, medium- and long-term"), [
    "self-determination", "medium", "and", "long-term",
  ]);
  assert.deepEqual(words(" -- '' "), []);
  assert.equal(fold("Win‑Win  Cooperation"), "win win cooperation");
  assert.equal(stripMarks("Hùpō"), "Hupo");
});

test("phrases stand between commas, each once", () => {
  assert.deepEqual(terms("Boat, harbour ,, boat; BOAT，quay").map((t) => t.key), [
    "boat", "harbour", "quay",
  ]);
  assert.deepEqual(terms('"one belt, one road", 1,000, 20,30 “a; b”').map((t) => t.key), [
    "=one belt one road", "1 000", "20", "30 a", "b",
  ]);
  assert.deepEqual(terms('"boat, quay').map((t) => t.key), ["boat", "quay"]);
  assert.deepEqual(terms(" , ;"), []);
});

test("an ampersand is the word and, as in the texts", () => {
  assert.deepEqual(terms("mist & fog")[0].words, ["mist", "and", "fog"]);
});

test("quotation marks ask for these very words", () => {
  const [plain, exact, curly] = terms('lake spirit, "lake spirit", “calm”');
  assert.equal(plain.exact, false);
  assert.equal(exact.exact && curly.exact, true);
  assert.equal(entryNamed(plain, NAMES), 0);
  assert.equal(entryNamed(exact, NAMES), -1);
});

test("an entry is found by id, label and Chinese, but not by an inherited name", () => {
  const found = (query) => entryNamed(terms(query)[0], NAMES);
  assert.equal(found("lake-spirit"), 0);
  assert.equal(found("Lake Spirit (LS)"), 0);
  assert.equal(found("湖泊精神"), 0);
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(found(name), -1);
  }
});

test("an asterisk comes last", () => {
  const [word, after, two] = terms("boat*, boat *, calm boat*");
  assert.deepEqual([word.kind, word.prefix, word.size], ["wildcard", "boat", 1]);
  assert.deepEqual([after.prefix, after.size], ["boat ", 2]);
  assert.deepEqual([two.prefix, two.size], ["calm boat", 2]);
  // a hyphen or apostrophe belongs to what n-grams begin with; any other sign begins none
  assert.deepEqual(terms("win-*, o’*, calm win-*").map((t) => [t.prefix, t.size]), [
    ["win-", 1], ["o'", 1], ["calm win-", 2],
  ]);
  for (const query of ["boat.*", "boat--*", "boat- *", "上海*", "*", "*boat", "b*t", "boat**", "-*", "a b c d e*", "a b c d *"]) {
    assert.equal(terms(query)[0].kind, "bad", query);
  }
});

test("more than five phrases are too many", () => {
  const { terms: kept, left } = parse("a, b, c, d, e, f, g");
  assert.equal(kept.length, MOST_TERMS);
  assert.equal(left, 2);
});

test("the phrase at the caret is the one that is completed", () => {
  const text = "boat, har, quay";
  assert.deepEqual(termAt(text, 9), { start: 5, end: 9, text: " har" });
  assert.equal(termAt(text, 0).text, "boat");
  assert.equal(termAt(text, text.length).text, " quay");
  assert.equal(termAt('"boat, har", quay', 4).text, '"boat, har"');
});

test("state goes into the address and comes back", () => {
  for (const q of ["boat, harbour", "湖泊精神", 'a & b=c?#"*"', ""]) {
    for (const measure of ["share", "rate"]) {
      for (const [by, countries] of [["", []], ["all", []], ["speakers", ["FRA", "IND"]]]) {
        const state = { q, measure, by, countries };
        assert.deepEqual(readState(writeState(state)), state);
      }
    }
  }
  assert.deepEqual(readState("?c=fra,../x,FRA,FRA,IND,BRA&by=toString").countries, ["FRA", "IND"]);
  assert.equal(readState("?by=toString").by, "");
  assert.deepEqual(readState("?q=%E0%A4%A&m=nonsense"), {
    q: readState("?q=%E0%A4%A").q, measure: "share", by: "", countries: [],
  });
});

test("whatever is typed is read without error, within bounds, and stays what it was", () => {
  const next = random(5);
  const pool = [
    ..."ab ,;*\"“”«'’-–()[]{}<>&=%#?!/\\|^~`\t\n\0\u0085\u00ad\u200b\u202e\ufeff",
    "é", "é", "ß", "İ", "Σ", "上海", "精神", "мир", "👩‍👩‍👧", "\ud800", "\udc00",
    "<img src=x onerror=alert(1)>", "javascript:", "__proto__", "constructor", "boat",
  ];
  for (let round = 0; round < 5000; round += 1) {
    const size = Math.floor(next() * 30);
    const query = Array.from({ length: size }, () => pool[Math.floor(next() * pool.length)]).join("");
    const { terms: found, left } = parse(query);
    assert.ok(found.length <= MOST_TERMS && left >= 0);
    assert.equal(new Set(found.map((t) => t.key)).size, found.length);
    for (const term of found) {
      assert.ok(["phrase", "wildcard", "bad"].includes(term.kind));
      for (const word of term.words) assert.match(word, /^[\p{L}\p{N}][\p{L}\p{M}\p{N}'-]*$/u);
      if (term.kind === "wildcard") {
        assert.ok(term.size >= 1 && term.size <= MOST_WORDS);
        assert.match(term.prefix, /^[\p{L}\p{N}][\p{L}\p{M}\p{N}'\- ]*$/u);
      }
    }
    const kept = clean(query).trim();
    assert.ok(kept.length <= MOST_LETTERS + 1); // and an ellipsis where something was cut
    const back = readState(writeState({ q: kept, measure: "share" })).q;
    assert.equal(back, kept);
    assert.deepEqual(parse(back), parse(kept));
  }
});

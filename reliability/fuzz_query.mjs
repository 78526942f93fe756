// Feed the explorer's query parser and its state in the address: runs and seed as arguments.

import assert from "node:assert/strict";

import { csv, fileName } from "../book/_assets/explorer/export.js";
import {
  clean, entryNamed, MOST_LETTERS, MOST_TERMS, parse, readState, termAt, writeState,
} from "../book/_assets/explorer/query.js";

const [runs, seed] = process.argv.slice(2).map(Number);
let state = seed >>> 0;
const random = (n) => {
  // xorshift: the same seed asks the same
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % n;
};
const PARTS = [
  "boat", "BOAT", "mutual trust", "win-win", "*", "?", ",", "，", ";", '"', "“", "”", "'", " ", "\t",
  "\n", "\0", "%", "&", "=", "+", "#", "<script>", "</script>", "javascript:", "__proto__",
  "constructor", "hasOwnProperty", "上海精神", "é", "e\u0301", "\ud800", "\udc00", "😀", "\u202e",
  "a".repeat(200), "(", "[", "{", "\\", "$", "^", "|", ".", "-", "\u2011", "/../", "?q=", "&m=rate",
];
const NAMES = { boat: 0, "mutual trust": 1 };

for (let run = 0; run < runs; run += 1) {
  let query = "";
  for (let n = random(9); n >= 0; n -= 1) {
    query += random(4) ? PARTS[random(PARTS.length)] : String.fromCharCode(random(65536));
  }
  const { terms, left } = parse(query);
  assert.ok(terms.length <= MOST_TERMS && left >= 0);
  for (const term of terms) {
    assert.ok(["phrase", "wildcard", "bad"].includes(term.kind));
    assert.ok(entryNamed(term, NAMES) >= -1);
    assert.ok(!/[\p{Cc}\p{Cs}]/u.test(term.text));
  }
  assert.equal(clean(clean(query)), clean(query));
  assert.ok(clean(query).length <= MOST_LETTERS);
  const caret = random(query.length + 1);
  const at = termAt(query, caret);
  assert.ok(at.start <= at.end && at.end <= query.length);
  // what is written into the address is read from it again
  const first = readState(`?${query}`);
  const again = readState(writeState({ q: clean(query).trim(), measure: "rate" }));
  assert.equal(again.q, clean(query).trim());
  assert.ok(["share", "rate"].includes(first.measure));
  assert.match(fileName(query, "csv"), /^explorer-[a-z0-9-]+\.csv$/u);
  assert.ok(!/^"?[=+\-@\t\r]/u.test(csv([[query]])));
}
console.log(`Done ${runs} runs`);

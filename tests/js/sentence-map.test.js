import assert from "node:assert/strict";
import test from "node:test";

import { facts, move, readReports, said, shorten } from "../../book/_assets/sentence-map/model.js";

const row = (report, sentence, partners = []) => ({
  report,
  sentence,
  words: 10 + sentence,
  frames: sentence === 1 ? ["Health", "Trade"] : [],
  dictionary: ["Health"],
  formulas: sentence === 1 ? ["mutual patience"] : [],
  voice: "the mayor's, by a reporting verb",
  partners,
});
const ROWS = [
  row("The Lake", 1, [[2, "in part", true], [1, "the same", false]]),
  row("The Lake", 2),
  row("The Lake", 3),
  row("The Shore", 1, [[1, "the same", false]]),
  row("The Shore", 2, [[1, "in part", true]]),
];
const REPORTS = readReports(ROWS);

test("rows are grouped by report, in their order", () => {
  assert.deepEqual(REPORTS.map((r) => [r.name, r.sentences.length]), [["The Lake", 3], ["The Shore", 2]]);
});

test("letters of frames differ, also where labels begin alike", () => {
  const shorts = shorten(["Security", "Sector", "Separation", "Solidarity", "People and culture"]);
  assert.equal(new Set(shorts).size, 5);
  assert.equal(shorts[0], "Se");
  assert.ok(shorts.every((s) => /^\p{L}{2}$/u.test(s)));
});

test("what is said of a sentence names all that is known", () => {
  const [first, second] = REPORTS[0].sentences;
  const heard = said(first, "The Lake", "The Shore");
  assert.match(heard, /^1, The Lake, 11 words\. Frames: Health, Trade\. Formulations: mutual patience\./);
  assert.match(heard, /sentence 2 in part, in doubt; 1 the same$/);
  assert.match(said(second, "The Lake", "The Shore"), /Frames: none.*Partner in no sentence of The Shore$/);
  const names = facts(first, "The Shore").map(([name]) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(facts(second, "The Shore").every(([, value]) => value.length > 0));
});

test("keys walk within a report and stop at its ends", () => {
  assert.deepEqual(move(REPORTS, { report: 0, row: 0 }, "ArrowUp"), { report: 0, row: 0 });
  assert.deepEqual(move(REPORTS, { report: 0, row: 0 }, "ArrowDown"), { report: 0, row: 1 });
  assert.deepEqual(move(REPORTS, { report: 0, row: 2 }, "ArrowDown"), { report: 0, row: 2 });
  assert.deepEqual(move(REPORTS, { report: 0, row: 1 }, "End"), { report: 0, row: 2 });
  assert.deepEqual(move(REPORTS, { report: 1, row: 1 }, "Home"), { report: 1, row: 0 });
});

test("keys lead across to the first partner, else to the same height", () => {
  assert.deepEqual(move(REPORTS, { report: 0, row: 0 }, "ArrowRight"), { report: 1, row: 1 });
  assert.deepEqual(move(REPORTS, { report: 1, row: 1 }, "ArrowLeft"), { report: 0, row: 0 });
  assert.deepEqual(move(REPORTS, { report: 0, row: 2 }, "ArrowRight"), { report: 1, row: 1 });
  assert.deepEqual(move(REPORTS, { report: 0, row: 1 }, "ArrowLeft"), { report: 0, row: 1 });
});

test("other keys are left to the browser", () => {
  for (const key of ["Tab", "Enter", "a", "toString"]) {
    assert.equal(move(REPORTS, { report: 0, row: 0 }, key), null);
  }
});

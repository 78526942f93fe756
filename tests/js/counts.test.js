import assert from "node:assert/strict";
import test from "node:test";

import { decodeGroups, decodePairs, decodeYears } from "../../book/_assets/explorer/codec.js";
import { Data, shardOf } from "../../book/_assets/explorer/data.js";
import { tally, together } from "../../book/_assets/explorer/own.js";
import { addUp, byYear, peak, wilson } from "../../book/_assets/explorer/stats.js";
import { FILES, files, INDEX } from "./small.js";

test("a row of years is read, its zeros included", async () => {
  const { years } = await new Data(files().fetchJson).ngram(["boat"]);
  assert.deepEqual(years, [
    { n: 1, docs: 1 }, { n: 9, docs: 4 }, { n: 0, docs: 0 }, { n: 2, docs: 1 },
  ]);
});

test("a damaged row is an error, never a wrong count", () => {
  for (const row of [" ", "é", "~", "~|", "|!", ">>>>>"]) {
    assert.throws(() => decodeYears(row, INDEX.cells, 4), Error, row);
  }
  assert.throws(() => decodePairs("!"), Error);
  for (const row of ["!!!", "!!!!!", "!! !"]) assert.throws(() => decodeGroups(row, 4), Error, row);
});

test("Wilson intervals end where shares do", () => {
  const round = ({ low, high }) => [low, high].map((v) => Number(v.toFixed(4)));
  assert.deepEqual(round(wilson(0, 10)), [0, 0.2775]);
  assert.deepEqual(round(wilson(5, 50)), [0.0435, 0.2136]);
  assert.deepEqual(round(wilson(10, 10)), [0.7225, 1]);
});

test("years stand on their bases; those without a speech are left out", () => {
  const rows = byYear(
    [{ n: 3, docs: 2 }, { n: 0, docs: 0 }, { n: 0, docs: 0 }, { n: 5, docs: 5 }],
    [[10, 1000], [20, 4000], [0, 0], [5, 500]], INDEX.first,
  );
  assert.deepEqual(rows.map((r) => r.year), [2001, 2002, 2004]);
  assert.deepEqual([rows[0].share, rows[0].rate], [0.2, 30]);
  assert.deepEqual([rows[2].share, rows[2].high], [1, 1]);
  assert.equal(peak(rows, "rate").year, 2004);
  assert.equal(peak(rows.slice(1, 2), "share"), null);
});

test("occurrences of several n-grams add up, speeches do not", () => {
  const tables = [[{ n: 3, docs: 2 }], [{ n: 4, docs: 2 }]];
  assert.deepEqual(addUp(tables, 1), [{ n: 7, docs: null }]);
});

test("a key is looked for in the one shard that can hold it", () => {
  const starts = ["", "h", "ha"];
  assert.deepEqual(["boat", "g", "h", "h9", "ha", "harbour", "z"].map((k) => shardOf(starts, k)), [
    0, 0, 1, 1, 2, 2, 2,
  ]);
});

test("each file is fetched once, and again only where it failed", async () => {
  const source = files();
  const data = new Data(source.fetchJson);
  await Promise.all([data.ngram(["boat"]), data.ngram(["boats"])]);
  await data.ngram(["boat"]);
  assert.deepEqual(source.asked, ["index.json", "sections/1.json", "1/0.json"]);
  let broken = true;
  const moody = new Data((name) => (broken ? Promise.reject(new Error("off")) : source.fetchJson(name)));
  await assert.rejects(moody.ngram(["boat"]));
  broken = false;
  assert.ok(await moody.ngram(["boat"]));
});

test("a file that does not come is given up", async () => {
  const held = setTimeout(() => {}, 5000); // Node ends when nothing else is awaited
  const never = (_, signal) => new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  await assert.rejects(new Data(never, 20).index(), /index\.json: no answer within 0\.02 seconds/u);
  clearTimeout(held);
});

test("names that objects inherit are no n-grams", async () => {
  const data = new Data(files().fetchJson);
  for (const name of ["constructor", "__proto__", "hasownproperty"]) {
    assert.equal(await data.ngram([name]), null);
  }
  assert.equal(await data.ngram(["a", "b", "c"]), null);
});

test("data of another form are refused", async () => {
  const data = new Data(async () => ({ ...INDEX, format: 1 }));
  await assert.rejects(data.index(), /older/u);
});

test("n-grams that begin alike are found, up to so many", async () => {
  const data = new Data(files().fetchJson);
  assert.deepEqual([...(await data.beginning("boat", 1, 3)).keys()], ["boat", "boat's", "boats"]);
  assert.equal(await data.beginning("b", 1, 3), null);
  assert.deepEqual([...(await data.beginning("boat ", 2, 3)).keys()], ["boat race", "boat races"]);
  assert.equal((await data.beginning("zz", 1, 3)).size, 0);
});

test("completions come the most frequent first", async () => {
  const data = new Data(files().fetchJson);
  assert.deepEqual(await data.completions("boat", 1, 8), ["boat", "boats", "boat's"]);
  // a prefix spread over many shards is in the index
  assert.deepEqual(await data.completions("b", 1, 8), ["boat", "buoy"]);
});

test("of a text everything is counted, but only so much is shown and marked", () => {
  const book = FILES["phrasebook.json"];
  const text = "A calm sea. Mist at the quay, and calm. The lake spirit is calm\ufffd.";
  const whole = tally(text, book, { letters: 200, marks: 9 });
  assert.deepEqual([whole.words, whole.letters, whole.lost, whole.text], [14, text.length, 1, text]);
  assert.deepEqual(whole.counts, [[1, 3], [0, 1], [3, 1]]);
  assert.deepEqual(whole.marks.map(({ from, to, entries }) => [text.slice(from, to), entries]),
    [["calm", [1]], ["Mist at the quay", [3]], ["calm", [1]], ["lake spirit", [0]], ["calm", [1]]]);
  const few = tally(text, book, { letters: 200, marks: 2 });
  assert.deepEqual([few.counts, few.marks, few.text], [whole.counts, whole.marks.slice(0, 2), "A calm sea. Mist at the quay"]);
  const short = tally(text, book, { letters: 20, marks: 2 });
  assert.deepEqual([short.counts, short.marks.length, short.text], [whole.counts, 1, text.slice(0, 20)]);
  assert.deepEqual(together([whole.counts, [[3, 5]]]), [[3, 6], [1, 3], [0, 1]]);
  // what lies within a longer expression does not count; what begins in one and ends after it does
  const within = (written) => tally(written, book, { letters: 200, marks: 9 }).counts;
  assert.deepEqual(within("大湖泊精神，湖泊精神。湖泊之精神"), [[0, 2]]);
});

import assert from "node:assert/strict";
import test from "node:test";

import { Damaged, Data } from "../../book/_assets/explorer/data.js";
import { bibtex, citation, csv, described, fileName, yearRows } from "../../book/_assets/explorer/export.js";
import { distance } from "../../book/_assets/explorer/guess.js";
import {
  compare, englishRates, headline, lately, look, percent, phraseLines, sentences, short, speakerLines, summary,
} from "../../book/_assets/explorer/look.js";
import { roomRows } from "../../book/_assets/explorer/rooms.js";
import { shorten, spread, stretches, ticks, wrap } from "../../book/_assets/explorer/scale.js";
import { spanOf } from "../../book/_assets/explorer/stats.js";
import { suggestions } from "../../book/_assets/explorer/suggest.js";
import { FILES, files, INDEX, random } from "./small.js";

const data = () => new Data(files().fetchJson);
const first = async (query) => (await look(data(), query)).results[0];

test("an entry comes with all its wordings, and says its zero is exact", async () => {
  const spirit = await first("lake spirit");
  assert.deepEqual([spirit.kind, spirit.n, spirit.docs, spirit.label], ["entry", 3, 2, "Lake Spirit"]);
  assert.deepEqual(spirit.places, [[2, 1]]);
  assert.equal(spirit.variants.length, 2);
  const calm = await first("calm");
  assert.deepEqual([calm.kind, calm.n, calm.years.length], ["entry", 0, 3]);
  assert.match(calm.told.join(), /zero is exact/u);
  assert.equal((await first("hùpō jīngshén")).id, "lake-spirit");
});

test("a wording of an entry asks for the entry, also one with commas", async () => {
  for (const query of ["Harbour", "spirit of the lake", "Spirit of the, Lake", "lake-spirit"]) {
    const { results } = await look(data(), query);
    assert.deepEqual(results.map((r) => [r.kind, r.id, r.n]), [["entry", "lake-spirit", 3]], query);
  }
  assert.equal((await look(data(), "harbour, boat")).results.length, 2);
});

test("a wording may be any that a pattern stands for", async () => {
  for (const query of ["morning mist", "mist over the pier", "Mists over a pi-r", "mist over the piar"]) {
    const { id } = await first(query);
    assert.equal(id, query.includes("-") ? undefined : "mist", query);
  }
  for (const query of ["mist over pier", "mist over the pir", "the mist over the pier"]) {
    assert.equal((await first(query)).id, undefined, query);
  }
});

test("an answer to a wording says so, and offers these very words only where they are counted", async () => {
  const harbour = await first("harbour");
  assert.deepEqual([harbour.asked, harbour.alone], ["harbour", true]);
  assert.match(harbour.told.join(), /alone have more .* commas and other marks/u); // 5, with all wordings 3
  const { results } = await look(data(), "harbour", false);
  assert.match(results[0].told.join(), /“harbour” leads to this entry/u);
  const named = await first("Lake Spirit");
  assert.deepEqual([named.asked, named.alone], ["", false]);
  for (const name of ["hùpō jīngshén", "LS", "lake-spirit", "湖泊精神"]) {
    assert.equal((await first(name)).asked, "", name);
  }
});

test("the first sentence has the number of the typed wording, then that of the entry", async () => {
  const index = await data().index();
  const said = async (query) => headline(await first(query), index, "share").flat().join("");
  assert.equal(await said("harbour"), "“harbour” in 3 of 35 speeches; with its other wordings, as the " +
    "entry Lake Spirit (LS): in 2 of 35 speeches, most in 2004 (20.0%)");
  assert.match(await said("spirit of the lake"), /^“spirit of the lake” 1 time at the UN General Debates; with/u);
  // a row that counts other wordings, too, has no number for this one
  assert.match(await said("evening mist"), /^mist for “evening mist” in 4 of 35/u);
  const evening = await first('"evening mist"');
  assert.equal(evening.kind, "none");
  assert.match(evening.told.join(), /only as a part of the entry “mist”.*: 4 times at/u);
  // names that are not wordings have no number of their own
  for (const name of ["LS", "hùpō jīngshén", "湖泊精神", "lake-spirit"]) {
    assert.match(await said(name), /^Lake Spirit \(LS\) in 2 of 35/u, name);
  }
  assert.match(await said("calm"), /^calm in 0 of 35/u);
  assert.equal((await first("mist")).doubt, "Most hits are weather.");
});

test("these very words have the count of their row of wordings where no other is published", async () => {
  const quay = await first('"Mist at the quay"');
  assert.deepEqual([quay.kind, quay.n, quay.docs, quay.wording], ["wording", 3, null, "mist"]);
  assert.equal(summary(quay, await data().index(), "share"), "3 times at the UN General Debates");
  assert.deepEqual(quay.places, [[0, null]]);
  // bars: 3 of 5500 words; the number of a word that is not in the table is not known, so it has no bar
  const [index, n] = [await data().index(), 30000 / 5500];
  assert.deepEqual(englishRates(quay, index), [{ label: "The Ferry News", n: 0 }, { label: "UN General Debates", n }]);
  assert.equal(englishRates(await first("quay"), index).length, 1);
  assert.equal(englishRates(await first("qua*"), index).length, 1);
  assert.equal((await first('"mist at the pier"')).kind, "none");
  // the name of an entry may be a wording, too, and a wording may have more than four words
  assert.deepEqual([(await first('"lake spirit"')).n, (await first('"LS"')).kind], [2, "none"]);
  const long = [[["the mist that lay at the quay"], 2, 1]];
  const changed = files({ "entry/mist.json": { ...FILES["entry/mist.json"], variants: long },
    "index.json": { ...INDEX, wordings: ["", "", "", "!!!the mist that lay at the quay"] } });
  const { results: [lay] } = await look(new Data(changed.fetchJson), '"the mist that lay at the quay"');
  assert.deepEqual([lay.n, lay.places], [2, [[1, null]]]);
  // a comma is a part of a wording
  const listed = files({ "entry/mist.json": { ...FILES["entry/mist.json"], variants: [[["mist, fog and rain"], 6, 1]] },
    "index.json": { ...INDEX, wordings: ["", "", "", "!!!mist, fog and rain"] } });
  const { results: [list] } = await look(new Data(listed.fetchJson), '"mist, fog and rain"');
  assert.equal(list.n, 6);
});

test("the number of a wording has its places within longer wordings, or says that it lacks some", async () => {
  const rows = [
    [["mist at the quay"], 3, 0], [["mist at the quay* of old", "white mist at the quay"], 5, 1],
    [["mist at night"], 7, 0],
  ];
  const within = async (...more) => {
    const variants = [...rows, ...more];
    const changed = files({ "entry/mist.json": { ...FILES["entry/mist.json"], variants } });
    return (await look(new Data(changed.fetchJson), '"mist at the quay"')).results[0];
  };
  const index = await data().index();
  const inner = await within([["lone mist at the quay"], 0, 0], [["white mist at the (quay|pier)"], 0, 0]);
  // the star may stand for other words than the quay; what has no places takes up none
  assert.equal(inner.kind, "none");
  assert.match(inner.told.join(), /“mist at the quay”: 3 times .* such as “mist at the quay… of old”, may be missing/u);
  rows[1][0].shift();
  const all = await within();
  assert.deepEqual([all.n, all.places], [8, [[1, null]]]);
  for (const part of ["white mist at the (quay|pier)", "the quay of the white whale"]) {
    const some = await within([[part], 2, 0]);
    assert.equal(summary(some, index, "share"), "no count published");
    assert.match(some.told.join(), /: 8 times .* another wording .* such as “.*white/u);
  }
});

test("typed Chinese has its own number first, and a sign in it is not dropped", async () => {
  const index = await data().index();
  const said = (r) => headline(r, index, "share").flat().join("");
  assert.equal(said(await first("黄昏")), "“黄昏” 2 times in The quay; with its other wordings, as the entry dusk: 3 times in The quay");
  const changed = files({ "zh/0.json": { 黄昏: FILES["zh/0.json"]["湖泊"] } });
  const { results: [dusk] } = await look(new Data(changed.fetchJson), "黄昏");
  assert.match(said(dusk), /^“黄昏” 6 times in The quay;/u);
  const parted = await first("湖、泊");
  assert.deepEqual([parted.kind, parted.meant.map(({ ask }) => ask)], ["none", ["湖泊", "湖", "泊"]]);
});

test("a phrase without a count leads to the entries that share a word with it", async () => {
  const { kind, meant } = await first("lake wizard");
  assert.equal(kind, "none");
  assert.deepEqual(meant.map(({ ask }) => ask), ["lake spirit"]);
  assert.deepEqual((await first("qqqq wizard")).meant, []);
  const asks = (some) => some.map(({ ask }) => ask);
  assert.deepEqual(asks((await first("boat qq boats")).pieces), ["boats", "boat"]);
  // phrases that are too long to be counted, but contain an entry or a counted part
  const long = await first("a spirit of the lake in boat race");
  assert.deepEqual([asks(long.meant), asks(long.pieces)], [["lake spirit"], ["boat race"]]);
  assert.match(long.told[0], /These are 8 words/u);
});

test("the companion of a file describes its columns, base, source and licence", () => {
  const about = JSON.parse(described("x.csv", "“boat”", { source: "Boats, version 1.", view: "v" }));
  assert.deepEqual(about.tableSchema.columns.map((c) => c.name), yearRows([])[0]);
  assert.ok(about.tableSchema.columns.every((c) => c["dc:description"]));
  assert.match(JSON.stringify(about), /base of the share.*/u);
  assert.equal(about["dc:source"], "Boats, version 1.");
  assert.match(about["dc:license"]["@id"], /by\/4\.0/u);
});

test("a sign that is no part of a word is refused, not dropped", async () => {
  for (const [query, why] of [
    ["#harbour", /# and @/u], ["boat@harbour", /# and @/u], ["湖*", /English words only/u], [",;,", /no word/u],
    [`boat, ${"harbour ".repeat(40)}`, /More than 300 letters/u], ["𐐷oat", /beyond U\+FFFF/u],
  ]) {
    const { results } = await look(data(), query);
    assert.deepEqual(results.map(({ kind }) => kind), ["none"], query);
    assert.match(results[0].told.join(), why);
  }
  assert.equal((await first("boat 😀")).n, 12); // not a word, so it hides none
});

test("an n-gram is these very words, with a hint where they are a wording of an entry", async () => {
  const harbour = await first('"Harbour"');
  assert.deepEqual([harbour.kind, harbour.n, harbour.wording], ["ngram", 5, "lake-spirit"]);
  assert.deepEqual(harbour.places, [[0, 0]]); // the tables of words are complete
  assert.equal((await first("boat race")).places, null); // n-grams of protected texts are not published
});

test("what is not there is explained, with the threshold", async () => {
  const word = await first("boatswain");
  assert.deepEqual([word.kind, word.under, word.places], ["none", true, [[0, 0]]]);
  assert.match(word.told.join(), /fewer than 5 times/u);
  assert.deepEqual(word.near, ["boats"]); // the longest known prefix
  const pair = await first("boat harbour");
  assert.match(pair.told.join(), /fewer than 40 times.*“boat” 12 times, “harbour” 5 times/u);
  assert.match((await first("harbour of boat")).told.join(), /Alone: “harbour” 5 times, “boat” 12 times/u);
  assert.match((await first("boat xyzzy")).told.join(), /“xyzzy” alone/u);
  assert.match((await first("a b c d e")).told.join(), /5 words/u);
  assert.match((await first("b*at")).told.join(), /comes last/u);
  // a word of the protected texts that is in no speech
  const quay = await first("quay");
  assert.deepEqual([quay.kind, quay.places], ["none", [[2, 1]]]);
});

test("in the middle of typing nothing is fetched to explain what is missing", async () => {
  const source = files();
  const { results } = await look(new Data(source.fetchJson), "boat harbo", false);
  assert.deepEqual([results[0].kind, results[0].told], ["none", []]);
  assert.deepEqual(source.asked, ["index.json", "sections/2.json", "2/0.json"]);
});

test("a wildcard adds occurrences, never speeches", async () => {
  const boats = await first("boat*");
  assert.deepEqual([boats.kind, boats.n, boats.docs], ["wildcard", 15, null]);
  assert.deepEqual(boats.parts.map((p) => p.key), ["boat", "boats", "boat's"]);
  assert.ok(boats.years.every((y) => y.share === null && y.docs === null));
  assert.deepEqual(boats.years.map((y) => y.n), [1, 11, 3]);
  assert.deepEqual(boats.places, [[5, null]]);
  assert.match((await first("b*")).told.join(), /More than 3 words/u);
  assert.match((await first("zz*")).told.join(), /begin so/u);
});

test("summaries say of how many, and when most", async () => {
  const INDEX = await data().index();
  assert.equal(
    summary(await first("boat"), INDEX, "share"),
    "in 6 of 35 speeches, most in 2002 (20.0%)",
  );
  assert.equal(summary(await first("boat*"), INDEX, "rate"), "15 times, most in 2004 (60.0 per 10,000 words)");
  assert.equal(summary(await first("xyzzy"), INDEX, "share"), "no count published");
  assert.deepEqual([0, 0.0003, 0.05, 1].map(percent), ["0%", "0.03%", "5.0%", "100.0%"]);
  assert.deepEqual([0, 0.0123, 1.234, 12.34, 123.4].map(short), ["0", "0.012", "1.23", "12.3", "123"]);
});

test("suggestions: entries first, then frequent n-grams; none within quotation marks", async () => {
  const labels = async (text) => (await suggestions(data(), text)).map((s) => s.label);
  assert.deepEqual(await labels("la"), ["Lake Spirit (LS)"]);
  assert.deepEqual(await labels("spi"), ["Lake Spirit (LS)"]);
  assert.deepEqual(await labels("湖"), ["Lake Spirit (LS)"]);
  assert.deepEqual(await labels("boat"), ["boat", "boats", "boat's"]);
  assert.deepEqual(await labels("boat "), ["boat race", "boat races"]);
  for (const text of ["", " ", '"boat', "boat*", "!!"]) assert.deepEqual(await labels(text), []);
});

test("an entry is counted in every room, and by who speaks", async () => {
  const spirit = await first("lake spirit");
  assert.deepEqual(spirit.rooms.map((r) => [r.n, r.docs, r.years.length]), [[4, 3, 3]]);
  assert.equal(spirit.rooms[0].years[0].rate, 75); // 3 in 400 characters
  const lines = await speakerLines(data(), spirit, ["BBB", "XXX"]);
  assert.deepEqual(lines.map((l) => l.label), ["Aland", "all others", "Beland"]);
  // years with speeches, plus two before and two after
  assert.deepEqual(lines[0].years.map((y) => [y.year, y.docs, y.documents]),
    [[2001, 1, 2], [2002, 1, 2]]);
  assert.deepEqual(lines[2].years.map((y) => [y.year, y.docs, y.documents]),
    [[2001, 0, 4], [2002, 1, 5], [2004, 1, 3]]);
  assert.equal(spanOf(lines, 2002), "2001–2004");
  assert.equal(spanOf(phraseLines([spirit]), 2002), "2002");
  // a country with a line of its own is not among the others
  assert.equal(lately(lines, 2004),
    "In 2000 to 2004: Aland 1 of 2 speeches; all others 0 of 28 speeches; Beland 1 of 5 speeches. ");
  assert.match(lately(await speakerLines(data(), spirit, []), 2004), /all others 1 of 33/u);
});

test("who speaks is said in sentences, of which none depends on what is drawn", async () => {
  const [spirit, calm] = [await first("lake spirit"), await first("calm")];
  assert.deepEqual(await sentences(data(), spirit, ["BBB", "XXX"]), [
    "Since 2001, when Aland first spoke at the UN General Debates, “Lake Spirit”, in any of its wordings, is in 1 of " +
      "Aland’s 2 speeches, and in 1 of the 33 by everybody else; before that, in 0 speeches.",
    "Beland: in 1 of 5 speeches, 2001–2004 (as Old Beland 2001–2001).",
  ]);
  assert.deepEqual(await sentences(data(), calm, ["BBB"]),
    ["Beland: in 0 of 5 speeches, 2001–2004 (as Old Beland 2001–2001)."]);
  spirit.speakers.reverse();
  const index = await data().index();
  index.speakers.reverse();
  const turned = { ...data(), index: async () => index };
  assert.match((await sentences(turned, spirit, []))[0],
    /^Since 2004, when all others first said it .* in 1 of all others’s 5 speeches, and in 0 of the 0 .* in 1 speech\.$/u);
  spirit.speakers[0] = spirit.speakers[0].map(() => ({ n: 0, docs: 0 }));
  assert.match((await sentences(turned, spirit, []))[0],
    /^“Lake Spirit”, in any of its wordings, is in 0 of all others’s 33 speeches at the UN General Debates, and in 1 of the 2/u);
  // for words that are no entry, only the ten countries that say them most have published numbers
  const said = "“boat” is said 12 times at the UN General Debates, most often by Beland (9), Aland (3); other forms and spellings of it count apart.";
  const boat = await first("boat");
  assert.deepEqual(await sentences(data(), boat, ["AAA"]), [said, "Aland: 3 of 12 times."]);
  boat.countries = boat.countries.slice(0, 1);
  assert.deepEqual(await sentences(data(), boat, ["AAA"]),
    [said.replace(", Aland (3)", ""), "Aland: 0 of 12 times."]);
  boat.countries = Array(10).fill(boat.countries[0]);
  assert.equal((await sentences(data(), boat, ["AAA"]))[1],
    "Aland: at most 9 of 12 times: it is not among the 10 countries that say it most.");
  assert.deepEqual(await sentences(data(), await first("boat*"), ["BBB"]), []);
});

test("a zero is set beside what could have been", async () => {
  const calm = await first("calm");
  assert.deepEqual((await compare(data(), calm)).map((r) => r.id), ["lake-spirit"]);
  assert.match(summary(calm, await data().index(), "share"), /in 0 of 35 speeches; nor anywhere/u);
  // without a variant there is no count, not a zero
  assert.deepEqual([calm.rooms, /no Chinese wording/u.test(calm.told.join())], [[null], true]);
  const dusk = await first("dusk");
  assert.deepEqual([dusk.years, dusk.places, dusk.rooms[0].n], [[], null, 3]);
  assert.match(dusk.told.join(), /no English wording/u);
  assert.equal(summary(dusk, await data().index(), "share"), "3 times in The quay");
  assert.deepEqual(await compare(data(), dusk), []);
});

test("Chinese is found as a word, as a part of an entry, or said not to be counted", async () => {
  const index = await data().index();
  const lake = await first("湖泊");
  assert.deepEqual([lake.kind, lake.n, lake.rooms[0].docs], ["chinese", 6, 5]);
  assert.deepEqual(lake.partOf.map((p) => p.ask), ["lake spirit"]);
  assert.equal(summary(lake, index, "share"), "6 times in The quay");
  const part = await first("泊精");
  assert.deepEqual([part.kind, part.places, part.partOf.length], ["none", null, 1]);
  // an entry may have a Chinese wording, but no Chinese name
  const changed = files({ "index.json": { ...INDEX, wordings: ["", "!!!泊浪", "", ""] } });
  const { results: [wave] } = await look(new Data(changed.fetchJson), "浪");
  assert.deepEqual(wave.partOf, [{ label: "calm", ask: "calm" }]);
  assert.match(part.told.join(), /does not mean never said/u);
  // full-width letters and signs count as normal ones
  assert.equal((await first("ｌａｋｅ　ｓｐｉｒｉｔ")).id, "lake-spirit");
  assert.equal((await first("＂ｂｏａｔ＂")).n, 12);
});

test("traditional characters find what the simplified ones find", async () => {
  assert.deepEqual([(await first("湖潟")).label, (await first("湖潟")).n], ["湖泊", 6]);
  const dusk = await first("黃昏");
  assert.deepEqual([dusk.id, dusk.own.n], ["dusk", 2]);
});

test("a word that is too rare for the table of a corpus is not said to have no place there", async () => {
  const [quay] = INDEX.rooms;
  const rooms = [quay, { ...quay, id: "pier-zh", label: "The pier", least: 1 }];
  const years = FILES["zh/0.json"]["湖泊"];
  const row = files({ "index.json": { ...INDEX, rooms }, "zh/0.json": { 湖泊: ` ${years}`, 湖心: years },
    "sections/zh.json": { ...FILES["sections/zh.json"], sizes: "$" } });
  const both = new Data(row.fetchJson);
  const index = await both.index();
  const { results } = await look(both, "湖泊, 湖心");
  const [rare, zero] = results;
  assert.deepEqual([rare.n, rare.rooms[0], rare.rooms[1].n], [6, null, 6]);
  assert.match(rare.told.join(), /Fewer than 5 times in The quay/u);
  // the table of the other corpus has all words, so there a missing one does not occur
  assert.deepEqual(zero.rooms.map(({ n }) => n), [6, 0]);
  assert.doesNotMatch(zero.told.join(), /Fewer/u);
  const rows = roomRows(results, index);
  assert.deepEqual(rows.slice(1, 3).map((one) => one.slice(1, 6)),
    [["The quay", "zh", "all", "under 5", null], ["The pier", "zh", 2001, 5, 4]]);
  assert.equal(rows.length, 1 + 1 + 3 + 2 * 3);
});

test("a word in Latin letters is counted in Chinese texts, too", async () => {
  const index = await data().index();
  const buoy = await first("Buoy");
  assert.deepEqual([buoy.kind, buoy.n, buoy.rooms[0].n, buoy.rooms[0].docs], ["ngram", 6, 6, 3]);
  assert.match(buoy.told.join(), /in Latin letters or digits, in Chinese texts: 6 times in The quay/u);
  const alone = await first("buoy99");
  assert.deepEqual([alone.kind, alone.rooms[0].n, alone.places], ["none", 1, [[0, 0]]]);
  assert.match(alone.told.join(), /fewer than 5 times.*1 time in The quay/u);
  assert.equal(summary(alone, index, "share"), "no count published for the UN General Debates; 1 time in The quay");
  // a wildcard adds up English words
  assert.deepEqual((await first("buoy*")).parts.map(({ key }) => key), ["buoy"]);
  assert.equal((await first("boat")).rooms, undefined);
  assert.equal(summary(buoy, index, "share"), "in 5 of 35 speeches, most in 2001 (50.0%)");
});

test("what may have been meant is asked", async () => {
  assert.equal(distance("harbour", "harbuor"), 1);
  assert.deepEqual([distance("a", "abcd"), distance("lake", "lakes"), distance("abc", "xyz")], [3, 1, 3]);
  assert.deepEqual((await first("lake spirti")).meant.map((m) => m.ask), ["lake spirit"]);
  assert.deepEqual((await first('"boaat boat"')).meant.map((m) => m.ask), ["boat boat"]);
  assert.deepEqual((await first("zyzzyva")).meant, []);
});

test("a broken or empty file is never taken for a phrase that is not there", async () => {
  const { boat: row, ...others } = FILES["1/0.json"];
  const [, ...entries] = FILES["phrasebook.json"].entries;
  for (const [name, content, query] of [
    ["1/0.json", others], ["1/0.json", { zebra: "!" }, "boa*"], ["1/0.json", { ...others, boat: `${row}é` }],
    ["1/0.json", { ...others, boat: "~" }, "boa*"], ["phrasebook.json", { ...FILES["phrasebook.json"], entries }, "a b c d e"],
    ["sections/1.json", { ...FILES["sections/1.json"], sizes: "#" }], ["simplified.json", { from: "與", to: "" }, "與泊"],
    ["1/0.json", {}], ["1/0.json", null], ["1/0.json", { zebra: "!" }], ["index.json", { format: 1 }],
    ["entry/calm.json", {}], ["entry/calm.json", FILES["entry/dusk.json"]], ["sections/1.json", {}],
    ["sections/1.json", FILES["sections/2.json"]],
  ]) {
    const asked = query ?? (name.startsWith("entry") ? "calm" : "boat");
    const changed = { [name]: content };
    const source = files(changed);
    const repaired = new Data((file) => source.fetchJson(file));
    await assert.rejects(look(repaired, asked), Damaged, name);
    delete changed[name];
    assert.ok((await look(repaired, asked)).results, name); // and the damaged file is not kept
  }
  const source = files({ "suggest.json": { ends: { b: 1 } } });
  await assert.rejects(new Data(source.fetchJson).completions("b", 1, 8), Damaged);
});

test("CSV: quoted where needed, no formula for a spreadsheet", async () => {
  assert.equal(csv([["a,b", 'say "x"', null, 0.123456789, 3]]), '"a,b","say ""x""",,0.123457,3\n');
  assert.equal(csv([[1096591, -1096591]]), "1096591,-1096591\n"); // a count is never rounded
  assert.equal(csv([["=1+1", "@x", "-y", "+z"]]), "'=1+1,'@x,'-y,'+z\n");
  const rows = yearRows(phraseLines([await first("boat"), await first("boat*")]));
  assert.equal(rows.length, 1 + 2 * 3);
  assert.deepEqual(rows[1].slice(0, 9), ["boat", "exact words", 2001, 2001, 2001, 1, 1, 10, 1000]);
  assert.deepEqual(rows[4].slice(5, 10), [1, null, 10, 1000, null]);
});

test("file names are plain, citations whole", () => {
  assert.equal(fileName("../../etc/passwd, 上海", "csv"), "explorer-etc-passwd.csv");
  assert.equal(fileName("上海", "png"), "explorer-view.png");
  assert.ok(fileName("x".repeat(400), "svg").length < 80);
  const work = { title: "T: a {work}", author: "A & B", version: "1", year: "2030" };
  const cited = citation(work, "“boat”", "https://x.org/?q=boat", "2030-01-31");
  assert.match(cited, /A & B\. T: a \{work\}.*“boat”.*https:\/\/x\.org\/\?q=boat \(accessed 2030-01-31\)/u);
  const entry = bibtex(work, "“50% {x}\\”", "https://x.org/?q=%22", "2030-01-31");
  assert.match(entry, /author {2}= \{\{A \\& B\}\}/u);
  assert.match(entry, /50\\% x/u);
  assert.equal(entry.split("{").length, entry.split("}").length);
  // a site without a public address has no link in the citation
  const none = bibtex(work, "“boat”", "explorer.html?q=boat, no public address yet", "2030-01-31");
  assert.match(none, /note {4}= \{explorer\.html\?q=boat, no public address yet\}\n\}$/u);
  assert.doesNotMatch(none, /url/u);
  const rows = described("x.csv", "“boat”", { source: "", view: "explorer.html, no public address yet" });
  assert.doesNotMatch(rows, /dc:identifier/u);
  // another view has another citation key
  const other = bibtex(work, "“50% {x}\\”", "https://x.org/?q=2", "2030-01-31");
  assert.notEqual(other.split("\n")[0], entry.split("\n")[0]);
});

test("ticks are round and reach the top", () => {
  const next = random(3);
  for (let round = 0; round < 2000; round += 1) {
    const top = 10 ** (next() * 8 - 5);
    const steps = ticks(top);
    assert.equal(steps[0], 0);
    assert.ok(steps.at(-1) >= top * 0.999 && steps.at(-1) <= top * 2.1, String(top));
    assert.ok(steps.length >= 3 && steps.length <= 8, String(top));
  }
  assert.deepEqual(ticks(0), [0, 1]);
  assert.deepEqual(ticks(Number.NaN), [0, 1]);
});

test("labels never cover each other, and stay in the drawing where there is room", () => {
  const next = random(4);
  for (let round = 0; round < 2000; round += 1) {
    const wanted = Array.from({ length: 5 }, () => next() * 300);
    const placed = spread(wanted, 17, 0, 300);
    const sorted = [...placed].sort((a, b) => a - b);
    for (let i = 1; i < 5; i += 1) assert.ok(sorted[i] - sorted[i - 1] >= 17 - 1e-9);
    assert.ok(sorted[0] >= 0 && sorted[4] <= 300);
  }
});

test("labels are broken and cut", () => {
  assert.deepEqual(wrap("new international order", 20, 2), ["new international", "order"]);
  assert.deepEqual(wrap("a b", 20, 2), ["a b"]);
  assert.ok(wrap("x".repeat(50), 20, 2)[0].length <= 20);
  assert.equal(shorten("湖泊精神湖泊精神", 4), "湖泊精…");
  assert.deepEqual(stretches([1, null, 2, 3, null]), [[1], [2, 3]]);
});

// Bridge for the Python tests: JSON in, JSON out.

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { decodePairs } from "../../book/_assets/explorer/codec.js";
import { Data } from "../../book/_assets/explorer/data.js";
import { look, phraseLines, speakerLines } from "../../book/_assets/explorer/look.js";
import { find, read } from "../../book/_assets/explorer/own.js";
import { wilson } from "../../book/_assets/explorer/stats.js";
import { suggestions } from "../../book/_assets/explorer/suggest.js";
import { fold, words } from "../../book/_assets/explorer/words.js";

const asked = JSON.parse(await text(process.stdin));
const answer = {};
if (asked.words) answer.words = asked.words.map((t) => words(t));
if (asked.pairs) answer.pairs = decodePairs(asked.pairs);
if (asked.fold) answer.fold = asked.fold.map((t) => fold(t));
if (asked.wilson) answer.wilson = asked.wilson.map(([n, of]) => wilson(n, of));
if (asked.own) {
  answer.own = asked.own.map((said) => {
    const shown = read(said, asked.phrasebook.simplified);
    const counts = {};
    for (const { entry } of find(shown, asked.phrasebook)) counts[entry] = (counts[entry] ?? 0) + 1;
    return { counts, length: shown.length, language: shown.language };
  });
}
if (asked.folder) {
  const bytes = {};
  const fetchJson = async (name) => {
    const content = await readFile(`${asked.folder}/${name}`, "utf8");
    bytes[name] = Buffer.byteLength(content);
    return JSON.parse(content);
  };
  const data = new Data(fetchJson);
  answer.names = (await data.index()).names;
  answer.wordings = (await data.index()).wordings;
  answer.results = [];
  for (const query of asked.queries ?? []) {
    const [result] = (await look(data, query)).results;
    answer.results.push({
      kind: result.kind,
      id: result.id,
      n: result.n,
      docs: result.docs,
      years: result.years,
      countries: result.countries,
      places: result.places,
      parts: result.parts?.length,
      rooms: result.rooms,
      lines: result.speakers ? await speakerLines(data, result, asked.countries ?? []) : [],
      drawn: phraseLines([result]).length,
      partOf: result.partOf,
      meant: result.meant,
    });
  }
  answer.suggestions = [];
  for (const prefix of asked.suggest ?? []) {
    answer.suggestions.push((await suggestions(data, prefix)).map(({ label }) => label));
  }
  // names of the files that a single look-up fetches
  answer.cold = [];
  for (const query of asked.cold ?? []) {
    for (const name of Object.keys(bytes)) delete bytes[name];
    await look(new Data(fetchJson), query);
    answer.cold.push({ ...bytes });
  }
}
process.stdout.write(JSON.stringify(answer));

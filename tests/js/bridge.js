// Answers questions of the Python tests: JSON in, JSON out.

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { Data } from "../../book/_assets/explorer/data.js";
import { look } from "../../book/_assets/explorer/look.js";
import { wilson } from "../../book/_assets/explorer/stats.js";
import { suggestions } from "../../book/_assets/explorer/suggest.js";
import { fold, words } from "../../book/_assets/explorer/words.js";

const asked = JSON.parse(await text(process.stdin));
const answer = {};
if (asked.words) answer.words = asked.words.map((t) => words(t));
if (asked.fold) answer.fold = asked.fold.map((t) => fold(t));
if (asked.wilson) answer.wilson = asked.wilson.map(([n, of]) => wilson(n, of));
if (asked.folder) {
  const bytes = {};
  const fetchJson = async (name) => {
    const content = await readFile(`${asked.folder}/${name}`, "utf8");
    bytes[name] = Buffer.byteLength(content);
    return JSON.parse(content);
  };
  const data = new Data(fetchJson);
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
    });
  }
  answer.suggestions = [];
  for (const prefix of asked.suggest ?? []) {
    answer.suggestions.push((await suggestions(data, prefix)).map(({ label }) => label));
  }
  // what a single look-up fetches, by name
  answer.cold = [];
  for (const query of asked.cold ?? []) {
    for (const name of Object.keys(bytes)) delete bytes[name];
    await look(new Data(fetchJson), query);
    answer.cold.push({ ...bytes });
  }
}
process.stdout.write(JSON.stringify(answer));

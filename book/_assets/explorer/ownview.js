// A pasted text: read in the browser, marked, counted, and never sent anywhere.

import { h } from "./dom.js";
import { csv, save } from "./export.js";
import { per, short } from "./look.js";
import { find, read } from "./own.js";
import { PER } from "./stats.js";
import { viewLink } from "./view.js";

/** Letters that a browser still reads while one waits. */
const MOST = 3_000_000;
/** Words or characters from which a rate is shown. */
const LEAST = 500;
const number = new Intl.NumberFormat("en");
const times = (/** @type {number} */ n) => `${number.format(n)} ${n === 1 ? "time" : "times"}`;

/** @param {string} id */
const at = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * Decode a file: UTF-8, or else a common encoding of Chinese files.
 * @param {ArrayBuffer} bytes
 */
function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

export class OwnText {
  /**
   * @param {import("./data.js").Data} data
   * @param {string} name of the compendium, with its version
   */
  constructor(data, name) {
    this.data = data;
    this.name = name;
    const field = at("tx-own-text");
    at("tx-own").hidden = false;
    at("tx-own-go").addEventListener("click", () => this.count(field.value));
    at("tx-own-file").addEventListener("change", () => this.#take(at("tx-own-file").files?.[0]));
    field.addEventListener("dragover", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      field.classList.add("tx-over");
    });
    field.addEventListener("dragleave", () => field.classList.remove("tx-over"));
    field.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      field.classList.remove("tx-over");
      const file = event.dataTransfer?.files[0];
      if (!file) return; // dropped text: leave it to the field
      event.preventDefault();
      this.#take(file);
    });
  }

  /** @param {File | undefined} file */
  async #take(file) {
    if (!file) return;
    const text = decode(await file.arrayBuffer());
    if (text.includes("\u0000")) {
      this.#say(`${file.name} is not a plain text. Save it as .txt, or copy its words.`);
      return;
    }
    at("tx-own-text").value = text.slice(0, MOST);
    await this.count(text);
  }

  /** @param {string} said */
  #say(said) {
    at("tx-own-out").replaceChildren(h("p", { class: "tx-none" }, said));
  }

  /** @param {string} text */
  async count(text) {
    if (!text.trim()) return this.#say("There is no text yet: paste some, or choose a file.");
    if (text.length > MOST) {
      return this.#say(`The text has more than ${number.format(MOST)} letters. For long texts, ` +
        "and for many, there is the command tifa add.");
    }
    try {
      const [index, book] = await Promise.all([
        this.data.index(), this.data.file("phrasebook.json"),
      ]);
      this.#show(index, read(text, book.simplified), book);
    } catch (error) {
      this.#say("Data is missing: the phrasebook could not be fetched, so nothing is counted. " +
        `(${/** @type {any} */ (error)?.message ?? error})`);
    }
  }

  /**
   * @param {import("./data.js").Index} index
   * @param {import("./own.js").Read} text
   * @param {import("./own.js").Book} book
   */
  #show(index, text, book) {
    const hits = find(text, book);
    /** @type {Map<number, number>} */
    const counts = new Map();
    for (const { entry } of hits) counts.set(entry, (counts.get(entry) ?? 0) + 1);
    const order = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const label = (/** @type {number} */ entry) => index.entries[entry][1];
    const [words, characters] = [text.words, text.characters].map((n) => number.format(n));
    const length = [text.words || !text.characters ? `${words} words` : "",
      text.characters ? `${characters} Chinese characters` : ""].filter(Boolean).join(" and ");
    // words and characters do not add up, and in a short text a rate says nothing
    const rated = text.length >= LEAST && !(text.language === "en" && text.characters);
    const unit = text.language === "zh" ? "characters" : "words";
    const top = order.slice(0, 3).map(([entry, n]) => `“${label(entry)}” ${times(n)}`).join(", ");
    const how = `counted with the phrasebook of ${this.name}, all wordings together`;
    const answer = hits.length
      ? `In this text of ${length} official formulations and their relatives occur ` +
        `${times(hits.length)}, from ${order.length} of ${index.entries.length} entries: ${top}` +
        `${order.length > 3 ? ", and others" : ""} (${how}; an entry inside a longer one counts too).`
      : `This text of ${length} has none of the ${index.entries.length} entries (${how}).`;
    const done = h("span", { class: "tx-copied", role: "status" });
    const copy = h("button", { type: "button", class: "tx-button" }, "Copy the sentence");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(answer);
        done.textContent = "Copied.";
      } catch {
        done.textContent = "Select the sentence and copy it.";
      }
    });
    const rate = (/** @type {number} */ n) => (PER * n) / Math.max(1, text.length);
    const keep = h("button", { type: "button", class: "tx-button" }, "CSV");
    keep.addEventListener("click", () => save("explorer-own-text.csv", new Blob([csv([
      ["entry", "label", "n", "words", "characters",
        ...(rated ? [`rate_per_${PER}_${unit}`] : [])],
      ...order.map(([entry, n]) => [index.entries[entry][0], label(entry), n, text.words,
        text.characters, ...(rated ? [rate(n)] : [])]),
    ])], { type: "text/csv" })));
    const rows = order.map(([entry, n]) => h("tr", {},
      h("th", { scope: "row" }, viewLink(index.entries[entry][4] ?? label(entry).toLowerCase(),
        label(entry))),
      h("td", {}, number.format(n)), rated && h("td", {}, short(rate(n)))));
    const heads = ["Entry", "Times", ...(rated ? [per(text.language)] : [])];
    at("tx-own-out").replaceChildren(
      h("p", { class: "tx-own-answer" }, answer),
      h("p", {}, copy, " ", hits.length ? keep : null, " ", done),
      ...(hits.length ? [
        h("div", { class: "tx-scroll", role: "region", tabindex: 0, "aria-label": "Entries" },
          h("table", {},
            h("thead", {}, h("tr", {}, ...heads.map((c) => h("th", { scope: "col" }, c)))),
            h("tbody", {}, ...rows))),
        h("div", { class: "tx-own-text", role: "region", tabindex: 0, "aria-label": "The text",
          lang: text.language === "zh" ? "zh-Hans" : "en" }, ...marked(text, hits, label)),
      ] : []));
  }
}

/**
 * The text with its entries marked; overlapping entries share one mark.
 * @param {import("./own.js").Read} text
 * @param {import("./own.js").Hit[]} hits
 * @param {(entry: number) => string} label
 */
function marked({ text, parts }, hits, label) {
  /** @type {{from: number, to: number, names: Set<string>}[]} */
  const marks = [];
  for (const { entry, start, stop } of hits) {
    const [from, to] = [parts[start].start, parts[stop - 1].stop];
    const last = marks[marks.length - 1];
    if (last && from < last.to) {
      last.to = Math.max(last.to, to);
      last.names.add(label(entry));
    } else marks.push({ from, to, names: new Set([label(entry)]) });
  }
  let done = 0;
  const pieces = marks.flatMap(({ from, to, names }) => {
    const piece = [
      text.slice(done, from),
      h("mark", { title: [...names].join("; ") }, text.slice(from, to)),
    ];
    done = to;
    return piece;
  });
  return [...pieces, text.slice(done)];
}

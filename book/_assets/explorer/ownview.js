// Pasted or chosen texts: read in the browser, marked, counted, and never sent anywhere.

import { at, copyButton, h } from "./dom.js";
import { csv, save } from "./export.js";
import { per, short } from "./look.js";
import { together } from "./own.js";
import { number, PER } from "./stats.js";
import { viewLink } from "./view.js";

/** Most letters that are counted: a browser needs too long for more. */
const MOST = 6_000_000;
/** Most letters of a text that are shown, in the field or with marks: more would make the page slow. */
const SHOWN = 200_000;
/** Most places of a text that are marked: each is a button, and thousands make the page slow. */
const MARKS = 3_000;
/** Fewest words or characters of a text for which a rate is shown. */
const LEAST = 500;
const times = (/** @type {number} */ n) => `${number.format(n)} ${n === 1 ? "time" : "times"}`;

/** A text, or the reason why a file cannot be read as one. @typedef {{name: string, text: string, note: string, why: string}} Given */

/**
 * Guess the encoding of a file that is not UTF-8: bytes above 0x7f come in pairs in Chinese files, and
 * mostly alone in Western ones.
 * @param {ArrayBuffer} bytes
 */
function oldEncoding(bytes) {
  let [runs, alone, length] = [0, 0, 0];
  for (const byte of new Uint8Array(bytes)) {
    length = byte > 0x7f ? length + 1 : 0;
    if (length === 1) [runs, alone] = [runs + 1, alone + 1];
    if (length === 2) alone -= 1;
  }
  return alone * 2 > runs ? "Windows-1252" : "GB18030";
}

/**
 * Read a file: UTF-8, a common encoding of Chinese or Western files, or UTF-16 with its mark.
 * @param {File} file
 * @returns {Promise<Given>}
 */
async function open(file) {
  const given = { name: file.name, text: "", note: "", why: "" };
  let bytes;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return { ...given, why: "a folder, or a file that cannot be read: give the files in it" };
  }
  const [first, second] = new Uint8Array(bytes.slice(0, 2));
  const wide = { 0xfffe: "UTF-16LE", 0xfeff: "UTF-16BE" }[first * 256 + second];
  for (const name of wide ? [wide] : ["UTF-8", oldEncoding(bytes)]) {
    try {
      const text = new TextDecoder(name, { fatal: true }).decode(bytes);
      if (!text.trim()) return { ...given, why: "it is empty" };
      // a file with control characters, or one that begins like PDF or RTF, is not plain text
      // oxlint-disable-next-line no-control-regex
      if (/[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|^(%PDF-|\{\\rtf)/u.test(text)) break;
      return { ...given, text, note: name === "UTF-8" ? "" : `read as ${name}, since it is not UTF-8` };
    } catch {
      // another encoding
    }
  }
  return { ...given, why: "not a plain text in UTF-8, GB18030 or Windows-1252: save it as one, or copy its words" };
}

/**
 * The texts that can be counted, and the others, each with the reason why not.
 * @param {Given[]} given
 */
function sorted(given) {
  let letters = 0;
  const all = given.map((one) => {
    letters += one.text.length;
    return letters <= MOST || one.why ? one : { ...one, why: "there would be more than " +
      `${number.format(MOST)} letters. For long texts, and for many, there is the command tifa add` };
  });
  return { texts: all.filter(({ why }) => !why), others: all.filter(({ why }) => why) };
}

/** @typedef {{name: string, note: string} & import("./own.js").Tally} Counted */

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
    /** The entries of each mark in the text. @type {WeakMap<Element, import("./data.js").Index["entries"]>} */
    this.named = new WeakMap();
    this.box = h("div", { popover: "auto", class: "tifa-basis", role: "dialog", "aria-label": "What is marked" });
    at("tx-own").append(this.box);
    const marked = (/** @type {Event} */ { target }) => /** @type {any} */ (target).closest?.(".tx-own-text mark");
    at("tx-own").addEventListener("click", (/** @type {Event} */ event) => marked(event) && this.#name(marked(event)));
    document.addEventListener("focusin", (event) => {
      if (marked(event)?.matches(":focus-visible")) this.#name(marked(event));
      else if (!this.box.contains(event.target)) this.box.hidePopover();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.box.hidePopover();
      if (!["Enter", " "].includes(event.key) || !marked(event)) return;
      event.preventDefault(); // a space would scroll
      this.#name(marked(event));
    });
    /** The texts counted last, if they were too long for the field. @type {Given[]} */
    this.long = [];
    /** The worker of the latest count. @type {Worker | null} */
    this.worker = null;
    /** Number of the latest count; an earlier one that is still running stops. */
    this.asked = 0;
    at("tx-own-go").addEventListener("click", () => {
      const text = field.value;
      const why = text.trim() ? "" : "there is no text yet: paste some, or choose files";
      this.count(why && this.long.length ? this.long : [{ name: "", text, note: "", why }]);
    });
    at("tx-own-file").addEventListener("change", () => this.#take([...at("tx-own-file").files]));
    field.addEventListener("input", () => { this.long = []; });
    field.addEventListener("paste", (/** @type {ClipboardEvent} */ event) => {
      if (this.#long(event.clipboardData, field)) event.preventDefault();
    });
    field.addEventListener("dragover", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      field.classList.add("tx-over");
    });
    field.addEventListener("dragleave", () => field.classList.remove("tx-over"));
    field.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      field.classList.remove("tx-over");
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length) this.#take(files);
      else if (!this.#long(event.dataTransfer, field)) return; // a short text: leave it to the field
      event.preventDefault();
    });
  }

  /**
   * If a pasted or dropped text would make the field too long, empty the field and count the text.
   * @param {DataTransfer | null} given
   * @param {any} field
   */
  #long(given, field) {
    const more = given?.getData("text/plain") ?? "";
    const { value, selectionStart, selectionEnd } = field;
    const text = value.slice(0, selectionStart) + more + value.slice(selectionEnd);
    if (text.length <= SHOWN) return false;
    field.value = "";
    this.long = [{ name: "", text, note: "too long for the field, so counted at once", why: "" }];
    this.count(this.long);
    return true;
  }

  /**
   * Read files, show their texts in the field if they are short enough, and count them.
   * @param {File[]} files
   */
  async #take(files) {
    if (!files.length) return;
    const given = await Promise.all(files.map(open));
    const all = sorted(given).texts.map(({ text }) => text).join("\n\n");
    this.long = all.length > SHOWN ? given : [];
    at("tx-own-text").value = this.long.length ? "" : all;
    await this.count(given);
  }

  /**
   * Show messages in place of results.
   * @param {...string} said
   */
  #say(...said) {
    at("tx-own-said").replaceChildren(...said.map((text) => h("p", { class: "tx-none" }, text)));
    at("tx-own-more").replaceChildren();
  }

  /**
   * Count texts and show the results.
   * @param {Given[]} given files have a name, a pasted text has none
   */
  async count(given) {
    this.asked += 1;
    const mine = this.asked;
    this.worker?.terminate();
    const { texts, others } = sorted(given);
    const left = others.map(({ name, why }) => (name ? `Not counted: ${name} (${why}).` : `Nothing is counted: ${why}.`));
    if (!texts.length) return this.#say(...left);
    this.#progress(0, texts);
    let index, book;
    try {
      [index, book] = await Promise.all([this.data.index(), this.data.phrasebook()]);
    } catch (error) {
      if (mine === this.asked) this.#say("Data is missing: the phrasebook could not be fetched, so nothing is counted. " +
        `(${reason(error)})`);
      return;
    }
    if (mine !== this.asked) return;
    try {
      const counted = await this.#tally(texts, book);
      if (mine !== this.asked) return; // another count was asked for meanwhile
      this.#show(index, new Set(book.controls), texts.map(({ name, note }, at) => ({ name, note, ...counted[at] })), left);
    } catch (error) {
      this.#say("Nothing is counted: the script that counts could not be fetched or run, or did " +
        `not finish. For long texts there is the command tifa add. (${reason(error)})`, ...left);
    }
  }

  /**
   * Count texts in a worker, so that the page stays free.
   * @param {Given[]} texts
   * @param {import("./own.js").Book} book
   * @returns {Promise<import("./own.js").Tally[]>}
   */
  async #tally(texts, book) {
    const worker = new Worker(new URL("counting.js", import.meta.url), { type: "module" });
    this.worker = worker;
    /** @type {import("./own.js").Tally[]} */
    const counted = [];
    try {
      await new Promise((resolve, reject) => {
        worker.addEventListener("error", ({ message }) => reject(new Error(message || "it ended early")));
        worker.addEventListener("message", ({ data }) => {
          counted.push(data);
          if (counted.length === texts.length) resolve(null);
          else this.#progress(counted.length, texts);
        });
        worker.postMessage({ texts: texts.map(({ text }) => text), book, most: { letters: SHOWN, marks: MARKS } });
      });
    } finally {
      worker.terminate();
    }
    return counted;
  }

  /**
   * Say how far a count is, with a button that stops it.
   * @param {number} done texts
   * @param {Given[]} texts
   */
  #progress(done, texts) {
    const letters = texts.slice(done).reduce((n, { text }) => n + text.length, 0);
    const stop = h("button", { type: "button", class: "tx-button" }, "Stop");
    stop.addEventListener("click", () => {
      this.asked += 1;
      this.worker?.terminate();
      this.#say("Stopped: nothing is counted.");
      at("tx-own-go").focus(); // this button is gone
    });
    const many = texts.length > 1 ? `${done} of ${texts.length} texts are counted, ` : "";
    this.#say(`Counting … ${many}${number.format(letters)} letters to go. `);
    at("tx-own-said").firstElementChild.append(stop);
  }

  /**
   * Show the results: a sentence, the table of entries, and the texts with marks.
   * @param {import("./data.js").Index} index
   * @param {Set<number>} controls entries that are no formulation
   * @param {Counted[]} texts
   * @param {string[]} left what was not counted, and why
   */
  #show(index, controls, texts, left) {
    const several = texts.length > 1;
    const order = together(texts.map(({ counts }) => counts));
    const hits = sumOf(order);
    const label = (/** @type {number} */ entry) => index.entries[entry][1];
    const sum = (/** @type {"words" | "characters" | "length"} */ what) =>
      texts.reduce((all, one) => all + one[what], 0);
    const length = long(sum("words"), sum("characters"));
    // words and characters do not add up, and in a short text a rate says nothing
    const [{ language }] = texts;
    const rated = sum("length") >= LEAST && texts.every((one) =>
      one.language === language && !(language === "en" && one.characters));
    const unit = language === "zh" ? "characters" : "words";
    const these = several ? `These ${texts.length} texts` : "This text";
    const marked = together(texts.map((one) => one.marked));
    const [said, named] = [false, true].map((control) =>
      marked.filter(([entry]) => controls.has(entry) === control));
    const alone = new Map(marked);
    const inside = order.flatMap(([entry, n]) => {
      const more = n - (alone.get(entry) ?? 0);
      return more && !controls.has(entry) ? [/** @type {[number, number]} */ ([entry, more])] : [];
    });
    const how = `counted with the phrasebook of ${this.name}, all wordings together, of overlapping ones the longest`;
    const answer = hits
      ? `In ${these.replace("T", "t")} of ${length}, ${formulations(said, label)}` +
        `${inside.length ? `; inside longer ones also ${most(inside, label)}` : ""}${names(named, label)} (${how}).`
      : `${these} of ${length} ${several ? "have" : "has"} none of the ${index.entries.length} entries (${how}).`;
    const rate = (/** @type {number} */ n) => (PER * n) / Math.max(1, sum("length"));
    const keep = h("button", { type: "button", class: "tx-button" }, "CSV");
    keep.addEventListener("click", () => save("explorer-own-text.csv", new Blob([csv([
      [...(several ? ["file"] : []), "entry", "label", "n", "marked", "words", "characters",
        ...(rated ? [`rate_per_${PER}_${unit}`] : [])],
      ...texts.flatMap((one) => one.counts.map(([entry, n]) => [
        ...(several ? [one.name] : []), index.entries[entry][0], label(entry), n, new Map(one.marked).get(entry) ?? 0,
        one.words, one.characters, ...(rated ? [one.length >= LEAST ? (PER * n) / one.length : ""] : [])])),
    ])], { type: "text/csv" })));
    const nested = sumOf(marked) < hits;
    const cells = (/** @type {number} */ entry, /** @type {number} */ n) => {
      const shown = alone.get(entry) ?? 0;
      return [...(nested ? [shown, n - shown] : [n]).map((value) => number.format(value)),
        ...(rated ? [short(rate(n))] : [])];
    };
    const rows = (/** @type {boolean} */ control) => order.flatMap(([entry, n]) =>
      (controls.has(entry) === control ? [h("tr", {},
        h("th", { scope: "row" }, viewLink(index.entries[entry][4], label(entry))),
        ...cells(entry, n).map((cell) => h("td", {}, cell)))] : []));
    const others = rows(true);
    const heads = ["Entry", ...(nested ? ["Marked", "Inside a longer one"] : ["Times"]),
      ...(rated ? [`${nested ? "Both, " : ""}${per(language)}`] : [])];
    const apart = h("tr", {}, h("th", { scope: "rowgroup", colspan: heads.length }, "Names of places and organisations, common diplomatic words"));
    at("tx-own-said").replaceChildren(
      h("p", { class: "tx-own-answer" }, answer),
      ...left.map((text) => h("p", { class: "tx-none" }, text)));
    at("tx-own-more").replaceChildren(
      h("p", {}, hits ? keep : null, " ", ...copyButton("Copy the sentence", answer)),
      ...(hits ? [
        h("div", { class: "tx-scroll", role: "region", tabindex: 0, "aria-label": "Entries" },
          h("table", {},
            h("thead", {}, h("tr", {}, ...heads.map((c) => h("th", { scope: "col" }, c)))),
            h("tbody", {}, ...rows(false)),
            others.length ? h("tbody", {}, apart, ...others) : null)),
      ] : []),
      ...texts.map((one) => h("div", {},
        one.name && h("h3", {}, `${one.name}: ${number.format(sumOf(one.marked))} marked`),
        h("p", { class: "tx-note" }, [
          one.name && long(one.words, one.characters), one.note, lost(one.lost),
          one.counts.length && one.letters > one.text.length && `its first ${number.format(one.text.length)} letters below`,
        ].filter(Boolean).join("; ")),
        one.counts.length > 0 && this.#marked(one, index, h("div", { class: "tx-own-text",
          role: "region", tabindex: 0, "aria-label": one.name || "The text", dir: "auto",
          lang: one.language === "zh" ? "zh-Hans" : "en" })))));
  }

  /**
   * The beginning of a text with its entries marked; a mark says which they are.
   * @param {import("./own.js").Tally} own
   * @param {import("./data.js").Index} index
   * @param {HTMLElement} box
   */
  #marked({ text, marks }, index, box) {
    let done = 0;
    for (const { from, to, entries } of marks) {
      const known = entries.map((entry) => index.entries[entry]);
      const mark = h("mark", { role: "button", tabindex: 0, "aria-haspopup": "dialog", title: known.map(([, label]) => label).join("; ") },
        text.slice(from, to));
      this.named.set(mark, known);
      box.append(text.slice(done, from), mark); // one by one, because a call takes a limited number
      done = to;
    }
    box.append(text.slice(done));
    return box;
  }

  /**
   * Open a box with the entries that a mark stands for.
   * @param {HTMLElement} mark
   */
  #name(mark) {
    const links = (this.named.get(mark) ?? []).map(([, label, , , ask]) => viewLink(ask, label));
    const close = h("button", { type: "button", class: "tifa-button tifa-close" }, "Close");
    this.box.replaceChildren(close, h("p", {}, links.length > 1 ? "Entries: " : "Entry: ",
      ...links.flatMap((link, i) => [i ? "; " : "", link])));
    this.box.showPopover({ source: mark });
  }
}

/** @param {unknown} error */
const reason = (error) => /** @type {any} */ (error)?.message ?? error;

/**
 * A length in words, such as "12 words and 3 Chinese characters".
 * @param {number} words
 * @param {number} characters
 */
function long(words, characters) {
  const some = (/** @type {number} */ n, /** @type {string} */ what) => `${number.format(n)} ${what}${n === 1 ? "" : "s"}`;
  return [words || !characters ? some(words, "word") : "",
    characters ? some(characters, "Chinese character") : ""].filter(Boolean).join(" and ");
}

/**
 * A note on letters that an earlier program could not read; 0 if there are none.
 * @param {number} n
 */
function lost(n) {
  return n && `${times(n)} it has the sign \ufffd, for a letter that could not be read and is lost`;
}

/** @param {[number, number][]} counts */
const sumOf = (counts) => counts.reduce((all, [, n]) => all + n, 0);

/**
 * The three most frequent entries, in words.
 * @param {[number, number][]} counts entries and their numbers, the most frequent first
 * @param {(entry: number) => string} label
 */
function most(counts, label) {
  const top = counts.slice(0, 3).map(([entry, n]) => `“${label(entry)}” ${times(n)}`).join(", ");
  return `${top}${counts.length > 3 ? ", and others" : ""}`;
}

/**
 * The formulations that are marked, in words.
 * @param {[number, number][]} said
 * @param {(entry: number) => string} label
 */
function formulations(said, label) {
  const n = sumOf(said);
  if (!n) return "no formulation is marked";
  const different = said.length > 1 && said.length < n ? `, ${said.length} different ones` : "";
  return `${number.format(n)} formulation${n === 1 ? " is" : "s are"} marked${different}: ${most(said, label)}`;
}

/**
 * The names and common words that are marked, in words.
 * @param {[number, number][]} named
 * @param {(entry: number) => string} label
 */
function names(named, label) {
  const n = sumOf(named);
  if (!n) return "";
  const what = n === 1 ? "name of a place or organisation or common diplomatic word"
    : "names of places and organisations or common diplomatic words";
  return `; besides, ${number.format(n)} ${what}: ${most(named, label)}`;
}

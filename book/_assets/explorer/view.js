// The view of a query: summary, chart, table, one card per phrase, the citation.

import { barChart, lineChart, swatch } from "./chart.js";
import { copyButton, h } from "./dom.js";
import { bibtex, citation } from "./export.js";
import { englishRates, headline, percent, rareIn, rate, readable, short } from "./look.js";
import { writeState } from "./query.js";
import { number, PER, spanOf } from "./stats.js";

/** @typedef {import("./look.js").Result} Result */
/** @typedef {import("./look.js").Series} Series */
/** @typedef {import("./data.js").Index} Index */
/** @typedef {"share" | "rate"} Measure */

const PHRASEBOOK = "phrasebook.html";
/** Columns that fit on a phone. */
const MOST_COLUMNS = 4;

/**
 * A link to another view, which the page opens without reloading.
 * @param {string} q
 * @param {...(Node | string)} said
 */
export function viewLink(q, ...said) {
  return h("a", { href: writeState({ q, measure: "share" }), "data-view": q }, ...said);
}

/**
 * The phrases of a view in quotation marks, for titles and citations.
 * @param {Result[]} results
 */
export function phrases(results) {
  return results.map((r) => `“${r.label}”`).join(", ");
}

/**
 * A line for each phrase: its marker, name and result.
 * @param {Result[]} results
 * @param {Index} index
 * @param {Measure} measure
 */
export function summaryList(results, index, measure) {
  return h("ul", { class: "tx-summary" }, ...results.map((r, place) =>
    h("li", {},
      r.years.length || r.rooms
        ? swatch(place)
        : h("span", { class: "tx-noswatch", "aria-hidden": "true" }, "–"),
      h("div", {}, r.doubt && h("p", { class: "tx-doubt" }, r.doubt),
        ...headline(r, index, measure).flatMap(([name, said]) => [h("strong", {}, name), said]),
        ...(r.said ?? []).map((text) => h("p", { class: "tx-said" }, text)),
        r.mind && h("p", { class: "tx-mind" }, `Mind: ${r.mind} `,
          h("a", { href: `${PHRASEBOOK}#phrase-${r.id}` }, "More in the phrasebook"), "."),
        ...r.told.map((t) => h("p", { class: "tx-note" }, t)),
        links("Did you mean ", r.meant, "?"),
        links("Counted parts of it: ", r.pieces, "."),
        links("These characters are a part of ", r.partOf, ".")),
    )));
}

/**
 * Data for the chart.
 * @param {Series[]} series
 * @param {Measure} measure
 * @returns {import("./chart.js").Line[]}
 */
function chartLines(series, measure) {
  return series.map(({ label, place, years }) =>
    ({ label, place, points: years.map((y) => pointOf(y, measure)) }));
}

/**
 * A point of the chart; null if the measure is unknown.
 * @param {import("./stats.js").Year} y
 * @param {Measure} measure
 */
function pointOf(y, measure) {
  if (measure === "rate") return { year: y.year, y: y.rate, low: null, high: null };
  return y.share === null ? null : { year: y.year, y: y.share, low: y.low, high: y.high };
}

/**
 * Draw the chart.
 * @param {Series[]} series
 * @param {{about: string, speakers: string}} said what was found; the entry that speakers say
 * @param {Measure} measure
 * @param {import("./chart.js").Look} look
 */
export function drawLines(series, { about, speakers }, measure, look) {
  const share = measure === "share";
  const every = speakers ? "five years added up, fewer at the ends" : "";
  const band = series.length > 1 ? "band of the first line" : "band";
  const unit = share
    ? `Share of ${speakers ? "speeches" : "the year’s speeches"} (${every && `${every}; `}` +
      `${band}: 95% Wilson interval)`
    : `Times per 10,000 words${every && ` (${every})`}`;
  const what = share ? "Share of UN General Debate speeches" : "Rate in UN General Debates";
  return lineChart(chartLines(series, measure), {
    unit,
    title: speakers ? `${what} with ${speakers}, by who speaks, ${every}.` : `${what} by year.`,
    about: `${about}.`,
    format: share ? (v) => `${Number((100 * v).toPrecision(6))}%` : (v) => String(v),
  }, look);
}

/**
 * The numbers of a line in a year, in words.
 * @param {Series} series
 * @param {number} year
 * @param {Measure} measure
 */
export function readYear(series, year, measure) {
  const y = series.years.find((found) => found.year === year);
  if (!y) return "no speech";
  if (measure === "rate" || y.docs === null || y.share === null) {
    return `${rate(y.rate)} (${number.format(y.n)} in ${number.format(y.words)} words)`;
  }
  const interval = `95% interval ${percent(y.low ?? 0)} to ${percent(y.high ?? 1)}`;
  return `${percent(y.share)} (${y.docs} of ${y.documents} speeches; ${interval})`;
}

/**
 * A short version for the tooltip.
 * @param {Series} series
 * @param {number} year
 * @param {Measure} measure
 */
function readShort(series, year, measure) {
  const y = series.years.find((found) => found.year === year);
  if (!y) return "–";
  if (measure === "rate" || y.share === null) return short(y.rate);
  return `${percent(y.share)} (${y.docs} of ${y.documents})`;
}

/**
 * The tooltip.
 * @param {Series[]} series
 * @param {number} year
 * @param {Measure} measure
 */
export function tip(series, year, measure) {
  return [
    h("strong", {}, spanOf(series, year)),
    ...series.map((one) => h("span", {}, swatch(one.place), h("span", {}, one.label, " "),
      h("b", {}, readShort(one, year, measure)))),
  ];
}

/**
 * A scrollable table.
 * @param {string} caption
 * @param {string[]} head
 * @param {string[][]} rows the first cell of each is its heading
 * @param {string} [name] for screen readers, if the caption does not tell it from others
 */
function table(caption, head, rows, name = caption) {
  // on a phone, wide tables are shown as cards by display: block, which would remove their roles
  const cards = head.length > MOST_COLUMNS;
  const as = (/** @type {string} */ role) => (cards ? { role } : {});
  return h("div", { class: "tx-scroll", role: "region", tabindex: 0, "aria-label": name },
    h("table", cards ? { role: "table", class: "tifa-cards" } : {},
      h("caption", {}, caption),
      h("thead", as("rowgroup"), h("tr", as("row"),
        ...head.map((c) => (c ? h("th", { scope: "col", ...as("columnheader") }, c) : h("td"))))),
      h("tbody", as("rowgroup"), ...rows.map(([first, ...rest]) =>
        h("tr", as("row"), h("th", { scope: "row", ...as("rowheader") }, first),
          ...rest.map((c, at) => h("td", { "data-label": head[at + 1], ...as("cell") }, c))))),
    ));
}

/**
 * The table with the numbers of the chart.
 * @param {Series[]} series
 * @param {Measure} measure
 * @param {boolean} bySpeaker each line then has its own base
 */
export function yearTable(series, measure, bySpeaker) {
  const share = measure === "share";
  const base = share ? "Speeches" : "Words";
  const head = [bySpeaker ? "Years" : "Year", ...(bySpeaker ? [] : [base]), ...series.map((one) => one.label)];
  const years = [...new Set(series.flatMap((one) => one.years.map((y) => y.year)))];
  years.sort((a, b) => b - a);
  const rows = years.map((year) => {
    const cells = series.map((one) => {
      const y = one.years.find((found) => found.year === year);
      if (!y) return "–";
      if (!share) return `${number.format(y.n)} (${y.rate.toFixed(3)})`;
      const of = bySpeaker ? ` of ${y.documents}` : "";
      const interval = `${percent(y.low ?? 0)}–${percent(y.high ?? 1)}`;
      return `${y.docs}${of} (${percent(y.share ?? 0)}; ${interval})`;
    });
    const any = series[0].years.find((y) => y.year === year);
    const of = any ? number.format(share ? any.documents : any.words) : "–";
    return [spanOf(series, year), ...(bySpeaker ? [] : [of]), ...cells];
  });
  const added = bySpeaker ? ", five years added up, fewer at the ends" : ", by year";
  return table(
    share
      ? `Speeches with the phrase (share; 95% Wilson interval)${added}.`
      : `Occurrences (per 10,000 words)${added}.`,
    head,
    rows,
  );
}

/**
 * The card of one phrase.
 * @param {Result} r
 * @param {number} place
 * @param {Index} index
 */
export function card(r, place, index) {
  const more = h("div", { class: r.kind === "none" ? "tx-none" : "tx-note" },
    r.kind === "entry" && r.years.length && !r.n ? h("p", {}, "A zero needs its base: ",
      h("a", { href: "#what-a-zero-means" }, "what a zero means"), ".") : null,
    links("In the table, beginning alike: ", r.near?.map((n) => ({ label: n, ask: n })), "."));
  let beside = null;
  if (r.parts) beside = parts(r, place);
  else if (r.countries.length) beside = countries(r, place, index);
  else if (r.places?.some(([n]) => n)) beside = places(r, place, index);
  return h("section", { class: "tx-card", "aria-labelledby": `tx-card-${place}` },
    h("h2", { id: `tx-card-${place}` },
      r.years.length || r.rooms ? swatch(place) : null,
      h("span", {}, r.title, " ", r.zh && h("span", { lang: "zh-Hans", class: "tx-zh" }, r.zh))),
    h("div", { class: "tx-inner" },
      h("div", {},
        h("p", { class: "tx-kind" }, ...kind(r, index)),
        more.childNodes.length ? more : null,
        r.term.kind === "bad" ? null : counts(r, index),
        r.variants ? wordings(r, index) : null),
      beside));
}

/**
 * A sentence of links to other views.
 * @param {string} before
 * @param {{label: string, ask: string}[] | undefined} views
 * @param {string} end
 */
function links(before, views, end) {
  if (!views?.length) return null;
  return h("p", { class: "tx-links" }, before,
    ...views.flatMap(({ label, ask }, i) => [i ? ", " : "", viewLink(ask, label)]), end);
}

/**
 * What was counted, in a sentence with links.
 * @param {Result} r
 * @param {Index} index
 * @returns {(Node | string)[]}
 */
function kind(r, index) {
  if (r.kind === "entry") {
    const link = h("a", { href: `${PHRASEBOOK}#phrase-${r.id}` }, "in the phrasebook");
    return [
      "A phrasebook entry: all its wordings together (", link, ").",
      ...(r.alone
        ? [" Or ", viewLink(`"${r.term.words.join(" ")}"`, `only “${r.term.words.join(" ")}”`), "."]
        : []),
    ];
  }
  const literal = "These very words, letter by letter. The command tifa count adds possessives " +
    "and compounds (“spirit’s”, “spirit-led”) and leaves out places with a comma between the words, so its " +
    "number can differ.";
  const said = { ngram: literal, wildcard: "Any ending." }[r.kind] ?? "";
  if (!r.wording) return [said];
  const entry = index.entries.find(([id]) => id === r.wording);
  return [
    said, " One wording of the phrasebook entry ",
    viewLink(entry?.[4] ?? "", entry?.[1] ?? ""),
    ", which counts all of them.",
  ];
}

/**
 * Counts in every corpus, with their bases.
 * @param {Result} r
 * @param {Index} index
 */
function counts(r, index) {
  const all = index.years.reduce(([a, b], [d, w]) => [a + d, b + w], [0, 0]);
  const rows = [["UN General Debates", ...counted(all, "speeches", r.n, r.docs)]];
  if (r.kind === "none") {
    const { word, ngram } = index.least;
    const least = r.term.size === 1 ? word : ngram;
    rows[0] = [rows[0][0], r.under ? `under ${least}` : "not published", "", ""];
  }
  if (r.places) {
    index.places.forEach(([label, documents, words], i) => {
      rows.push([label, ...counted([documents, words], "texts", ...(r.places?.[i] ?? [0, 0]))]);
    });
  }
  const chinese = index.rooms.flatMap((room, at) => {
    const found = r.rooms?.[at];
    if (rareIn(r, room, at)) return [[room.label, `under ${room.least}`, "", ""]];
    return found && room.language === "zh"
      ? [[room.label, ...counted(room.all, "texts", found.n, found.docs, "characters")]]
      : [];
  });
  const english = r.years.length > 0 || r.kind === "wording" || (r.kind === "none" && !/\p{Script=Han}/u.test(r.label));
  const head = (/** @type {string} */ unit) => ["", "Times", unit, "In"];
  const empty = r.kind === "none" && !r.places; // nothing to count
  return h("div", { class: "tx-counts" },
    english && !empty ? table("In English", head("per 10,000 words"), rows, `English counts of “${r.label}”`)
      : null,
    chinese.length
      ? table("In Chinese", head("per 10,000 characters"), chinese,
        `Chinese counts of “${r.label}”`)
      : null,
    chinese.length ? h("p", { class: "tx-note" },
      english && "Two scales: a word is not a character. Compare rates within a language only. ",
      r.kind === "entry" && "These are of all texts of a corpus; chapter 2 counts among those that name the SCO.") : null,
    r.places || !english || r.kind === "none" ? null : h("p", { class: "tx-note" },
      "In the two reports and in Xi’s texts: not published. They are protected, and of them only " +
      "single words and phrasebook entries are. In Chinese, ask for Chinese characters."));
}

/**
 * Occurrences, rate and documents; for a single text its length instead.
 * @param {number[]} bases documents and words
 * @param {string} what
 * @param {number} n
 * @param {number | null} docs
 * @param {string} [unit]
 */
function counted([documents, words], what, n, docs, unit = "words") {
  const spread = docs === null || documents === 1
    ? `${number.format(words)} ${unit}`
    : `${number.format(docs)} of ${number.format(documents)} ${what}`;
  return [number.format(n), short((PER * n) / words), spread];
}

/**
 * Bars and table of the countries that use a phrase most.
 * @param {Result} r
 * @param {number} place
 * @param {Index} index
 */
function countries(r, place, index) {
  const shown = r.countries.map(([at, n]) => ({ at, n, label: index.countries[at][1] }));
  const title = `Countries that use “${r.label}” most.`;
  const about = shown.map((c) => `${c.label} ${c.n}`).join(", ");
  const rows = shown.map(({ at, n, label }) => {
    const [, , documents, words] = index.countries[at];
    const per = short((PER * n) / words);
    return [label, number.format(n), per, number.format(documents)];
  });
  return h("div", { class: "tx-countries" },
    h("h3", {}, "Countries that use it most: times, all years"),
    barChart(shown, { title, about: `${about}.`, format: (n) => number.format(n) },
      { width: 330, place }),
    h("details", {}, h("summary", {}, "Table: countries"),
      table(`${title} Occurrences in all years: who speaks longer and more often leads.`,
        ["Country", "Times", "Per 10,000 words", "Speeches"], rows)));
}

/**
 * Rates in the other corpora, for a phrase that has no numbers by country.
 * @param {Result} r
 * @param {number} place
 * @param {Index} index
 */
function places(r, place, index) {
  const shown = englishRates(r, index);
  return h("div", { class: "tx-countries" },
    h("h3", {}, "Per 10,000 words"),
    barChart(shown, {
      title: `Where “${r.label}” is said, per 10,000 words.`,
      about: `${shown.map((p) => `${p.label} ${short(p.n)}`).join(", ")}.`,
      format: short,
    }, { width: 330, place }),
    h("p", { class: "tx-note" }, "A report is short: one word more or less moves its bar far."));
}

/**
 * The words that match a wildcard.
 * @param {Result} r
 * @param {number} place
 */
function parts(r, place) {
  const all = r.parts ?? [];
  const shown = all.slice(0, 10).map(({ key, n }) => ({ label: key, n }));
  return h("div", { class: "tx-countries" },
    h("h3", {}, all.length > 10 ? `The ten most frequent of ${all.length}` : "What is added up"),
    barChart(shown, {
      title: `N-grams that “${r.label}” stands for.`,
      about: `${shown.map((p) => `${p.label} ${p.n}`).join(", ")}.`,
      format: (n) => number.format(n),
    }, { width: 330, place }),
    h("details", {}, h("summary", {}, "Table: what is added up"),
      table("Occurrences in all years.", ["N-gram", "Times"],
        all.map(({ key, n }) => [key, number.format(n)]), `N-grams of “${r.label}”`)),
    h("p", { class: "tx-note" }, "Countries are not shown: lists of ten cannot be added."));
}

/**
 * A folded table of the wordings of an entry and their counts.
 * @param {Result} r
 * @param {Index} index
 */
function wordings(r, index) {
  const some = (/** @type {[string[], ...number[]][]} */ counted) => counted.map(([patterns, ...n]) =>
    [patterns.map(readable).join("; "), ...n.map((v) => number.format(v))]);
  const [rows, chinese] = [some(r.variants ?? []), some(r.chinese ?? [])];
  const rooms = index.rooms.filter(({ language }) => language === "zh");
  const how = "Occurrences; each place counts for its longest wording only. … stands for any word or ending, ? for a letter, (a / b) for one of them, – for nothing.";
  return h("details", {}, h("summary", {}, "Table: wordings"),
    rows.length ? table(how,
      ["Wording", "UN", ...index.places.map(([label]) => label)], rows,
      `Wordings of “${r.label}”`) : null,
    chinese.length ? table(rows.length ? "Chinese wordings." : how,
      ["Wording", ...rooms.map(({ label }) => label)], chinese,
      `Chinese wordings of “${r.label}”`) : null);
}

/**
 * How to cite the view.
 * @param {import("./export.js").Work} work
 * @param {string} said the phrases
 * @param {string} url
 */
export function cite(work, said, url) {
  const now = new Date();
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const block = (/** @type {string} */ name, /** @type {string} */ text) => [
    h("pre", { tabindex: 0, "aria-label": name }, text),
    h("p", {}, ...copyButton(`Copy ${name}`, text)),
  ];
  return [
    ...block("citation", citation(work, said, url, today)),
    ...block("BibTeX", bibtex(work, said, url, today)),
  ];
}

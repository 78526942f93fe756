// Export the numbers, the picture and the citation of a view.

import { PER } from "./stats.js";

const COLUMNS = [
  "phrase", "counted_as", "year", "from", "to", "n", "docs", "documents", "words", "share", "low",
  "high", `rate_per_${PER}`,
];

/**
 * Rows as CSV. Fields that a spreadsheet would read as a formula are escaped.
 * @param {(string | number | null)[][]} rows
 * @returns {string}
 */
export function csv(rows) {
  const field = (/** @type {string | number | null} */ value) => {
    if (value === null) return "";
    if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
    const text = /^[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : value;
    return /[",\n\r]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("");
}

/**
 * All numbers of the visible lines, as rows of a CSV file.
 * @param {import("./look.js").Series[]} series
 * @returns {(string | number | null)[][]}
 */
export function yearRows(series) {
  const rows = series.flatMap(({ title, counted, years }) =>
    years.map((y) => [
      title, counted, y.year, y.from ?? y.year, y.to ?? y.year, y.n, y.docs, y.documents, y.words, y.share, y.low, y.high, y.rate,
    ]),
  );
  return [COLUMNS, ...rows];
}

const MEANING = {
  phrase: "the phrase or, by who speaks, the entry and the speaker",
  counted_as: "what was counted: an entry with all its wordings, these very words, or a sum",
  year: "session of the debates; by who speaks, the one in the middle of those added up",
  from: "first year that is added up",
  to: "last year that is added up",
  n: "occurrences",
  docs: "speeches with at least one occurrence; empty where they cannot be added",
  documents: "speeches of the year, the base of the share",
  words: "words of the year, the base of the rate",
  share: "docs of documents, as a fraction of 1",
  low: "lower limit of the 95% Wilson interval of the share",
  high: "upper limit of the 95% Wilson interval of the share",
  [`rate_per_${PER}`]: `occurrences per ${PER} words`,
};

/**
 * Describe the columns of a CSV file with the numbers of a view (CSV on the Web, as JSON).
 * @param {string} file name of the CSV file
 * @param {string} heading
 * @param {{source: string, view: string}} from
 * @returns {string}
 */
export function described(file, heading, { source, view }) {
  const about = {
    "@context": "http://www.w3.org/ns/csvw",
    url: file,
    "dc:title": heading,
    "dc:source": source,
    "dc:license": { "@id": "https://creativecommons.org/licenses/by/4.0/" },
    ...(/^https?:/u.test(view) ? { "dc:identifier": view } : {}),
    tableSchema: {
      columns: COLUMNS.map((name) => ({ name, titles: name, "dc:description": MEANING[name] })),
    },
  };
  return `${JSON.stringify(about, null, 1)}\n`;
}

/**
 * A file name of ASCII letters.
 * @param {string} query
 * @param {string} kind
 */
export function fileName(query, kind) {
  const slug = query.toLowerCase().replace(/[^a-z0-9]+/gu, "-").replace(/^-+|-+$/gu, "");
  return `explorer-${slug.slice(0, 60).replace(/-+$/u, "") || "view"}.${kind}`;
}

/**
 * The compendium, for the citation of a view.
 * @typedef {{title: string, author: string, version: string, year: string}} Work
 */

/**
 * Cite a view in plain text.
 * @param {Work} work
 * @param {string} phrases
 * @param {string} url
 * @param {string} today as 2025-01-31
 * @returns {string}
 */
export function citation(work, phrases, url, today) {
  return (
    `${work.author}. ${work.title}. Version ${work.version}, ${work.year}. ` +
    `Phrase explorer: ${phrases}. ${url} (accessed ${today}).`
  );
}

/**
 * A short hash of an address, so that each view has its own citation key (FNV-1a, 32 bits).
 * @param {string} url
 */
function mark(url) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(url)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/**
 * Cite a view as a BibTeX entry.
 * @param {Work} work
 * @param {string} phrases
 * @param {string} url
 * @param {string} today
 * @returns {string}
 */
export function bibtex(work, phrases, url, today) {
  const plain = (/** @type {string} */ text) =>
    text.replace(/[{}\\]/gu, "").replace(/[&%$#_]/gu, "\\$&");
  return [
    `@misc{shanghaispirit-explorer-${mark(url)},`,
    `  author  = {{${plain(work.author)}}},`,
    `  title   = {${plain(work.title)}. {Phrase} explorer: ${plain(phrases)}},`,
    `  year    = {${plain(work.year)}},`,
    `  version = {${plain(work.version)}},`,
    ...(/^https?:/u.test(url)
      ? [`  url     = {${url.replace(/[{}\\]/gu, encodeURIComponent)}},`, `  urldate = {${today}}`]
      : [`  note    = {${plain(url)}}`]),
    "}",
  ].join("\n");
}

/**
 * Save a file.
 * @param {string} name
 * @param {Blob} blob
 */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * A drawing as an SVG file.
 * @param {SVGSVGElement} svg
 * @returns {string}
 */
export function svgText(svg) {
  return `${new XMLSerializer().serializeToString(svg)}\n`;
}

/**
 * A drawing as a PNG at double resolution.
 * @param {SVGSVGElement} svg
 * @returns {Promise<Blob>}
 */
export async function png(svg) {
  const { width, height } = svg.viewBox.baseVal;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

// The other corpora: a small chart each, because they cannot be compared with each other.

import { smallChart } from "./chart.js";
import { h } from "./dom.js";
import { per, rareIn, short } from "./look.js";
import { number, PER } from "./stats.js";

/** @typedef {import("./look.js").Result} Result */
/** @typedef {import("./data.js").Index} Index */

/**
 * A point for every year of a room; null for a year without a text.
 * @param {import("./data.js").Room} room
 * @param {import("./stats.js").Year[]} years
 */
function points(room, years) {
  const by = new Map(years.map((y) => [y.year, y]));
  return room.years.map((_, i) => {
    const y = by.get(room.first + i);
    return y ? { year: y.year, y: y.rate, low: null, high: null } : null;
  });
}

/**
 * A panel for each room with counts of any of the phrases.
 * @param {Result[]} results
 * @param {Index} index
 * @param {number} width of a panel, pixels
 * @returns {HTMLElement[]}
 */
export function roomPanels(results, index, width) {
  return index.rooms.flatMap((room, at) => {
    const counted = results.flatMap((r, place) =>
      (r.rooms?.[at] ? [{ r, place, counts: r.rooms[at] }] : []));
    return counted.length ? [panel(room, counted, width)] : [];
  });
}

/**
 * The panel of a room: its counts in words, and a chart.
 * @param {import("./data.js").Room} room
 * @param {{r: Result, place: number, counts: import("./look.js").RoomCounts}[]} counted
 * @param {number} width
 */
function panel(room, counted, width) {
  const [texts] = room.all;
  const last = room.first + room.years.length - 1;
  const said = counted.map(({ r, counts }) =>
    `${counted.length > 1 ? `${r.label}: ` : ""}${number.format(counts.n)} ` +
    `${counts.n === 1 ? "time" : "times"}, in ${number.format(counts.docs)} of ` +
    `${number.format(texts)} texts`);
  const parts = [
    h("h3", {}, room.label),
    h("p", { class: "tx-note" }, said.join("; "), `, ${room.first} to ${last}.`),
  ];
  const there = counted.filter(({ counts }) => counts.n);
  if (there.length) {
    const lines = there.map(({ r, place, counts }) =>
      ({ label: r.label, place, points: points(room, counts.years) }));
    const title = `${room.label}, ${per(room.language)} and year.`;
    const about = `${said.join("; ")}.`;
    const chart = smallChart(lines, { title, about, first: room.first, last }, width);
    const unit = `Times ${per(room.language)}`;
    const reading = h("p", { class: "tx-note tx-reading" }, unit);
    const read = (/** @type {PointerEvent} */ event) => {
      const year = chart.yearAt(event.clientX - chart.svg.getBoundingClientRect().left);
      chart.point(year);
      reading.textContent = `${year}: ${there.map(({ r, counts }) =>
        (there.length > 1 ? `${r.label} ` : "") + readRoom(counts, year)).join("; ")}`;
    };
    chart.svg.addEventListener("pointermove", read);
    chart.svg.addEventListener("pointerdown", read);
    parts.push(chart.svg, reading);
  }
  return h("section", { class: "tx-room" }, ...parts);
}

/**
 * The numbers of a year, in words.
 * @param {import("./look.js").RoomCounts} counts
 * @param {number} year
 */
function readRoom(counts, year) {
  const y = counts.years.find((found) => found.year === year);
  if (!y) return "no text";
  return `${short(y.rate)} (${number.format(y.n)}, in ${number.format(y.docs ?? 0)} of ` +
    `${number.format(y.documents)} texts)`;
}

const COLUMNS = ["phrase", "corpus", "language", "year", "n", "docs", "documents", "length", "unit",
  `rate_per_${PER}`];

/**
 * All numbers of the panels, as rows of a CSV file.
 * @param {Result[]} results
 * @param {Index} index
 * @returns {(string | number | null)[][]}
 */
export function roomRows(results, index) {
  const rows = results.flatMap((r) => (r.rooms ?? []).flatMap((counts, at) => {
    const room = index.rooms[at];
    // one row for all years, because the table of the room does not have the word
    if (rareIn(r, room, at)) return [[r.title, room.label, room.language, "all", `under ${room.least}`, ...Array(5).fill(null)]];
    return (counts?.years ?? []).map((y) => [
      r.title, room.label, room.language, y.year, y.n, y.docs, y.documents, y.words,
      room.language === "zh" ? "characters" : "words", y.rate,
    ]);
  }));
  return [COLUMNS, ...rows];
}

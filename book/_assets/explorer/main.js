// The page: field, address and view kept in step.

import { Combobox } from "./combobox.js";
import { Data } from "./data.js";
import { h } from "./dom.js";
import { csv, fileName, png, save, svgText, yearRows } from "./export.js";
import { look, summary } from "./look.js";
import { clean, readState, termAt, writeState } from "./query.js";
import { suggestions } from "./suggest.js";
import {
  card, cite, drawLines, phrases, readYear, summaryList, viewLink, yearTable,
} from "./view.js";

/** Milliseconds without a key: then look up; then say what is not there. */
const PAUSE = 120;
const SETTLED = 700;

/** @param {string} id */
const at = (id) => /** @type {any} */ (document.getElementById(id));

class Page {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.set = root.dataset;
    const folder = new URL(`${this.set.folder}/`, document.baseURI);
    this.data = new Data(async (name) => {
      const answer = await fetch(new URL(name, folder));
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
      return answer.json();
    });
    this.state = readState(location.search);
    this.ticket = 0;
    this.shown = "";
    /** @type {number[]} */
    this.timers = [];
    this.year = 0;
    this.input = at("tx-q");
    this.box = new Combobox(this.input, at("tx-list"), (option) => this.#choose(option));
    this.#listen();
    this.#fillChips();
    at("tx-form").hidden = false;
    at("tx-static").hidden = true;
    this.input.value = this.state.q;
    this.show({ settled: true }).then(() => {
      // what stands below has moved
      if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    });
  }

  #listen() {
    this.input.addEventListener("input", (/** @type {InputEvent} */ event) => {
      for (const timer of this.timers) clearTimeout(timer);
      const typed = event.timeStamp;
      this.timers = [
        setTimeout(() => this.#typed(typed), PAUSE),
        setTimeout(() => this.commit({ push: false }), SETTLED),
      ];
    });
    at("tx-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.box.close();
      this.commit({ push: true });
    });
    for (const measure of ["share", "rate"]) {
      at(`tx-${measure}`).addEventListener("change", () => {
        this.state.measure = /** @type {"share" | "rate"} */ (measure);
        this.#write(true);
        this.show({ settled: true });
      });
    }
    this.root.addEventListener("click", (event) => {
      const link = event.target instanceof Element && event.target.closest("a[data-view]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.input.value = link.getAttribute("data-view") ?? "";
      this.commit({ push: true });
      // links on the cards go with the cards
      if (!at("tx-chips").contains(link)) this.input.focus({ preventScroll: true });
      this.root.scrollIntoView({ block: "start" });
    });
    window.addEventListener("popstate", () => {
      if (location.search === this.shown) return; // only the anchor is another
      this.state = readState(location.search);
      this.input.value = this.state.q;
      this.box.close();
      this.show({ settled: true });
    });
    // drawn in pixels, so that letters keep their size: drawn again at another width
    let width = 0;
    new ResizeObserver(([entry]) => {
      const now = Math.round(entry.contentRect.width);
      if (width && now !== width) this.redraw?.();
      width = now;
    }).observe(at("tx-out"));
  }

  #fillChips() {
    const chips = JSON.parse(this.set.chips ?? "[]");
    at("tx-chips").append(
      "Try ", ...chips.map((/** @type {string} */ q) => {
        const link = viewLink(q, q);
        link.className = "tx-chip";
        return link;
      }));
  }

  /** @param {number} typed when the key was pressed */
  async #typed(typed) {
    const { text } = termAt(this.input.value, this.input.selectionStart ?? 0);
    const ticket = this.ticket + 1;
    await this.show({ settled: false, typed, q: clean(this.input.value).trim() });
    try {
      const options = await suggestions(this.data, text.trimStart());
      const same = options.length === 1 && options[0].ask === text.trim().toLowerCase();
      const here = document.activeElement === this.input;
      if (ticket === this.ticket && here) this.box.show(same ? [] : options);
    } catch {
      this.box.close(); // suggestions are a convenience; the look-up says what is wrong
    }
  }

  /** @param {import("./suggest.js").Suggestion} option */
  #choose(option) {
    const { value } = this.input;
    const { start, end } = termAt(value, this.input.selectionStart ?? value.length);
    const before = value.slice(0, start) + (start ? " " : "");
    this.input.value = before + option.ask + value.slice(end);
    const caret = before.length + option.ask.length;
    this.input.setSelectionRange(caret, caret);
    this.commit({ push: true });
  }

  /** @param {{push: boolean}} how */
  commit({ push }) {
    for (const timer of this.timers) clearTimeout(timer);
    this.state.q = clean(this.input.value).trim();
    this.#write(push);
    return this.show({ settled: true });
  }

  /** @param {boolean} push */
  #write(push) {
    const address = writeState(this.state) || location.pathname;
    if (address === (location.search || location.pathname)) return;
    history[push ? "pushState" : "replaceState"](null, "", address);
  }

  /**
   * Look up and draw.
   * @param {{settled: boolean, typed?: number, q?: string}} how settled: say what is not there
   */
  async show({ settled, typed, q = this.state.q }) {
    this.ticket += 1;
    const { ticket } = this;
    const query = q || this.set.example || "";
    try {
      this.shown = location.search;
      const index = await this.data.index();
      const { results, left } = await look(this.data, query, settled);
      if (ticket !== this.ticket) return;
      const found = results.filter((r) => r.years.length);
      // in the middle of a word nothing is missing yet
      if (!settled && found.length < results.length) return;
      this.#draw(index, results, { left, query, example: !q, settled });
      if (typed) performance.measure("explorer", { start: typed, end: performance.now() });
    } catch (error) {
      if (ticket === this.ticket) this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.redraw = null;
    at("tx-out").hidden = false;
    at("tx-chart").hidden = true;
    at("tx-cards").replaceChildren();
    at("tx-results").replaceChildren(
      h("p", { role: "alert", class: "tx-none" },
        "The counts could not be fetched. Load the page again; if that does not help, the site " +
        `is being renewed, or you are offline. (${/** @type {any} */ (error)?.message ?? error})`),
    );
  }

  /**
   * @param {import("./data.js").Index} index
   * @param {import("./look.js").Result[]} results
   * @param {{left: number, query: string, example: boolean, settled: boolean}} about
   */
  #draw(index, results, { left, query, example, settled }) {
    const found = results.filter((r) => r.years.length);
    const sums = found.some((r) => r.kind === "wildcard");
    const measure = sums ? "rate" : this.state.measure;
    at("tx-share").disabled = sums;
    at("tx-why").hidden = !sums;
    at("tx-share").checked = measure === "share";
    at("tx-rate").checked = measure === "rate";
    const view = new URL(writeState({ q: query, measure: this.state.measure }), location.href);
    const said = phrases(results);
    document.title = example ? this.set.title ?? "" : `${query} – ${this.set.title}`;
    const out = [];
    if (example) {
      out.push(h("p", { class: "tx-example" }, this.set.said));
    }
    if (results.length) out.push(summaryList(results, index, measure));
    if (left) {
      out.push(h("p", { class: "tx-note" }, `Five phrases are compared; ${left} left out.`));
    }
    // before anything is drawn, so that there is a width to draw in
    at("tx-out").hidden = false;
    const some = found.some((r) => r.n > 0);
    at("tx-chart").hidden = !some;
    at("tx-results").replaceChildren(...out);
    at("tx-cards").dataset.count = results.length;
    at("tx-cards").replaceChildren(...results.map((r, place) => card(r, place, index)));
    if (some) this.#chart(index, results, { measure, query, view: view.href });
    else this.redraw = null;
    at("tx-citation").replaceChildren(...cite(this.#work(), said, view.href));
    const text = results.map((r) => `${r.title}: ${summary(r, index, measure)}. ${
      r.kind === "none" ? r.told.join(" ") : ""}`).join(" ");
    if (settled) at("tx-status").textContent = text;
  }

  /** @returns {import("./export.js").Work} */
  #work() {
    return JSON.parse(this.set.work ?? "{}");
  }

  /**
   * @param {import("./data.js").Index} index
   * @param {import("./look.js").Result[]} results
   * @param {{measure: "share" | "rate", query: string, view: string}} about
   */
  #chart(index, results, { measure, query, view }) {
    const found = results.filter((r) => r.years.length);
    const slider = at("tx-year");
    const last = index.first + index.years.length - 1;
    slider.min = index.first;
    slider.max = last;
    if (!this.year) this.year = last;
    slider.value = this.year;
    this.redraw = () => {
      const holder = at("tx-svg");
      const width = Math.max(280, Math.round(holder.clientWidth || 700));
      const height = width < 620 ? 300 + 18 * found.length : 400;
      const chart = drawLines(results, index, measure, { width, height });
      holder.replaceChildren(chart.svg);
      const read = () => {
        this.year = Number(slider.value);
        chart.point(this.year);
        const items = results.flatMap((r) =>
          r.years.length ? [`${r.label}: ${readYear(r, this.year, measure)}`] : []);
        slider.setAttribute("aria-valuetext", `${this.year}. ${items.join(". ")}`);
        at("tx-year-said").textContent = String(this.year);
        at("tx-read").replaceChildren(...items.map((text) => h("li", {}, text)));
      };
      // the handle stands under its year; half of it reaches out at each end
      slider.style.marginLeft = `${chart.left - 8}px`;
      slider.style.width = `${chart.right - chart.left + 16}px`;
      slider.oninput = read;
      holder.onpointermove = (/** @type {PointerEvent} */ event) => {
        const { left } = chart.svg.getBoundingClientRect();
        slider.value = chart.yearAt(event.clientX - left);
        read();
      };
      read();
    };
    this.redraw();
    at("tx-table").replaceChildren(yearTable(results, measure));
    const printed = () => drawLines(results, index, measure, {
      width: 960, height: 500, print: true, source: [this.set.source ?? "", view],
    }).svg;
    at("tx-csv").onclick = () =>
      save(fileName(query, "csv"), new Blob([csv(yearRows(found))], { type: "text/csv" }));
    at("tx-svg-file").onclick = () =>
      save(fileName(query, "svg"), new Blob([svgText(printed())], { type: "image/svg+xml" }));
    at("tx-png").onclick = async () => save(fileName(query, "png"), await png(printed()));
  }
}

const root = document.getElementById("explorer");
if (root) new Page(root);

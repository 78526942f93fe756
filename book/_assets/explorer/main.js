// The page: keeps field, address and view in sync.

import { Combobox } from "./combobox.js";
import { Data } from "./data.js";
import { at, copyButton, h } from "./dom.js";
import { csv, described, fileName, png, save, svgText, yearRows } from "./export.js";
import { AROUND, compare, headline, lately, look, phraseLines, sentences, speakerLines, summary } from "./look.js";
import { clean, MOST_COUNTRIES, readState, termAt, writeState } from "./query.js";
import { OwnText } from "./ownview.js";
import { roomPanels, roomRows } from "./rooms.js";
import { spanOf } from "./stats.js";
import { suggestions } from "./suggest.js";
import {
  card, cite, drawLines, phrases, readYear, summaryList, tip, viewLink, yearTable,
} from "./view.js";

/** Milliseconds after the last key until the look-up, and until missing phrases are reported. */
const PAUSE = 120;
const SETTLED = 700;
/** Milliseconds of a look-up after which an earlier answer is taken away. */
const SLOW = 400;
/** Milliseconds after the last key until a country typed in the list is taken. */
const TYPED = 1200;

class Page {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.set = root.dataset;
    const folder = new URL(`${this.set.folder}/`, document.baseURI);
    this.data = new Data(async (name, signal) => {
      const answer = await fetch(new URL(name, folder), { signal });
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
      return answer.json();
    });
    this.state = readState(location.search);
    this.ticket = 0;
    this.shown = "";
    /** @type {number[]} */
    this.timers = [];
    this.year = 0;
    // width of the container; reading it at every drawing would cause a second layout
    this.width = 0;
    this.input = at("tx-q");
    this.box = new Combobox(this.input, at("tx-list"), (option) => this.#choose(option));
    this.#listen();
    this.#fillChips();
    at("tx-form").hidden = false;
    at("tx-static").hidden = true;
    const { title, version } = this.#work();
    new OwnText(this.data, `${title.split(":")[0]}, version ${version}`);
    this.input.value = this.state.q;
    this.show({ settled: true }).then(() => {
      // the results have moved the target of the address
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
    // prefetch when the field gets the focus, so that a look-up needs only one file
    this.input.addEventListener("focus", () => this.data.warm());
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
    for (const by of ["all", "speakers"]) {
      at(`tx-${by}`).addEventListener("change", () => {
        this.state.by = /** @type {"all" | "speakers"} */ (by);
        this.#write(true);
        this.show({ settled: true });
      });
    }
    this.#listenForCountry();
    this.root.addEventListener("click", (event) => {
      const link = event.target instanceof Element && event.target.closest("a[data-view]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      const { q, by, countries } = readState(/** @type {HTMLAnchorElement} */ (link).search);
      this.input.value = q;
      if (by) Object.assign(this.state, { by, countries });
      this.commit({ push: true });
      // links on cards disappear with the cards
      if (!at("tx-chips").contains(link)) this.input.focus({ preventScroll: true });
      this.root.scrollIntoView({ block: "start" });
    });
    window.addEventListener("popstate", () => {
      if (location.search === this.shown) return; // only the anchor has changed
      this.state = readState(location.search);
      this.input.value = this.state.q;
      this.box.close();
      this.show({ settled: true });
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !at("tx-svg").contains(target)) at("tx-tip").hidden = true;
    });
    // drawn in pixels, to keep the font size, so redraw when the width changes
    new ResizeObserver(([entry]) => {
      const now = Math.round(entry.contentRect.width);
      const before = this.width;
      this.width = now || before;
      if (before && now && now !== before) this.redraw?.();
    }).observe(at("tx-out"));
  }

  /** Typing in the list changes the choice at each letter, so a choice is taken only after a pause. */
  #listenForCountry() {
    const select = at("tx-country");
    let typed = false;
    let timer = 0;
    const take = () => {
      clearTimeout(timer);
      const { value } = select;
      if (value) this.#pick([...this.state.countries.filter((c) => c !== value), value]);
    };
    select.addEventListener("pointerdown", () => { typed = false; });
    select.addEventListener("keydown", (/** @type {KeyboardEvent} */ { key }) => {
      typed = key !== "Enter";
      if (!typed) take();
    });
    select.addEventListener("change", () => {
      clearTimeout(timer);
      if (typed) timer = setTimeout(take, TYPED);
      else take();
    });
    select.addEventListener("blur", take);
  }

  /**
   * Draw lines for these countries.
   * @param {string[]} codes
   */
  #pick(codes) {
    this.state.countries = codes.slice(0, MOST_COUNTRIES);
    this.state.by = "speakers";
    this.#write(true);
    return this.show({ settled: true });
  }

  /**
   * Update the list of countries, and the buttons that remove those chosen.
   * @param {import("./data.js").Index} index
   * @param {boolean} some whether countries are counted
   * @returns {string[]} names of the chosen countries
   */
  #fillCountries(index, some) {
    const select = at("tx-country");
    const countries = this.state.countries.filter((c) => index.countries.some(([code]) => c === code));
    const names = countries.map((c) => index.countries.find(([code]) => code === c)?.[1] ?? "");
    if (select.options.length === 1) {
      const others = index.countries.filter(([code]) => code !== "CHN");
      others.sort((a, b) => a[1].localeCompare(b[1], "en"));
      select.append(...others.map(([code, name]) => h("option", { value: code }, name)));
    }
    select.value = "";
    const held = document.activeElement === select;
    const full = countries.length >= MOST_COUNTRIES;
    select.disabled = full || !some;
    at("tx-pick").hidden = !some && !names.length;
    select.options[0].text = full ? `${MOST_COUNTRIES} at most` : "choose …";
    at("tx-picked").replaceChildren(...countries.map((code, place) => {
      const button = h("button", { type: "button", class: "tx-chip" }, `Remove ${names[place]}`);
      button.addEventListener("click", () => {
        this.#pick(countries.filter((c) => c !== code));
        select.focus();
      });
      return button;
    }));
    if (held && select.disabled) at("tx-picked").lastElementChild?.focus();
    return names;
  }

  #fillChips() {
    const chips = JSON.parse(this.set.chips ?? "[]");
    at("tx-chips").append(
      "Try ", ...chips.map((/** @type {string | [string, string]} */ chip) => {
        const [said, search] = typeof chip === "string" ? [chip, ""] : chip;
        const link = viewLink(said, said);
        if (search) link.href = search;
        link.className = "tx-chip";
        return link;
      }));
  }

  /**
   * After a pause in typing, look up the phrase and suggest completions.
   * @param {number} typed when the key was pressed
   */
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
      this.box.close(); // suggestions are optional; the look-up reports errors
    }
  }

  /**
   * Put a suggestion into the field, in place of the phrase at the caret, and look it up.
   * @param {import("./suggest.js").Suggestion} option
   */
  #choose(option) {
    const { value } = this.input;
    const { start, end } = termAt(value, this.input.selectionStart ?? value.length);
    const before = value.slice(0, start) + (start ? " " : "");
    this.input.value = before + option.ask + value.slice(end);
    const caret = before.length + option.ask.length;
    this.input.setSelectionRange(caret, caret);
    this.commit({ push: true });
  }

  /**
   * Take over what is in the field: write it into the address, and look it up.
   * @param {{push: boolean}} how
   */
  async commit({ push }) {
    for (const timer of this.timers) clearTimeout(timer);
    this.state.q = clean(this.input.value).trim();
    this.#write(push);
    await this.show({ settled: true });
    // on a phone the results are below the screen
    const out = at("tx-out");
    if (push && out.getBoundingClientRect().top > innerHeight / 2) out.scrollIntoView();
  }

  /**
   * Write the state into the address; push adds an entry to the history.
   * @param {boolean} push
   */
  #write(push) {
    const address = writeState(this.state) || location.pathname;
    if (address === (location.search || location.pathname)) return;
    // do not replace the state that stands for an open panel (tifa.js)
    history[push || history.state?.panel ? "pushState" : "replaceState"](null, "", address);
  }

  /**
   * Look up and draw.
   * @param {{settled: boolean, typed?: number, q?: string}} how settled: report missing phrases, too
   */
  async show({ settled, typed, q = this.state.q }) {
    this.ticket += 1;
    const { ticket } = this;
    const query = q || this.set.example || "";
    const asked = performance.now();
    const slow = setTimeout(() => ticket === this.ticket && this.#wait(query, !q), SLOW);
    try {
      this.shown = location.search;
      const index = await this.data.index();
      const { results, left } = await look(this.data, query, settled);
      if (ticket !== this.ticket) return;
      // do not report a missing phrase in the middle of typing
      if (!settled && results.some((r) => r.kind === "none")) return;
      const lines = await this.#lines(results);
      await Promise.all(results.map(async (r) => {
        r.said = await sentences(this.data, r, this.state.countries);
      }));
      if (ticket !== this.ticket) return;
      this.#draw(index, results, { left, query, example: !q, settled, ...lines });
      if (typed) performance.measure("explorer", { start: typed, end: performance.now() });
      performance.measure("look-up", { start: asked, end: performance.now() });
    } catch (error) {
      if (ticket === this.ticket) this.#fail(error, query, !q);
    } finally {
      clearTimeout(slow);
    }
  }

  /**
   * The lines of the chart: by speaker for a single entry, else one per phrase.
   * @param {import("./look.js").Result[]} results
   */
  async #lines(results) {
    const { by, countries } = this.state;
    const entry = results.find((r) => r.kind === "entry" && r.years.length);
    const spoken = results.find((r) => r.kind === "entry" && r.years.length && r.n);
    const others = results.length === 1 && entry && !spoken ? await compare(this.data, entry) : [];
    if (spoken && (by || (results.length === 1 ? "speakers" : "all")) === "speakers") {
      const series = await speakerLines(this.data, spoken, countries);
      return { series, speaking: spoken, entry, others: [] };
    }
    return { series: phraseLines([...results, ...others]), speaking: null, entry, others };
  }

  /**
   * Show a paragraph in place of results: nothing of an earlier phrase may stand under this one.
   * @param {HTMLElement} said
   * @param {string} query
   * @param {boolean} example
   */
  #instead(said, query, example) {
    this.redraw = null;
    at("tx-out").hidden = false;
    for (const part of [at("tx-chart"), at("tx-rooms"), at("tx-citation").parentElement]) part.hidden = true;
    at("tx-cards").replaceChildren();
    at("tx-results").replaceChildren(said);
    at("tx-status").textContent = "";
    this.#entitle(query, example);
  }

  /**
   * @param {string} query
   * @param {boolean} example
   */
  #entitle(query, example) {
    document.title = example ? this.set.title ?? "" : `${query} – ${this.set.title}`;
  }

  /**
   * Say that a phrase is being looked up, in place of results.
   * @param {string} query
   * @param {boolean} example
   */
  #wait(query, example) {
    const said = `Looking up “${query}” …`;
    this.#instead(h("p", { class: "tx-note" }, said), query, example);
    at("tx-status").textContent = said;
    at("tx-out").setAttribute("aria-busy", "true");
  }

  /**
   * Say that data is missing, in place of results.
   * @param {unknown} error
   * @param {string} query
   * @param {boolean} example
   */
  #fail(error, query, example) {
    at("tx-out").removeAttribute("aria-busy");
    this.#instead(
      h("p", { role: "alert", class: "tx-none" },
        "Data is missing: a file with counts could not be fetched, or is damaged. This says " +
        "nothing about the phrase. Load the page again; if that does not help, the site is being " +
        `renewed, or you are offline. (${/** @type {any} */ (error)?.message ?? error})`),
      query, example);
  }

  /**
   * Show results: summary, chart, rooms, cards and citation.
   * @param {import("./data.js").Index} index
   * @param {import("./look.js").Result[]} results
   * @param {{left: number, query: string, example: boolean, settled: boolean,
   *   series: import("./look.js").Series[], speaking: import("./look.js").Result | null,
   *   entry: import("./look.js").Result | undefined,
   *   others: import("./look.js").Result[]}} about
   */
  #draw(index, results, about) {
    const { left, query, example, settled, series, speaking, entry, others } = about;
    const sums = !speaking && results.some((r) => r.kind === "wildcard");
    const measure = sums ? "rate" : this.state.measure;
    at("tx-share").disabled = sums;
    at("tx-why").hidden = !sums;
    at("tx-share").checked = measure === "share";
    at("tx-rate").checked = measure === "rate";
    at("tx-speakers").disabled = !results.some((r) => r.kind === "entry" && r.years.length && r.n);
    at("tx-all").checked = !speaking;
    at("tx-speakers").checked = Boolean(speaking);
    const chosen = this.#fillCountries(index, results.some((r) => r.countries.length || r === entry));
    const latest = speaking ? lately(series, index.first + index.years.length - 1) : "";
    at("tx-who").textContent = latest + who(results, speaking, others, chosen);
    const search = writeState({ ...this.state, q: query });
    // an address on this computer leads nobody else here
    const { address } = this.set;
    const view = address ? new URL(search, address).href : `explorer.html${search}, no public address yet`;
    const said = phrases(results);
    this.#entitle(query, example);
    const told = results.flatMap((r) => [
      ...r.doubt ? [r.doubt] : [],
      `${headline(r, index, measure).flat().join("")}.`,
      ...r.said ?? [],
      ...r.mind ? [`Mind: ${r.mind}`] : [],
    ]);
    const out = [];
    if (example) out.push(h("p", { class: "tx-note" }, `An example, until you type: “${query}”.`));
    if (results.length) out.push(summaryList(results, index, measure));
    if (others.length) {
      out.push(h("p", { class: "tx-note tx-links" }, "For comparison, also drawn: ",
        ...others.flatMap((r, i) => [
          i ? "; " : "", viewLink(r.ask ?? "", r.label), ` ${summary(r, index, measure)}`,
        ]), "."));
    }
    if (results.some((r) => r.kind !== "none")) {
      const answer = [...told, this.set.source ?? "", view].join("\n");
      out.push(h("p", {}, ...copyButton("Copy the answer", answer)));
    }
    if (left) {
      out.push(h("p", { class: "tx-note" }, `Five phrases are compared; ${left} left out.`));
    }
    // shown first, because a hidden container has no width
    at("tx-out").hidden = false;
    at("tx-out").removeAttribute("aria-busy");
    at("tx-citation").parentElement.hidden = false;
    this.width ||= Math.round(at("tx-out").clientWidth);
    const some = series.some((one) => one.years.some((y) => y.n > 0));
    const rooms = results.some((r) => r.rooms?.some((room) => room?.n));
    at("tx-chart").hidden = !some;
    at("tx-rooms").hidden = !rooms;
    // if the debates have no hit, the other rooms come first
    const inDebates = results.some((r) => r.n && r.years.length);
    at("tx-chart")[inDebates ? "after" : "before"](at("tx-rooms"));
    at("tx-results").replaceChildren(...out);
    at("tx-cards").dataset.count = results.length;
    at("tx-cards").replaceChildren(...results.map((r, place) => card(r, place, index)));
    const text = results.map((r) => `${r.title}: ${summary(r, index, measure)}`).join("; ");
    const draw = [
      ...(some ? [this.#chart(series, { measure, query, view, text, shown: said, speaking })] : []),
      ...(rooms ? [this.#rooms(results, index, query)] : []),
    ];
    this.redraw = () => draw.forEach((again) => again());
    this.redraw();
    at("tx-citation").replaceChildren(...cite(this.#work(), said, view));
    const missing = results.flatMap((r) => (r.kind === "none" ? r.told : []));
    if (settled) at("tx-status").textContent = [...told, ...missing].join(" ");
  }

  /**
   * The compendium, as the page describes it for citations.
   * @returns {import("./export.js").Work}
   */
  #work() {
    return JSON.parse(this.set.work ?? "{}");
  }

  /**
   * Prepare the panels of the other corpora.
   * @param {import("./look.js").Result[]} results
   * @param {import("./data.js").Index} index
   * @param {string} query
   * @returns {() => void} a function that draws the panels in the current width
   */
  #rooms(results, index, query) {
    at("tx-rooms-csv").onclick = () => save(fileName(`${query} rooms`, "csv"),
      new Blob([csv(roomRows(results, index))], { type: "text/csv" }));
    return () => {
      const holder = at("tx-panels");
      const wide = this.width || 700;
      const columns = Math.max(1, Math.floor(wide / 300));
      const width = Math.floor((wide - 28 * (columns - 1)) / columns);
      holder.replaceChildren(...roomPanels(results, index, Math.min(width, 440)));
    };
  }

  /**
   * Prepare the chart, its table and downloads, and the reading of years.
   * @param {import("./look.js").Series[]} series
   * @param {{measure: "share" | "rate", query: string, view: string, text: string, shown: string,
   *   speaking: import("./look.js").Result | null}} about
   * @returns {() => void} a function that draws the chart in the current width
   */
  #chart(series, { measure, query, view, text, shown, speaking }) {
    const said = { about: text, speakers: speaking?.label ?? "" };
    const slider = at("tx-year");
    const years = series.flatMap((one) => one.years.map((y) => y.year));
    slider.min = Math.min(...years);
    slider.max = Math.max(...years);
    // the year that the reader has chosen, or else the latest; by who speaks, the latest with five years
    slider.value = this.year || Math.max(...years) - (speaking ? AROUND : 0);
    // hundreds of cells, so create them when opened
    const fold = at("tx-table").parentElement;
    const fill = () => {
      at("tx-table").replaceChildren(yearTable(series, measure, Boolean(speaking)));
      fold.onclick = null;
    };
    fold.onclick = fill;
    if (fold.open) fill();
    const heading = `${shown} at the UN General Debates`;
    const printed = () => drawLines(series, said, measure, {
      width: 960, height: 500, print: true, heading, source: [this.set.source ?? "", view],
    }).svg;
    const rows = fileName(query, "csv");
    at("tx-csv").onclick = () =>
      save(rows, new Blob([csv(yearRows(series))], { type: "text/csv" }));
    at("tx-columns").onclick = () => {
      const about = described(rows, heading, { source: this.set.source ?? "", view });
      save(`${rows}-metadata.json`, new Blob([about], { type: "application/json" }));
    };
    at("tx-svg-file").onclick = () =>
      save(fileName(query, "svg"), new Blob([svgText(printed())], { type: "image/svg+xml" }));
    at("tx-png").onclick = async () => save(fileName(query, "png"), await png(printed()));
    return () => {
      const [holder, box] = [at("tx-svg"), at("tx-tip")];
      const width = Math.max(280, this.width || 700);
      const height = width < 620 ? 300 + 18 * series.length : 400;
      const chart = drawLines(series, said, measure, { width, height });
      holder.replaceChildren(chart.svg);
      box.hidden = true; // the tooltip had the numbers of earlier lines
      const read = () => {
        const year = Number(slider.value);
        chart.point(year);
        const items = series.map((one) => `${one.label}: ${readYear(one, year, measure)}`);
        const when = spanOf(series, year);
        slider.setAttribute("aria-valuetext", `${when}. ${items.join(". ")}`);
        at("tx-year-said").textContent = when;
        at("tx-read").replaceChildren(...items.map((item) => h("li", {}, item)));
      };
      const beside = (/** @type {number} */ x) => {
        box.replaceChildren(...tip(series, this.year, measure));
        box.hidden = false;
        const room = holder.clientWidth - box.offsetWidth;
        const to = x + 14 > room ? x - box.offsetWidth - 14 : x + 14;
        box.style.left = `${Math.max(0, Math.min(to, room))}px`;
      };
      // the handle is centred on its year, so half of it extends at each end
      slider.style.marginLeft = `${chart.left - 8}px`;
      slider.style.width = `${chart.right - chart.left + 16}px`;
      slider.oninput = () => {
        this.year = Number(slider.value);
        read();
      };
      holder.onpointermove = (/** @type {PointerEvent} */ event) => {
        const { left } = chart.svg.getBoundingClientRect();
        slider.value = chart.yearAt(event.clientX - left);
        slider.oninput();
        beside(event.clientX - left);
      };
      holder.onpointerdown = holder.onpointermove;
      // a finger leaves as soon as it is lifted, so keep its tooltip until the next tap
      holder.onpointerleave = (/** @type {PointerEvent} */ event) => {
        if (event.pointerType !== "touch") box.hidden = true;
      };
      read();
    };
  }
}

/**
 * Sentences on the speakers of the lines, or on why there are none.
 * @param {import("./look.js").Result[]} results
 * @param {import("./look.js").Result | null} speaking
 * @param {import("./look.js").Result[]} others
 * @param {string[]} chosen countries
 */
function who(results, speaking, others, chosen) {
  if (!speaking) {
    const names = `${chosen.join(" and ")} ${chosen.length > 1 ? "are" : "is"}`;
    const entries = results.filter((r) => r.kind === "entry");
    if (entries.some((r) => r.n && r.years.length)) {
      return chosen.length ? `${names} drawn under “By who speaks”.` : "";
    }
    if (entries.length || others.length || !results.some((r) => r.years.length)) return "";
    return "“By who speaks” draws entries of the phrasebook only, and no other phrase. In numbers of all years " +
      "China includes the Republic of China before 1971." +
      (chosen.length ? ` ${names} kept for the next one.` : "");
  }
  const first = results.length > 1 ? `The first entry alone, ${speaking.label}. ` : "";
  return `${first}China is the People’s Republic, from 1972; each point adds up five years, ` +
    "fewer at both ends." +
    (chosen.length ? ` ${chosen.join(" and ")}: drawn alone, and left out of the other lines.` : "");
}

const root = document.getElementById("explorer");
if (root) new Page(root);

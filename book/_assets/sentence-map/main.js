// The sentence map, drawn from the table below it.

import { facts, move, readReports, said, shorten } from "./model.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children. */
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The frames with their colours and letters, each with the number of sentences that carry it. */
function makeLegend(labels, shorts, sentences) {
  const items = labels.flatMap((label, n) => {
    const count = sentences.filter((s) => s.frames.includes(label)).length;
    if (!count) return [];
    const key = make("span", { class: `sm-part sm-frame-${n}` }, shorts[n]);
    return [make("li", {}, key, ` ${label} ${count}`)];
  });
  return make("ul", { class: "sm-legend", "aria-label": "Frames, and the sentences that carry each" }, ...items);
}

/**
 * A bar: its length is the number of words, its parts are the frames. Their letters come from the style
 * sheet, because they are not part of the accessible name.
 */
function makeBar(sentence, labels, shorts, longest) {
  const parts = labels.flatMap((label, n) =>
    sentence.frames.includes(label)
      ? [make("span", { class: `sm-part sm-frame-${n}`, "data-short": shorts[n] })]
      : [],
  );
  if (!parts.length) parts.push(make("span", { class: "sm-part sm-none" }));
  const bar = make("span", { class: "sm-bar", "aria-hidden": "true" }, ...parts);
  bar.style.width = `${(100 * sentence.words) / longest}%`;
  return bar;
}

function start(figure) {
  const rows = [...figure.querySelectorAll("tr[data-sentence]")];
  const reports = readReports(rows.map((row) => JSON.parse(row.dataset.sentence)));
  const labels = JSON.parse(figure.dataset.frames);
  const shorts = shorten(labels);
  const sentences = reports.flatMap((r) => r.sentences);
  const longest = Math.max(...sentences.map((s) => s.words));
  let at = { report: 0, row: 0 };

  const options = [];
  const columns = reports.map((report, n) => {
    const other = reports[1 - n].name;
    options[n] = report.sentences.map((sentence, row) => {
      const option = make(
        "li",
        {
          role: "option",
          class: "sm-row",
          tabindex: "-1",
          "aria-selected": "false",
          "aria-label": said(sentence, report.name, other),
        },
        make("span", { class: "sm-number" }, String(sentence.sentence)),
        make(
          "span",
          { class: "sm-track", "aria-hidden": "true" },
          makeBar(sentence, labels, shorts, longest),
        ),
      );
      option.addEventListener("pointerenter", (event) => {
        if (event.pointerType === "mouse") show({ report: n, row });
      });
      option.addEventListener("focus", () => show({ report: n, row }));
      option.addEventListener("click", () => option.focus());
      return option;
    });
    const box = make(
      "ul",
      {
        class: "sm-list",
        role: "listbox",
        "aria-label": `${report.name}, ${report.sentences.length} sentences`,
      },
      ...options[n],
    );
    box.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const to = move(reports, at, event.key);
      if (!to) return;
      event.preventDefault();
      options[to.report][to.row].focus();
    });
    // when the pointer leaves, show the sentence that has the focus again
    box.addEventListener("pointerleave", () => {
      const focused = options.flat().indexOf(document.activeElement);
      if (focused < 0) return;
      const report = focused < options[0].length ? 0 : 1;
      show({ report, row: focused - report * options[0].length });
    });
    return make("div", { class: `sm-column sm-side-${n}` }, make("p", { class: "sm-name", "aria-hidden": "true" }, report.name), box);
  });

  const links = document.createElementNS(SVG, "svg");
  links.setAttribute("class", "sm-links");
  links.setAttribute("aria-hidden", "true");
  const lines = [];
  reports[0].sentences.forEach((sentence, a) => {
    for (const [number, , doubt] of sentence.partners) {
      const b = reports[1].sentences.findIndex((s) => s.sentence === number);
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", doubt ? "sm-link sm-doubt" : "sm-link");
      links.append(path);
      lines.push({ a, b, path });
    }
  });

  const detail = make("div", { class: "sm-detail" });
  const stage = make("div", { class: "sm-stage" }, columns[0], links, columns[1], detail);
  const place = figure.querySelector(".tifa-map-play");
  place.append(makeLegend(labels, shorts, sentences), stage);
  place.hidden = false;
  figure.querySelector("details").open = false;

  /** Mark a sentence and its partners, and say what is known of it. */
  function show(to) {
    at = to;
    const report = reports[at.report];
    const sentence = report.sentences[at.row];
    const other = reports[1 - at.report];
    const partners = new Set(sentence.partners.map(([n]) => n));
    options.forEach((column, n) =>
      column.forEach((option, row) => {
        const here = n === at.report && row === at.row;
        option.setAttribute("aria-selected", String(here));
        option.classList.toggle(
          "sm-partner",
          n !== at.report && partners.has(reports[n].sentences[row].sentence),
        );
        // the Tab key stops once in each list: at its chosen sentence, or else at the first
        if (n === at.report) option.tabIndex = here ? 0 : -1;
        else if (row === 0 && !column.some((o) => o.tabIndex === 0)) option.tabIndex = 0;
      }),
    );
    for (const { a, b, path } of lines) {
      path.classList.toggle("sm-on", at.row === (at.report === 0 ? a : b));
    }
    const heading = make("p", { class: "sm-chosen" }, `${report.name}, sentence ${sentence.sentence} of ${report.sentences.length}`);
    const known = facts(sentence, other.name).flatMap(([name, value]) => [
      make("dt", {}, name),
      make("dd", {}, value),
    ]);
    detail.replaceChildren(heading, make("dl", {}, ...known));
  }

  /** Draw the lines from bar to bar. The distance between the columns is known only after layout. */
  function draw() {
    const { top, width, height } = links.getBoundingClientRect();
    links.setAttribute("viewBox", `0 0 ${width || 1} ${height || 1}`);
    const middle = (option) => {
      const box = option.getBoundingClientRect();
      return box.top + box.height / 2 - top;
    };
    for (const { a, b, path } of lines) {
      const from = middle(options[0][a]);
      const to = middle(options[1][b]);
      const half = width / 2;
      path.setAttribute("d", `M0 ${from} C${half} ${from} ${half} ${to} ${width} ${to}`);
    }
  }

  show(at);
  new ResizeObserver(draw).observe(stage);
}

for (const figure of document.querySelectorAll("figure.tifa-map")) start(figure);

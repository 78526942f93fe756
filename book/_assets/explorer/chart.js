// Charts as SVG: in the colours of the page, or in print colours for a file.

import { s } from "./dom.js";
import { shorten, spread, stretches, ticks, wrap } from "./scale.js";

/** Colours of a drawing in a file: those of the site in light mode. */
const PRINT = {
  ink: "#1f2328", quiet: "#5b6470", line: "#d0d5db", paper: "#ffffff",
  red: "#b3372b", blue: "#20639b", gold: "#8a6100", green: "#2c7048", violet: "#6b4fa0",
};
const SERIES = ["red", "blue", "gold", "green", "violet"];
const DASHES = [null, "7 4", "2 3", "11 3 2 3", "4 2"];
/** Pixels of paper around a drawing in a file. */
const EDGE = 20;
/** Pixels for the heading above a drawing in a file. */
const HEADING = 26;
const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/**
 * A line of a chart: a value or null for each year.
 * @typedef {{label: string, place: number,
 *   points: ({year: number, y: number, low: number | null, high: number | null} | null)[]}} Line
 */

/**
 * How to draw: where, how large, in which colours.
 * @typedef {object} Look
 * @property {number} width pixels
 * @property {number} height
 * @property {boolean} [print] for a file: in print colours, on white, with the source below
 * @property {string} [heading] printed above a drawing in a file
 * @property {string[]} [source] lines printed below a drawing in a file
 */

/**
 * A function from the name of a colour to its value: in print colours, or a variable of the page.
 * @param {boolean | undefined} print
 * @returns {(name: string) => string}
 */
function palette(print) {
  return (name) => (print ? PRINT[name] : `var(--tifa-${name})`);
}

/**
 * The colour of a series.
 * @param {number} place of the series
 * @param {boolean} [print]
 */
function colourOf(place, print) {
  return palette(print)(SERIES[place % SERIES.length]);
}

/**
 * The marker of a series, which also differs in shape.
 * @param {number} place
 * @param {number} x
 * @param {number} y
 * @param {boolean} [print]
 */
function marker(place, x, y, print) {
  const paint = { fill: colourOf(place, print), stroke: palette(print)("paper") };
  const path = [
    null,
    `M${x - 4} ${y - 4}h8v8h-8z`,
    `M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`,
    `M${x} ${y - 5}l5 9h-10z`,
    `M${x} ${y + 5}l5 -9h-10z`,
  ][place % SERIES.length];
  return path
    ? s("path", { d: path, ...paint })
    : s("circle", { cx: x, cy: y, r: 4.5, ...paint });
}

/**
 * The legend key of a series, for use in text.
 * @param {number} place
 */
export function swatch(place) {
  return s("svg", { width: 34, height: 14, viewBox: "0 0 34 14", "aria-hidden": "true" },
    stroke(place, "M1 7H33", false), marker(place, 17, 7));
}

/**
 * The line of a series, in its colour and pattern of dashes.
 * @param {number} place
 * @param {string} d
 * @param {boolean | undefined} print
 */
function stroke(place, d, print) {
  return s("path", {
    d,
    fill: "none",
    stroke: colourOf(place, print),
    "stroke-width": 2,
    "stroke-linejoin": "round",
    "stroke-dasharray": DASHES[place % DASHES.length],
  });
}

/**
 * Lines over years. Only the first has a band with its intervals: several would cover each other.
 * @param {Line[]} lines
 * @param {{unit: string, title: string, about: string, format: (y: number) => string}} said
 * @param {Look} look
 * @returns {{svg: SVGSVGElement, left: number, right: number, yearAt: (x: number) => number,
 *   point: (year: number) => void}} the drawing, its axis in pixels, and a way to mark a year
 */
export function lineChart(lines, said, look) {
  const { width, height, print } = look;
  const paint = palette(print);
  const beside = width >= 620;
  const top = beside ? 34 : 34 + 18 * lines.length;
  const bottom = height - (print ? 74 : 28);
  const box = { left: 46, right: width - (beside ? 196 : 14), top, bottom };
  const years = lines.flatMap((l) => l.points.flatMap((p) => (p ? [p.year] : [])));
  const [first, last] = [Math.min(...years), Math.max(...years)];
  const seen = lines.flatMap((l) => l.points.flatMap((p) => (p && p.y > 0 ? [p] : [])));
  const banded = lines[0].points.flatMap((p) => (p && p.y > 0 ? [p.high ?? p.y] : []));
  const steps = ticks(Math.max(...seen.map((p) => p.y), ...banded));
  const x = (/** @type {number} */ year) =>
    box.left + ((box.right - box.left) * (year - first)) / Math.max(1, last - first);
  const y = (/** @type {number} */ value) =>
    box.bottom - ((box.bottom - box.top) * value) / steps[steps.length - 1];
  const svg = frame(said.title, said.about, look);
  const unit = beside ? said.unit : said.unit.split(" (")[0];
  svg.append(...axes(steps, { ...said, unit }, box, { first, last, x, y, paint, beside }));
  svg.append(...bands(lines[0], x, y, print));
  for (const line of lines) svg.append(...strokes(line, x, y, print));
  svg.append(...(beside ? labels(lines, box, y, print) : legend(lines, print)));
  const guide = s("path", { stroke: paint("quiet"), "stroke-width": 1, "stroke-dasharray": "1 3" });
  const dots = s("g");
  svg.append(guide, dots);
  if (print) svg.append(...source(look, paint));
  return {
    svg,
    left: box.left,
    right: box.right,
    yearAt: (at) =>
      Math.round(first + ((at - box.left) / (box.right - box.left)) * (last - first)),
    point: (year) => {
      guide.setAttribute("d", `M${x(year).toFixed(1)} ${box.top}V${box.bottom}`);
      dots.replaceChildren(
        ...lines.flatMap((line) => {
          const p = line.points.find((q) => q?.year === year);
          return p ? [marker(line.place, round(x(year)), round(y(p.y)), print)] : [];
        }),
      );
    },
  };
}

/**
 * A small drawing of rates by year, without bands: one of several side by side.
 * @param {Line[]} lines
 * @param {{title: string, about: string, first: number, last: number}} said
 * @param {number} width
 */
export function smallChart(lines, { title, about, first, last }, width) {
  const height = 120;
  const paint = palette(false);
  const box = { left: 38, right: width - 12, top: 8, bottom: height - 22 };
  const seen = lines.flatMap((l) => l.points.flatMap((p) => (p ? [p.y] : [])));
  const steps = ticks(Math.max(...seen), 3);
  const x = (/** @type {number} */ year) =>
    box.left + ((box.right - box.left) * (year - first)) / Math.max(1, last - first);
  const y = (/** @type {number} */ value) =>
    box.bottom - ((box.bottom - box.top) * value) / steps[steps.length - 1];
  const svg = frame(title, about, { width, height });
  for (const step of steps) {
    const at = round(y(step));
    svg.append(
      s("path", { d: `M${box.left} ${at}H${box.right}`, stroke: paint("line"), fill: "none" }),
      s("text", { x: box.left - 6, y: at + 4.5, "text-anchor": "end", fill: paint("quiet") },
        String(step)));
  }
  for (const [year, anchor] of [[first, "start"], [last, "end"]]) {
    svg.append(s("text", { x: x(Number(year)), y: height - 5, "text-anchor": anchor,
      fill: paint("quiet") }, String(year)));
  }
  for (const line of lines) {
    svg.append(...strokes(line, x, y, false, false));
    // a single year between gaps cannot be drawn as a line
    const lone = stretches(line.points).filter((part) => part.length === 1);
    svg.append(...lone.map(([p]) => s("circle", {
      cx: round(x(p.year)), cy: round(y(p.y)), r: 2, fill: colourOf(line.place),
    })));
  }
  const guide = s("path", { stroke: paint("quiet"), "stroke-width": 1, "stroke-dasharray": "1 3" });
  svg.append(guide);
  return {
    svg,
    yearAt: (/** @type {number} */ at) => {
      const year = first + ((at - box.left) / (box.right - box.left)) * (last - first);
      return Math.min(last, Math.max(first, Math.round(year)));
    },
    point: (/** @type {number} */ year) => {
      guide.setAttribute("d", `M${x(year).toFixed(1)} ${box.top}V${box.bottom}`);
    },
  };
}

/**
 * An empty drawing with its name and description.
 * @param {string} title
 * @param {string} about
 * @param {Look} look
 */
function frame(title, about, { width, height, print, heading }) {
  const edge = print ? EDGE : 0;
  const above = print && heading ? HEADING : 0;
  const svg = s(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `${-edge} ${-edge - above} ${width + 2 * edge} ${height + 2 * edge + above}`,
      width: width + 2 * edge,
      height: height + 2 * edge + above,
      role: "img",
      "aria-label": `${title} ${about}`,
      "font-family": print ? FONT : null,
      "font-size": 13,
    },
    s("title", {}, title),
    s("desc", {}, about),
  );
  if (print) {
    svg.append(s("rect", { x: -EDGE, y: -EDGE - above, width: "100%", height: "100%",
      fill: PRINT.paper }));
    if (heading) {
      svg.append(s("text", { x: 0, y: 4 - above, "font-size": 17, "font-weight": 600,
        fill: PRINT.ink }, shorten(heading, Math.floor(width / 9))));
    }
  }
  return svg;
}

/**
 * Round to a tenth of a pixel.
 * @param {number} value
 */
function round(value) {
  return Number(value.toFixed(1));
}

/**
 * The axes: unit, lines and labels of the values, ticks of the years.
 * @param {number[]} steps
 * @param {{unit: string, format: (y: number) => string}} said
 * @param {{left: number, right: number, top: number, bottom: number}} box
 * @param {any} on scales and colours
 */
function axes(steps, said, box, { first, last, x, y, paint, beside }) {
  const drawn = [s("text", { x: 0, y: 15, fill: paint("quiet") }, said.unit)];
  for (const step of steps) {
    const at = round(y(step));
    drawn.push(
      s("path", { d: `M${box.left} ${at}H${box.right}`, stroke: paint("line"), fill: "none" }),
      s("text", { x: box.left - 7, y: at + 4.5, "text-anchor": "end", fill: paint("quiet") },
        said.format(step)),
    );
  }
  const every = beside ? 10 : 20;
  for (let year = Math.ceil(first / every) * every; year <= last; year += every) {
    const at = round(x(year));
    drawn.push(
      s("path", { d: `M${at} ${box.bottom}v5`, stroke: paint("quiet"), fill: "none" }),
      s("text", { x: at, y: box.bottom + 20, "text-anchor": "middle", fill: paint("quiet") },
        String(year)),
    );
  }
  return drawn;
}

/**
 * Bands of the intervals in years with a hit, half a year longer at both ends. The intervals of zeros
 * are only in the table: drawn, they would fill the early years of every chart.
 * @param {Line} line
 * @param {(year: number) => number} x
 * @param {(value: number) => number} y
 * @param {boolean} [print]
 */
function bands(line, x, y, print) {
  const years = line.points.flatMap((p) => (p ? [p.year] : []));
  const known = line.points.map((p) => (p && p.y > 0 && p.low !== null ? p : null));
  return stretches(known).map((part) => {
    const [first, last] = [part[0], part[part.length - 1]];
    const all = [
      { ...first, year: Math.max(first.year - 0.5, years[0]) },
      ...part,
      { ...last, year: Math.min(last.year + 0.5, years[years.length - 1]) },
    ];
    const over = all.map((p) => `${round(x(p.year))} ${round(y(p.high ?? 0))}`);
    const under = all.map((p) => `${round(x(p.year))} ${round(y(p.low ?? 0))}`).reverse();
    return s("path", {
      d: `M${[...over, ...under].join("L")}Z`,
      fill: colourOf(line.place, print),
      "fill-opacity": 0.14,
    });
  });
}

/**
 * The line of a series, cut where values are missing, with its markers.
 * @param {Line} line
 * @param {(year: number) => number} x
 * @param {(value: number) => number} y
 * @param {boolean} [print]
 * @param {boolean} [marked] with a mark every ten years
 */
function strokes(line, x, y, print, marked = true) {
  const drawn = stretches(line.points).map((part) => {
    const places = part.map((p) => `${round(x(p.year))} ${round(y(p.y))}`);
    return stroke(line.place, `M${places.join("L")}`, print);
  });
  // marks at other years for each series, so that they do not cover each other
  for (const p of line.points) {
    if (marked && p && (p.year + 2 * line.place) % 10 === 0) {
      drawn.push(marker(line.place, round(x(p.year)), round(y(p.y)), print));
    }
  }
  return drawn;
}

/**
 * Labels at the ends of the lines.
 * @param {Line[]} lines
 * @param {{right: number, top: number, bottom: number}} box
 * @param {(value: number) => number} y
 * @param {boolean} [print]
 */
function labels(lines, box, y, print) {
  const ends = lines.map((l) => y([...l.points].reverse().find((p) => p)?.y ?? 0));
  const texts = lines.map((l) => wrap(l.label, 22, 2));
  const most = Math.max(...texts.map((t) => t.length));
  const places = spread(ends, 17 * most, box.top, box.bottom);
  return lines.flatMap((line, i) => {
    const top = places[i] + 4.5 - 7.5 * (texts[i].length - 1);
    return [
      s("path", {
        d: `M${box.right + 3} ${round(ends[i])}L${box.right + 15} ${round(places[i])}`,
        stroke: colourOf(line.place, print),
        fill: "none",
      }),
      s("text", { fill: colourOf(line.place, print), "font-weight": 600 },
        s("title", {}, line.label),
        ...texts[i].map((text, n) =>
          s("tspan", { x: box.right + 19, y: round(top + 15 * n) }, text))),
    ];
  });
}

/**
 * Labels above a narrow drawing.
 * @param {Line[]} lines
 * @param {boolean} [print]
 */
function legend(lines, print) {
  return lines.flatMap((line, i) => {
    const y = 34 + 18 * i;
    return [
      stroke(line.place, `M0 ${y}H32`, print),
      marker(line.place, 16, y, print),
      s("text", { x: 40, y: y + 4.5, fill: colourOf(line.place, print), "font-weight": 600 },
        s("title", {}, line.label), shorten(line.label, 40)),
    ];
  });
}

/**
 * The lines below a drawing in a file that say where it comes from.
 * @param {Look} look
 * @param {(name: string) => string} paint
 */
function source({ height, width, source: said = [] }, paint) {
  const letters = Math.floor(width / 6);
  const lines = said.flatMap((text) => text.match(new RegExp(`.{1,${letters}}`, "gu")) ?? []);
  return lines.slice(0, 4).map((text, i) =>
    s("text", { x: 0, y: height - 30 + 13 * i, "font-size": 10.5, fill: paint("quiet") }, text));
}

/**
 * Bars with labels and numbers, in the given order.
 * @param {{label: string, n: number}[]} bars
 * @param {{title: string, about: string, format: (n: number) => string}} said
 * @param {{width: number, place: number}} look
 * @returns {SVGSVGElement}
 */
export function barChart(bars, said, { width, place }) {
  const paint = palette(false);
  const row = 23;
  const left = Math.round(width * 0.45);
  const room = width - left - 52;
  const most = Math.max(...bars.map((b) => b.n), 1);
  const svg = frame(said.title, said.about, { width, height: row * bars.length + 4 });
  bars.forEach(({ label, n }, i) => {
    const y = row * i;
    const long = Math.max(1.5, round((room * n) / most));
    svg.append(
      s("text", { x: left - 8, y: y + 16, "text-anchor": "end", fill: paint("ink") },
        s("title", {}, label), shorten(label, Math.floor((left - 8) / 7))),
      s("rect", { x: left, y: y + 4, width: long, height: row - 7, rx: 1.5, fill: colourOf(place),
        "fill-opacity": 0.85 }),
      s("text", { x: left + long + 6, y: y + 16, fill: paint("quiet") }, said.format(n)),
    );
  });
  return svg;
}

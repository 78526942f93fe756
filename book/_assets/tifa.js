// Small conveniences; every page works without them.

/** Offer the rows under a figure as a CSV file. */
function offerCsv(button) {
  const rows = button.parentElement?.querySelector("template.tifa-csv-rows");
  if (!rows) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    // a byte order mark for spreadsheets: without it Côte d’Ivoire is garbled
    save(button.dataset.name, rows.content.textContent, "text/csv");
  });
}

/** Hand a text to the reader as a file. */
function save(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * A figure as a separate file: colours of the light theme on white, explicit fonts.
 * @param {HTMLElement} figure
 * @returns {string}
 */
function standAlone(figure) {
  const svg = figure.querySelector("svg").cloneNode(true);
  const { x, y, width, height: drawn } = svg.viewBox.baseVal;
  // the credit below the drawing
  const cited = figure.querySelector(".findings-cite pre")?.textContent ?? document.title;
  const lines = cited.match(new RegExp(`.{1,${Math.floor(width / 3.6)}}(\\s|$)`, "g")) ?? [];
  const height = drawn + 8 * lines.length + 6;
  svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.removeAttribute("style");
  svg.setAttribute("font-family", "DejaVu Sans, Verdana, Arial, sans-serif");
  const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const title = make("title");
  title.textContent = svg.getAttribute("aria-label");
  const about = make("desc");
  const caption = figure.querySelector("figcaption").cloneNode(true);
  for (const part of caption.querySelectorAll(".tifa-take, .findings-cite")) part.remove();
  about.textContent = `${caption.textContent} ${cited}`;
  const paper = make("rect");
  const box = { x, y, width, height, fill: "#ffffff" };
  for (const [name, value] of Object.entries(box)) paper.setAttribute(name, value);
  svg.prepend(title, about, paper);
  for (const [place, line] of lines.entries()) {
    const credit = make("text");
    credit.textContent = line.trim();
    const where = { x: x + 4, y: y + drawn + 8 * (place + 1), fill: "#5b6470", "font-size": 6.2 };
    for (const [name, value] of Object.entries(where)) credit.setAttribute(name, value);
    svg.append(credit);
  }
  const text = new XMLSerializer().serializeToString(svg);
  // each colour includes its value for the light theme
  return `${text.replaceAll(/var\(--tifa-[a-z]+, *(#[0-9a-f]+)\)/gi, "$1")}\n`;
}

/** A drawing as a picture of points, fit for print. */
async function rasterise(text) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 4 * image.naturalWidth;
  canvas.height = 4 * image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Offer a figure as SVG and PNG. */
function offerFigure(button) {
  const figure = button.closest("figure");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = standAlone(figure);
    const png = button.classList.contains("tifa-png");
    save(button.dataset.name, png ? await rasterise(text) : text, png ? "image/png" : "image/svg+xml");
  });
}

/** Copy a text that stands on the page; where the browser forbids it, select it. */
async function copy(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(place);
    return "Selected: press Ctrl+C";
  }
}

/** Let a citation be copied, or kept as a file. */
function offerCitation(box) {
  const head = box.querySelector(".findings-citation-head");
  const text = box.querySelector("pre");
  const { name, ending, label = head.textContent } = box.dataset;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const offer = (words, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tifa-button";
    button.textContent = words;
    button.addEventListener("click", act);
    head.append(button);
  };
  offer(`Copy ${label}`, async () => (status.textContent = await copy(text)));
  if (ending) offer(`Save as .${ending}`, () => save(`${name}.${ending}`, `${text.textContent}\n`, "text/plain"));
  head.append(status);
}

for (const button of document.querySelectorAll("button.tifa-csv")) offerCsv(button);
for (const button of document.querySelectorAll(".tifa-svg, .tifa-png")) offerFigure(button);
for (const button of document.querySelectorAll(".findings-citation")) offerCitation(button);

// opened from disk, a page cannot load modules or data, but this script runs
if (location.protocol === "file:") {
  for (const note of document.querySelectorAll("[data-from-disk]")) note.hidden = false;
}

// title and search stay at the top of the menu; the list below scrolls to the current page
const menu = document.querySelector(".bd-sidebar-primary");
const items = menu?.querySelector(".sidebar-primary-items__start");
if (items?.children.length > 2) {
  const head = document.createElement("div");
  head.className = "tifa-menu-head";
  head.append(...[...items.children].slice(0, 2));
  items.prepend(head);
  const list = head.nextElementSibling;
  const here = [...list.querySelectorAll(".current.active > a")].pop();
  addEventListener("load", () => {
    const top = (here?.getBoundingClientRect().top ?? 0) - list.getBoundingClientRect().top;
    if (here && (top < 0 || top > list.clientHeight - 30)) list.scrollTop += top - list.clientHeight / 2;
  });
}

// on small screens the top bar shows the title once the heading has scrolled out of view
const bar = document.querySelector(".bd-header-article .header-article-items__start");
const heading = document.querySelector(".bd-article h1");
if (bar && heading) {
  const name = document.createElement("span");
  name.className = "tifa-here";
  name.setAttribute("aria-hidden", "true");
  name.textContent = heading.textContent.replace(/#$/, "");
  bar.after(name);
  new IntersectionObserver(([entry]) =>
    name.classList.toggle("tifa-passed", !entry.isIntersecting && entry.boundingClientRect.top < 60),
  { rootMargin: "-56px 0px 0px 0px" }).observe(heading);
}

// focus the field of the search page
document.querySelector(".bd-search-container input")?.select();

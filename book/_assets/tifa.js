// Small conveniences; every page works without them. The other scripts use makeButton and save.

/** Make a button that says a text, and does something on a click. */
function makeButton(text, kind, act = () => {}) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `tifa-button ${kind}`.trim();
  button.textContent = text;
  button.addEventListener("click", act);
  return button;
}

/** Save a text as a file. */
function save(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Turn a drawing, given its address, into a PNG with enough pixels for print. */
async function rasterise(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 4 * image.naturalWidth;
  canvas.height = 4 * image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Offer a figure as PNG, too. From disk this fails: browsers do not let scripts read such pixels. */
function offerPicture(button) {
  if (location.protocol === "file:") return;
  const drawing = button.parentElement.querySelector('a[href$=".svg"]').href;
  button.hidden = false;
  button.addEventListener("click", async () => {
    save(button.dataset.name, await rasterise(drawing), "image/png");
  });
}

/** Copy a text of the page, or select it if the browser forbids copying. */
async function copy(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(place);
    return "Selected: press Ctrl+C";
  }
}

/** Add buttons that copy a citation or save it as a file. */
function offerCitation(box) {
  const head = box.querySelector(".findings-citation-head");
  const text = box.querySelector("pre");
  const { name, ending, label = head.textContent } = box.dataset;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  head.append(makeButton(`Copy ${label}`, "", async () => (status.textContent = await copy(text))));
  const keep = () => save(`${name}.${ending}`, `${text.textContent}\n`, "text/plain");
  if (ending) head.append(makeButton(`Save as .${ending}`, "", keep));
  head.append(status);
}

/** Show a figure as large as the screen. Without this script, the link leads to the drawing. */
function enlarge(figure) {
  const drawing = figure.querySelector("svg").cloneNode(true);
  drawing.removeAttribute("style"); // the size that it has on the page
  // ids may not occur twice; references find those of the figure on the page
  for (const part of [drawing, ...drawing.querySelectorAll("[id]")]) part.removeAttribute("id");
  const dialog = document.createElement("dialog");
  dialog.className = "tifa-large";
  dialog.setAttribute("aria-label", figure.querySelector(".tifa-number").textContent.replace(/[.,].*/, ""));
  const close = makeButton("Close", "");
  const hint = document.createElement("span");
  hint.textContent = " Tap the drawing to zoom in, and again to zoom out.";
  dialog.append(close, hint, drawing);
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("svg")) return dialog.close();
    const { left, top, width, height } = drawing.getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
    dialog.classList.toggle("tifa-zoomed");
    const now = drawing.getBoundingClientRect();
    dialog.scrollBy(now.left + x * now.width - innerWidth / 2, now.top + y * now.height - innerHeight / 2);
    close.focus({ preventScroll: true }); // the tap took the focus from the button
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (history.state?.enlarged) history.back(); // closed without Back: leave its entry in the history
  });
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const figure = event.target.closest("figure.tifa-figure svg, .tifa-enlarge")?.closest("figure");
  if (!figure?.querySelector(".tifa-enlarge") || !getSelection().isCollapsed) return;
  event.preventDefault();
  history.pushState({ enlarged: figure.id }, ""); // so that Back closes it and does not leave the page
  enlarge(figure);
});
addEventListener("popstate", ({ state }) => {
  document.querySelector("dialog.tifa-large")?.close();
  const figure = state?.enlarged && document.getElementById(state.enlarged);
  if (figure) enlarge(figure);
});

// Back closes a panel that a number, a finding, its mark or a tapped term has opened. To this end a state
// in the history stands for the open panel. If the panel is closed in another way, the state remains: the
// next panel uses it, and Back skips it if no panel is open. Going back at once instead would undo the
// click on a link that has closed the panel.
const PANELS = ".tifa-basis, .tifa-tip[data-tapped]";
const hold = () => {
  if (history.state?.panel) return;
  history.replaceState({ ...history.state, under: true }, "");
  history.pushState({ panel: true }, "");
};
document.addEventListener("toggle", (event) => {
  if (event.newState === "open" && event.target.matches?.(PANELS)) hold();
}, true);
document.addEventListener("click", (event) => {
  event.target.closest(".tifa-close")?.closest("[popover]").hidePopover();
});
addEventListener("popstate", ({ state }) => {
  if (!state?.under) return;
  history.replaceState({ ...state, under: false }, "");
  // the definition of a term is above the panel that the term is in
  const open = [...document.querySelectorAll("[popover]:popover-open")].filter((one) => one.matches(PANELS));
  const top = open.find((one) => one.matches(".tifa-tip")) ?? open[0];
  if (!top) history.back();
  top?.hidePopover();
  if (open.length > 1) hold();
});

for (const button of document.querySelectorAll("button.tifa-png")) offerPicture(button);
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

// Mark in the list of contents where the reader is: at the last heading above a line. The line is a
// third down the screen, and moves to the foot of the screen as the reader reaches the end of the page.
// The theme's own marks miss headings that a turn of the wheel carries past the upper third. The theme
// finds the list by its id, so taking away the id turns its marks off.
const contents = document.querySelector("#pst-page-toc-nav");
if (contents) {
  contents.removeAttribute("id");
  const links = [...contents.querySelectorAll('a[href^="#"]')];
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const mark = () => {
    const left = document.documentElement.scrollHeight - innerHeight - scrollY;
    const line = innerHeight * Math.max(1 / 3, 1 - left / innerHeight);
    const here = headings.findLastIndex((heading) => heading?.getBoundingClientRect().top < line);
    links.forEach((link, place) => {
      link.classList.toggle("active", place === here);
      link.parentElement.classList.toggle("active", link.parentElement.contains(links[here] ?? null));
      if (place === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  for (const kind of ["scroll", "resize"]) addEventListener(kind, () => requestAnimationFrame(mark));
  mark();
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

/** Open the fold to which the address leads, or in which its target is. For an output open the fold
    with its code, unless the target is in a visible figure. */
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target && (target.closest("details") ?? target.closest(".cell")?.querySelector("details.hide"));
  const shown = target?.closest("figure")?.checkVisibility();
  if (!fold || fold.open || shown) return;
  fold.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", reveal);
reveal();
// a link in a panel closes it; if it leads to the current address, the browser sends no hashchange
document.addEventListener("click", (event) => {
  const link = event.target.closest("[popover] a");
  if (!link) return;
  link.closest("[popover]").hidePopover();
  if (link.href === location.href) reveal();
});

// A search result leads to its first match. All other marks are removed outside the article, and in it those
// of words that are very frequent. The theme's own link that removes marks is inline script, which our
// Content-Security-Policy blocks.
const OFTEN = 20;
addEventListener("load", () => setTimeout(() => {
  const link = document.querySelector(".highlight-link a");
  if (!link) return;
  const marks = [...document.querySelectorAll(".highlighted")];
  const seen = marks.filter((mark) => mark.closest(".bd-article") && mark.checkVisibility());
  const section = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const first = seen.find((mark) => section?.contains(mark)) ?? seen[0];
  first?.scrollIntoView({ block: "center" });
  const said = (mark) => mark.textContent.toLowerCase(); // empty for a box in a drawing
  const often = Object.entries(Object.groupBy(seen, said)).filter(([, some]) => some.length > OFTEN);
  const words = new Set(often.flatMap(([word]) => ["", word]));
  for (const mark of marks) {
    if (mark === first || (mark.closest(".bd-article") && !words.has(said(mark)))) continue;
    if (mark.matches("rect")) mark.remove();
    else mark.classList.remove("highlighted");
  }
  const unmark = () => {
    SphinxHighlight.hideSearchWords();
    for (const mark of document.querySelectorAll("rect.highlighted")) mark.remove();
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    unmark();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && unmark());
  if (!seen.length) unmark();
}, 50)); // after Sphinx has set the marks

// focus the field of the search page
document.querySelector(".bd-search-container input")?.select();

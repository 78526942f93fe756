// Let readers sort long tables by any column, and save long tables and all tables of chapters as CSV.
const LONG = 10;

/** The number that a cell starts with, or null: "1,234", "−0.5", "12% (9 to 15)". */
function leadingNumber(text) {
  const found = text.replace("−", "-").match(/^[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?/i);
  return found ? Number(found[0].replaceAll(",", "")) : null;
}

/** Whether a cell has no value. Such rows come last in either order. */
const missing = (text) => text === "" || text === "–" || text === "—";

/**
 * Sort rows by one column.
 * @param {{cells: string[]}[]} rows
 * @param {number} column
 * @param {1 | -1} way 1 for ascending, -1 for descending
 */
function inOrder(rows, column, way) {
  const text = (row) => row.cells[column];
  const there = rows.filter((row) => !missing(text(row)));
  const numbers = there.every((row) => leadingNumber(text(row)) !== null);
  const compare = numbers
    ? (a, b) => leadingNumber(text(a)) - leadingNumber(text(b))
    : (a, b) => text(a).localeCompare(text(b), "en", { numeric: true });
  there.sort((a, b) => way * compare(a, b));
  return [...there, ...rows.filter((row) => missing(text(row)))];
}

const NUMBER = /^[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?%?$/i;

/** A row of a CSV file. Texts that a spreadsheet would take for a formula get an apostrophe. */
function csvRow(cells) {
  return cells
    .map((cell) => (/^[=+\-@\t\r\n＝＋－＠]/u.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell))
    .map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",");
}

const textOf = (cell) => cell.textContent.replaceAll(/\s+/g, " ").trim();

/** Turn headings into buttons that sort: ascending, then descending, then in the order of the page. */
function makeSortable(table, rows) {
  const headings = [...table.tHead.rows[0].cells];
  for (const [column, heading] of headings.entries()) {
    const name = textOf(heading);
    if (!name) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tifa-sort";
    button.title = `Sort by ${name}`;
    button.append(...heading.childNodes);
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      for (const other of headings) other.removeAttribute("aria-sort");
      let order = rows;
      if (now !== "descending") {
        const way = now === "ascending" ? -1 : 1;
        heading.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
        order = inOrder(rows, column, way);
      }
      table.tBodies[0].append(...order.map((row) => row.element));
    });
  }
}

/** Add a button that saves the table as CSV, in the order of the page. */
function offerTable(table, rows, number) {
  const page = location.pathname.split("/").pop().replace(/\.html$/, "") || "table";
  const button = makeButton(`Table (CSV, ${rows.length} rows)`, "", () => {
    const head = [...table.tHead.rows[0].cells].map(textOf);
    const lines = [head, ...rows.map((row) => row.cells)].map(csvRow);
    // with a byte order mark, by which spreadsheets recognise UTF-8
    save(`${page}-table-${number}.csv`, `\uFEFF${lines.join("\n")}\n`, "text/csv");
  });
  const place = table.closest(".tifa-table, .pst-scrollable-table-container") ?? table;
  const caption = place.nextElementSibling?.matches(".tifa-caption") && place.nextElementSibling;
  if (caption) caption.append(" ", button);
  else place.after(button);
}

/** Number of cards that a phone shows of a long table, until the reader asks for all. */
const CARDS = 8;
const phone = matchMedia("(max-width: 767.98px)");

/** Turn the rows of a table that is wider than a phone into cards, with a label for each number. */
function asCards(table) {
  const box = table.closest(".tifa-table, .pst-scrollable-table-container, .output") ?? table.parentElement;
  const narrow = box.scrollWidth <= box.clientWidth + 1 && !table.closest(".findings-index");
  if (narrow || !table.tHead || table.tHead.rows.length > 1) return;
  if (table.querySelector("[rowspan], [colspan]")) return;
  const names = [...table.tHead.rows[0].cells].map(textOf);
  // display: block would remove the table roles
  table.setAttribute("role", "table");
  for (const part of table.querySelectorAll("thead, tbody")) part.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    for (const [place, cell] of [...row.cells].entries()) {
      const heads = cell.tagName === "TH" && row.parentElement.tagName === "THEAD";
      cell.setAttribute("role", heads ? "columnheader" : "cell");
      if (!heads && names[place]) cell.dataset.label = names[place];
      cell.classList.toggle("tifa-long", cell.textContent.length > 34);
    }
  }
  table.classList.add("tifa-cards");
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  if (rows.length <= CARDS + 2) return;
  for (const row of rows.slice(CARDS)) row.classList.add("tifa-more");
  const button = makeButton(`Show all ${rows.length} rows`, "tifa-all-rows", () => {
    for (const row of rows) row.classList.remove("tifa-more");
    button.remove();
  });
  box.append(button);
}

/** On a phone, check the width of all tables; a table in a closed fold has none until it opens. */
function lookAtTables() {
  if (!phone.matches) return;
  for (const table of document.querySelectorAll(".bd-article table:not(.tifa-cards, .tx table)")) {
    if (table.offsetParent) asCards(table);
  }
}

let count = 0;
for (const table of document.querySelectorAll(".bd-article table")) {
  const [head, body] = [table.tHead, table.tBodies[0]];
  count += 1;
  const long = body?.rows.length > LONG;
  if (head?.rows.length !== 1 || !(long || table.closest(".cell_output .tifa-table"))) continue;
  if (table.querySelector("[rowspan], [colspan]")) continue;
  const rows = [...body.rows].map((element) => ({ element, cells: [...element.cells].map(textOf) }));
  if (long) makeSortable(table, rows);
  offerTable(table, rows, count);
}

lookAtTables(); // after the buttons are there, which make tables wider
phone.addEventListener("change", lookAtTables);
document.addEventListener("toggle", lookAtTables, true);

// Search results quote the prose of a page: not its code, its buttons or its list of contents.
const NOT_QUOTED = "details.hide, .cell_input, div.highlight, button, template, .findings-cite, .tx, figure svg, nav, " +
  "#jb-print-docs-body, .bd-header-article, .tifa-basis, .tifa-values, .tifa-box > summary";
const BLOCKS = "p, li, dt, dd, td, th, h1, h2, h3, h4, figcaption, summary, div";
const readPage = Search.htmlToText;

Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll(NOT_QUOTED)) part.remove();
  // without a space the last word of a block would join the first of the next
  for (const block of page.querySelectorAll(BLOCKS)) block.append(" ");
  return readPage(page.documentElement.outerHTML, anchor);
};

// rank the library's reference below the pages that are written for readers
Scorer.score = ([page, , , , score]) => (page.startsWith("book/library") ? score - 100 : score);

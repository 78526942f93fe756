// Search results quote the prose of a page, not its code or its buttons.
const NOT_QUOTED = ".cell_input, div.highlight, button, template, .findings-cite, .tx, figure svg";
const readPage = Search.htmlToText;

Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll(NOT_QUOTED)) part.remove();
  return readPage(page.documentElement.outerHTML, anchor);
};

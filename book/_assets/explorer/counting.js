// A Web Worker: counts texts of a reader's own, while the page stays free and can stop it.

import { tally } from "./own.js";

addEventListener("message", ({ data: { texts, book, most } }) => {
  for (const text of texts) postMessage(tally(text, book, most));
});

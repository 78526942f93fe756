// Sorting and saving tables. The script is not a module, so it is run like in a page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { createContext, runInContext } from "node:vm";

const source = new URL("../../book/_assets/tables.js", import.meta.url);
const page = createContext({ 
  document: { querySelectorAll: () => [], addEventListener() {} },
  matchMedia: () => ({ matches: false, addEventListener() {} }),
});
runInContext(readFileSync(source, "utf8"), page);

test("no cell is computed by a spreadsheet, and numbers stay numbers", () => {
  for (const cell of ["=1+1", "+1+A1", "-2-cmd", "@sum", "-0.5 or so", "＝1"]) {
    assert.equal(page.csvRow([cell]), `'${cell}`);
  }
  for (const cell of ["-0.5", "+3", "-1.2e-3", "12%", "-12%", "1999", "a-b", "−0.5", ""]) {
    assert.equal(page.csvRow([cell]), cell);
  }
  assert.equal(page.csvRow(["1,234", 'say "x"']), '"1,234","say ""x"""');
});

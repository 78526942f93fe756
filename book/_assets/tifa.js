// Small conveniences; every page is whole without them.

/** Offer the rows under a figure as a CSV file. */
function offerCsv(button) {
  const rows = button.parentElement?.querySelector("template.tifa-csv-rows");
  if (!rows) return;
  button.hidden = false;
  button.addEventListener("click", () => {
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
function offerCitation(button) {
  const box = button.closest(".tifa-citation");
  const text = box.querySelector("pre");
  const status = box.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (button.dataset.act === "copy") status.textContent = await copy(text);
    else save(`${box.dataset.name}.${button.dataset.ending}`, `${text.textContent}\n`, "text/plain");
  });
}

for (const button of document.querySelectorAll("button.tifa-csv")) offerCsv(button);
for (const button of document.querySelectorAll(".tifa-citation button")) offerCitation(button);

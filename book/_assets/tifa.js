// Small conveniences; every page is whole without them.

/** Offer the rows under a figure as a CSV file. */
function offerCsv(button) {
  const rows = button.parentElement?.querySelector("template.tifa-csv-rows");
  if (!rows) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const blob = new Blob([rows.content.textContent], { type: "text/csv" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = button.dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

for (const button of document.querySelectorAll("button.tifa-csv")) offerCsv(button);

// Show where a number in the text comes from, on a click or a tap: its entry in the list at the end
// of the page, which has the same without this script.

const box = document.createElement("div");
box.popover = "auto";
box.className = "tifa-basis";
document.body.append(box);

document.addEventListener("click", (event) => {
  const number = event.target.closest(".findings-value");
  const of = number?.dataset.from;
  const entry = of && document.querySelector(`.tifa-values [data-of="${of}"]`)?.closest("li").cloneNode(true);
  // a finding that is named in the text opens its own panel
  if (!entry || event.target.closest("button") || !box.showPopover || !getSelection().isCollapsed) return;
  for (const other of entry.querySelectorAll(`[data-of]:not([data-of~="${of}"])`)) other.remove();
  const close = document.createElement("button");
  close.type = "button";
  close.className = "tifa-button tifa-close";
  close.textContent = "Close";
  box.replaceChildren(close, ...entry.childNodes);
  box.showPopover({ source: number });
});

// browsers close a popover by Escape only where the focus is in it or on what opened it
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && box.showPopover && box.matches(":popover-open")) box.hidePopover();
});

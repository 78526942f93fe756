// On a click or a tap, show where a number in the text comes from. This is its entry in the list at the
// end of the page, which readers without scripts can open there.

const box = document.createElement("div");
box.popover = "auto";
box.className = "tifa-basis";
document.body.append(box);

document.addEventListener("click", (event) => {
  const number = event.target.closest(".findings-value");
  const of = number?.dataset.from;
  const entry = of && document.querySelector(`.tifa-values [data-of="${of}"]`)?.closest("li").cloneNode(true);
  // a finding named inside the number opens its own panel
  if (!entry || event.target.closest("button") || !box.showPopover || !getSelection().isCollapsed) return;
  for (const other of entry.querySelectorAll(`[data-of]:not([data-of~="${of}"])`)) other.remove();
  box.replaceChildren(makeButton("Close", "tifa-close"), ...entry.childNodes);
  box.showPopover({ source: number });
});

// on Escape, browsers close a popover only if the focus is in it or on the element that opened it
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && box.showPopover && box.matches(":popover-open")) box.hidePopover();
});

// Show the definition of a term on hover, on focus and on the first tap. Escape closes it, and it stays
// open under the pointer (WCAG 1.4.13). Without this script, the term links to the glossary.

const GAP = 6;
const WAIT = 150; // milliseconds in which the pointer may cross the gap

/** The box that shows a definition; there is one on the page. */
function makeBox() {
  const box = document.createElement("div");
  box.className = "tifa-tip";
  box.popover = "manual"; // a popover is shown above the panel of a finding, if the term is in one
  document.body.append(box);
  return box;
}

/**
 * Position of a box: below its word, or above if it does not fit there, and within the page.
 * @param {{left: number, top: number, bottom: number}} word pixels, in the window
 * @param {{width: number, height: number}} box
 * @param {{width: number, height: number, edge: number}} page size of the window, and margin
 */
export function place(word, box, page) {
  const left = Math.min(Math.max(word.left, page.edge), page.width - box.width - page.edge);
  const below = word.bottom + GAP;
  const fits = below + box.height <= page.height;
  const above = word.top - GAP - box.height;
  return { left: Math.max(left, page.edge), top: fits || above < 0 ? below : above };
}

export function start(root = document) {
  const terms = [...root.querySelectorAll("a.tifa-term")];
  if (!terms.length) return;
  const box = makeBox();
  let shown = null;
  let leaving = 0;
  let touched = false;

  const hide = () => {
    clearTimeout(leaving);
    box.hidePopover();
    shown = null;
  };
  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, WAIT);
  };
  const show = (term) => {
    clearTimeout(leaving);
    const said = document.getElementById(term.getAttribute("aria-describedby"));
    if (!said) return;
    shown = term;
    box.replaceChildren(...[...said.childNodes].map((n) => n.cloneNode(true)));
    if (touched) {
      const more = document.createElement("a");
      more.href = term.href;
      more.textContent = "In the glossary";
      more.className = "tifa-tip-more";
      box.prepend(makeButton("Close", "tifa-close"));
      box.append(" ", more);
    }
    box.toggleAttribute("data-tapped", touched); // by which tifa.js knows that Back closes it
    box.hidePopover(); // and shown again, above a panel that may have opened since
    box.showPopover();
    // if a term is broken over two lines, the tooltip is next to its first part
    const { left, top, bottom } = term.getClientRects()[0];
    const page = {
      width: document.documentElement.clientWidth,
      height: document.documentElement.clientHeight,
      edge: 8,
    };
    const at = place({ left, top, bottom }, box.getBoundingClientRect(), page);
    box.style.left = `${at.left + scrollX}px`;
    box.style.top = `${at.top + scrollY}px`;
  };

  for (const term of terms) {
    term.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") {
        touched = false;
        show(term);
      }
    });
    term.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
    term.addEventListener("pointerdown", (event) => {
      touched = event.pointerType !== "mouse";
    });
    term.addEventListener("focus", () => !touched && show(term));
    term.addEventListener("blur", () => !touched && leave());
    term.addEventListener("click", (event) => {
      if (!touched) return;
      event.preventDefault();
      if (shown === term) hide();
      else show(term);
    });
  }
  box.addEventListener("toggle", ({ newState }) => {
    if (newState === "closed") shown = null;
  });
  box.addEventListener("pointerenter", () => clearTimeout(leaving));
  box.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    event.stopPropagation();
    event.preventDefault(); // keep the panel around the term open
    hide();
  });
  document.addEventListener("pointerdown", (event) => {
    if (shown && !box.contains(event.target) && !event.target.closest?.("a.tifa-term")) hide();
  });
  addEventListener("resize", hide);
}

if (typeof document !== "undefined") start();

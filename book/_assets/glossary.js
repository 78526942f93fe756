// Show the definition of a term on hover, on focus and on the first tap. Escape closes it, it stays
// open under the pointer (WCAG 1.4.13), and without this script the term links to the glossary.

const GAP = 6;
const WAIT = 150; // milliseconds in which the pointer may cross the gap

/** The box that shows a definition; there is one on the page. */
function makeBox() {
  const box = document.createElement("div");
  box.className = "tifa-tip";
  box.popover = "manual"; // above a panel that has the term
  document.body.append(box);
  return box;
}

/** Where a box of some width stands, so that a page of some width shows all of it. */
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
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = "Close";
      close.className = "tifa-button tifa-close";
      box.prepend(close);
      box.append(" ", more);
    }
    box.toggleAttribute("data-tapped", touched); // so that Back closes it
    box.hidePopover(); // a panel may have opened since
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
    event.preventDefault(); // a panel stays open
    hide();
  });
  document.addEventListener("pointerdown", (event) => {
    if (shown && !box.contains(event.target) && !event.target.closest?.("a.tifa-term")) hide();
  });
  addEventListener("resize", hide);
}

if (typeof document !== "undefined") start();

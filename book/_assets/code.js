// One switch for all code of a chapter; the choice also applies to the next chapter.
const folds = [...document.querySelectorAll(".bd-article .cell > details.hide")];
const KEY = "tifa-code";

/** Open or close every fold. */
function showCode(open) {
  for (const fold of folds) fold.open = open;
}

/** The switch says what it does next. */
function say(button) {
  const verb = folds.every((fold) => fold.open) ? "Hide" : "Show";
  button.textContent = `${verb} all code (${folds.length} cells)`;
}

if (folds.length > 1) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tifa-button tifa-code-switch";
  button.addEventListener("click", () => {
    const open = !folds.every((fold) => fold.open);
    showCode(open);
    try {
      localStorage.setItem(KEY, open ? "open" : "");
    } catch {
      // without storage the switch only works on this page
    }
  });
  for (const fold of folds) fold.addEventListener("toggle", () => say(button));
  const box = document.querySelector(".bd-article .tifa-box");
  if (box) box.after(button);
  else folds[0].closest(".cell").before(button);
  let kept = "";
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    kept = "";
  }
  // keep the target of the address in view
  if (kept === "open" && !location.hash) showCode(true);
  say(button);
}

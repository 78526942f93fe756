// One button that shows or hides all code of a chapter.
const folds = [...document.querySelectorAll(".bd-article .cell > details.hide")];

/** Label the button with what a click will do. */
function say(button) {
  const verb = folds.every((fold) => fold.open) ? "Hide" : "Show";
  button.textContent = `${verb} all code (${folds.length} cells)`;
}

if (folds.length > 1) {
  const button = makeButton("", "tifa-code-switch", () => {
    const open = !folds.every((fold) => fold.open);
    for (const fold of folds) fold.open = open;
  });
  for (const fold of folds) fold.addEventListener("toggle", () => say(button));
  const box = document.querySelector(".bd-article .tifa-box");
  if (box) box.after(button);
  else folds[0].closest(".cell").before(button);
  say(button);
}

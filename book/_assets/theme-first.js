// Apply the reader's choice of light or dark before the first paint.
for (const name of ["mode", "theme"]) {
  document.documentElement.dataset[name] = localStorage.getItem(name) || "auto";
}

// The phrasebook: filter entries by the input; on a phone, details open on demand.
const entries = [...document.querySelectorAll(".tifa-entry")];

/** A text as it is compared: no accents, full-width letters as others, hyphens as spaces. */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[-\u2010\u2011\s]+/gu, " ").trim();
}

/** The line to type in, and what it does. */
function offerFilter() {
  const texts = entries.map((entry) => plain(entry.textContent));
  const families = [...new Set(entries.map((entry) => entry.closest("section")))];
  const form = document.createElement("form");
  form.className = "tifa-filter";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter the phrasebook");
  const field = document.createElement("input");
  field.type = "search";
  field.id = "tifa-filter";
  field.autocomplete = "off";
  field.spellcheck = false;
  const label = document.createElement("label");
  label.htmlFor = field.id;
  label.textContent = "Find an entry, in English, Chinese or pinyin";
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  form.append(label, field, said);
  families[0].before(form);

  const show = () => {
    const sought = plain(field.value);
    let shown = 0;
    entries.forEach((entry, place) => {
      entry.hidden = !texts[place].includes(sought);
      if (!entry.hidden) shown += 1;
    });
    for (const family of families) family.hidden = !family.querySelector(".tifa-entry:not([hidden])");
    said.textContent = sought ? `${shown} of ${entries.length} entries` : `${entries.length} entries`;
    if (!shown) {
      const link = document.createElement("a");
      link.href = `explorer.html?q=${encodeURIComponent(field.value.trim())}`;
      link.textContent = "Look it up as a phrase";
      said.append(". ", link);
    }
  };
  field.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  // a link to an entry shows it even if it is filtered out
  addEventListener("hashchange", () => {
    const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!entry?.closest(".tifa-entry[hidden], section[hidden]")) return;
    field.value = "";
    show();
    entry.scrollIntoView();
  });
  show();
}

/** On a phone an entry is its name and what it means; the rest opens. */
function fold(entry) {
  const more = [...entry.children].slice(2);
  if (!more.length || entry.querySelector(".tifa-entry-more")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tifa-button tifa-entry-more";
  const set = (open) => {
    for (const part of more) part.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Less" : "Counts and wordings";
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  more[0].before(button);
  set(`#${entry.id}` === location.hash);
}

if (entries.length) {
  offerFilter();
  const narrow = matchMedia("(max-width: 767.98px)");
  const foldAll = () => {
    if (narrow.matches) entries.forEach(fold);
  };
  narrow.addEventListener("change", foldAll);
  foldAll();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

// On the pages of the phrasebook and of the ledger: filter the entries by what the reader types. On a
// phone, details of the phrasebook open on demand.
const entries = [...document.querySelectorAll(".tifa-entry, .findings-entry")];
const phrasebook = Boolean(entries[0]?.matches(".tifa-entry"));

/** Normalise a text for comparison: no accents or capitals, no full-width letters, spaces for hyphens. */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[-\u2010\u2011\s]+/gu, " ").trim();
}

/** The same without spaces and punctuation, because pinyin may be typed with or without them. */
const joined = (text) => plain(text).replace(/[^\p{L}\p{N}]/gu, "");

/** Words by which a finding is found, too, if its text or the name of one of its tables fits the pattern. */
const SYNONYMS = [
  [/\b(un|ungdc|united nations|general debates?)\b/, "un united nations general debates"],
  [/\b(xwlb|cctv|evening news)\b/, "cctv evening news"],
  [/\b(reports zh|state s? ?reports|reports of government|parliament|premiers)\b/, "parliament government party report"],
  [/\b(join|enter|member|accession)/, "joined entered member"],
];

/** The text of a finding that is searched: its sentences, chapter and tables, and synonyms of these. */
function findingText(entry) {
  const source = [...entry.querySelectorAll(".findings-source")].find((fold) => fold.querySelector("code"));
  const parts = [...entry.querySelectorAll(":scope > p:not(.findings-strip)"), ...(source ? [source] : [])];
  const said = plain(parts.map((part) => part.textContent).join(" ")
    .replace(/\(SHA-256 \w+\)|Software:.*|Code and files/g, " ").replace(/[’']/g, " "));
  return `${said} ${SYNONYMS.filter(([some]) => some.test(said)).map(([, more]) => more).join(" ")}`;
}

/** Whether a text contains every typed word, at the beginning of a word. A typed word of one or two
    letters, or in capitals, must be a whole word. */
function hasAll(text, typed) {
  return (typed.match(/[\p{L}\p{M}\p{N}]+(?:\.\p{N}+)*/gu) ?? []).every((word) => {
    const sought = plain(word);
    if (/\p{Script=Han}/u.test(word)) return text.includes(sought);
    const whole = word.length < 3 || /^\p{Lu}+$/u.test(word) ? "(?![\\p{L}\\p{N}])" : "";
    return new RegExp(`(?<![\\p{L}\\p{N}])${sought.replaceAll(".", "\\.")}${whole}`, "u").test(text);
  });
}

/** Names of an entry of the phrasebook: the label, its parts outside and inside of brackets, Chinese, pinyin. */
function namesOf(entry) {
  const head = entry.querySelector(".tifa-entry-head");
  const label = head.querySelector("strong").textContent;
  const chinese = head.querySelector("[lang]");
  const [, outside, inside = ""] = /^([^(]*)(?:\(([^)]*)\))?/.exec(label);
  return [label, outside, inside, chinese?.textContent ?? "", chinese?.nextSibling?.textContent ?? ""].map(plain);
}

/** Add the search field, which filters the entries. */
function offerFilter() {
  const texts = entries.map((entry) => (phrasebook ? plain(entry.textContent) : findingText(entry)));
  const heads = phrasebook ? entries.map((entry) => joined(entry.firstElementChild.textContent)) : [];
  const names = phrasebook ? entries.map(namesOf) : [];
  const title = document.querySelector(".bd-article h1");
  const whole = title.closest("section");
  const families = [...new Set(entries.map((entry) => entry.closest("section")))].filter((s) => s !== whole);
  const form = document.querySelector("form.tifa-filter"); // empty; the style sheet reserves its space
  form.setAttribute("aria-label", phrasebook ? "Filter the phrasebook" : "Filter the findings");
  const field = document.createElement("input");
  field.type = "search";
  field.id = "tifa-filter";
  field.autocomplete = "off";
  field.spellcheck = false;
  const label = document.createElement("label");
  label.htmlFor = field.id;
  label.textContent = phrasebook
    ? "Find an entry, in English, Chinese or pinyin" : "Find a finding by a word or a number";
  field.placeholder = label.textContent.split(",")[0]; // on a phone the label scrolls away
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  form.append(label, field, said);
  // entries whose name is typed move here, before all others; a comment node marks the place of each
  const first = document.createElement("div");
  if (phrasebook) form.after(first);
  const homes = new Map();
  const kept = new Set([title, form, first, ...families, ...entries]);
  const about = [...whole.children].filter((part) => !kept.has(part));

  const gone = entries.filter((entry) => entry.firstElementChild.textContent.endsWith(", withdrawn")).length;
  const all = phrasebook ? `${entries.length} entries`
    : `${entries.length - gone} findings and ${gone} withdrawn`;
  const show = () => {
    const sought = plain(field.value);
    const run = joined(field.value);
    let shown = 0;
    entries.forEach((entry, place) => {
      entry.hidden = phrasebook
        ? !texts[place].includes(sought) && !(run && heads[place].includes(run))
        : !hasAll(texts[place], field.value);
      if (!entry.hidden) shown += 1;
    });
    for (const [entry, home] of homes) home.replaceWith(entry);
    homes.clear();
    const named = (same) => entries.filter((entry, place) => sought && names[place]?.some(same));
    const best = [...named((name) => name === sought), ...named((name) => name.startsWith(sought))];
    for (const entry of new Set(best)) {
      const home = document.createComment("");
      entry.replaceWith(home);
      homes.set(entry, home);
      first.append(entry);
    }
    for (const part of about) part.hidden = Boolean(sought);
    for (const family of families) family.hidden = !family.querySelector(".tifa-entry:not([hidden])");
    said.textContent = sought ? `${shown} of ${phrasebook ? all : entries.length}` : all;
    if (!shown && phrasebook) {
      const link = document.createElement("a");
      link.href = `explorer.html?q=${encodeURIComponent(field.value.trim())}`;
      link.textContent = "Look it up as a phrase";
      said.append(". ", link);
    }
  };
  field.addEventListener("input", () => {
    show();
    title.scrollIntoView(); // the results begin below the field
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // a link to an entry shows it even if it is filtered out
  addEventListener("hashchange", () => {
    const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!entry?.closest(":is(.tifa-entry, .findings-entry, section)[hidden]")) return;
    field.value = "";
    show();
    entry.scrollIntoView();
  });
  show();
}

/** Show only the name and the meaning of an entry, and a button that opens the rest. */
function fold(entry) {
  const more = [...entry.children].slice(2);
  if (!more.length || entry.querySelector(".tifa-entry-more")) return;
  const turn = () => set(button.getAttribute("aria-expanded") !== "true");
  const button = makeButton("", "tifa-entry-more", turn);
  const set = (open) => {
    for (const part of more) part.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Less" : "Counts and wordings";
  };
  more[0].before(button);
  entry.classList.add("tifa-folds");
  set(`#${entry.id}` === location.hash);
}

if (entries.length) {
  offerFilter();
  const narrow = matchMedia("(max-width: 767.98px)");
  const foldAll = () => {
    if (phrasebook && narrow.matches) entries.forEach(fold);
  };
  narrow.addEventListener("change", foldAll);
  foldAll();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

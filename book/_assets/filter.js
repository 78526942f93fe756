// Phrasebook and ledger: filter entries by the input; on a phone, details of the phrasebook open on
// demand.
const entries = [...document.querySelectorAll(".tifa-entry, .findings-entry")];
const phrasebook = Boolean(entries[0]?.matches(".tifa-entry"));

/** A text as it is compared: no accents, full-width letters as others, hyphens as spaces. */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[-\u2010\u2011\s]+/gu, " ").trim();
}

/** The same without spaces and signs, in which pinyin may be typed. */
const joined = (text) => plain(text).replace(/[^\p{L}\p{N}]/gu, "");

/** Other words for what a finding is about, where it has one of them or a table of that name. */
const SYNONYMS = [
  [/\b(un|ungdc|united nations|general debates?)\b/, "un united nations general debates"],
  [/\b(xwlb|cctv|evening news)\b/, "cctv evening news"],
  [/\b(reports zh|state s? ?reports|reports of government|parliament|premiers)\b/, "parliament government party report"],
  [/\b(join|enter|member|accession)/, "joined entered member"],
];

/** What a finding is looked up by: its sentences, chapter and tables, and other words for these. */
function findingText(entry) {
  const source = [...entry.querySelectorAll(".findings-source")].find((fold) => fold.querySelector("code"));
  const parts = [...entry.querySelectorAll(":scope > p:not(.findings-strip)"), ...(source ? [source] : [])];
  const said = plain(parts.map((part) => part.textContent).join(" ")
    .replace(/\(SHA-256 \w+\)|Software:.*|Code and files/g, " ").replace(/[’']/g, " "));
  return `${said} ${SYNONYMS.filter(([some]) => some.test(said)).map(([, more]) => more).join(" ")}`;
}

/** Whether a text has all words that are typed, each as the beginning of a word; short ones, and those
    in capitals, as a whole word. */
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

/** The line to type in, and what it does. */
function offerFilter() {
  const texts = entries.map((entry) => (phrasebook ? plain(entry.textContent) : findingText(entry)));
  const heads = phrasebook ? entries.map((entry) => joined(entry.firstElementChild.textContent)) : [];
  const names = phrasebook ? entries.map(namesOf) : [];
  const title = document.querySelector(".bd-article h1");
  const whole = title.closest("section");
  const families = [...new Set(entries.map((entry) => entry.closest("section")))].filter((s) => s !== whole);
  const form = document.querySelector("form.tifa-filter"); // empty, but its room is kept
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
  // entries whose name is typed, before all others; each leaves a mark where it belongs
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

// A small invented explorer in memory: four years from 2001, no speech in 2003.

const ALPHABET = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i))
  .filter((c) => !'"\\'.includes(c)).join("");
const CELLS = [[1, 1], [2, 1]];

/** Numbers below 89. */
const small = (...numbers) => numbers.map((n) => ALPHABET[n]).join("");

/** Four years of [occurrences, speeches]; 0 where there is none. */
function years(...cells) {
  return cells.slice(0, cells.findLastIndex(Boolean) + 1).map((cell) => {
    if (cell === 0) return ALPHABET[0];
    const at = CELLS.findIndex(([n, docs]) => n === cell[0] && docs === cell[1]);
    if (at >= 0) return ALPHABET[28 + at];
    return ALPHABET[91] + small(cell[1], cell[0] - cell[1]);
  }).join("");
}

/** Four years of [documents, words]. */
function bases(...pairs) {
  const number = (n) => {
    if (n < 89) return ALPHABET[n];
    const digits = n < 92 ** 2 ? 2 : 3;
    let written = "";
    for (let left = digits, rest = n; left > 0; left -= 1, rest = Math.floor(rest / 92)) {
      written = ALPHABET[rest % 92] + written;
    }
    return ALPHABET[89 + digits - 2] + written;
  };
  return pairs.flat().map(number).join("");
}

export const FILES = {
  "1/0.json": {
    boat: `${years([1, 1], [9, 4], 0, [2, 1])} ${small(1, 9, 0, 3)} ${small(4, 1)}`,
    "boat's": `${years(0, 0, 0, [1, 1])} ${small(0, 1)} ${small(1, 1)}`,
    boats: `${years(0, [2, 1], 0, 0)} ${small(0, 2)}`,
    buoy: `${years([6, 5], 0, 0, 0)} ${small(0, 6)} ${small(2, 1)} ${years([1, 1], 0, 0, [5, 2])}`,
    buoy99: `   ${years([1, 1], 0, 0, 0)}`,
  },
  "1/1.json": { harbour: `${years([5, 3], 0, 0, 0)} ${small(0, 5)}`, of: years([9, 5], 0, 0, 0), quay: `  ${small(2, 1)}` },
  "2/0.json": {
    "boat race": `${years([1, 1], [2, 1], 0, 0)} ${small(0, 3)}`,
    "boat races": `${years([1, 1], 0, 0, 0)} ${small(0, 1)}`,
  },
  "entry/lake-spirit.json": {
    of: "lake-spirit",
    years: years([1, 1], 0, 0, [2, 1]),
    countries: small(0, 3),
    places: small(2, 1),
    variants: [[["lake spirit"], 2, 1], [["spirit of the lake"], 1, 1]],
    chinese: [[["湖泊精神", "湖(泊|)之(精|)神"], 4]],
    speakers: [years([1, 1], 0, 0, 0), years(0, 0, 0, [2, 1])],
    rooms: [years([3, 2], 0, 0, [1, 1])],
  },
  "entry/mist.json": {
    of: "mist",
    years: years([3, 2], 0, 0, [4, 2]), countries: small(0, 3), places: small(0, 0),
    variants: [[["mist at the quay"], 3, 0], [["(morning|evening) mist"], 4, 0]],
    chinese: [], speakers: [years([3, 2], 0, 0, 0), years(0, 0, 0, [4, 2])], rooms: [""],
    doubt: "Most hits are weather.",
  },
  "entry/calm.json": {
    of: "calm",
    years: "", countries: "", places: small(0, 0), variants: [[["calm", "c?lm"], 0, 0]],
    chinese: [], speakers: ["", ""], rooms: [""], kin: ["lake-spirit"],
  },
  "entry/dusk.json": {
    of: "dusk",
    years: "", countries: "", places: small(0, 0), variants: [], chinese: [[["黄昏"], 2]],
    speakers: ["", ""], rooms: [years([3, 2], 0, 0, 0)], kin: ["lake-spirit"],
  },
  "country/BBB.json": {
    of: "BBB",
    before: [["Old Beland", 2001, 2001]],
    groups: small(2, 2, 0, 2),
    years: bases([2, 200], [2, 200], [0, 0], [1, 100]),
    entries: { "lake-spirit": years(0, 0, 0, [2, 1]) },
  },
  "zh/0.json": { 湖泊: years([5, 4], 0, 0, [1, 1]) },
  "sections/1.json": { of: "1", starts: "|h", sizes: small(5, 3) },
  "sections/2.json": { of: "2", starts: "", sizes: small(2) },
  "sections/3.json": { of: "3", starts: "", sizes: small(1) },
  "sections/4.json": { of: "4", starts: null, sizes: "" },
  "sections/zh.json": { of: "zh", starts: "", sizes: small(1) },
  "3/0.json": { "boat race day": years([5, 5], 0, 0, 0) },
  "suggest.json": { ends: { b: ["oat", "uoy"] } },
  "phrasebook.json": {
    entries: [
      [[[["lake spirit"], ["湖泊精神", "湖(泊|)之(精|)神"]], [["spirit of the lake"], []]], ["大湖泊精神"]],
      [[[["calm", "c?lm"], []]], []],
      [[[["dusk"], ["黄昏"]]], []],
      [[[["mist at the quay"], []], [["(morning|evening) mist"], []]], []],
    ],
    controls: [],
    simplified: { 與: "与" },
  },
  "simplified.json": { from: "與黃潟", to: "与黄泊" },
};

export const INDEX = {
  format: 7,
  first: 2001,
  last: 2004,
  years: bases([10, 1000], [20, 4000], [0, 0], [5, 500]),
  cells: CELLS,
  countries: "AAA Aland|BBB Beland",
  spoken: bases([20, 3000], [15, 2500]),
  places: [["The Ferry News", 1, 100]],
  rooms: [{
    id: "quay-zh", label: "The quay", language: "zh", first: 2001, last: 2004,
    years: bases([4, 400], [4, 400], [0, 0], [2, 200]), words: true, least: 5,
  }],
  speakers: [
    ["Aland", bases([1, 100], [1, 100], [0, 0], [0, 0])],
    ["all others", bases([9, 900], [19, 3900], [0, 0], [5, 500])],
  ],
  least: { word: 5, ngram: 40, top: 10 },
  wildcard: 3,
  entries: [
    ["lake-spirit", "Lake Spirit (LS)", "湖泊精神", "hupo jingshen", "lake spirit"],
    ["", "calm", "", ""],
    ["dusk", "dusk", "黄昏", "huanghun"],
    ["", "mist", "", ""],
  ],
  wordings: ["!!!harbour|!!!spirit of the lake", "", "", "!!!(evening/morning) mist|!&! at the quay|!&!* over (the/a) pi?r"],
};

/**
 * The files of the explorer, and a list of those that were requested.
 * @param {Record<string, any>} [changed] files with other content, such as damaged ones
 * @returns {{fetchJson: (name: string) => Promise<any>, asked: string[]}}
 */
export function files(changed = {}) {
  const asked = [];
  return {
    asked,
    async fetchJson(name) {
      asked.push(name);
      if (Object.hasOwn(changed, name)) return structuredClone(changed[name]);
      if (name === "index.json") return structuredClone(INDEX);
      if (!Object.hasOwn(FILES, name)) throw new Error(`${name}: 404`);
      return structuredClone(FILES[name]);
    },
  };
}

/**
 * Reproducible random numbers from 0 to 1 (mulberry32).
 * @param {number} seed
 */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// The model of the sentence map: descriptions of sentences, and keyboard navigation.

/**
 * Read the sentences from the rows of the table, by report.
 * @param {object[]} rows as the library wrote them, in their order
 */
export function readReports(rows) {
  const reports = [];
  for (const row of rows) {
    let report = reports.find((r) => r.name === row.report);
    if (!report) reports.push((report = { name: row.report, sentences: [] }));
    report.sentences.push(row);
  }
  return reports;
}

/** Two letters for each label, all different. */
export function shorten(labels) {
  const taken = new Set();
  return labels.map((label) => {
    const letters = label.replaceAll(/[^\p{L}]/gu, "");
    let short = letters.slice(0, 2);
    for (let n = 2; taken.has(short) && n < letters.length; n += 1) short = letters[0] + letters[n];
    taken.add(short);
    return short;
  });
}

const list = (things, none = "none") => (things.length ? things.join(", ") : none);

/** The partners of a sentence, in words; other is the name of the other report. */
export function partnersSaid(sentence, other) {
  if (!sentence.partners.length) return `no sentence of ${other}`;
  const said = sentence.partners.map(([n, how, doubt]) => `${n} ${how}${doubt ? ", in doubt" : ""}`);
  return `${other}, sentence ${said.join("; ")}`;
}

/** What is known of a sentence, as pairs of a name and a value. */
export function facts(sentence, other) {
  return [
    ["Words", String(sentence.words)],
    ["Frames, by both annotators", list(sentence.frames)],
    ["Frames, by the dictionary", list(sentence.dictionary)],
    ["Formulations", list(sentence.formulas)],
    ["Voice", sentence.voice],
    ["Partner in", partnersSaid(sentence, other)],
  ];
}

/** The same in one line, for screen readers; it begins with the number that the page shows. */
export function said(sentence, report, other) {
  return [
    `${sentence.sentence}, ${report}, ${sentence.words} words`,
    `Frames: ${list(sentence.frames)}`,
    `Formulations: ${list(sentence.formulas)}`,
    `Voice: ${sentence.voice}`,
    `Partner in ${partnersSaid(sentence, other)}`,
  ].join(". ");
}

/**
 * The sentence that a key moves to.
 * @param {object[]} reports
 * @param {{report: number, row: number}} at the current sentence, counted from 0
 * @param {string} key
 * @returns {{report: number, row: number} | null} null where the key means nothing here
 */
export function move(reports, at, key) {
  const last = reports[at.report].sentences.length - 1;
  const within = {
    ArrowUp: Math.max(at.row - 1, 0),
    ArrowDown: Math.min(at.row + 1, last),
    Home: 0,
    End: last,
  };
  if (Object.hasOwn(within, key)) return { report: at.report, row: within[key] };
  const sides = { ArrowLeft: 0, ArrowRight: 1 };
  const to = Object.hasOwn(sides, key) ? sides[key] : undefined;
  if (to === undefined) return null;
  if (to === at.report) return at;
  // to the other report: the first partner, else the sentence at the same height
  const [partner] = reports[at.report].sentences[at.row].partners;
  const row = partner
    ? reports[to].sentences.findIndex((s) => s.sentence === partner[0])
    : Math.min(at.row, reports[to].sentences.length - 1);
  return { report: to, row: Math.max(row, 0) };
}

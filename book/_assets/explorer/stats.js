// Shares with Wilson intervals, rates, and sums of counts by year.

/** Quantile of the normal distribution for 95%. */
const Z = 1.959963984540054;

/**
 * Wilson score interval of a share (Wilson 1927, JASA 22(158), 209-212).
 * @param {number} n
 * @param {number} of
 * @returns {{share: number, low: number, high: number}}
 */
export function wilson(n, of) {
  const share = n / of;
  const z2 = (Z * Z) / of;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z / (1 + z2)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of));
  // at a share of 0 or 1 the limit is exactly that, which rounding errors would miss
  return {
    share,
    low: n === 0 ? 0 : Math.max(0, middle - half),
    high: n === of ? 1 : Math.min(1, middle + half),
  };
}

export const number = new Intl.NumberFormat("en");

/** A rate is a number of occurrences per this many words. */
export const PER = 10000;

/**
 * Counts of a phrase in a year. For a wildcard docs, share, low and high are null, because documents
 * cannot be added. If several years are added up, from and to are the first and the last of them.
 * @typedef {{year: number, from?: number, to?: number, n: number, docs: number | null, documents: number, words: number,
 *   share: number | null, low: number | null, high: number | null, rate: number}} Year
 */

/**
 * Compute shares and rates by year.
 * @param {{n: number, docs: number | null}[]} counts
 * @param {number[][]} bases documents and words of each year
 * @param {number} first
 * @returns {Year[]} years with documents
 */
export function byYear(counts, bases, first) {
  return counts.flatMap(({ n, docs }, i) => {
    const [documents, words] = bases[i];
    if (!documents) return [];
    const share = docs === null ? { share: null, low: null, high: null } : wilson(docs, documents);
    return [{ year: first + i, n, docs, documents, words, ...share, rate: (PER * n) / words }];
  });
}

/**
 * Add up occurrences of several n-grams of one length. A speech may contain more than one of
 * them, so their documents cannot be added.
 * @param {{n: number, docs: number}[][]} tables
 * @param {number} years
 * @returns {{n: number, docs: null}[]}
 */
export function addUp(tables, years) {
  return Array.from({ length: years }, (_, i) => ({
    n: tables.reduce((sum, table) => sum + table[i].n, 0),
    docs: null,
  }));
}

/**
 * Add up a value over items.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} value
 * @returns {number}
 */
export function sum(items, value) {
  return items.reduce((total, item) => total + value(item), 0);
}

/**
 * The year with the highest value, the first of equals; null if it is never above 0.
 * @param {Year[]} years
 * @param {"share" | "rate"} measure
 * @returns {Year | null}
 */
export function peak(years, measure) {
  let best = null;
  for (const year of years) {
    if ((year[measure] ?? 0) > (best ? best[measure] ?? 0 : 0)) best = year;
  }
  return best;
}

/**
 * A line with few speeches per year: each point adds up the years around it. Years without a
 * speech of the group have no point.
 * @param {{n: number, docs: number}[]} counts
 * @param {number[][]} bases documents and words of each year
 * @param {number} first
 * @param {number} around years added on each side
 * @returns {Year[]}
 */
export function pooled(counts, bases, first, around) {
  const all = bases.map((_, i) => {
    const span = [Math.max(0, i - around), i + around + 1];
    const [some, base] = [counts.slice(...span), bases.slice(...span)];
    return {
      count: { n: sum(some, (y) => y.n), docs: sum(some, (y) => y.docs) },
      base: [sum(base, (y) => y[0]), sum(base, (y) => y[1])],
    };
  });
  const spoke = bases.map(([documents]) => documents > 0);
  const years = byYear(
    all.map(({ count }) => count),
    all.map(({ base }, i) => (spoke[i] ? base : [0, 0])),
    first,
  );
  const last = first + bases.length - 1;
  return years.map((y) =>
    ({ ...y, from: Math.max(first, y.year - around), to: Math.min(last, y.year + around) }));
}

/**
 * The year that a point of the lines stands for, or the first and last of those added up there.
 * @param {{years: Year[]}[]} series
 * @param {number} year
 */
export function spanOf(series, year) {
  const there = series.flatMap(({ years }) => years.filter((y) => y.year === year))[0];
  return there?.from ? `${there.from}–${there.to}` : String(year);
}

// Arithmetic for the charts, which needs no page and can be tested alone.

/**
 * Steps for an axis: round numbers, from 0 up to top or just above it.
 * @param {number} top
 * @param {number} count approximate number of steps
 * @returns {number[]}
 */
export function ticks(top, count = 5) {
  if (!(top > 0) || !Number.isFinite(top)) return [0, 1];
  const raw = top / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * size).find((s) => s >= raw * 0.999) ?? raw;
  const steps = Math.ceil(top / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/**
 * Move labels apart, as little as possible, so that none overlap.
 * @param {number[]} wanted places, in any order
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 * @returns {number[]} places in the order given
 */
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const placed = Array.from(wanted, () => 0);
  let least = low;
  for (const i of order) {
    placed[i] = Math.max(wanted[i], least);
    least = placed[i] + gap;
  }
  let most = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], most);
    most = placed[i] - gap;
  }
  return placed;
}

/**
 * A label of limited length.
 * @param {string} text
 * @param {number} letters
 * @returns {string}
 */
export function shorten(text, letters) {
  const all = [...text];
  return all.length <= letters ? text : `${all.slice(0, letters - 1).join("").trimEnd()}…`;
}

/**
 * Wrap a label into lines of limited length; the last line may be truncated.
 * @param {string} text
 * @param {number} letters
 * @param {number} most lines
 * @returns {string[]}
 */
export function wrap(text, letters, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (longer.length <= letters || lines.length === most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.filter((line) => line).map((line) => shorten(line, letters));
}

/**
 * Runs of values without null.
 * @template T
 * @param {(T | null)[]} values
 * @returns {T[][]}
 */
export function stretches(values) {
  /** @type {T[][]} */
  const found = [];
  let open = false;
  for (const value of values) {
    if (value === null) open = false;
    else if (open) found[found.length - 1].push(value);
    else {
      found.push([value]);
      open = true;
    }
  }
  return found;
}

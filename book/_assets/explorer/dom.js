// Make elements. Text is always set as text, so user input is never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */
/** @typedef {Node | string | null | undefined | false} Child */

/** The element of the page with an id. @param {string} id */
export const at = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * An HTML element.
 * @param {string} name
 * @param {Attributes} [attributes] null, undefined and false leave one out; true makes it empty
 * @param {...Child} children
 * @returns {any}
 */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/**
 * An SVG element.
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {any}
 */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/**
 * A button that copies a text, with a status that says whether it did.
 * @param {string} label
 * @param {string} text
 * @returns {any[]} the button, a space, and the status
 */
export function copyButton(label, text) {
  const done = h("span", { class: "tx-copied", role: "status" });
  const button = h("button", { type: "button", class: "tx-button" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      done.textContent = "Copied.";
    } catch {
      done.textContent = "Select the text and copy it.";
    }
  });
  return [button, " ", done];
}

/**
 * Set the attributes of an element and append its children.
 * @param {Element} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

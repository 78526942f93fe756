// A text field with a list of suggestions: the combobox pattern of WAI-ARIA 1.2.

import { h } from "./dom.js";

/** @typedef {import("./suggest.js").Suggestion} Suggestion */

export class Combobox {
  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list
   * @param {(option: Suggestion) => void} choose
   */
  constructor(input, list, choose) {
    this.input = input;
    this.list = list;
    this.choose = choose;
    /** @type {Suggestion[]} */
    this.options = [];
    this.active = -1;
    this.dismissed = false;
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.close());
    // after Escape nothing opens until the next letter, not even suggestions still being fetched
    input.addEventListener("input", () => (this.dismissed = false));
    // pressing the mouse must not move the focus out of the field
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target instanceof Element && event.target.closest("[role=option]");
      if (option) this.#take([...list.children].indexOf(option));
    });
  }

  get open() {
    return !this.list.hidden;
  }

  /**
   * Show these suggestions.
   * @param {Suggestion[]} options
   */
  show(options) {
    // keep the selected option when the list is updated
    const chosen = this.open ? this.options[this.active]?.ask : undefined;
    this.options = options;
    this.active = options.findIndex(({ ask }) => ask === chosen);
    this.list.replaceChildren(
      ...options.map((option, i) =>
        h("li", { role: "option", id: `tx-option-${i}`, "aria-selected": "false" },
          h("span", {}, option.label),
          option.zh && h("span", { lang: "zh-Hans", class: "tx-zh" }, option.zh),
          option.entry && h("span", { class: "tx-badge" }, "phrasebook"),
        ),
      ),
    );
    this.#toggle(options.length > 0 && !this.dismissed);
  }

  close() {
    this.active = -1;
    this.#toggle(false);
  }

  /**
   * Open or close the list.
   * @param {boolean} open
   */
  #toggle(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === this.active));
      if (i === this.active) option.scrollIntoView({ block: "nearest" });
    });
    if (this.open && this.active >= 0) {
      this.input.setAttribute("aria-activedescendant", `tx-option-${this.active}`);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  /**
   * Choose a suggestion by its place in the list.
   * @param {number} place
   */
  #take(place) {
    const option = this.options[place];
    this.close();
    if (option) this.choose(option);
  }

  /**
   * Move through the list, choose, or close it.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    if (event.key === "Escape") this.dismissed = true;
    // leave keys to an active input method
    if (event.isComposing || !this.open) return;
    const count = this.options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      // the field itself is one step of the cycle, between the last and the first option
      this.active = ((this.active + 1 + step + count + 1) % (count + 1)) - 1;
      this.#mark();
    } else if (event.key === "Enter" && this.active >= 0) {
      this.#take(this.active);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }
}

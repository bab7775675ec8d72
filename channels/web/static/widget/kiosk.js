// The kiosk at a counter: nothing of one visitor is left for the next, and the officer sees the legal basis.

import { button, fill, make, relabel } from "./dom.js";
import { day } from "./text.js";

const COUNTDOWN_S = 20;
const ACTIVITY = ["pointerdown", "keydown", "input", "wheel", "touchmove"];

/** Erases after `idle` seconds without a hand on the screen; says so for the last twenty. */
export class Idle {
  #words;
  #idle;
  #isEmpty;
  #wipe;
  #room;
  #timer = 0;
  #dialog = null;

  /** `isEmpty()` says that there is nothing to erase. */
  constructor(room, words, idle, isEmpty, wipe) {
    this.#room = room;
    this.#isEmpty = isEmpty;
    this.#words = words;
    this.#idle = idle;
    this.#wipe = wipe;
    const alive = () => this.#dialog || this.touch();
    for (const kind of ACTIVITY) addEventListener(kind, alive, { passive: true, capture: true });
  }

  /** Begins the wait anew. */
  touch() {
    clearInterval(this.#timer);
    this.#timer = setTimeout(() => this.#count(), this.#idle * 1000);
  }

  rest() {
    clearInterval(this.#timer);
    this.#dialog?.remove();
    this.#dialog = null;
  }

  #count() {
    if (this.#isEmpty()) return;
    const words = this.#words;
    let left = COUNTDOWN_S;
    const said = make("p", { class: "left" });
    const tell = () => (said.textContent = fill(words.idle, { n: left }));
    const go = () => {
      this.rest();
      this.#wipe();
    };
    const stay = () => {
      this.rest();
      this.touch();
    };
    this.#dialog = make("dialog", { class: "confirm", role: "alertdialog", "aria-label": words.idle_title });
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      stay();
    });
    this.#dialog.append(
      make("h3", {}, words.idle_title),
      said,
      make("div", { class: "row" }, button("plain", "", words.idle_erase, go), button("solid", "", words.idle_stay, stay)),
    );
    tell();
    this.#room.append(this.#dialog);
    this.#dialog.showModal();
    this.#dialog.querySelector(".solid").focus();
    this.#timer = setInterval(() => {
      left -= 1;
      if (left > 0) tell();
      else go();
    }, 1000);
  }
}

/** The pane at the side: what the officer needs of the answer that is shown. */
export class OfficerPane {
  #words;
  #facts = make("dl", {});

  constructor(words) {
    this.#words = words;
    this.pane = make("aside", { class: "pane", "aria-label": words.pane, hidden: true, tabindex: -1 });
    this.pane.append(make("h3", {}, words.pane), this.#facts);
    this.toggle = button("plain", "person", words.pane_show, () => this.#turn(this.pane.hidden));
    this.toggle.setAttribute("aria-expanded", "false");
    this.clear();
  }

  show({ procedure, source, receipt }) {
    if (!procedure) return;
    const words = this.#words;
    const laws = (source?.legal_basis ?? []).map((law) => make("li", {}, law));
    const rows = [
      [words.procedure, procedure],
      [words.legal_basis, laws.length ? make("ul", { role: "list" }, ...laws) : words.none],
      [words.data_date, source?.data_date ? day(source.data_date) : words.none],
      [words.source, source?.url || words.none],
      [words.receipt, receipt || words.none],
    ];
    this.#facts.replaceChildren(
      ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
    );
  }

  clear() {
    this.#facts.replaceChildren(make("div", {}, make("dt", {}, this.#words.procedure), make("dd", {}, this.#words.none)));
    this.#turn(false);
  }

  #turn(on) {
    this.pane.hidden = !on;
    this.toggle.setAttribute("aria-expanded", on);
    relabel(this.toggle, on ? this.#words.pane_hide : this.#words.pane_show);
  }
}

// <motcua-chat>: the widget in a shadow root, which a page's own styles do not reach.

import { Idle, OfficerPane } from "./kiosk.js";
import { button, drawing, fill, make } from "./dom.js";
import { Chat } from "./chat.js";
import { Store } from "./store.js";
import { tones } from "./colour.js";

// The bundle sets these two: what the gateway gives the widget, and the script element it came with.
/* global SETUP, SCRIPT */

const SMALL = "(max-width: 600px), (max-height: 480px)";

class MotcuaChat extends HTMLElement {
  #panel;
  #launcher;
  #badge;
  #chat;
  #store;
  #words;
  #title;
  #isModal = false;

  connectedCallback() {
    if (this.shadowRoot) return this.#rise();
    const { mode = "corner", position, province = SETUP.province, language, greeting } = this.dataset;
    const { colour = this.dataset.color, title, dictation, idle } = this.dataset;
    const tongue = SETUP.words[language] ? language : "vi";
    const words = (this.#words = SETUP.words[tongue]);
    const kiosk = mode === "kiosk";
    this.#title = title || words.title;
    this.#store = new Store(`motcua@${SETUP.origin}`, !kiosk);
    this.#style(colour);

    const officer = kiosk ? new OfficerPane(words) : null;
    const wipe = () => {
      this.#chat.conversation.eraseLeaving();
      this.#chat.focus();
    };
    this.#chat = new Chat(SETUP, words, this.#store, {
      kiosk,
      greeting,
      dictation: dictation !== "off",
      onnews: () => this.#count(),
      onreply: (reply) => officer?.show(reply),
      onerase: () => {
        officer?.clear();
        idling?.rest();
        this.#count();
      },
      restart: wipe,
    });
    const tagline = [words.tagline, province].filter(Boolean).join(" · ");
    const close = mode === "corner" ? button("head-button", "close", words.close, () => this.close(), true) : null;
    const head = make(
      "div",
      { class: "head" },
      drawing("chat"),
      make("div", { class: "names" }, make("h2", { id: "name" }, this.#title), make("p", {}, tagline)),
      officer?.toggle,
      close,
    );
    const body = kiosk ? [make("div", { class: "split" }, make("div", { class: "side" }, ...this.#chat.body), officer.pane)] : this.#chat.body;
    this.#panel = make(
      mode === "corner" ? "dialog" : "section",
      { class: "panel", "aria-labelledby": "name", tabindex: -1 },
      head,
      ...body,
    );
    const left = position === "left" ? " left" : "";
    const root = make("div", { class: `root ${mode}${left}`, lang: tongue });
    if (mode === "corner") root.append(this.#launch());
    root.append(this.#panel);
    this.shadowRoot.append(root);
    this.#rise();

    const idling = kiosk ? new Idle(root, words, Number(idle) || SETUP.idle, () => this.#chat.isEmpty, wipe) : null;
    if (kiosk) addEventListener("pagehide", () => this.#chat.conversation.eraseLeaving());
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || mode !== "corner" || event.target.closest(".confirm")) return;
      event.preventDefault();
      this.close();
    });
    this.#panel.addEventListener("close", ({ target }) => target === this.#panel && this.#closed());
    matchMedia(SMALL).addEventListener("change", () => this.#refit());
    this.#chat.conversation.resume().then(() => this.#count());
    if (mode === "corner" && (this.dataset.open !== undefined || this.#wasOpen())) this.#show(false);
  }

  /** Goes above everything, out of reach of whatever turns, filters or fades the page. */
  #rise() {
    const root = this.shadowRoot.querySelector(".corner");
    if (!root?.showPopover) return;
    root.popover = "manual";
    root.showPopover();
  }

  open() {
    if (this.#launcher && !this.#panel.open) this.#show(true);
  }

  close() {
    if (this.#panel.open) this.#panel.close();
  }

  /** Opens the chat and asks. */
  ask(text) {
    this.open();
    this.#chat.say({ text }, text);
  }

  get #isOpen() {
    return !this.#launcher || this.#panel.open;
  }

  #launch() {
    this.#badge = make("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    this.#launcher = button("launcher", "chat", this.#title, () => (this.#panel.open ? this.close() : this.open()));
    this.#launcher.setAttribute("aria-haspopup", "dialog");
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#launcher.append(this.#badge);
    return this.#launcher;
  }

  #show(byHand) {
    // On a small screen the chat is the whole screen, and the page behind it cannot be reached.
    this.#isModal = matchMedia(SMALL).matches;
    if (this.#isModal) this.#panel.showModal();
    // Not by show(), which would take the focus away from the page.
    else this.#panel.setAttribute("open", "");
    this.#launcher.setAttribute("aria-expanded", "true");
    this.#remember(true);
    this.#count();
    this.#chat.showLatest();
    if (!byHand) return;
    // On a touch screen the keyboard would cover what there is to read.
    if (matchMedia("(pointer: fine)").matches) this.#chat.focus();
    else this.#panel.focus();
  }

  #closed() {
    // It was only changed from one size to the other.
    if (this.#panel.open) return;
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#remember(false);
    this.#launcher.focus();
  }

  #refit() {
    if (!this.#launcher || !this.#panel.open || this.#isModal === matchMedia(SMALL).matches) return;
    const writing = this.shadowRoot.activeElement;
    this.#panel.close();
    this.#show(false);
    writing?.focus();
  }

  #remember(isOpen) {
    try {
      sessionStorage.setItem("motcua.open", isOpen ? "yes" : "");
    } catch {
      // Not remembered, then.
    }
  }

  #wasOpen() {
    try {
      return sessionStorage.getItem("motcua.open") === "yes" && !matchMedia(SMALL).matches;
    } catch {
      return false;
    }
  }

  #count() {
    const { conversation } = this.#chat;
    if (this.#isOpen && conversation.newest) this.#store.set("seen", conversation.newest);
    if (!this.#launcher) return;
    const unread = this.#isOpen ? 0 : conversation.newerThan(this.#store.get("seen"));
    this.#badge.hidden = !unread;
    this.#badge.textContent = unread;
    const label = unread ? `${this.#title}, ${fill(this.#words.unread, { n: unread })}` : this.#title;
    this.#launcher.setAttribute("aria-label", label);
  }

  #style(colour) {
    const root = this.attachShadow({ mode: "open" });
    const own = tones(colour);
    try {
      const sheets = [SETUP.css, own].map((text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        return sheet;
      });
      root.adoptedStyleSheets = sheets;
    } catch {
      // A browser without constructable sheets gets the same rules by address.
      root.append(make("link", { rel: "stylesheet", href: SETUP.origin + SETUP.css_address }));
    }
  }
}

function place() {
  if (document.querySelector("motcua-chat")) return;
  const chat = document.createElement("motcua-chat");
  Object.assign(chat.dataset, SCRIPT?.dataset);
  if (SCRIPT?.dataset.mode && SCRIPT.parentNode !== document.head) SCRIPT.after(chat);
  else document.body.append(chat);
}

if (!customElements.get("motcua-chat")) {
  customElements.define("motcua-chat", MotcuaChat);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", place);
  else place();
}

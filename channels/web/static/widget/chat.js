// The conversation as it is seen: greeting, turns, the line to write in.

import { button, fill, make, newId, relabel } from "./dom.js";
import { canHear, hear, quiet } from "./speech.js";
import { Cards } from "./cards.js";
import { ChatApi } from "./api.js";
import { Conversation } from "./conversation.js";

// More turns than these are let go of, and loaded again when somebody looks for them.
const MOST_TURNS = 80;
const HEARD_MS = 4000;
const FRESH = "fresh";

export class Chat {
  #setup;
  #words;
  #store;
  #options;
  #cards;
  #talk;
  #log;
  #typing;
  #announcer;
  #greeting;
  #question;
  #erase;
  #older = null;
  #above = null;
  #stopHearing = null;

  /** `options`: kiosk, title, province, greeting, dictation, `onnews()`, `onreply(reply)`, `onerase()`, `restart()`. */
  constructor(setup, words, store, options) {
    this.#setup = setup;
    this.#words = words;
    this.#store = store;
    this.#options = options;
    const acts = {
      tap: (payload, title) => this.say({ payload }, title),
      rate: (...told) => this.conversation.rate(...told),
    };
    this.#cards = new Cards(setup, words, store, acts, options.kiosk);
    this.#log = make("div", { class: "log", role: "log", "aria-live": "off", "aria-label": words.log });
    this.#typing = make("p", { class: "typing", role: "status" });
    // What is new is said here, once and as plain text; the log itself stays silent.
    this.#announcer = make("div", { class: "hidden announcer", "aria-live": "polite", "aria-relevant": "additions" });
    this.#greeting = this.#greet();
    this.#talk = make("div", { class: "talk", tabindex: 0, role: "region", "aria-label": words.talk });
    this.#talk.append(this.#greeting, this.#log, this.#typing);
    this.conversation = new Conversation(new ChatApi(setup.origin + setup.api, words, store), store, this, words);
    this.body = [this.#talk, this.#announcer, this.#foot()];
  }

  get isEmpty() {
    return !this.#log.childElementCount && !this.#question.value;
  }

  say(said, title) {
    quiet();
    this.conversation.say(said, title);
  }

  focus() {
    this.#question.focus({ preventScroll: true });
  }

  /** Shows the last answer from its beginning. */
  showLatest() {
    const turns = this.#log.querySelectorAll(".turn.mine, .turn.alone");
    if (turns.length) this.#reveal(turns[turns.length - 1]);
  }

  // What the conversation asks of its view.

  mine(id, text) {
    const turn = make("div", { class: "turn mine", "data-id": id });
    turn.append(
      make("p", { class: "hidden" }, `${this.#words.you}:`),
      make("p", { class: "said", lang: "vi" }, text),
    );
    this.#put(turn);
    this.#reveal(turn);
    this.#greeting.hidden = true;
    this.#erase.hidden = false;
  }

  theirs(messageId, replies, id, fresh) {
    const turn = make("div", { class: `turn theirs${id ? "" : " alone"}`, "data-message": messageId });
    turn.append(make("p", { class: "who" }, this.#words.assistant));
    for (const reply of replies) {
      turn.append(this.#cards.draw(messageId, reply));
      this.#options.onreply?.(reply);
    }
    const asked = id && this.#turn(id);
    this.#unmark(id);
    if (asked) asked.after(turn);
    else this.#put(turn);
    this.#greeting.hidden = true;
    this.#erase.hidden = false;
    if (fresh) {
      turn.classList.add(FRESH);
      this.#announce(replies.map(({ text }) => text).join("\n"));
      this.#reveal(asked || turn);
    }
    if (this.#above) return;
    this.#trim();
    this.#options.onnews?.();
  }

  waiting(id, again) {
    this.#mark(id, this.#words.waiting, again);
  }

  stalled(id, again) {
    if (again) this.#mark(id, this.#words.stalled, again);
    else this.#unmark(id);
  }

  unanswered(id) {
    if (!this.#turn(id)?.querySelector(".state")) this.#mark(id, this.#words.unanswered);
  }

  officer(id) {
    this.#unmark(id);
    if (this.#log.querySelector(".officer")) return;
    const turn = make("p", { class: "notice officer" }, this.#words.officer);
    (this.#turn(id) ?? this.#log).after?.(turn);
    this.#announce(this.#words.officer);
  }

  notice(words) {
    this.#put(make("p", { class: "notice", role: "status" }, words));
  }

  problem(id, problem, again) {
    const wait = problem.wait > 0 && problem.status === 429 ? fill(this.#words.wait, { n: problem.wait }) : "";
    const card = make("div", { class: "card trouble", role: "alert", lang: "vi" });
    card.append(
      make("strong", {}, problem.title),
      make("p", {}, [problem.detail, problem.next, wait].filter(Boolean).join(" ")),
    );
    const turn = make("div", { class: "turn theirs" }, card);
    if (again) {
      const retry = button("plain", "", this.#words.retry, () => {
        turn.remove();
        this.focus();
        again();
      });
      card.append(retry);
    }
    this.#unmark(id);
    const asked = id && this.#turn(id);
    if (asked) asked.after(turn);
    else this.#put(turn);
    this.#reveal(asked || turn);
  }

  busy(isBusy) {
    this.#typing.classList.toggle("on", isBusy);
    this.#typing.textContent = isBusy ? this.#words.typing : "";
  }

  clear() {
    this.#log.replaceChildren();
    this.#announcer.replaceChildren();
    this.#older?.remove();
    this.#older = null;
    this.#greeting.hidden = false;
    this.#erase.hidden = true;
    this.#question.value = "";
    quiet();
    this.#options.onerase?.();
  }

  /** Offers what lies further back; `load()` draws it and says whether there is more. */
  older(load) {
    this.#older?.remove();
    this.#older = button("plain older", "", this.#words.older, async () => {
      try {
        const first = this.#log.firstElementChild;
        if (!(await load())) this.#older?.remove();
        if (first) this.#reveal(first);
      } catch (problem) {
        this.problem("", problem, null);
      }
    });
    this.#log.before(this.#older);
  }

  /** Draws at the top for as long as `draw` lasts. */
  above(draw) {
    this.#above = this.#log.firstElementChild;
    try {
      draw();
    } finally {
      this.#above = null;
    }
  }

  #put(turn) {
    this.#log.insertBefore(turn, this.#above);
  }

  #turn(id) {
    return id ? this.#log.querySelector(`[data-id="${CSS.escape(id)}"]`) : null;
  }

  #mark(id, words, again = null) {
    this.#unmark(id);
    const turn = this.#turn(id);
    if (!turn) return;
    const state = make("p", { class: "state", role: "status" }, make("span", {}, words));
    if (again) {
      state.append(
        button("plain", "", this.#words.retry, () => {
          this.focus();
          again();
        }),
      );
    }
    turn.append(state);
    this.#reveal(turn);
  }

  #unmark(id) {
    this.#turn(id)?.querySelector(".state")?.remove();
  }

  #trim() {
    if (this.#above || this.#log.childElementCount <= MOST_TURNS) return;
    while (this.#log.childElementCount > MOST_TURNS * 0.75) this.#log.firstElementChild.remove();
    while (this.#log.firstElementChild && !this.#log.firstElementChild.matches(".mine, .alone")) {
      this.#log.firstElementChild.remove();
    }
    const first = this.#log.querySelector("[data-message]");
    if (first) this.conversation.letGo(first.dataset.message);
  }

  #announce(text) {
    const said = make("p", { lang: "vi" }, `${this.#words.assistant}: ${text}`);
    this.#announcer.append(said);
    setTimeout(() => said.remove(), HEARD_MS);
  }

  /** Brings the start of a turn into view: a long answer is read from its beginning. */
  #reveal(turn) {
    if (!turn || this.#above) return;
    // At a high zoom the whole panel scrolls instead of the talk alone.
    const isOwn = getComputedStyle(this.#talk).overflowY !== "visible";
    const box = isOwn ? this.#talk : this.#talk.closest(".panel");
    box.scrollTop += turn.getBoundingClientRect().top - box.getBoundingClientRect().top - 10;
  }

  #greet() {
    const words = this.#words;
    const options = this.#options;
    const { examples: shown, topics } = this.#setup;
    const examples = (options.kiosk ? topics : shown).map((example) =>
      button("example", "", example, () => this.say({ text: example }, example)),
    );
    const first = this.#setup.first.map(({ title, payload }) =>
      button("example say", "", title, () => this.say({ payload }, title)),
    );
    const items = (options.kiosk ? [...examples, ...first] : examples).map((one) => make("li", {}, one));
    return make(
      "div",
      { class: "greeting" },
      make("h3", {}, words.greeting_title),
      make("p", {}, options.greeting || words.greeting),
      make("ul", { class: "examples", role: "list", "aria-label": words.examples, lang: "vi" }, ...items),
    );
  }

  #foot() {
    const words = this.#words;
    const id = `q${newId()}`;
    this.#question = make("textarea", {
      id,
      rows: 1,
      lang: "vi",
      maxlength: this.#setup.length,
      placeholder: words.placeholder,
      enterkeyhint: "send",
      autocomplete: "off",
      input: () => this.#grow(),
      keydown: (event) => {
        // While a Vietnamese input method composes a word, Enter belongs to it.
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.#ask();
        }
        // What is written here is no shortcut of the page.
        if (event.key !== "Escape") event.stopPropagation();
      },
    });
    const label = make("label", { class: "hidden", for: id }, words.question);
    const send = button("send", "send", words.send, () => this.#ask(), true);
    const composer = make("div", { class: "composer", role: "group", "aria-label": words.composer });
    composer.append(label, this.#question, canHear && this.#options.dictation ? this.#mic() : "", send);
    this.#erase = button("plain", "erase", this.#options.kiosk ? words.restart : words.erase, () => this.#confirm());
    this.#erase.hidden = true;
    const officer = button("plain", "person", words.handoff, () => this.say({ payload: "say:handoff" }, words.handoff));
    return make(
      "div",
      { class: "foot" },
      composer,
      make("div", { class: "row" }, officer, this.#erase),
      make("p", { class: "privacy" }, words.privacy),
    );
  }

  #mic() {
    const words = this.#words;
    const mic = button("mic", "mic", words.dictate, () => {
      if (this.#stopHearing) return this.#stopHearing();
      quiet();
      const before = this.#question.value.trim();
      const ended = () => {
        this.#stopHearing = null;
        mic.setAttribute("aria-pressed", "false");
        relabel(mic, words.dictate);
        this.focus();
      };
      const heard = (text) => {
        this.#question.value = `${before} ${text}`.trim().slice(0, this.#setup.length);
        this.#grow();
      };
      this.#stopHearing = hear(heard, ended);
      mic.setAttribute("aria-pressed", "true");
      relabel(mic, words.dictate_stop);
    }, true, { "aria-pressed": "false" });
    return mic;
  }

  #ask() {
    const text = this.#question.value.trim();
    this.#stopHearing?.();
    this.#question.value = "";
    this.#grow();
    this.focus();
    if (text) this.say({ text }, text);
  }

  #grow() {
    const { style } = this.#question;
    style.height = "auto";
    style.height = this.#question.value ? `${this.#question.scrollHeight + 2}px` : "";
  }

  #confirm() {
    const words = this.#words;
    if (this.#options.kiosk) return this.#options.restart();
    const head = `e${newId()}`;
    const dialog = make("dialog", { class: "confirm", "aria-labelledby": head, close: () => dialog.remove() });
    const yes = async () => {
      dialog.close();
      try {
        await this.conversation.erase();
        this.notice(words.erased);
      } catch (problem) {
        this.problem("", problem, null);
      }
      this.focus();
    };
    dialog.append(
      make("h3", { id: head }, words.erase_title),
      make("p", {}, words.erase_text),
      make("div", { class: "row" }, button("plain", "", words.erase_no, () => dialog.close()), button("solid", "", words.erase_yes, yes)),
    );
    this.#talk.parentNode.append(dialog);
    dialog.showModal();
  }
}

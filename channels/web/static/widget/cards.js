// A Reply as a card: documents to tick, choices as buttons, where it comes from, what can be done with it.

import { button, drawing, fill, make, relabel } from "./dom.js";
import { canSpeak, speak } from "./speech.js";
import { allows, day, paragraphs, pieces } from "./text.js";

const REASONS = ["wrong", "unclear", "missing", "other"];

/** Draws replies. `acts` has `tap(payload, title)` and `rate(messageId, useful, reason)`. */
export class Cards {
  #setup;
  #words;
  #store;
  #acts;
  #kiosk;

  constructor(setup, words, store, acts, kiosk) {
    this.#setup = setup;
    this.#words = words;
    this.#store = store;
    this.#acts = acts;
    this.#kiosk = kiosk;
  }

  draw(messageId, reply) {
    const whole = document.createDocumentFragment();
    const card = make("div", { class: "card", lang: "vi" });
    const { before, after, numbered } = paragraphs(reply, this.#setup.repeated);
    const tickable = this.#tickable(reply);
    card.append(
      ...before.map((line) => this.#linked("p", line)),
      ...reply.sections.map((section) => this.#section(section, tickable(section) ? reply.procedure : null)),
      ...after.map((line) => this.#linked("p", line)),
    );
    const proof = this.#proof(reply);
    if (proof) card.append(proof);
    whole.append(card);
    if (reply.kind === "answer") card.append(this.#tools(reply), this.#rating(messageId));
    if (this.#kiosk && reply.receipt) card.append(this.#carryHome(reply.receipt));
    if (reply.choices.length) whole.append(this.#choices(reply.choices, numbered));
    return whole;
  }

  /** Which sections are lists of documents. */
  #tickable({ aspect }) {
    return ({ title }) => aspect === "documents" && !this.#setup.plain_sections.includes(title);
  }

  #section({ title, items }, procedure) {
    const part = make("section", { class: "part" }, title && make("h3", {}, title));
    const list = make("ul", { role: "list", class: procedure === null ? "" : "ticks" });
    const done = make("p", { class: "done", "aria-live": "polite" });
    const boxes = [];
    const count = () => {
      const ticked = boxes.filter(({ checked }) => checked).length;
      done.textContent = ticked ? fill(this.#words.ticked, { n: ticked, all: boxes.length }) : "";
    };
    for (const item of items) {
      const said = make("span", { class: "words" }, ...this.#pieces(item.text));
      for (const [number, word] of [[item.originals, this.#words.originals], [item.copies, this.#words.copies]]) {
        if (number) said.append(" ", make("span", { class: "count" }, `${number} ${word}`));
      }
      const note = item.note && make("span", { class: "note" }, ...this.#pieces(item.note));
      if (procedure === null) {
        list.append(make("li", {}, said, note));
        continue;
      }
      const mark = `${procedure}|${item.text}`;
      const box = make("input", {
        type: "checkbox",
        change: () => {
          this.#mark(mark, box.checked || undefined);
          count();
        },
      });
      box.checked = this.#store.get("marks", {})[mark] === true;
      boxes.push(box);
      list.append(make("li", {}, make("label", {}, box, said), note));
    }
    part.append(list);
    if (procedure !== null && boxes.length > 1) part.append(done);
    count();
    return part;
  }

  #mark(key, value) {
    this.#store.set("marks", { ...this.#store.get("marks", {}), [key]: value });
  }

  #proof({ source, receipt }) {
    const proof = make("dl", { class: "proof" });
    const add = (name, value) => proof.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
    if (source?.url) add(this.#words.source, this.#link(source.url, this.#words.source_link));
    if (source?.data_date) add(this.#words.data_date, day(source.data_date));
    if (source?.legal_basis.length && !this.#kiosk) add(this.#words.legal_basis, source.legal_basis.join(", "));
    if (receipt) add(this.#words.receipt, receipt);
    return proof.childElementCount ? proof : null;
  }

  #tools({ text, receipt, aspect }) {
    const tools = make("div", { class: "tools" });
    if (canSpeak) {
      const changed = (on) => relabel(read, on ? this.#words.read_stop : this.#words.read);
      const read = button("tool", "speak", this.#words.read, () => speak(text, changed));
      tools.append(read);
    }
    if (this.#kiosk) return tools;
    const copied = button("tool", "copy", this.#words.copy, async () => {
      relabel(copied, (await copy(text, copied)) ? this.#words.copied : this.#words.copy_failed);
      setTimeout(() => relabel(copied, this.#words.copy), 3000);
    });
    copied.setAttribute("aria-live", "polite");
    tools.append(copied);
    if (receipt && aspect === "documents") {
      const href = this.#sheet(receipt);
      const more = make("span", { class: "hidden" }, ` (${this.#words.new_window})`);
      tools.append(
        make("a", { class: "tool", href, target: "_blank", rel: "noopener" }, drawing("print"), this.#words.print, more),
      );
    }
    return tools;
  }

  #sheet(receipt) {
    return `${this.#setup.origin}/phieu/${encodeURIComponent(receipt)}`;
  }

  #rating(messageId) {
    const words = this.#words;
    const key = `rate|${messageId}`;
    const reasons = make("div", { class: "reasons", role: "group", "aria-label": words.why });
    const thanks = make("p", { class: "thanks", role: "status" });
    const choose = (useful, reason) => {
      show({ useful, reason });
      this.#mark(key, { useful, reason });
      thanks.textContent = "";
      this.#acts.rate(messageId, useful, reason).then(
        () => (thanks.textContent = useful || reason ? words.rated : words.rated_why),
        (problem) => (thanks.textContent = `${problem.title}. ${problem.next}`.trim()),
      );
    };
    const yes = button("tool", "yes", words.useful, () => choose(true));
    const no = button("tool", "no", words.not_useful, () => choose(false));
    const why = REASONS.map((reason) => button("reason", "", words[`why_${reason}`], () => choose(false, reason)));
    reasons.append(...why);
    const show = ({ useful, reason }) => {
      yes.setAttribute("aria-pressed", useful === true);
      no.setAttribute("aria-pressed", useful === false);
      reasons.hidden = useful !== false;
      why.forEach((one, index) => one.setAttribute("aria-pressed", REASONS[index] === reason));
    };
    show(this.#store.get("marks", {})[key] ?? {});
    return make("div", { class: "rating", role: "group", "aria-label": words.rating }, yes, no, reasons, thanks);
  }

  /** On a kiosk nothing is opened: the answer goes home by a code to photograph. */
  #carryHome(receipt) {
    const src = `${this.#sheet(receipt)}/qr.svg`;
    const figure = make("figure", { class: "home" });
    const code = make("img", { src, alt: this.#words.qr_alt, width: 132, height: 132, error: () => figure.remove() });
    figure.append(code, make("figcaption", {}, this.#words.qr));
    return figure;
  }

  #choices(choices, numbered) {
    const list = make("ul", { class: "choices", role: "list", "aria-label": this.#words.choices, lang: "vi" });
    for (const [index, { title, payload }] of choices.entries()) {
      const words = numbered ? `${index + 1}. ${title}` : title;
      list.append(make("li", {}, button("choice", "", words, () => this.#acts.tap(payload, title))));
    }
    return list;
  }

  /** A link when the address leads to an allowed domain; else its text, with a warning. */
  #link(address, name) {
    if (!allows(address, this.#setup.domains)) {
      const warning = make("span", { class: "warn" }, ` (${this.#words.foreign_link})`);
      return make("span", {}, address, warning);
    }
    if (this.#kiosk) return name;
    const more = make("span", { class: "hidden" }, ` (${this.#words.new_window})`);
    return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, name, more);
  }

  #pieces(text) {
    return pieces(text).map(([words, isAddress]) => (isAddress ? this.#link(words, words) : words));
  }

  #linked(tag, text) {
    return make(tag, {}, ...this.#pieces(text));
  }
}

async function copy(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure address browsers copy only what is selected.
    const area = make("textarea", { class: "hidden", "aria-hidden": "true", tabindex: -1 });
    area.value = text;
    near.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    near.focus();
    return done;
  }
}

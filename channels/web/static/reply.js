// A Reply as elements. Everything a record or a person says goes in as text, never as markup.

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Draws replies; `tap(payload, title)` is called when a choice is tapped. */
export class ReplyView {
  #words;
  #domains;

  constructor(words, domains) {
    this.#words = words;
    this.#domains = domains;
  }

  draw(reply, tap) {
    const whole = document.createDocumentFragment();
    const card = element("div", "card");
    const { before, after, numbered } = paragraphs(reply, this.#words);
    card.append(
      ...before.map((line) => this.#linked("p", line)),
      ...reply.sections.map((section) => this.#section(section)),
      ...after.map((line) => this.#linked("p", line)),
    );
    const proof = this.#proof(reply);
    if (proof) card.append(proof);
    whole.append(card);
    if (reply.choices.length) whole.append(this.#choices(reply.choices, numbered, tap));
    return whole;
  }

  #section({ title, items }) {
    const part = element("section", "part");
    if (title) part.append(element("h3", "", title));
    const list = element("ul");
    for (const item of items) {
      const line = this.#linked("li", item.text);
      for (const [count, word] of counts(item, this.#words)) {
        line.append(" ", element("span", "count", `${count} ${word}`));
      }
      if (item.note) {
        const note = this.#linked("span", item.note);
        note.className = "note";
        line.append(note);
      }
      list.append(line);
    }
    part.append(list);
    return part;
  }

  #proof({ source, receipt }) {
    const proof = element("dl", "proof");
    const add = (name, value) => {
      const row = element("div");
      const data = element("dd");
      data.append(value);
      row.append(element("dt", "", name), data);
      proof.append(row);
    };
    if (source?.url) add(this.#words.source, this.#link(source.url, this.#words.source_link));
    if (source?.data_date) add(this.#words.data_date, day(source.data_date));
    if (source?.legal_basis.length) add(this.#words.legal_basis, source.legal_basis.join(", "));
    if (receipt) add(this.#words.receipt, receipt);
    return proof.childElementCount ? proof : null;
  }

  #choices(choices, numbered, tap) {
    const list = element("ul", "choices");
    list.setAttribute("aria-label", this.#words.choices_label);
    for (const [index, { title, payload }] of choices.entries()) {
      const button = element("button", "choice", numbered ? `${index + 1}. ${title}` : title);
      button.type = "button";
      button.addEventListener("click", () => tap(payload, title));
      const line = element("li");
      line.append(button);
      list.append(line);
    }
    return list;
  }

  /** A link when the address is http(s) and leads to an allowed domain, else its text. */
  #link(address, name) {
    if (!this.#allows(address)) return document.createTextNode(address);
    const link = element("a", "", name);
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.append(element("span", "hidden", ` (${this.#words.new_window})`));
    return link;
  }

  #allows(address) {
    let url;
    try {
      url = new URL(address);
    } catch {
      return false;
    }
    const host = url.hostname.toLowerCase();
    return (
      (url.protocol === "https:" || url.protocol === "http:") &&
      !url.username &&
      this.#domains.some((domain) => host === domain || host.endsWith(`.${domain}`))
    );
  }

  #linked(tag, text) {
    const made = element(tag);
    let last = 0;
    for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"'“”]*[^\s<>"'“”.,;:!?)\]]/g)) {
      made.append(text.slice(last, index), this.#link(found, found));
      last = index + found.length;
    }
    made.append(text.slice(last));
    return made;
  }
}

function counts(item, words) {
  return [
    [item.originals, words.originals],
    [item.copies, words.copies],
  ].filter(([count]) => count);
}

function day(date) {
  const [year, month, dayOfMonth] = date.split("-");
  return dayOfMonth ? `${dayOfMonth}/${month}/${year}` : date;
}

function wordsOf(text) {
  return text.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * The lines of the text that nothing else on the card shows again, around the sections.
 *
 * The text of a reply stands alone, so it repeats sections, choices and source line by line. A line is left
 * out only when it is a numbered choice, or when each of its words stands in one item (with its counts and
 * note), in one title, or in the source.
 */
function paragraphs({ text, sections, choices, source, receipt }, words) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const listed = choices.map(({ title }, index) => `${index + 1}. ${title}`);
  const numbered = listed.length > 0 && listed.every((line) => lines.includes(line));
  const shown = [];
  for (const { title, items } of sections) {
    shown.push(title);
    for (const { text: said, note, originals, copies } of items) {
      const counted = `${originals ?? ""} ${words.originals} ${copies ?? ""} ${words.copies}`;
      shown.push(`${title} ${said} ${note} ${counted}`);
    }
  }
  if (source) {
    const { url, data_date: date, legal_basis: laws } = source;
    shown.push(`${words.source_words} ${url} ${date} ${day(date)} ${laws.join(" ")} ${receipt}`);
  }
  const bags = shown.map((part) => new Set(wordsOf(part)));
  const isRepeated = (line) => {
    if (numbered && listed.includes(line)) return true;
    const plain = wordsOf(line.replace(/^(?:[-•*+–]|\d{1,2}[.)])\s+/, ""));
    return bags.some((bag) => plain.every((word) => bag.has(word)));
  };
  const kept = lines.map((line) => !isRepeated(line));
  // Without sections something is always said in words, even when the source says it all.
  if (!sections.length && !kept.includes(true)) kept.fill(true);
  const turn = kept.includes(false) ? kept.indexOf(false) : lines.length;
  return {
    before: lines.slice(0, turn),
    after: lines.slice(turn).filter((_, index) => kept[turn + index]),
    numbered,
  };
}

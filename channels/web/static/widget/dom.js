// Elements, made without markup: whatever a person or a record says can only become text.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  chat: "M4 4h16v12H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12h14M12 5l7 7-7 7",
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  speak: "M4 9h4l5-4v14l-5-4H4zM16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  print: "M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z",
  yes: "M5 13l5 5L20 7",
  no: "M12 5v9M12 18v1",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21a8 8 0 0 1 16 0",
  erase: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
};

/** Makes an element. Attributes: a function listens to the event of that name, true is an empty value. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** A button with an icon; its words are seen, or only heard when `quiet`. */
export function button(style, icon, words, click, quiet = false, more = {}) {
  const said = make("span", quiet ? { class: "hidden" } : {}, words);
  const title = quiet ? words : null;
  return make("button", { type: "button", class: style, title, click, ...more }, icon && drawing(icon), said);
}

export function drawing(name) {
  const drawn = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  line.setAttribute("d", ICONS[name]);
  drawn.append(line);
  return drawn;
}

export function relabel(pressed, words) {
  pressed.lastChild.textContent = words;
}

/** Puts values into the `{places}` of a sentence. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

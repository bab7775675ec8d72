// What of a reply's text is shown, and which addresses become links.

/** Whether an address leads to a domain that the operator allows. */
export function allows(address, domains) {
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
    !url.password &&
    domains.some((domain) => host === domain || host.endsWith(`.${domain}`))
  );
}

/** Cuts a text into `[words, isAddress]`. */
export function pieces(text) {
  const cut = [];
  let last = 0;
  for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"'“”]*[^\s<>"'“”.,;:!?)\]]/gi)) {
    if (index > last) cut.push([text.slice(last, index), false]);
    cut.push([found, true]);
    last = index + found.length;
  }
  if (last < text.length) cut.push([text.slice(last), false]);
  return cut;
}

export function day(date) {
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
export function paragraphs({ text, sections, choices, source, receipt }, repeated) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const listed = choices.map(({ title }, index) => `${index + 1}. ${title}`);
  const numbered = listed.length > 0 && listed.every((line) => lines.includes(line));
  const shown = [];
  for (const { title, items } of sections) {
    // A count that all items share stands beside the title in the text.
    const shared = items.flatMap(({ originals, copies }) => [originals, copies]).join(" ");
    shown.push(`${title} ${repeated.counts} ${shared}`);
    for (const { text: said, note, originals, copies } of items) {
      shown.push(`${title} ${said} ${note} ${originals ?? ""} ${copies ?? ""} ${repeated.counts}`);
    }
  }
  if (source) {
    const { url, data_date: date, legal_basis: laws } = source;
    shown.push(`${repeated.source} ${url} ${date} ${day(date)} ${laws.join(" ")} ${receipt}`);
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

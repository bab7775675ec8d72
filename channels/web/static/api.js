// The chat API as this page uses it: one session per tab, kept until the tab is closed.

const KEY = "motcua.session";
const PATIENCE_MS = 15000;
const RECONNECT_MS = [1000, 3000, 10000, 30000];

export class Problem extends Error {
  /** A refusal of the gateway. `status` is 0 when it could not be reached. */
  constructor(status, title, detail, next) {
    super(title);
    Object.assign(this, { status, title, detail, next });
  }
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export class ChatApi {
  #root;
  #words;
  #opening = null;
  #lastEvent = "";

  constructor(root, words) {
    this.#root = root;
    this.#words = words;
  }

  get token() {
    return sessionStorage.getItem(KEY);
  }

  forget() {
    sessionStorage.removeItem(KEY);
    this.#lastEvent = "";
  }

  /** Opens a session unless there is one. */
  async open() {
    if (this.token) return;
    this.#opening ??= this.#call("POST", "/chat/sessions").finally(() => (this.#opening = null));
    sessionStorage.setItem(KEY, (await this.#opening).token);
  }

  /** Sends `{text}` or `{payload}` under an id of ours; the same id again gives the same answer. */
  send(id, said) {
    return this.#call("POST", "/chat/messages", { client_message_id: id, ...said });
  }

  async history() {
    const history = await this.#call("GET", "/chat/messages?limit=100");
    this.#lastEvent = history.messages.at(-1)?.message_id ?? "";
    return history;
  }

  async erase() {
    await this.#call("DELETE", "/chat/sessions/current");
    this.forget();
  }

  /** Listens for later replies of this session until it ends; `on(name, data)` gets each event.
   *  What came during a break is sent again, so an event may come twice: `data.message_id` tells. */
  async listen(on) {
    const token = this.token;
    for (let tries = 0; token && token === this.token; tries += 1) {
      try {
        const headers = this.#headers();
        if (this.#lastEvent) headers["Last-Event-ID"] = this.#lastEvent;
        const answer = await fetch(`${this.#root}/chat/events`, { headers, cache: "no-store" });
        if (answer.status === 401) return;
        if (answer.ok) {
          tries = 0;
          await readEvents(answer.body, (fields) => {
            if (token === this.token && fields.id) this.#lastEvent = fields.id;
            on(fields.event, JSON.parse(fields.data));
          });
        }
      } catch {
        // A broken stream is opened again below.
      }
      await new Promise((done) => setTimeout(done, RECONNECT_MS[Math.min(tries, RECONNECT_MS.length - 1)]));
    }
  }

  #headers(body) {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    return headers;
  }

  async #call(method, path, body) {
    let answer;
    let content = null;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      answer = await fetch(this.#root + path, {
        method,
        headers: this.#headers(body),
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        signal: stop.signal,
      });
      if (answer.status !== 204) content = await answer.json().catch(() => null);
    } catch {
      throw new Problem(0, this.#words.offline_title, this.#words.offline, "");
    } finally {
      clearTimeout(timer);
    }
    if (answer.ok) return content;
    throw new Problem(
      answer.status,
      content?.title ?? this.#words.offline_title,
      content?.detail ?? this.#words.offline,
      content?.next ?? "",
    );
  }
}

async function readEvents(stream, on) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (held + value).replaceAll("\r\n", "\n").split("\n\n");
    held = blocks.pop();
    for (const block of blocks) {
      const fields = { id: "", event: "", data: "" };
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        const name = line.slice(0, colon);
        if (name in fields) fields[name] += line.slice(colon + 1).replace(/^ /, "");
      }
      if (fields.event && fields.data) on(fields);
    }
  }
}

// The chat API: one session of this site, later replies by a stream or, where none passes, by asking now and then.

const PATIENCE_MS = 30000;
const SILENCE_MS = 50000;
const GREETING_MS = 8000;
const AGAIN_MS = [1000, 2000, 4000, 8000, 16000, 30000];
const ASKING_MS = 10000;
const ASKED_BEFORE_STREAM = 12;

export class Problem extends Error {
  /** A refusal of the gateway. `status` is 0 when it could not be reached. */
  constructor(status, said, wait) {
    super(said.title);
    Object.assign(this, { status, title: said.title, detail: said.detail, next: said.next, wait });
  }
}

export function backOff(tries) {
  return AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)];
}

export class ChatApi {
  #root;
  #words;
  #store;
  #opening = null;
  #lastEvent = "";
  #listening = null;

  constructor(root, words, store) {
    this.#root = root;
    this.#words = words;
    this.#store = store;
  }

  get token() {
    return this.#store.get("token");
  }

  forget() {
    this.#store.clear();
    this.#lastEvent = "";
    this.hush();
  }

  /** Opens a session unless there is one. */
  async open() {
    if (this.token) return;
    this.#opening ??= this.#call("POST", "/chat/sessions").finally(() => (this.#opening = null));
    const { token } = await this.#opening;
    if (!this.token) this.#store.set("token", token);
  }

  /** Sends `{text}` or `{payload}` under an id of ours; the same id again gives the same answer. */
  send(id, said, stop) {
    return this.#call("POST", "/chat/messages", { client_message_id: id, ...said }, stop);
  }

  async history(limit, before = "") {
    const page = await this.#call("GET", `/chat/messages?limit=${limit}${before && `&before=${before}`}`);
    if (!before) this.#lastEvent = page.messages[page.messages.length - 1]?.message_id ?? "";
    return page.messages;
  }

  rate(messageId, useful, reason) {
    return this.#call("POST", "/chat/ratings", { message_id: messageId, useful, ...(reason && { reason }) });
  }

  async erase() {
    await this.#call("DELETE", "/chat/sessions/current");
    this.forget();
  }

  /** Erases while the page is being left. */
  eraseLeaving() {
    if (!this.token) return;
    const headers = this.#headers();
    this.forget();
    fetch(`${this.#root}/chat/sessions/current`, { method: "DELETE", headers, keepalive: true }).catch(() => {});
  }

  /** Stops listening. */
  hush() {
    this.#listening?.abort();
    this.#listening = null;
  }

  /** Listens until the session ends: `on(name, data)` gets each event, `ask()` is called where no stream passes. */
  async listen(on, ask) {
    if (!this.token || this.#listening) return;
    const listening = (this.#listening = new AbortController());
    const token = this.token;
    for (let tries = 0; token === this.token && !listening.signal.aborted; tries += 1) {
      const came = await this.#stream(on, listening.signal);
      if (came === "ended") break;
      if (came === "streamed") tries = 0;
      if (tries > 1) {
        for (let asked = 0; asked < ASKED_BEFORE_STREAM && !listening.signal.aborted; asked += 1) {
          await pause(ASKING_MS, listening.signal);
          if (!listening.signal.aborted) await ask();
        }
      }
      await pause(backOff(tries), listening.signal);
    }
    if (this.#listening === listening) this.#listening = null;
  }

  /** Reads one stream: "ended" when the session has, "streamed" when anything came through, else "failed". */
  async #stream(on, outer) {
    const stop = new AbortController();
    const end = () => stop.abort();
    outer.addEventListener("abort", end);
    let alarm = setTimeout(end, GREETING_MS);
    let came = "failed";
    try {
      const headers = this.#headers();
      if (this.#lastEvent) headers["Last-Event-ID"] = this.#lastEvent;
      const answer = await fetch(`${this.#root}/chat/events`, { headers, cache: "no-store", signal: stop.signal });
      if (answer.status === 401) return "ended";
      if (!answer.ok) return came;
      const reader = answer.body.getReader();
      const letters = new TextDecoder();
      for (let held = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) return came;
        came = "streamed";
        clearTimeout(alarm);
        alarm = setTimeout(end, SILENCE_MS);
        const blocks = (held + letters.decode(value, { stream: true })).replaceAll("\r\n", "\n").split("\n\n");
        held = blocks.pop();
        for (const block of blocks) {
          const { id, event, data } = fieldsOf(block);
          if (id) this.#lastEvent = id;
          if (event && data) on(event, JSON.parse(data));
        }
      }
    } catch {
      return came;
    } finally {
      clearTimeout(alarm);
      outer.removeEventListener("abort", end);
    }
  }

  #headers(body) {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    return headers;
  }

  async #call(method, path, body, stop = new AbortController()) {
    let answer;
    let content = null;
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    const unreached = { title: this.#words.offline_title, detail: this.#words.offline, next: "" };
    try {
      answer = await fetch(this.#root + path, {
        method,
        headers: this.#headers(body),
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        signal: stop.signal,
      });
      if (answer.status !== 204) content = await answer.json().catch(() => null);
    } catch {
      throw new Problem(0, unreached, 0);
    } finally {
      clearTimeout(timer);
    }
    if (answer.ok && (content || answer.status === 204)) return content;
    // A page of some proxy instead of an answer of ours is a network that fails.
    const ours = content?.title && content?.detail;
    const wait = Number(answer.headers.get("Retry-After")) || 0;
    throw new Problem(ours ? answer.status : 0, ours ? { next: "", ...content } : unreached, wait);
  }
}

function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

function fieldsOf(block) {
  const fields = { id: "", event: "", data: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (name in fields) fields[name] += line.slice(colon + 1).replace(/^ /, "");
  }
  return fields;
}

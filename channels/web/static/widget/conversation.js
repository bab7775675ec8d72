// The conversation: what was said goes out once and in order, what was answered is shown once, in every tab.

import { Problem, backOff } from "./api.js";
import { newId } from "./dom.js";

const STALL_MS = 8000;
const PAGE = 30;
const REFUSED_FOR_GOOD = 401;

/**
 * Sends and receives. The view shows: `mine(id, text)`, `waiting(id, again)`, `theirs(messageId, replies, id, fresh)`,
 * `unanswered(id)`, `officer(id)`, `notice(words)`, `problem(id, problem, again)`, `stalled(id, again)`, `busy(isBusy)`,
 * `clear()`, `older(load)`, `above(draw)`.
 */
export class Conversation {
  #api;
  #store;
  #view;
  #words;
  #asked = new Set();
  #answered = new Set();
  #sending = false;
  #tries = 0;
  #timer = 0;
  #withOfficer = false;
  #oldest = "";
  // Counts erasures: what was on its way before one is not heeded after it.
  #era = 0;

  constructor(api, store, view, words) {
    this.#api = api;
    this.#store = store;
    this.#view = view;
    this.#words = words;
    addEventListener("online", () => this.#flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") api.hush();
      else this.resume();
    });
    store.watch((key) => {
      if (key === "token") this.#another();
      else if (key === "turn") this.sync();
      else if (key === "queue") this.#drawQueue();
    });
  }

  /** Id of the newest answer that is shown. */
  get newest() {
    return [...this.#answered].pop() ?? "";
  }

  /** How many answers came after the one with this id. */
  newerThan(messageId) {
    const shown = [...this.#answered];
    const at = shown.indexOf(messageId);
    return at < 0 ? 0 : shown.length - 1 - at;
  }

  /** Says something: `{text}` or `{payload}`, which reads as `title`. */
  say(said, title) {
    const id = newId();
    this.#store.set("queue", [...this.#queue, { id, said, title }]);
    this.#drawQueue();
    this.#tries = 0;
    this.#flush();
  }

  /** Shows what was said before, and sends what could not be sent. */
  async resume() {
    if (this.#api.token) await this.sync();
    this.#drawQueue();
    this.#flush();
  }

  /** Shows whatever this page does not show yet. */
  async sync() {
    if (!this.#api.token) return;
    const era = this.#era;
    try {
      const entries = await this.#api.history(PAGE);
      if (era !== this.#era) return;
      const first = !this.#oldest;
      for (const entry of entries) this.#show(entry);
      if (first && entries.length) this.#oldest = entries[0].message_id;
      if (first && entries.length === PAGE) this.#offerOlder();
      this.#listen();
    } catch (problem) {
      if (era === this.#era) this.#failedQuietly(problem);
    }
  }

  async erase() {
    clearTimeout(this.#timer);
    try {
      if (this.#api.token) await this.#api.erase();
      this.#api.forget();
    } catch (problem) {
      if (problem.status !== REFUSED_FOR_GOOD) throw problem;
      this.#api.forget();
    }
    this.#reset();
  }

  /** Forgets at once; the gateway is told while the page goes. */
  eraseLeaving() {
    clearTimeout(this.#timer);
    this.#api.eraseLeaving();
    this.#reset();
  }

  rate(messageId, useful, reason) {
    return this.#api.rate(messageId, useful, reason);
  }

  /** Told by the view when it let go of the oldest turns. */
  letGo(messageId) {
    this.#oldest = messageId;
    this.#offerOlder();
  }

  get #queue() {
    return this.#store.get("queue", []);
  }

  #dequeue(id) {
    const queue = this.#queue;
    const left = queue.filter((one) => one.id !== id);
    if (left.length < queue.length) this.#store.set("queue", left);
  }

  #drawQueue() {
    for (const { id, title } of this.#queue) this.#mine(id, title);
  }

  #mine(id, text) {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#view.mine(id, text);
  }

  #theirs(messageId, replies, id, fresh) {
    if (this.#answered.has(messageId)) return;
    this.#answered.add(messageId);
    // Until the assistant answers again; what comes by itself is the officer's.
    if (id) this.#withOfficer = replies.some(({ kind }) => kind === "handoff");
    this.#view.theirs(messageId, replies, id, fresh);
  }

  #show({ message_id: messageId, client_message_id: id, text, replies }, fresh = this.#oldest !== "") {
    if (this.#answered.has(messageId)) return;
    if (text) this.#mine(id, text);
    if (replies.length) this.#theirs(messageId, replies, text ? id : "", fresh);
    else if (this.#queue.some((one) => one.id === id)) return;
    else if (this.#withOfficer) this.#view.officer(id);
    else if (!fresh) this.#view.unanswered(id);
  }

  #offerOlder() {
    this.#view.older(async () => {
      const era = this.#era;
      const entries = await this.#api.history(PAGE, this.#oldest);
      if (era !== this.#era) return false;
      if (entries.length) this.#oldest = entries[0].message_id;
      for (const { client_message_id: id, message_id: messageId } of entries) {
        this.#asked.delete(id);
        this.#answered.delete(messageId);
      }
      const later = this.#answered;
      this.#answered = new Set();
      this.#view.above(() => entries.forEach((entry) => this.#show(entry, false)));
      for (const messageId of later) this.#answered.add(messageId);
      return entries.length === PAGE;
    });
  }

  async #flush() {
    clearTimeout(this.#timer);
    if (this.#sending || !this.#queue.length) return;
    this.#sending = true;
    this.#view.busy(true);
    // One tab sends at a time, so that the order of what was said is kept.
    const locks = navigator.locks;
    const all = () => this.#sendAll();
    await (locks ? locks.request("motcua-send", all) : all());
    this.#sending = false;
    this.#view.busy(false);
  }

  async #sendAll() {
    for (let next; (next = this.#queue[0]); ) {
      try {
        await this.#deliver(next);
        this.#dequeue(next.id);
        this.#tries = 0;
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        if (problem.status === 0) {
          this.#view.waiting(next.id, () => this.#flush());
          this.#timer = setTimeout(() => this.#flush(), backOff(this.#tries));
          this.#tries += 1;
          return;
        }
        this.#dequeue(next.id);
        this.#view.problem(next.id, problem, () => {
          this.#store.set("queue", [next, ...this.#queue]);
          this.#flush();
        });
      }
    }
  }

  async #deliver({ id, said }) {
    const era = this.#era;
    const answer = await this.#attempt(id, said, era);
    if (!answer || era !== this.#era) return;
    if (answer.replies.length) this.#theirs(answer.message_id, answer.replies, id, true);
    else {
      this.#withOfficer = true;
      this.#view.officer(id);
    }
    if (!this.#oldest) this.#oldest = answer.message_id;
    this.#store.set("turn", answer.message_id);
    this.#listen();
  }

  async #attempt(id, said, era) {
    await this.#api.open();
    if (era !== this.#era) return null;
    try {
      return await this.#patiently(id, said);
    } catch (problem) {
      if (era !== this.#era) return null;
      if (problem.status !== REFUSED_FOR_GOOD) throw problem;
      this.#renounce();
      await this.#api.open();
      this.#view.notice(this.#words.renewed);
      return this.#patiently(id, said);
    }
  }

  /** Sends; after a while without an answer the person may have it sent again. */
  async #patiently(id, said) {
    for (;;) {
      const stop = new AbortController();
      let again = false;
      const timer = setTimeout(
        () =>
          this.#view.stalled(id, () => {
            again = true;
            stop.abort();
          }),
        STALL_MS,
      );
      try {
        return await this.#api.send(id, said, stop);
      } catch (problem) {
        if (!again) throw problem;
      } finally {
        clearTimeout(timer);
        this.#view.stalled(id, null);
      }
    }
  }

  #listen() {
    this.#api.listen(
      (name, { message_id: messageId, replies }) => {
        if (name === "erased") this.#another(true);
        else if (name === "replies" && replies?.length) {
          this.#theirs(messageId, replies, "", true);
          this.#store.set("turn", messageId);
        }
      },
      () => this.sync(),
    );
  }

  /** Another tab erased the conversation, or began a new one. */
  #another(erased = false) {
    if (erased) this.#api.forget();
    else this.#api.hush();
    this.#reset();
    this.resume();
  }

  #reset() {
    this.#asked.clear();
    this.#answered.clear();
    this.#oldest = "";
    this.#withOfficer = false;
    this.#era += 1;
    this.#view.clear();
  }

  #failedQuietly(problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === REFUSED_FOR_GOOD) this.#renounce();
    else if (!this.#answered.size) {
      this.#timer = setTimeout(() => this.resume(), backOff((this.#tries += 1)));
    }
  }

  /** Gives up a session that has ended, not what is still to be said. */
  #renounce() {
    const queue = this.#queue;
    this.#api.forget();
    this.#store.set("queue", queue);
  }
}

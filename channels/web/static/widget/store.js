// What this browser keeps of the conversation, for this site only: every tab of the site sees the same.

export class Store {
  #name;
  #memory = new Map();
  #lasting;

  /** Without `lasting` (the kiosk) nothing outlives the page. */
  constructor(name, lasting) {
    this.#name = name;
    try {
      // A browser may refuse storage altogether; then the conversation lives as long as the page.
      this.#lasting = lasting ? localStorage : null;
    } catch {
      this.#lasting = null;
    }
  }

  get(key, otherwise = null) {
    const name = `${this.#name}.${key}`;
    try {
      const kept = this.#lasting ? this.#lasting.getItem(name) : this.#memory.get(name);
      return kept === null || kept === undefined ? otherwise : JSON.parse(kept);
    } catch {
      return otherwise;
    }
  }

  set(key, value) {
    const name = `${this.#name}.${key}`;
    const kept = JSON.stringify(value);
    try {
      if (this.#lasting) this.#lasting.setItem(name, kept);
      else this.#memory.set(name, kept);
    } catch {
      // Full: what is kept already stays.
    }
  }

  clear() {
    for (const key of ["token", "queue", "marks", "seen", "turn"]) {
      const name = `${this.#name}.${key}`;
      this.#memory.delete(name);
      try {
        this.#lasting?.removeItem(name);
      } catch {
        // Nothing was kept there.
      }
    }
  }

  /** Calls `changed(key)` when another tab wrote. */
  watch(changed) {
    if (!this.#lasting) return;
    addEventListener("storage", ({ key }) => {
      if (key?.startsWith(`${this.#name}.`)) changed(key.slice(this.#name.length + 1));
    });
  }
}

// Reading aloud and dictation, where the browser has them.

const TONGUE = "vi-VN";

export const canSpeak = "speechSynthesis" in globalThis;
const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
export const canHear = Boolean(Recognition);

let spoken = null;

/** Reads a text, or stops reading it; `changed(isSpeaking)` is told. */
export function speak(text, changed) {
  const again = spoken?.changed === changed;
  spoken?.changed(false);
  spoken = null;
  speechSynthesis.cancel();
  if (again) return;
  const said = new SpeechSynthesisUtterance(text.replace(/https?:\/\/\S+/g, ""));
  said.lang = TONGUE;
  const voice = speechSynthesis.getVoices().find(({ lang }) => /^vi\b/i.test(lang));
  if (voice) said.voice = voice;
  const mine = (spoken = { changed });
  said.onend = said.onerror = () => {
    if (spoken !== mine) return;
    spoken = null;
    changed(false);
  };
  changed(true);
  speechSynthesis.speak(said);
}

/** Stops reading. */
export function quiet() {
  if (!spoken) return;
  spoken.changed(false);
  spoken = null;
  speechSynthesis.cancel();
}

/** Hears one sentence: `heard(text)` as it grows, `ended()` after the last. Gives what stops it. */
export function hear(heard, ended) {
  const listening = new Recognition();
  listening.lang = TONGUE;
  listening.interimResults = true;
  listening.onresult = ({ results }) => heard([...results].map(([best]) => best.transcript).join(" ").trim());
  listening.onend = ended;
  listening.onerror = () => listening.abort();
  listening.start();
  return () => listening.stop();
}

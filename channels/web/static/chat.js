// The chat page: asks, shows what was answered, and keeps the conversation across a reload.

import { ChatApi, Problem, newId } from "./api.js";
import { ReplyView, element } from "./reply.js";

const words = JSON.parse(document.body.dataset.words);
const api = new ChatApi(document.body.dataset.api, words);
const view = new ReplyView(words, JSON.parse(document.body.dataset.linkDomains));
const byId = (id) => document.getElementById(id);
const [talk, log, typing, greeting, composer, question, erase, eraseDialog] = [
  "talk", "log", "typing", "greeting", "composer", "question", "erase", "erase-dialog",
].map(byId);

// Messages go one after the other, as they were written.
let queue = Promise.resolve();
let waiting = 0;

// Messages that came by themselves and are on the screen.
const shownNotices = new Set();

function showMine(text) {
  const turn = element("article", "turn mine");
  turn.append(element("p", "who hidden", words.you), element("p", "said", text));
  log.append(turn);
  greeting.hidden = true;
  erase.hidden = false;
  return turn;
}

function showReplies(replies) {
  const turn = element("article", "turn theirs");
  turn.append(element("p", "who", words.assistant));
  for (const reply of replies) turn.append(view.draw(reply, (payload, title) => say({ payload }, title)));
  log.append(turn);
  return turn;
}

function showNotice(text) {
  log.append(element("p", "notice", text));
}

function showProblem(problem, again) {
  const card = element("div", "card trouble");
  card.append(element("strong", "", problem.title), element("p", "", `${problem.detail} ${problem.next}`.trim()));
  const turn = element("article", "turn theirs");
  if (again) {
    const button = element("button", "", words.retry);
    button.type = "button";
    button.addEventListener("click", () => {
      turn.remove();
      question.focus();
      again();
    });
    card.append(button);
  }
  turn.append(card);
  log.append(turn);
}

function showTyping(change) {
  waiting += change;
  typing.classList.toggle("on", waiting > 0);
  typing.textContent = waiting > 0 ? words.typing : "";
}

/** Brings the start of a turn into view: a long answer is read from its beginning. */
function reveal(turn) {
  talk.scrollTop += turn.getBoundingClientRect().top - talk.getBoundingClientRect().top - 12;
}

function say(said, shown) {
  const mine = showMine(shown);
  reveal(mine);
  deliver(newId(), said, mine);
}

function deliver(id, said, mine) {
  showTyping(+1);
  queue = queue.then(async () => {
    try {
      const { replies } = await send(id, said);
      showReplies(replies);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      showProblem(problem, () => deliver(id, said, mine));
    } finally {
      showTyping(-1);
      reveal(mine);
    }
  });
}

async function send(id, said) {
  const fresh = !api.token;
  await api.open();
  if (fresh) listen();
  try {
    return await api.send(id, said);
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    api.forget();
    await api.open();
    listen();
    const answer = await api.send(id, said);
    showNotice(words.renewed);
    return answer;
  }
}

function listen() {
  api.listen((name, { message_id: id, replies }) => {
    if (name !== "replies" || shownNotices.has(id)) return;
    if (id) shownNotices.add(id);
    reveal(showReplies(replies));
  });
}

async function restore() {
  if (!api.token) return;
  try {
    const { messages } = await api.history();
    // A restored conversation is not news: it is not read out.
    log.setAttribute("aria-live", "off");
    let last = null;
    for (const { message_id: id, text, replies } of messages) {
      if (text) last = showMine(text);
      if (replies.length) {
        const turn = showReplies(replies);
        if (!text) {
          shownNotices.add(id);
          last = turn;
        }
      } else showNotice(words.unanswered);
    }
    if (last) reveal(last);
    setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
    listen();
  } catch (problem) {
    if (problem.status === 401) api.forget();
    else if (problem instanceof Problem) showProblem(problem, restore);
    else throw problem;
  }
}

function grow() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight + 2}px`;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (text) say({ text }, text);
  question.value = "";
  grow();
  question.focus();
});

question.addEventListener("keydown", (event) => {
  // While a Vietnamese input method composes a word, Enter belongs to it.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

question.addEventListener("input", grow);

for (const button of document.querySelectorAll(".example")) {
  button.addEventListener("click", () => {
    say({ text: button.textContent }, button.textContent);
    question.focus({ preventScroll: true });
  });
}

erase.addEventListener("click", () => eraseDialog.showModal());

eraseDialog.addEventListener("close", async () => {
  if (eraseDialog.returnValue !== "yes") return;
  eraseDialog.returnValue = "";
  try {
    if (api.token) await api.erase();
  } catch (problem) {
    if (problem.status !== 401) {
      showProblem(problem, null);
      return;
    }
    api.forget();
  }
  log.replaceChildren();
  showNotice(words.erased);
  greeting.hidden = false;
  erase.hidden = true;
  question.focus();
});

restore();

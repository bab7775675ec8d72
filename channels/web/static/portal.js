// The demonstration page: questions ready to ask, and the line to copy. A portal needs none of this.

for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", async () => {
    await customElements.whenDefined("motcua-chat");
    document.querySelector("motcua-chat")?.ask(button.dataset.ask);
  });
}

const copy = document.getElementById("copy");
copy.addEventListener("click", async () => {
  const line = document.getElementById("snippet");
  try {
    await navigator.clipboard.writeText(line.textContent);
  } catch {
    // Without a secure address the line is selected, ready for the person's own copying.
    getSelection().selectAllChildren(line);
    return;
  }
  copy.textContent = copy.dataset.done;
});

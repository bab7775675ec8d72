// The button to print: shown only where the browser can.
const button = document.getElementById("print");
if (typeof window.print === "function") {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

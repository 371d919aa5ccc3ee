"use strict";
const box = document.querySelector("[data-filter]");
const cases = [...document.querySelectorAll("[data-case]")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
const narrow = () => {
  const words = box.elements.words.value.trim().toLowerCase();
  const suite = box.elements.suite.value;
  let shown = 0;
  for (const one of cases) {
    const fits = (!suite || one.node.dataset.suite === suite) && one.text.includes(words);
    one.node.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  box.querySelector("[data-shown]").textContent = `${shown} of ${cases.length} shown`;
};
if (box && cases.length) {
  box.hidden = false;
  box.addEventListener("input", narrow);
  box.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("reset", () => setTimeout(narrow));
  narrow();
}

// The verdict on an edit, asked for as somebody types. Without it the form leads to a page that says the same.

const PAUSE_MS = 250;
let waiting = 0;
let asked = 0;

async function ask(form) {
  const place = form.parentElement.querySelector("[data-edit-verdict]");
  if (!form.checkValidity()) return;
  const mine = ++asked;
  const address = `${form.dataset.edit}?${new URLSearchParams(new FormData(form))}`;
  place.setAttribute("aria-busy", "true");
  const answer = await fetch(address).catch(() => null);
  // Only the last question counts, in whatever order the answers come.
  if (mine !== asked) return;
  place.removeAttribute("aria-busy");
  if (!answer?.ok) {
    place.textContent = "The verdict could not be had just now. Try again in a moment.";
    return;
  }
  const told = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine === asked) place.replaceChildren(...told.body.childNodes);
}

function askSoon(event) {
  const form = event.target.form;
  if (!form?.dataset.edit) return;
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE_MS, form);
}

document.addEventListener("input", askSoon);
document.addEventListener("submit", (event) => {
  if (!event.target.dataset.edit) return;
  event.preventDefault();
  ask(event.target);
});

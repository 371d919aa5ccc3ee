// While a trial runs the page says so, and a second press starts no second one. Without it the forms work alike.

const forms = document.querySelectorAll("form[data-busy]");

function show(form, busy) {
  form.setAttribute("aria-busy", String(busy));
  form.querySelector("[data-busy-line]").hidden = !busy;
  form.querySelector("button[type=submit]").disabled = busy;
}

for (const form of forms) form.addEventListener("submit", () => show(form, true));

// The browser may bring the page back as it was left.
window.addEventListener("pageshow", () => forms.forEach((form) => show(form, false)));

// Improves the dock's pages: counts by thumb, serials compared as they are scanned, pages that fill themselves in.
// Without this file the forms work as they are; the server compares again.

import { fill } from "./live.js";

const words = (text) => text.toUpperCase().split(/[\s,;]+/).filter(Boolean);

for (const button of document.querySelectorAll("[data-step]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = button.parentElement.querySelector("input");
    field.value = Math.max(0, (Number.parseInt(field.value, 10) || 0) + Number(button.dataset.step));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function sayOfSerial(line, serial, seen) {
  if (seen.indexOf(serial) !== seen.lastIndexOf(serial)) return ["scanned twice", "bad"];
  if (words(line.dataset.here).includes(serial)) return ["already received", "bad"];
  const known = words(line.dataset.serials);
  if (!known.length) return ["noted", "mute"];
  return known.includes(serial) ? ["expected", "good"] : ["not on this return", "bad"];
}

function compare(line) {
  const list = line.querySelector("[data-seen]");
  if (!list) return;
  const seen = words(line.querySelector("[data-scan-lines]").value);
  list.replaceChildren(
    ...[...new Set(seen)].map((serial) => {
      const [said, look] = sayOfSerial(line, serial, seen);
      const item = document.createElement("li");
      const tag = document.createElement("span");
      tag.className = `tag tag-${look}`;
      tag.textContent = said;
      item.append(`${serial} `, tag);
      return item;
    }),
  );
}

function surplus(line) {
  const said = line.querySelector("[data-surplus]");
  if (!said) return;
  const count = Number.parseInt(line.querySelector("input[name^='count:']").value, 10) || 0;
  const more = count - Number(line.dataset.left);
  said.hidden = more <= 0;
  if (more > 0) said.textContent = `${more} more than announced: kept aside as unmatched.`;
}

for (const line of document.querySelectorAll("[data-line]")) {
  line.addEventListener("input", () => {
    compare(line);
    surplus(line);
  });
  compare(line);
  surplus(line);
}

// A scanner ends each code with Enter. In a one-line field that would send a form half filled in: it goes on instead.
for (const form of document.querySelectorAll(".dock-form")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input:not([type=radio], [type=checkbox], [type=file])")) return;
    event.preventDefault();
    const fields = [...form.querySelectorAll("input:not([type=hidden]), textarea, select, button.dock-main")];
    const next = fields.slice(fields.indexOf(event.target) + 1).find((field) => field.offsetParent && field.type !== "radio");
    next?.focus();
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

const problem = document.getElementById("problem");
const wrong = document.querySelector(".dock-form [aria-invalid]");
// What is wrong stands where it is wrong: on a small screen the top of the page is far away.
(wrong?.closest(".dock-line > *, .dock-options") ?? wrong)?.before(problem);
problem?.scrollIntoView({ block: "center" });

async function lookAgain(pause) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const fresh = page?.getElementById("fills");
  if (fresh && !("waits" in fresh.dataset)) {
    // Whoever scans the next parcel meanwhile is not interrupted.
    if (document.getElementById("scan")?.value) fill(document.getElementById("fills"), fresh.innerHTML);
    else location.reload();
    return;
  }
  setTimeout(lookAgain, pause, Math.min(pause * 1.5, 10_000));
}

if (document.querySelector("#fills[data-waits]")) setTimeout(lookAgain, 700, 1_000);

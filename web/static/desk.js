// The desk by keyboard, and pages that notice changes. Links and forms work without it.

const sheet = document.getElementById("keys");
const live = document.getElementById("live");
const caseGrid = document.getElementById("case");
// Asked for anew each time: the case column is exchanged when the case changes.
const note = () => document.getElementById("note");

const rows = () => [...document.querySelectorAll("tr[data-row] th a")];

function move(step) {
  const links = rows();
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  a: () => document.getElementById("approve")?.click(),
  r: () => document.getElementById("reject")?.click(),
  e: () => note()?.focus(),
  u: () => location.assign("/desk"),
  "/": () => document.getElementById("q")?.focus(),
  "?": () => sheet.showModal(),
};

function isTyping(target) {
  return target.matches("input, textarea, select") || target.isContentEditable;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === note()) note().blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target) || sheet.open) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "decision") return;
  const asksForNote = event.submitter?.hasAttribute("data-needs-note") && !note().value.trim();
  document.getElementById("note-problem").hidden = !asksForNote;
  if (asksForNote) {
    event.preventDefault();
    note().focus();
  }
});

async function freshPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function lookAgain() {
  const page = await freshPage().catch(() => null);
  if (!page) return;
  document.getElementById("banners").replaceWith(page.getElementById("banners"));
  if (live) swapQueue(page);
  if (caseGrid) compareCase(page);
  swapLease(page);
}

function swapLease(page) {
  const [now, fresh] = [document.getElementById("lease"), page.getElementById("lease")];
  const isInUse = now?.contains(document.activeElement) || now?.querySelector("details[open]");
  if (now && fresh && !isInUse && now.outerHTML !== fresh.outerHTML) now.replaceWith(fresh);
}

function swapQueue(page) {
  const fresh = page.getElementById("live");
  if (fresh.innerHTML === live.innerHTML) return;
  const focused = document.activeElement?.getAttribute("href");
  const unfolded = [...live.querySelectorAll("details[open][id]")].map((one) => one.id);
  live.innerHTML = fresh.innerHTML;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function compareCase(page) {
  const fresh = page.getElementById("case");
  if (!fresh) return;
  const main = ".case-main";
  if (fresh.dataset.version === caseGrid.dataset.version) {
    const now = fresh.querySelector(main);
    if (now.textContent !== caseGrid.querySelector(main).textContent) caseGrid.querySelector(main).replaceWith(now);
    return;
  }
  if (note()?.value.trim()) {
    // Somebody is writing: what they see stays, and they are told.
    document.getElementById("changed").hidden = false;
    return;
  }
  caseGrid.replaceChildren(...fresh.childNodes);
  caseGrid.dataset.version = fresh.dataset.version;
  document.getElementById("changed").hidden = true;
}

let waiting = 0;
const stream = new EventSource("/desk/events");
function lookSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(lookAgain, 150);
}
stream.addEventListener("news", lookSoon);
// What happened between drawing the page and listening, or while the connection was broken, rang no bell here.
stream.addEventListener("open", lookSoon);

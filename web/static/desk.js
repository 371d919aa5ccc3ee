// The desk by keyboard, and pages that notice changes. Links and forms work without it.

const sheet = document.getElementById("keys");
const live = document.getElementById("live");
const caseGrid = document.getElementById("case");
const byId = (id) => document.getElementById(id);

const rows = () => [...document.querySelectorAll("tr[data-row] th a")];
const lines = () => [...document.querySelectorAll("a[data-line]")];

function step(links, by) {
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
  links[next]?.focus();
}

function move(by) {
  if (lines().includes(document.activeElement)) return step(lines(), by);
  if (!caseGrid) return step(rows(), by);
  byId(by > 0 ? "after" : "before")?.click();
}

// Asked for anew each time: the case column is exchanged when the case changes.
function openAct(name) {
  const act = byId(`act-${name}`);
  if (!act) return;
  act.open = true;
  const first = act.querySelector("input[type=radio]:checked, input[type=radio], form.stack input:not([type=hidden]), textarea");
  first?.focus();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  a: () => byId("approve")?.click(),
  r: () => openAct("reject"),
  q: () => openAct("ask"),
  x: () => openAct("expert"),
  c: () => openAct("instead"),
  e: () => openAct("edit"),
  n: () => openAct("note"),
  z: () => document.querySelector("[data-undo-button]")?.click(),
  u: () => location.assign("/desk"),
  "/": () => document.getElementById("q")?.focus(),
  "?": () => sheet.showModal(),
};

const TYPED = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select";
const isTyping = (target) => target.matches(TYPED) || target.isContentEditable;

function choose(number) {
  const choice = [...document.querySelectorAll(".act[open] .reasons input")][number - 1];
  if (!choice) return false;
  choice.click();
  choice.focus();
  choice.form.elements.note.scrollIntoView({ block: "nearest" });
  return true;
}

function leave(target) {
  const act = target.closest?.(".act[open]");
  if (!act) return;
  if (isTyping(target)) return act.querySelector("summary").focus();
  act.open = false;
  act.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !sheet?.open) leave(event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target) || sheet?.open) return;
  if (/^[1-9]$/.test(event.key) && choose(Number(event.key))) return event.preventDefault();
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// A reason brings its text along, as long as nobody has written one of their own.
document.addEventListener("change", (event) => {
  if (!event.target.matches(".reasons input")) return;
  const form = event.target.form;
  const note = form.elements.note;
  const texts = [...form.querySelectorAll("[data-reply]")].map((one) => one.dataset.reply);
  if (note.value.trim() && !texts.includes(note.value)) return;
  note.value = event.target.dataset.reply ?? "";
});

// The seconds in which a decision can be taken back.
let counted = performance.now();
function countDown() {
  const passed = (performance.now() - counted) / 1000;
  for (const undo of document.querySelectorAll("[data-undo]")) {
    const left = Math.ceil(Number(undo.dataset.undo) - passed);
    const shown = undo.querySelector("[data-undo-left]");
    if (shown && left > 0) shown.textContent = left;
    if (left > 0 || undo.dataset.over) continue;
    undo.dataset.over = "yes";
    undo.querySelector("[data-undo-words]").textContent = "It is being carried out.";
    undo.querySelector("form")?.remove();
  }
}
if (document.querySelector("[data-undo]")) setInterval(countDown, 250);

async function freshPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function lookAgain() {
  const page = await freshPage().catch(() => null);
  if (!page) return;
  byId("banners").replaceWith(page.getElementById("banners"));
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
  counted = performance.now();
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function isWriting() {
  const written = [...caseGrid.querySelectorAll("textarea, input:not([type=hidden])")];
  return written.some((one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked) || caseGrid.querySelector(".act[open]");
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
  if (isWriting()) {
    // Somebody is writing: what they see stays, and they are told.
    byId("changed").hidden = false;
    return;
  }
  caseGrid.replaceChildren(...fresh.childNodes);
  caseGrid.dataset.version = fresh.dataset.version;
  byId("changed").hidden = true;
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

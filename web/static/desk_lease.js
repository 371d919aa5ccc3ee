// Looking at a case that nobody has takes it, and working on it keeps it. Without scripts there is a button.

const QUIET_MS = 60_000;
const section = () => document.getElementById("lease");
let told = 0;

async function tellWorking() {
  const at = section();
  const token = at?.querySelector("input[name=token]")?.value;
  if (!token) return;
  told = Date.now();
  const answer = await fetch(`/desk/${at.dataset.review}/working`, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ token }),
  }).catch(() => null);
  const said = answer?.ok ? await answer.json() : null;
  if (said && said.mine !== at.hasAttribute("data-mine")) await showAnew();
}

async function showAnew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("lease");
  const at = section();
  if (fresh && at && !at.contains(document.activeElement)) at.replaceWith(fresh);
}

function noticeWork() {
  if (section()?.hasAttribute("data-mine") && Date.now() - told > QUIET_MS) tellWorking();
}

if (section()?.hasAttribute("data-free")) tellWorking();
for (const kind of ["keydown", "pointerdown", "input"]) document.addEventListener(kind, noticeWork);

// Improves the chat page: what is new appears by itself, photos are shown before they are sent.
// Without this file the forms work as they are.

import { fill } from "./live.js";

const list = document.getElementById("messages");
const composer = document.getElementById("composer");
const text = document.getElementById("text");
const picker = document.getElementById("photos");
const previews = document.getElementById("previews");
const problem = document.getElementById("problem");
const working = document.getElementById("working");
const workingWords = document.getElementById("working-words");
const offline = document.getElementById("offline");
const thread = list?.dataset.thread;
const scroller = document.querySelector(".talk");
const wide = matchMedia("(min-width: 48.01rem)");

const PATIENCE_MS = 8000;
const LONGER =
  "This takes longer than usual. Your message is kept, and the answer appears here by itself; you may close the page, write on, or talk to a person.";
const OFFLINE_MS = 4000;

let patience;
let lost;
let asking = false;
let askAgain = false;

function toTheEnd() {
  if (wide.matches) scroller.scrollTo({ top: scroller.scrollHeight });
  else window.scrollTo({ top: document.documentElement.scrollHeight });
}

function isAtTheEnd() {
  const box = wide.matches ? scroller : document.documentElement;
  return box.scrollHeight - box.scrollTop - box.clientHeight < 240;
}

function showWorking(on, words) {
  clearTimeout(patience);
  working.hidden = !on;
  if (!on) return;
  if (words) workingWords.textContent = words;
  patience = setTimeout(() => {
    const follow = isAtTheEnd();
    workingWords.textContent = LONGER;
    if (follow) toTheEnd();
  }, PATIENCE_MS);
}

async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const answer = await fetch(`/chat/${thread}/live?after=${list.dataset.seq}`, { headers: { Accept: "application/json" } });
    if (answer.status === 401) location.reload();
    if (answer.ok) show(await answer.json());
  } catch {
    // The connection is gone for a moment; the stream reconnects and asks again.
  } finally {
    asking = false;
    if (askAgain) {
      askAgain = false;
      refresh();
    }
  }
}

function show(news) {
  const follow = isAtTheEnd();
  if (news.last_seq > Number(list.dataset.seq)) {
    for (const old of list.querySelectorAll(".choices")) old.remove();
    for (const draft of list.querySelectorAll(".unsent")) draft.remove();
    const held = document.createElement("template");
    held.innerHTML = news.messages;
    list.append(held.content);
    list.dataset.seq = news.last_seq;
  }
  fill(document.getElementById("status"), news.status);
  showWorking(news.working, news.pending ? "Being decided. The answer appears here by itself." : "Reading your message");
  document.getElementById("delayed").hidden = !news.delayed;
  if (follow) toTheEnd();
}

function sayProblem(words) {
  problem.textContent = words;
  problem.hidden = !words;
}

async function send(form, again) {
  const body = new FormData(form);
  // Every message has a mark of its own, so that a repeated request is not a second message.
  body.set("once", crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      throw new Error(told.detail || "That did not arrive. Try again.");
    }
    await refresh();
  } catch (error) {
    again();
    sayProblem(error instanceof TypeError ? "No connection. Your message is still here; send it again." : error.message);
  }
}

function unsent(words) {
  const article = document.createElement("article");
  article.className = "message from-customer unsent";
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  const paragraph = document.createElement("p");
  paragraph.textContent = words || "Photo";
  bubble.append(paragraph);
  article.append(bubble);
  list.append(article);
  toTheEnd();
  return article;
}

function sendComposer(event) {
  event.preventDefault();
  const words = text.value;
  if (!words.trim() && !picker.files.length) {
    sayProblem("Write a few words, or add a photo.");
    text.focus();
    return;
  }
  sayProblem("");
  const article = unsent(words.trim());
  const sending = send(composer, () => {
    article.remove();
    text.value = words;
    showWorking(false);
  });
  showWorking(true, "Reading your message");
  text.value = "";
  picker.value = "";
  previews.replaceChildren();
  text.focus();
  return sending;
}

function preview() {
  previews.replaceChildren();
  for (const file of picker.files) {
    const item = document.createElement("li");
    const picture = document.createElement("img");
    picture.src = URL.createObjectURL(file);
    picture.alt = file.name;
    picture.onload = () => URL.revokeObjectURL(picture.src);
    item.append(picture);
    previews.append(item);
  }
}

function onClick(event) {
  const focus = event.target.closest("[data-focus]");
  const pick = event.target.closest("[data-pick]");
  if (focus) {
    event.preventDefault();
    text.focus();
  }
  if (pick) {
    event.preventDefault();
    picker.click();
  }
}

function onButton(event) {
  const form = event.target.closest("form.say");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const article = unsent(button.textContent.trim());
  showWorking(true, "One moment");
  text.focus({ preventScroll: true });
  send(form, () => {
    article.remove();
    button.disabled = false;
    showWorking(false);
  });
}

/** News of this conversation. What ended the stream for good, such as a restart, is tried again after a while. */
function listen() {
  const stream = new EventSource(`/chat/${thread}/events?after=${list.dataset.event}`);
  stream.addEventListener("news", refresh);
  stream.addEventListener("open", () => {
    clearTimeout(lost);
    lost = undefined;
    offline.hidden = true;
    refresh();
  });
  stream.addEventListener("error", () => {
    // A moment without a connection is nobody's concern.
    lost ??= setTimeout(() => {
      offline.hidden = false;
    }, OFFLINE_MS);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, OFFLINE_MS);
  });
}

picker.addEventListener("change", preview);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && wide.matches) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

if (thread) {
  composer.addEventListener("submit", sendComposer);
  list.addEventListener("submit", onButton);
  list.addEventListener("click", onClick);
  listen();
  toTheEnd();
  text.focus({ preventScroll: true });
} else {
  composer.addEventListener("submit", (event) => {
    if (!text.value.trim() && !picker.files.length) {
      event.preventDefault();
      sayProblem("Write a few words first.");
      text.focus();
    }
  });
}

for (const more of document.querySelectorAll(".threads-more")) {
  if (matchMedia("(max-width: 68rem)").matches) more.open = false;
}

// Shared by pages that fill themselves in.

/** Put fresh HTML into a part of the page, and leave it alone when nothing changed: focus and reading place stay. */
export function fill(part, html) {
  const held = document.createElement("template");
  held.innerHTML = html;
  if (held.innerHTML === part.dataset.shown) return;
  part.dataset.shown = held.innerHTML;
  part.replaceChildren(held.content);
}

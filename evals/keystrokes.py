"""`python -m evals.keystrokes URL` says how many keys and seconds ten archetypal cases take on the desk.

A keystroke-level model (Card, Moran and Newell, 1980): K for a key, M for making up one's mind, and reading
at 250 words a minute. The words are counted on the pages of a running demo, not supposed: what a decision
rests on (head, figures, why it is here, goods, words, what approving does, and the text that is sent), and
beside it all that is visible. What it does not know is whether a case is hard, and a person is no average.

The ten are what `backhaul up` begins a demo with; each is dealt with in the way that is named here. Nothing
is sent to the house but a sign-in.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median
from typing import Annotated
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import typer
from rich.console import Console
from rich.table import Table

K_SECONDS = 0.28
"""A key of an average typist"""
M_SECONDS = 1.35
"""A thought: what is this, and what do I do with it"""
WORDS_A_MINUTE = 250
_VOID = frozenset({"area", "br", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNSEEN = frozenset({"script", "style", "noscript", "template", "dialog", "select", "textarea", "svg", "kbd"})
_READ_FIRST = ("head", "why", "goods", "words", "question", "command")
"""The parts of the page that a decision rests on"""
_WORD = re.compile(r"\S*\w\S*")

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Way:
    """How an archetypal case is dealt with: which one, the act's key, and the number of its reason."""

    about: str
    why: str
    """A stretch of the sentence that says why it is on the desk"""
    act: str
    number: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """What is pressed; the next case opens by itself."""
        return (self.act,) if self.act == "a" else (self.act, str(self.number), "Enter")


WAYS = (
    Way("Above the limit without approval", "are at stake on this order", "a"),
    Way("A write-down above the limit", "off the books", "a"),
    Way("A claim on a supplier that wants its number first", "takes nothing without its own RMA", "a"),
    Way("The inspection does not bear the reason out", "does not bear the reason out", "r", 2),
    Way("The supplier declined", "The supplier declined", "r", 2),
    Way("The supplier asks something technical", "The supplier asks", "x", 1),
    Way("Another article came", "came instead of", "q", 5),
    Way("Another serial came", "came, authorised is", "q", 2),
    Way("The dock refused a parcel", "the dock refused the parcel", "q", 1),
    Way("An empty box", "the box was empty", "x", 2),
)


@dataclass(slots=True)
class _Place:
    """An element that is open while the page is read."""

    tag: str
    part: str
    is_unseen: bool = False
    is_folded: bool = False
    """Inside a closed disclosure, of which only the summary is seen"""
    is_closed: bool = False
    """Such a disclosure itself"""


@dataclass(slots=True)
class Page(HTMLParser):
    """The words of a case page that somebody sees, by part, and the texts that its reasons bring along."""

    words: dict[str, int] = field(default_factory=dict)
    replies: dict[tuple[str, str], str] = field(default_factory=dict)
    _open: list[_Place] = field(default_factory=list)
    _form: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is entered."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = said.get("action", "").rpartition("/")[2]
        if tag == "input" and said.get("name") == "reason":
            self.replies[self._form, said["value"]] = said.get("data-reply", "")
        if tag in _VOID:
            return
        above = self._open[-1] if self._open else _Place("", "")
        unseen = above.is_unseen or tag in _UNSEEN or "hidden" in said or _is_away(said.get("class", ""))
        folded = above.is_folded or (above.is_closed and tag != "summary")
        part = _part_of(tag, said) or above.part
        self._open.append(_Place(tag, part, unseen, folded, tag == "details" and "open" not in said))

    def handle_endtag(self, tag: str) -> None:
        """Leave it, and whatever was left open inside."""
        while self._open:
            if self._open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        """Count what is seen."""
        if not self._open or not any(one.tag == "main" for one in self._open):
            return
        here = self._open[-1]
        if not here.is_unseen and not here.is_folded:
            self.words[here.part] = self.words.get(here.part, 0) + len(_WORD.findall(data))

    def reply(self, form: str, number: int) -> str:
        """The text that the reason with this number brings along; empty when it has none."""
        texts = [text for (action, _), text in self.replies.items() if action == form]
        return texts[number - 1] if 0 < number <= len(texts) else ""


def _is_away(classes: str) -> bool:
    return bool({"away", "skip", "command-digest"} & set(classes.split()))


def _part_of(tag: str, said: dict[str, str]) -> str:
    if tag == "header" and "case-head" in said.get("class", ""):
        return "head"
    if "key-figures" in said.get("class", ""):
        return "head"
    if said.get("class") == "command":
        return "command"
    return said.get("aria-labelledby", "") if tag == "section" else ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one case takes."""

    way: Way
    read_words: int
    all_words: int

    @property
    def seconds(self) -> float:
        """Reading what the decision rests on, two thoughts and one for a reason, and the keys."""
        return _reading(self.read_words) + self._hands

    @property
    def seconds_reading_all(self) -> float:
        """The same for who reads every word on the page."""
        return _reading(self.all_words) + self._hands

    @property
    def _hands(self) -> float:
        thoughts = 2 if self.way.act == "a" else 3
        return thoughts * M_SECONDS + len(self.way.keys) * K_SECONDS


def _reading(words: int) -> float:
    return words / WORDS_A_MINUTE * 60


_FORMS = {"r": "reject", "q": "ask", "x": "expert"}


def estimate(way: Way, html: str) -> Estimate:
    """Count the words of a page, and of the text that would be sent."""
    page = Page()
    page.feed(html)
    sent = len(_WORD.findall(page.reply(_FORMS.get(way.act, ""), way.number)))
    read = sum(page.words.get(part, 0) for part in _READ_FIRST) + sent
    return Estimate(way, read, sum(page.words.values()) + sent)


def estimates(pages: Sequence[str]) -> Iterator[Estimate]:
    """One for each archetype that is among the pages."""
    for way in WAYS:
        found = next((page for page in pages if way.why in page), None)
        if found is not None:
            yield estimate(way, found)


def _signed_in(url: str, email: str, password: str) -> OpenerDirector:
    visitor = build_opener(HTTPCookieProcessor(CookieJar()))
    door = visitor.open(f"{url}/staff/sign-in").read().decode()
    token = re.search(r'name="token" value="([0-9a-f]+)"', door)
    fields = {"token": token[1] if token else "", "email": email, "password": password}
    visitor.open(f"{url}/staff/sign-in", urlencode(fields).encode())
    return visitor


def main(
    url: Annotated[str, typer.Argument(help="Where a demo runs that nobody has worked in yet.")],
    password: Annotated[str, typer.Option(help="As `backhaul up` prints it for a demo.")],
    email: Annotated[str, typer.Option(help="Who signs in.")] = "rita.reviewer@halden.example",
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures here.")] = None,
) -> None:
    """Print keys and seconds of each case, with their medians."""
    url = url.rstrip("/")
    visitor = _signed_in(url, email, password)
    queue = visitor.open(f"{url}/desk").read().decode()
    links = list(dict.fromkeys(re.findall(r'<a href="(/desk/RV-[^"]+)"', queue)))
    found = list(estimates([visitor.open(f"{url}{link}").read().decode() for link in links]))
    if not found:
        raise typer.BadParameter("none of the ten cases waits on that desk")
    table = Table("case", "keys", "words read", "seconds", "words in all", "seconds, all read", box=None)
    for one in found:
        table.add_row(
            one.way.about,
            " ".join(one.way.keys),
            str(one.read_words),
            f"{one.seconds:.0f}",
            str(one.all_words),
            f"{one.seconds_reading_all:.0f}",
        )
    console.print(table)
    keys, seconds = median(len(one.way.keys) for one in found), median(one.seconds for one in found)
    every_word = median(one.seconds_reading_all for one in found)
    console.print(
        f"{len(found)} cases: median {keys:g} keys and {seconds:.0f} s"
        f" ({every_word:.0f} s for who reads every word)"
    )
    if json_file is not None:
        figures = {"cases": len(found), "keys": keys, "seconds": seconds, "seconds_all_read": every_word}
        json_file.write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)

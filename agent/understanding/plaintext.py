"""A message made plain for reading, keeping for every character where it came from.

Hidden characters, look-alikes and markup are a way to smuggle words past a reader, so they are folded before
anything is matched; spans still point into the message as received.
"""

import re
import unicodedata
from dataclasses import dataclass

from agent.understanding.claim import Span

MAX_CHARACTERS = 20_000
"""More than any honest message; what lies beyond is not read."""

_FOLDS = str.maketrans(
    {
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{HYPHEN}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{MULTIPLICATION SIGN}": "x",
        "\t": " ",
        "\r": " ",
    }
)
_BLOB = re.compile(r"[A-Za-z0-9+/=_-]{48,}")
_MARKUP = re.compile(r"<[^<>\n]{1,80}>")
_QUOTED = re.compile(
    r"^[ ]*>.*$|^[ ]*On .{5,120} wrote:[ ]*$|^[ ]*-{2,} ?Original Message ?-{2,}[ ]*$", re.MULTILINE
)
_A_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class PlainText:
    """Folded text in the customer's own case, with the origin of each character."""

    text: str
    origin: tuple[int, ...]

    @property
    def lower(self) -> str:
        """Lower case of the same length, so that offsets agree with `text`."""
        return "".join(low if len(low := char.lower()) == 1 else char for char in self.text)

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands in the message as received."""
        if start >= end:
            return Span(0, 0)
        return Span(self.origin[start], self.origin[end - 1] + 1)


def plain(message: str) -> PlainText:
    """Fold width, quotes and dashes; drop hidden characters, markup and encoded blobs; cap the length."""
    characters: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(message[:MAX_CHARACTERS]):
        for folded in unicodedata.normalize("NFKC", char.translate(_FOLDS)):
            if folded != "\n" and unicodedata.category(folded)[0] == "C":
                continue
            characters.append(folded)
            origin.append(at)
    text = _MARKUP.sub(_blank, _BLOB.sub(_blank, _without_quotes("".join(characters))))
    return PlainText(text, tuple(origin))


def _without_quotes(text: str) -> str:
    """Without what a mail quotes of earlier ones, unless there is nothing else in it."""
    own = _QUOTED.sub(_blank, text)
    return own if _A_WORD.search(own) else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())

"""The two sides of a wrong item: what was ordered and what came instead."""

import re
from dataclasses import dataclass

_END = (
    r"(?=\s*(?:[.,;:!?\n(]|$|\s-\s|\b(?:instead|on|from|in|but|and|so|which|because|while|when"
    r"|please|can|could|we|i|you|to|for|at|with)\b))"
)
_THING = r"(?:(?:me|us|out|a|an|the|some|in)\s+)*(?P<{0}>[a-z0-9][^.;!?\n,]{{0,50}}?)"
_CAME = (
    r"(?:sent|shipped|supplied|delivered|received|recd|rcvd|got|gave|given|were sent"
    r"|was sent|arrived(?: is| was)?|came(?: is| was)?|"
    r"turned up(?: is| was)?|inside (?:is|was|are)|contents? (?:is|are|was)|bag says"
    r"|(?:box|bag|carton|crate|parcel|package) (?:has|had|says|contains|contained)|have received"
    r"|found|unpacked|turned out to be|(?:was|were|is|are) actually)"
)
_ASKED = (
    r"(?:ordered|asked for|requested|bought|purchased|wanted|needed|(?:was|were) expecting|"
    r"should (?:have been|be)|supposed to be|meant to be|order (?:was for|is for|was|is|says|reads)|"
    r"po (?:was for|is for|says|calls for|reads|was|is))"
)
_LINK = (
    r"[\s,;:.-]*(?:(?:but|and|when|while|whereas|although|though|yet|however|which|that|it|i|we|i'd|we'd|had"
    r"|have|the|our|my|you|they|your \w+)\s+)*"
)


def _shape(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts))


_R, _O = _THING.format("received"), _THING.format("ordered")
_SHAPES = (
    _shape(
        r"\b", _CAME, r"\s+", _R, r"[\s,]+(?:instead of|rather than|in place of|and not|not)\s+", _O, _END
    ),
    _shape(
        r"\binstead of\s+",
        _O,
        r"[\s,]+(?:(?:i|we|you|they|there)\s+)*(?:have |had )?(?:was |were )?",
        _CAME,
        r"\s+",
        _R,
        _END,
    ),
    _shape(r"\b", _ASKED, r":?\s+", _O, r"[\s,;.-]+", _LINK, _CAME, r":?\s+", _R, _END),
    _shape(r"\b", _CAME, r":?\s+", _R, r"[\s,;.-]+", _LINK, _ASKED, r":?\s+", _O, _END),
    _shape(
        r"\b",
        _ASKED,
        r"\s+",
        _O,
        r"[\s,;-]+(?:but |and )(?:a |an "
        r"|the )?(?P<received>[a-z][^.;!?\n,]{1,40}?)\s+(?:came|arrived|turned up"
        r"|was (?:sent|supplied|delivered))\b(?!\s+(?:damaged|broken|cracked|bent|torn|late|dead|faulty"
        r"|defective|in|on|with|without|fine|ok|okay)\b)",
    ),
    _shape(
        r"\b",
        _CAME,
        r"\s+",
        _R,
        r"\s+(?:in (?:the|a|that|our) \w+ )?where\s+",
        _O,
        r"\s+(?:should|ought to|was supposed to|were supposed to)\b",
    ),
)
_EMPTY = frozenset(
    [
        "it",
        "them",
        "they",
        "these",
        "those",
        "this",
        "that",
        "one",
        "ones",
        "wrong",
        "right",
        "correct",
        "item",
        "items",
        "part",
        "parts",
        "something",
        "else",
        "thing",
        "a",
        "an",
        "the",
        "of",
        *("new", "damaged", "broken", "cracked", "bent", "torn", "late", "empty", "good", "working"),
        *("today", "yesterday", "week", "month", "last", "need", "want", "work", "fit", "used"),
    ]
)
"""Words that name no goods: what is left of "ordered them last week and they came damaged" is no side."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Where each side stands in the text."""

    ordered: tuple[int, int]
    received: tuple[int, int]


def two_sides(text: str) -> Sides | None:
    """Found only when the two sides differ by more than a count: "ordered 10, got 12" is no wrong item."""
    for shape in _SHAPES:
        for match in shape.finditer(text):
            ordered, received = _words(match["ordered"]), _words(match["received"])
            if ordered and received and ordered != received:
                return Sides(match.span("ordered"), match.span("received"))
    return None


def _words(phrase: str) -> frozenset[str]:
    words = frozenset(re.findall(r"[a-z0-9./-]+", phrase)) - _EMPTY
    return frozenset(word for word in words if not re.fullmatch(r"\d{1,3}|(?:box|pair|case|pc)e?s?", word))

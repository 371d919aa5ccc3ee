"""What a correction takes out of the request: "keep the contactors", "leave out two". Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.state import DraftLine
from agent.understanding.claim import ClaimLine
from agent.understanding.mentions import tokens_of
from agent.understanding.numerals import NUMBER, count_of
from agent.understanding.wishes import resolution_in
from backhaul.domain.codes import Resolution

_VERB = re.compile(
    r"\b(?:leave out|leave off|remove|drop|forget(?: about)?|skip|take off|take out|without|not returning"
    r"|keep(?:ing)?|hold on to)\s+|(?:^|[.;!?,\n]\s*)(?:no,? )?not (?=the |my |our |those |these )"
)
_SCOPE_ENDS = re.compile(
    r"[.;!?\n]|\b(?:but|only|just|make|send|return|change|replace|instead|then)\b"
    rf"|(?:,|\band\b)\s*(?:also\s+)?(?:{NUMBER}|half|all)\b|,\s*(?=(?:the|it|i|we|that|this)\b)"
)
_SOME = re.compile(rf"^(?:just |only )?({NUMBER})\b(?:\s+of)?")
_COMMON = frozenset(
    {
        "the",
        "and",
        "for",
        "return",
        "of",
        "a",
        "an",
        "one",
        "please",
        "it",
        "my",
        "our",
        "we",
        "i",
        "x",
        "in",
        "with",
    }
)

_STAYS = re.compile(
    r"(?:^|[.;!?,\n]\s*|\band )(?:h+m+,? )?"
    r"((?:the|my|our|those|these) [^.;!?,\n]{1,40}?) (?:can |will )?stays?\b"
)
"""The other way round: "the 32 A ones stay here"."""

Scope = tuple[int, int]


def scopes(text: str) -> list[Scope]:
    """Where lower-case text names what stays, verb excluded. An allowance for keeping something is a wish."""
    wish = resolution_in(text)
    if wish and wish[0] is Resolution.KEEP_WITH_ALLOWANCE:
        return []
    after = [(match.end(), _end(text, match.end())) for match in _VERB.finditer(text)]
    return after + [match.span(1) for match in _STAYS.finditer(text)]


def _end(text: str, start: int) -> int:
    stop = _SCOPE_ENDS.search(text, start + 1)
    return stop.start() if stop else len(text)


def without(lines: Sequence[DraftLine], text: str) -> list[DraftLine]:
    """The lines that are still to be returned. What is left out by count only makes its line smaller."""
    kept = list(lines)
    for start, end in scopes(text):
        named = _named(kept, text[start:end])
        some = _SOME.match(text[start:end])
        if some and len(named) == 1:
            kept = [_less(line, count_of(some[1]) or 0) if line in named else line for line in kept]
        elif not some:
            kept = [line for line in kept if line not in named]
    return kept


def _less(line: DraftLine, count: int) -> DraftLine:
    return replace(line, quantity=line.quantity - count, all_of_them=False) if line.quantity > count else line


def _named(lines: Sequence[DraftLine], words: str) -> list[DraftLine]:
    """The lines that fit the words best; sizes count, so that of two contactors the 24 V one is found."""
    told = set(tokens_of(words)) - _COMMON
    by_number = [line for line in lines if line.sku and line.sku.lower() in words]
    if by_number:
        return by_number
    scores = [
        len(told & (set(tokens_of(f"{line.item_words} {line.description}")) - _COMMON)) for line in lines
    ]
    best = max(scores, default=0)
    return [line for line, score in zip(lines, scores, strict=True) if best and score == best]


def still_wanted(claim_lines: Sequence[ClaimLine], text: str) -> tuple[ClaimLine, ...]:
    """The mentions that are not only there to be left out."""
    left = scopes(text)
    return tuple(line for line in claim_lines if not _only_in(line, left))


def _only_in(line: ClaimLine, left: Sequence[Scope]) -> bool:
    places = line.spans.get("item_words", ())
    return bool(places) and all(any(a < place.end <= b for a, b in left) for place in places)

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
    r"|keep(?:ing)?|hold on to|leave(?= (?:the|my|our|those|these) [^.;!?,\n]{1,40}? out\b)"
    r"|do(?:n'?t| not) (?:send|return|take))\s+"
    r"|(?:^|[.;!?,\n]\s*)(?:no,? )?not (?=the |my |our |those |these )"
)
_KEEPS = re.compile(r"\b(?:keep(?:ing)?|hold on to|do(?:n'?t| not) (?:send|return|take))\s+")
"""What stays from the first; other verbs of leaving out then tell what was done with the goods."""
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
    r"|(?:^|\n)\W*([^:\n]{2,40}):[^\n]*\b(?:we|i) keep (?:all|both|them|it|those)\b"
)
"""The other way round: "the 32 A ones stay here", "HOS-06-50: all fine, we keep all 5"."""

_NOTHING_ELSE = re.compile(
    r"\bnothing (?:else|more)\b(?! (?:on|is|was|has|that|to)\b)|\bno other (?:items?|parts?|goods|pieces)\b"
    r"|\b(?:just|only) (?:the|my|our|these|those)\b(?! (?:one|last|first|other|same)s?\b)"
)

Scope = tuple[int, int]


def scopes(text: str, *, first: bool = False) -> list[Scope]:
    """Where lower-case text names what stays, verb excluded. An allowance for keeping something is a wish.

    `first` is for a message before which nothing was asked for.
    """
    wish = resolution_in(text)
    if wish and wish[0] is Resolution.KEEP_WITH_ALLOWANCE:
        return []
    after = [(match.end(), _end(text, match.end())) for match in (_KEEPS if first else _VERB).finditer(text)]
    return after + [match.span(1 if match[1] else 2) for match in _STAYS.finditer(text)]


def _end(text: str, start: int) -> int:
    stop = _SCOPE_ENDS.search(text, start + 1)
    return stop.start() if stop else len(text)


def without(lines: Sequence[DraftLine], text: str) -> list[DraftLine]:
    """The lines that are still to be returned. What is left out by count only makes its line smaller."""
    kept = list(lines)
    for start, end in scopes(text):
        meant = named(kept, text[start:end])
        some = _SOME.match(text[start:end])
        if some and len(meant) == 1:
            kept = [_less(line, count_of(some[1]) or 0) if line in meant else line for line in kept]
        elif not some:
            kept = [line for line in kept if line not in meant]
    return kept


def wants_nothing_else(text: str) -> bool:
    """Whether lower-case text shuts out what it does not name."""
    return _NOTHING_ELSE.search(text) is not None


def only_named(lines: Sequence[DraftLine], claim_lines: Sequence[ClaimLine], text: str) -> list[DraftLine]:
    """Only what is named, when nothing else is wanted: "just the drill, nothing else"."""
    if not wants_nothing_else(text):
        return list(lines)
    told = [line for one in claim_lines for line in _meant(lines, one)] or named(lines, text)
    return [line for line in lines if line in told] or list(lines)


def _meant(lines: Sequence[DraftLine], heard: ClaimLine) -> list[DraftLine]:
    """The lines a mention names: by part number, by serial, or by its words; on its order, if it has one."""
    by_number = [
        line
        for line in lines
        if (heard.sku and heard.sku in {line.sku, line.sku_said})
        or set(heard.serials) & set(line.unit_serials)
    ]
    by_words = [] if heard.sku or not heard.item_words else named(lines, heard.item_words)
    return [
        line for line in by_number or by_words if heard.order_ref in {None, line.order_number, line.order_ref}
    ]


def _less(line: DraftLine, count: int) -> DraftLine:
    return replace(line, quantity=line.quantity - count, all_of_them=False) if line.quantity > count else line


def named(lines: Sequence[DraftLine], words: str) -> list[DraftLine]:
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


def still_wanted(
    claim_lines: Sequence[ClaimLine], text: str, *, first: bool = False
) -> tuple[ClaimLine, ...]:
    """The mentions that are not only there to be left out."""
    left = scopes(text, first=first)
    return tuple(line for line in claim_lines if not _only_in(line, left))


def _only_in(line: ClaimLine, left: Sequence[Scope]) -> bool:
    places = line.spans.get("item_words", ())
    return bool(places) and all(any(a < place.end <= b for a, b in left) for place in places)

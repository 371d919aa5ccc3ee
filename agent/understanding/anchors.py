"""Which words of a message speak of which goods: anchors, and the clauses that belong to each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.understanding.claim import PurchasedLine
from agent.understanding.mentions import mentions, ones, phrases, stem
from agent.understanding.references import Found
from agent.understanding.sentences import clauses
from agent.understanding.sides import Sides

_SMALL_WORDS = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "or",
        "to",
        "on",
        "in",
        "for",
        "with",
        "from",
        "my",
        "our",
        "your",
        "these",
        "those",
        "this",
        "that",
        "them",
        "it",
        "is",
        "are",
        "was",
        "were",
        "i",
        "we",
        "you",
        "please",
        "also",
        "each",
        "ea",
        "pcs",
        "pieces",
        "units",
        "boxes",
        "box",
        "pairs",
        "pair",
        "order",
        "po",
        "back",
        "return",
        "want",
        "need",
        "would",
        "like",
        "send",
        "hi",
        "hello",
        "all",
        "both",
        "plus",
        "then",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "dozen",
        "some",
        "line",
        "item",
        "items",
        "returning",
        "credit",
        "refund",
        "replacement",
    ]
)
_ASIDE = re.compile(
    r"(?P<head>\w*)\s*\b(?:for|on|in|into|onto|inside|to|by|near|behind)\s+(?:the|our|a|an"
    r"|my|that|this)\s+(?:[a-z]+\s+){0,2}$"
)
_ASKS = frozenset(
    [
        "return",
        "returns",
        "rma",
        "rga",
        "credit",
        "refund",
        "replacement",
        "problem",
        "problems",
        "issue",
        "issues",
        "label",
        "exchange",
        "request",
        "claim",
        "back",
        "need",
        "want",
        "authorization",
    ]
)
_FINE = re.compile(
    r"\b(?:is|are|was|were|all)\s+(?:all\s+)?(?:fine|ok|okay|good|perfect|alright|great)\b"
    r"|^\W*(?:not|no problem with) (?:the|my|our)\b"
)
_TOUCHING = 14
_NEAR = 60
_MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words or an article number that name goods; `lines` are places in the purchases they may mean."""

    words: str
    start: int
    end: int
    lines: frozenset[int]
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """All anchors for one thing, the clauses about it, and the windows in which its quantity stands."""

    anchors: tuple[Anchor, ...]
    segments: tuple[tuple[int, int], ...]
    windows: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """Where it is first spoken of."""
        return min((place[0] for place in self.segments), default=0)

    @property
    def sku(self) -> str | None:
        """The article number given for it."""
        return next((anchor.sku for anchor in self.anchors if anchor.sku), None)

    @property
    def words(self) -> str:
        """The longest words used for it that are no article number."""
        return max((anchor.words for anchor in self.anchors if not anchor.sku), key=len, default="")

    def covers(self, place: int) -> bool:
        """Whether the place is inside its clauses."""
        return any(start <= place < end for start, end in self.segments)

    def is_fine(self, text: str) -> bool:
        """Whether it is only named to say that nothing is wrong with it."""
        return all(_FINE.search(text[start:end]) for start, end in self.segments)

    def says_something(self, text: str, among: Sequence["Group"]) -> bool:
        """Whether its clauses hold more than counts and the names of the goods."""
        named = {stem(word) for group in among for anchor in group.anchors for word in anchor.words.split()}
        words = {
            stem(word)
            for start, end in self.segments
            for word in re.findall(r"(?<![\w-])[a-z']{2,}(?![\w-])", text[start:end])
        }
        return len(words - named - {stem(word) for word in _SMALL_WORDS}) > 0


def groups_of(
    text: str, purchases: Sequence[PurchasedLine], articles: Sequence[Found], sides: Sides | None
) -> list[Group]:
    """At least one group, in order of appearance; without any named goods it spans the whole text."""
    merged = _merge(text, _main(text, _anchors(text, purchases, articles, sides)))
    parts = [(part.start, part.end) for part in clauses(text)] or [(0, len(text))]
    if not merged:
        return [Group((), tuple(parts), tuple(parts))]
    segments = _segments(parts, merged)
    if len(merged) == 1:
        return [Group(tuple(merged[0]), tuple(segments[0]), ((0, len(text)),))]
    firsts = sorted(anchor.start for group in merged for anchor in group)
    groups = [
        Group(tuple(group), tuple(own), tuple(_window(place, group, firsts) for place in own))
        for group, own in zip(merged, segments, strict=True)
    ]
    wanted = [group for group in groups if not group.is_fine(text)]
    return wanted or groups


def _anchors(
    text: str, purchases: Sequence[PurchasedLine], articles: Sequence[Found], sides: Sides | None
) -> list[Anchor]:
    by_sku: dict[str, set[int]] = {}
    for at, line in enumerate(purchases):
        by_sku.setdefault(line.sku, set()).add(at)
    anchors = [
        Anchor(
            text[item.start : item.end],
            item.start,
            item.end,
            frozenset(by_sku.get(item.value, ())),
            item.value,
        )
        for item in articles
    ]
    spoken = [*ones(text, purchases), *mentions(text, purchases)] or (
        [] if anchors or sides else phrases(text)
    )
    for item in spoken:
        if all(item.end <= other.start or item.start >= other.end for other in anchors):
            anchors.append(Anchor(item.words, item.start, item.end, item.lines))
    if sides:
        anchors = _ordered_side(text, anchors, sides)
    return sorted(anchors, key=lambda anchor: anchor.start)


def _ordered_side(text: str, anchors: list[Anchor], sides: Sides) -> list[Anchor]:
    start, end = sides.received
    kept = [anchor for anchor in anchors if anchor.end <= start or anchor.start >= end]
    low, high = sides.ordered
    if any(low <= anchor.start < high for anchor in kept):
        return kept
    return [*kept, Anchor(text[low:high].strip(), low, high, frozenset())]


def _main(text: str, anchors: list[Anchor]) -> list[Anchor]:
    main = [anchor for anchor in anchors if anchor.sku or not _is_aside(text[: anchor.start])]
    return main or anchors


def _is_aside(before: str) -> bool:
    # "makes noise in our pump drive" names a place; "a credit for the drive" names the goods.
    match = _ASIDE.search(before[-_NEAR:])
    return match is not None and match["head"] not in _ASKS


def _merge(text: str, anchors: list[Anchor]) -> list[list[Anchor]]:
    groups: list[list[Anchor]] = []
    for anchor in anchors:
        home = next((group for group in reversed(groups) if _same(text, group, anchor)), None)
        if home is not None:
            home.append(anchor)
        elif len(groups) < _MOST_LINES:
            groups.append([anchor])
    return groups


def _same(text: str, group: list[Anchor], anchor: Anchor) -> bool:
    last = group[-1]
    skus = {member.sku for member in group if member.sku}
    if anchor.sku and skus:
        return anchor.sku in skus
    if anchor.lines and last.lines:
        return bool(anchor.lines & last.lines)
    if stem(anchor.words.split()[-1]) == stem(last.words.split()[-1]):
        return True
    between = text[last.end : anchor.start]
    return len(between) <= _TOUCHING and not re.search(r"\band\b|[,;\n]\s*\d|&|\n", between)


def _segments(parts: list[tuple[int, int]], groups: list[list[Anchor]]) -> list[list[tuple[int, int]]]:
    owned: list[list[tuple[int, int]]] = [[] for _ in groups]
    current: list[int] = [0] if len(groups) == 1 else []
    for start, end in parts:
        inside = [
            at for at, group in enumerate(groups) if any(start <= anchor.start < end for anchor in group)
        ]
        current = inside or current[-1:]
        for at in current:
            owned[at].append((start, end))
    return owned


def _window(place: tuple[int, int], group: list[Anchor], firsts: list[int]) -> tuple[int, int]:
    # Two things in one clause ("3 belts and a hose"): each count stands between its neighbours' names.
    own = [anchor for anchor in group if place[0] <= anchor.start < place[1]]
    if not own:
        return place
    starts = {anchor.start for anchor in group}
    others = [at for at in firsts if place[0] <= at < place[1] and at not in starts]
    low = max((at for at in others if at < own[0].start), default=place[0])
    high = min((at for at in others if at > own[-1].start), default=place[1])
    return low, high

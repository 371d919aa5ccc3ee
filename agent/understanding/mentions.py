"""Words for goods: where a message speaks of what the customer bought, or of what looks like goods."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from agent.understanding.claim import PurchasedLine
from agent.understanding.quantities import is_count

_WORD = re.compile(r"[a-z0-9]+(?:[./-][a-z0-9]+)*")
_NOT_GOODS = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "from",
        "per",
        "box",
        "boxes",
        "pack",
        "packs",
        "set",
        "sets",
        "kit",
        "pair",
        "pairs",
        "each",
        "unit",
        "units",
        "piece",
        "pieces",
        "order",
        "item",
        "items",
        "part",
        "parts",
        "new",
        "size",
        "type",
        "series",
        "model",
        "black",
        "blue",
        "red",
        "white",
        "grey",
        "green",
        "yellow",
        "duty",
        "heavy",
        "light",
        "general",
        "industrial",
        "standard",
        "of",
        "in",
        "to",
        "mm",
        "cm",
        "kg",
        "long",
        "short",
        "large",
        "small",
        "medium",
        "single",
        "double",
        "high",
        "low",
        "single-phase",
        "three-phase",
        "power",
        "one",
        "two",
        "three",
        "line",
        "wrong",
        "right",
        "damaged",
        "broken",
        "sent",
        "got",
        "need",
        "want",
        "back",
        "return",
        "credit",
        "replacement",
        "please",
        "still",
        "never",
        "only",
        "just",
        "all",
        "them",
        "it",
        "our",
        "your",
        "open",
        "closed",
        "full",
        "free",
        "steel",
        "stainless",
        "supply",
    ]
)
_GENERIC_OBJECTS = frozenset(
    [
        "parcel",
        "parcels",
        "patience",
        "understanding",
        "bottom",
        "day",
        "shipment",
        "delivery",
        "credit",
        "refund",
        "box",
        "carton",
        "order",
        "invoice",
        "label",
        "photo",
        "same",
        "rest",
        *("stuff", "things", "goods", "products", "material", "something"),
    ]
)
_PHRASE = re.compile(
    r"\b(?:the|these|those|this|my|our|of|\d+|two|three|four|five|six|seven|eight|nine|ten"
    r"|one|some|your)\s+"
    r"((?:[a-z][a-z0-9-]+\s+){0,3}?[a-z][a-z-]{2,})(?=\s+(?:is|are|was|were|has|have|had"
    r"|won't|doesn't|don't|didn't|"
    r"from|on|in|that|which|we|i|you|came|arrived|does|do|did|can't|keeps?|failed|stopped"
    r"|leaks?|seized|broke|died|"
    r"needs?|wrong|damaged|defective|faulty|broken|for|with|back)\b|[,.;!?)]|\s*$)"
)
_LEAD = re.compile(r"(?:(?:of|the|these|those|this|my|our|your|some)\s+)*(?=\S)")
"""Before the name of the goods: the "of the" of "3 of the bearings"."""
_LITTLE_WORDS = frozenset({"no", "nc", "can", "under", "on", "off", "set", "not"})
"""Words that stand in catalogue texts ("1 NO + 1 NC") and mean something else in a sentence."""
_TOKEN = re.compile(r"\d+(?:[./-]\d+)*|[a-z]+")
_ONES = re.compile(
    r"\b(?:(?:two|three|four|five|six)\s+(?:of\s+)?)?(?:(?:the|those|these|my|our)\s+)?"
    r"((?:[a-z0-9/.-]+\s+){1,3}?)ones?\b"
)
_SHORTEST_PART = 4
"""Of a hyphenated word: a V-belt is a belt."""
_TYPO = 88
_SHORTEST_TYPO = 5
_LONGEST_SIZE = 3
_WIDEST_GAP = 2


@dataclass(frozen=True, slots=True)
class Mention:
    """Words for goods. `lines` are the places in the purchases they may mean; empty when there are none."""

    words: str
    start: int
    end: int
    lines: frozenset[int]


_Token = tuple[re.Match[str], frozenset[int]]
"""A word of a message and the purchases it may mean."""


def stem(word: str) -> str:
    """A word without its plural ending."""
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):  # noqa: PLR2004 - keeps "bus", "gas"
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004


def words_of(description: str) -> frozenset[str]:
    """The words of a description that tell goods apart, in the singular."""
    found = [match[0] for match in _WORD.finditer(description.lower())]
    parts = [part for word in found if "-" in word for part in word.split("-") if len(part) >= _SHORTEST_PART]
    return frozenset(stem(word) for word in (*found, *parts) if word not in _NOT_GOODS and len(word) > 1)


def mentions(text: str, purchases: Sequence[PurchasedLine]) -> list[Mention]:
    """Goods spoken of in lower-case text, in order."""
    vocabulary = _vocabulary(purchases)
    runs: list[list[_Token]] = []
    for match in _WORD.finditer(text):
        lines = _lines_for(match[0], vocabulary)
        if not lines:
            continue
        end = runs[-1][-1][0].end() if runs else 0
        if (
            runs
            and _close(text, end, match.start())
            and not _is_new_count(text[end : match.start()], match[0])
        ):
            runs[-1].append((match, lines))
        else:
            runs.append([(match, lines)])
    runs = [_uncounted(text, run) for run in runs]
    # A number alone ("24v", "10") may be a size as well as a count: goods need a word.
    return [
        _mention(text, run)
        for run in runs
        if any(
            (not match[0][0].isdigit() or len(match[0]) > _LONGEST_SIZE) and match[0] not in _LITTLE_WORDS
            for match, _ in run
        )
    ]


def _is_new_count(between: str, word: str) -> bool:
    """The 10 of "change the bearings to 10"."""
    return word.isdigit() and len(word) <= _LONGEST_SIZE and between.split() == ["to"]


def _uncounted(text: str, run: list[_Token]) -> list[_Token]:
    """Without a count before goods: the 20 of "20 bearings" is no size, whatever is measured so."""
    first = run[0][0]
    short = first[0].isdigit() and len(first[0]) <= _LONGEST_SIZE
    counts = short and len(run) > 1 and is_count(text, first.start())
    touching = counts and not text[first.end() : run[1][0].start()].strip()
    plural = run[-1][0][0].endswith("s") or first[0] == "1"
    return run[1:] if touching and plural else run


def ones(text: str, purchases: Sequence[PurchasedLine]) -> list[Mention]:
    """Goods that are only told apart from others of their kind: "the 120 V ones"."""
    found = []
    for match in _ONES.finditer(text):
        told = frozenset(tokens_of(match[1]))
        lines = frozenset(
            at for at, line in enumerate(purchases) if told <= frozenset(tokens_of(line.description))
        )
        if lines and any(not token.isalpha() for token in told):
            found.append(
                Mention(match[0][match.start(1) - match.start() :], match.start(1), match.end(), lines)
            )
    return found


def tokens_of(text: str) -> list[str]:
    """Words and sizes, a size apart from its unit, so that "120V" and "120 V" are the same."""
    return [stem(token) for token in _TOKEN.findall(text.lower())]


def phrases(text: str) -> list[Mention]:
    """Noun phrases that look like goods, for messages that name nothing the customer bought."""
    found = []
    for match in _PHRASE.finditer(text):
        lead = _LEAD.match(match[1])
        start = match.start(1) + (lead.end() if lead else 0)
        words = text[start : match.end(1)].split()
        if (
            words[-1] not in _GENERIC_OBJECTS
            and words[-1] not in _NOT_GOODS
            and words[0] not in {"them", "it"}
        ):
            found.append(Mention(text[start : match.end(1)], start, match.end(1), frozenset()))
    return found


def _vocabulary(purchases: Sequence[PurchasedLine]) -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    for at, line in enumerate(purchases):
        for word in words_of(line.description):
            lines.setdefault(word, set()).add(at)
    return {word: frozenset(places) for word, places in lines.items()}


def _lines_for(word: str, vocabulary: dict[str, frozenset[int]]) -> frozenset[int]:
    if word in _NOT_GOODS:
        return frozenset()
    single = stem(word)
    if single in vocabulary:
        return vocabulary[single]
    if len(single) < _SHORTEST_TYPO or not single.isalpha():
        return frozenset()
    near = [
        places
        for known, places in vocabulary.items()
        if known[0] == single[0] and fuzz.ratio(known, single) >= _TYPO
    ]
    return frozenset().union(*near)


def _close(text: str, end: int, start: int) -> bool:
    between = text[end:start]
    return (
        not re.search(r"[,.;:!?\n()]|\band\b|\bor\b|\bnot\b|\bbut\b", between)
        and len(between.split()) < _WIDEST_GAP
    )


def _mention(text: str, run: list[tuple[re.Match[str], frozenset[int]]]) -> Mention:
    votes: dict[int, int] = {}
    for _, lines in run:
        for at in lines:
            votes[at] = votes.get(at, 0) + 1
    best = max(votes.values())
    start, end = run[0][0].start(), run[-1][0].end()
    return Mention(text[start:end], start, end, frozenset(at for at, count in votes.items() if count == best))

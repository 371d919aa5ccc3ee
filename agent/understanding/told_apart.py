"""Two article numbers in one message, told apart: the one that was ordered and the one that came.

Article numbers say what a sentence of any build leaves unsaid, so each is given its side by the words next to
it, wherever it stands: "two pieces came as B although we bought A", "the box had three B. We ordered A".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.understanding.references import Found, articles
from agent.understanding.sides import Sides


class Side(StrEnum):
    """Which side of a wrong item an article stands on."""

    ORDERED = "ordered"
    CAME = "came"


_SHOULD = r"(?:should(?: have been| have| be)?|(?:supposed|meant) to (?:be|have been))"
_IN_PLACE_OF = r"(?:instead of|rather than|in place of|not)"
_ORDERED = (
    r"(?:ordered|bought|purchased|paid for|asked for|requested|expect(?:ed|ing)|wanted"
    r"|(?:order|po|invoice|paperwork|quote|slip|note)"
    r" (?:was for|is for|was|is|says|said|reads|calls for|shows|lists)"
    rf"|{_SHOULD}|{_IN_PLACE_OF})"
)
_PACKING = r"(?:box|bag|carton|crate|parcel|package|packet|delivery|pallet)"
_CAME = (
    r"(?:sent|shipped|supplied|delivered|received|recd|rcvd|got|gave|given|came|arrived|turned (?:up|out)"
    rf"|found|unpacked|contain(?:s|ed|ing)|inside|{_PACKING}(?:es|s)? (?:had|has|have|held)"
    r"|marked|stamped|labell?ed|reads?|says|there (?:was|were|is|are)"
    r"|(?:was|were|is|are) (?:actually|really|in fact)|(?:these|they|those|it|this) (?:is|are|was|were))"
)
_CUE = re.compile(rf"\b(?:(?P<ordered>{_ORDERED})|(?P<came>{_CAME}))\b")
_GAP = re.compile(
    r"[\s:]+(?:(?!(?:and|or|but|also|plus|with|for|to(?! be)|because|so|need\w*"
    r"|extra|additional|more)\b)[a-z0-9](?:[a-z0-9/.'-]*[a-z0-9])?\s+){0,5}"
)
_BARE_GAP = re.compile(r"\s+(?:(?:the|a|an|our|any|of|one|two|three|four|\d+)\s+)*")
"""After "instead of" or "not" the article follows at once: "got A that we do not need and B" has one side."""

_AFTER = re.compile(
    r"\s*(?:(?:is|are|was|were|has|have|had|been|which|that|what|we|i|you|they|only)\s+)*"
    rf"(?:(?P<ordered>{_ORDERED})|(?P<came>{_CAME})"
    r"(?=\s*(?:$|[.,;:!?)\n]|(?:instead|but|although|though|when|while|whereas|by|today|yesterday"
    r"|in their|in its)\b)))(?!\w)"
)
"""Behind the article; what arrived in some state ("arrived damaged") says no more than its state."""

_BECAME = re.compile(
    r"\s*(?:(?:was|were|have|has|had|all|both)\s+)*(?:(?:came|arrived|delivered|sent|shipped|supplied"
    r"|turned up)\s+as\b|turned out\b|(?:was|were|is|are) (?:actually|really|in fact)\b)"
)
_LEAD = re.compile(r"[\s:]*(?:(?:the|a|an|as|to be|in|us|me|of|some|were|was|are|is)\s+)*")


@dataclass(frozen=True, slots=True)
class _Cue:
    """Words that put an article on a side. The description of the article begins at `start`."""

    side: Side
    words: str
    start: int
    end: int


def told_apart(text: str, named: Sequence[Found] | None = None) -> Sides | None:
    """Where both stand in lower-case text; `None` unless one article is on each side.

    `named` are the article numbers in the text; without them those of our shape are taken.
    """
    found = articles(text, ()) if named is None else named
    cues: dict[str, _Cue] = {}
    free = 0
    for item in found:
        cue = _before(text, free, item) or _after(text, item)
        free = max(item.end, cue.end if cue else 0)
        if cue:
            cues.setdefault(item.value, cue)
    return _pair(found, cues)


def _before(text: str, free: int, item: Found) -> _Cue | None:
    """The last cue between the article before and this one, if nothing parts it from the article."""
    cue = next(reversed(list(_CUE.finditer(text, free, item.start))), None)
    if cue is None:
        return None
    near = _BARE_GAP if re.fullmatch(_IN_PLACE_OF, cue[0]) else _GAP
    if not near.fullmatch(text, cue.end(), item.start):
        return None
    lead = _LEAD.match(text, cue.end(), item.start)
    return _Cue(_side(cue), cue[0], lead.end() if lead else item.start, cue.end())


def _after(text: str, item: Found) -> _Cue | None:
    if became := _BECAME.match(text, item.end):
        # What follows belongs to what it became: "A came as B".
        return _Cue(Side.ORDERED, became[0], item.start, item.end)
    cue = _AFTER.match(text, item.end)
    return _Cue(_side(cue), cue[0], item.start, cue.end()) if cue else None


def _side(cue: re.Match[str]) -> Side:
    return Side.ORDERED if cue["ordered"] else Side.CAME


def _pair(found: Sequence[Found], cues: dict[str, _Cue]) -> Sides | None:
    by_side = {side: [item for item in found if _is_on(side, item, cues)] for side in Side}
    ordered, came = by_side[Side.ORDERED], by_side[Side.CAME]
    if len({item.value for item in ordered}) != 1:
        return None
    unsaid = [item for item in found if item.value not in cues]
    if not came and re.search(_SHOULD, cues[ordered[0].value].words):
        # "these are B, should be A" puts only one of the two on a side.
        came = unsaid
    if len({item.value for item in came}) != 1:
        return None
    start = cues[came[0].value].start if came[0].value in cues else came[0].start
    return Sides((ordered[0].start, ordered[0].end), (start, came[0].end))


def _is_on(side: Side, item: Found, cues: dict[str, _Cue]) -> bool:
    return item.value in cues and cues[item.value].side is side

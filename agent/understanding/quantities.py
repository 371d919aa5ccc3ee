"""How many pieces are meant, not confusing sizes, ratings, dates and money with counts."""

import re
from dataclasses import dataclass, replace

from agent.understanding.counts import discrepancy
from agent.understanding.numerals import NUMBER, count_of

_N = r"(?<![\w$#./:,-])(" + NUMBER + r")(?![\w./:-]*[\w/:]|\s?(?:%|\"|'|x\s?\d))"
_UNIT = (
    r"(?!\s*-?\s*(?:mm|cm|m|metres?|meters?|inch(?:es)?|in|ft|feet|v|volts?|vdc|vac|hp|horse(?:power)?|kw|w"
    r"|watts?|a|amps?|ma|hz|bar|psi|kg|lbs?|g|"
    r"ml|l|litres?|liters?|gal\w*|micron|degrees?|c|f|phase|ph|poles?|pin|way|k|usd"
    r"|dollars?|euros?|bucks|days?|weeks?|wks?|"
    r"mths?|months?|yrs?|years?|hours?|hrs?|h|minutes?|min|seconds?|am|pm|o'?clock|times"
    r"|percent|st|nd|rd|th|jan\w*|feb\w*|mar\w*|"
    r"apr\w*|jun\w*|jul\w*|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)\b)"
)
_COUNT_HERE = re.compile(_N + _UNIT)
_PIECES = (
    r"(?:ea|each|pcs?|pieces?|units?|off|boxes|box|pairs?|packs?|bags?|cartons?|cases?"
    r"|rolls?|tubes?|drums?|cans?|sets?|"
    r"bottles?|reels?|lengths?)"
)
_CORRECTED = re.compile(
    r"\b(?:make (?:that|it)|change (?:that|it)(?: to)?|scratch that|correction|i mean[t]?"
    r"|rather|it's|should be|quantity(?: is)?)"
    r"[\s,:.-]*(?:it's |its |quantity |only |just )?"
    + _N
    + _UNIT
    + r"|\b(?:sorry|actually|wait|oops|no)\b[\s,:.-]*(?:it's |its |only |just |that's )?"
    + _N
    + _UNIT
)
_CHANGED = re.compile(
    r"\b(?:change|make|set|put|correct|update|reduce|lower|cut|increase|raise|bring)\s+"
    r"(?:(?!order|po|reason|address|wish|resolution|to\b)[a-z0-9/-]+\s+){1,6}?(?:down |up )?to\s+"
    r"(?:only |just )?"
    + _N
    + _UNIT
    + r"|\b(?:the|my|our|those|these)\s+(?:[a-z0-9/-]+\s+){1,4}?(?:should|must|need to|ought to)\s+"
    r"(?:be|say|read)\s+(?:only |just )?" + _N + _UNIT + r"(?!\s+[a-z0-9-]*\d)"
)
"""A line of the request is named, and the count it should have: "change the sensors to 4"."""
_RETURNING = re.compile(
    r"\b(?:return(?:ing)?|send(?:ing)?(?: back)?|rma for|credit for|refund (?:for|on)"
    r"|replac(?:e|ing|ement for)|exchange|swap|"
    r"(?:take|need to) back|(?:extra|excess|surplus|additional)(?: of)?)\s+(?:only |just |about |another )?"
    + _N
    + _UNIT
    + r"|"
    + _N
    + r"\s+(?:\w+ ){0,2}(?:to (?:go|come|send) back|to return|extra|too many|surplus|over\b)"
)
_THOSE = re.compile(
    r"\b(?:return(?:ing)?|send(?:ing)?(?: back)?|tak(?:e|ing)(?: back)?|can|could|have)\s+(?:those|these)\s+"
    + _N
)
"""What was told before, pointed at: "we put 24 of thirty to work ... return those 6"."""
_SOME_OF = re.compile(
    _N + r"\s+(?:" + _PIECES + r"\s+)?(?:out )?of\s+(?:the|them|those|these|my|our|your|" + NUMBER + r")\b"
)
_COUNTED = re.compile(
    r"\b(?:qty|quantity|count)\W{0,3}"
    + _N
    + r"|"
    + _N
    + _UNIT
    + r"\s*"
    + _PIECES
    + r"\b|\bx\s?(\d{1,4})\b|\b(\d{1,4})\s?x\b(?!\s?\d)"
)
_BOUGHT = re.compile(
    r"\b(?:ordered|bought|purchased|paid for|order of|order for|po for|received|got|came in"
    r"|line|item|page|size|no|nr)\W{1,3}(?:\w+ )?$"
)
_ALL = re.compile(
    r"\b(?:all (?:of (?:them|it|those|these|the)|the|\d+|our|my|are|were)|all(?= (?:damaged"
    r"|defective|broken|faulty|wrong))|"
    r"every (?:single )?one|each (?:and every|one of)|(?:the )?(?:whole|entire|complete"
    r"|full) (?:lot|order|box|batch|shipment|delivery|carton|case|"
    r"pallet|quantity|amount)|everything|the lot)\b|^\W*(?:all|everything|the lot)\W*$"
)
_BOTH = re.compile(r"\bboth (?:of|the|my|our)\b|\bboth(?= \w+s\b)|^\W*both\b")
_ALL_BUT = re.compile(
    r"\b(?:all|everything|every one|each)(?: of (?:them|it|those|these|the \w+))?,? "
    r"(?:but|except(?: for)?|apart from|bar|minus|less) (?:the )?(" + NUMBER + r")\b(?! of the order)"
)
_HALF = re.compile(
    r"\bhalf (?:of )?(?:them|it|those|these|the|that|my|our)\b|^\W*(?:only |just |about )?half\b(?! a dozen)"
)
_BEFORE_A_PRONOUN = re.compile(
    r"\b(?:new|right|good|wrong|correct|proper|other|another|different|working|which|this|that|same|better|broken"
    r"|bad|replacement|[a-z]+ed)\s+$"
)
_HOW_MANY = re.compile(
    r"(?P<verb>\b(?:return(?:ing)?|send(?:ing)? back|tak(?:e|ing) back|rma for)\s+)?"
    + _N
    + _UNIT
    + r"(?(verb)|(?=\s+(?:"
    + _PIECES
    + r"\s+)?of\s+(?:the|them|these|those|my|our)\b))"
)
_ANY_COUNT = "2"
"""A count as frequent as any in the exemplars; a word such as "some" is read as a reason half the time."""
_LEADING = re.compile(_N + _UNIT + r"\s+(?:" + _PIECES + r"\s+)?(?:of\s+)?(?:the\s+)?(?=\S)")
_ONE = re.compile(r"\b(?:just|only) (?:the )?one\b|\bone only\b|^\W*(?:the )?one\W*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """Pieces to return, or all of them; `start` and `end` are where it is said."""

    pieces: int | None
    everything: bool
    start: int
    end: int
    all_but: int = 0
    """With `everything`: so many stay."""
    half: bool = False


def is_count(text: str, at: int) -> bool:
    """Whether the number at this place may count pieces: "20 bearings" does, "50 hp drives" does not."""
    return _COUNT_HERE.match(text, at) is not None


def without_counts(text: str) -> str:
    """Lower-case text with the same count wherever goods are counted: how many go back says nothing of why,
    unless it is a surplus or a shortage.
    """
    if discrepancy(text):
        return text
    return _HOW_MANY.sub(lambda match: f"{match['verb'] or ''}{_ANY_COUNT}", text)


def leading(text: str, start: int, end: int) -> Quantity | None:
    """A count at the head of a phrase about goods: the two of "two soft starters"."""
    match = _LEADING.match(text, start, end)
    return _quantity(match) if match else None


def corrected(text: str) -> Quantity | None:
    """The last "make that 4" or "change the belts to 4", which overrides whatever was said before."""
    matches = [match for pattern in (_CORRECTED, _CHANGED) for match in pattern.finditer(text)]
    return _quantity(max(matches, key=lambda match: match.end())) if matches else None


def changes_count(text: str) -> bool:
    """Whether goods are named with the count that they should have instead: "change the belts to 4"."""
    return _CHANGED.search(text) is not None


def quantity_in(text: str, start: int, end: int, goods: tuple[int, int] | None) -> Quantity | None:
    """How many are meant between two places of lower-case text; `goods` is where the item is named."""
    words = text[start:end]
    if shared := _share(words):
        return _shifted(shared, start)
    for pattern in (_THOSE, _RETURNING, _SOME_OF, _BOTH, _ALL, _ONE):
        if match := pattern.search(words):
            return _shifted(_reading(pattern, match), start)
    if found := discrepancy(words):
        return Quantity(
            abs(found.surplus), everything=False, start=found.start + start, end=found.end + start
        )
    if goods and (counted := _before_goods(text, start, goods[0])):
        return counted
    match = next((m for m in _COUNTED.finditer(words) if not _BOUGHT.search(words[: m.start()])), None)
    return _shifted(_quantity(match), start) if match else None


def bare(text: str) -> Quantity | None:
    """The answer to "how many?": a number alone or the like."""
    if shared := _share(text):
        return shared
    if match := _ALL.search(text):
        return Quantity(None, everything=True, start=match.start(), end=match.end())
    if match := _BOTH.search(text):
        return Quantity(2, everything=False, start=match.start(), end=match.end())
    numbers = re.finditer(_N + _UNIT, text)
    matches = [m for m in numbers if count_of(m[1]) is not None and not _is_pronoun(text, m)]
    return _quantity(matches[-1]) if matches else None


def _share(text: str) -> Quantity | None:
    """A part of the whole: "all but two" or "half of them"."""
    if match := _ALL_BUT.search(text):
        stay = count_of(match[1])
        return Quantity(None, everything=True, start=match.start(), end=match.end(), all_but=stay or 0)
    if match := _HALF.search(text):
        return Quantity(None, everything=False, start=match.start(), end=match.end(), half=True)
    return None


def _is_pronoun(text: str, number: re.Match[str]) -> bool:
    """Such as in "a new one", which counts nothing."""
    return number[1] == "one" and _BEFORE_A_PRONOUN.search(text[: number.start()]) is not None


def _before_goods(text: str, start: int, goods: int) -> Quantity | None:
    near = re.compile(
        _N
        + _UNIT
        + r"\s*(?:"
        + _PIECES
        + r"\s+)?(?:of\s+)?(?:the\s+|our\s+|these\s+)?(?:[a-z][a-z-]*\s+){0,2}$"
    )
    match = near.search(text, start, goods)
    if not match or _BOUGHT.search(text[start : match.start()]):
        return None
    return _quantity(match)


def _reading(pattern: re.Pattern[str], match: re.Match[str]) -> Quantity:
    if pattern is _ALL:
        return Quantity(None, everything=True, start=match.start(), end=match.end())
    if pattern is _BOTH or pattern is _ONE:
        return Quantity(2 if pattern is _BOTH else 1, everything=False, start=match.start(), end=match.end())
    return _quantity(match)


def _quantity(match: re.Match[str]) -> Quantity:
    number = next(group for group in match.groups() if group)
    return Quantity(count_of(number), everything=False, start=match.start(), end=match.end())


def _shifted(quantity: Quantity, by: int) -> Quantity:
    return replace(quantity, start=quantity.start + by, end=quantity.end + by)

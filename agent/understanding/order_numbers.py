"""Order numbers in people's words: named, hashed, listed, or alike in shape to those that are.

What an order number looks like is another matter in every house. The customer's own orders show it; where
they do not, a number counts as an order's when the words say so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from agent.understanding.claim import PurchasedLine
from agent.understanding.references import Found, merged, normalised, po_key

_CODE = r"(?=[a-z_. -]{0,5}\d[\d-]*\d)(?:[a-z]{1,4}[-_. ]?)?(\d(?:[\d-]{2,20})\d)(?!\w|-\d|\.\d)"
_NAMED = re.compile(
    r"\b(?P<kind>purchase |p\.?o\.? |sales )?orders?(?:\s*(?:numbers?|nos?\b\.?|nrs?\b\.?|num\b|ids?\b"
    r"|ref(?:erence|\.)?|#))*(?:\s+(?:is|was|are|were))?(?:\s*[:=(\"'#]+\s*|,?\s+)#?"
    rf"(?P<code>{_CODE})"
)
_HASHED = re.compile(rf"(?<![\w#/-])#\s?(?P<code>{_CODE})")
_OTHER_PAPER = re.compile(
    r"\b(?:rma|p\.?o|purchase order|invoice|inv|ticket|case|serials?|s/?n|sn|lot|batch|tracking|claim|part"
    r"|item|article|model|quote|account|acct|customer|credit|label|drawing|unit|room|dock|line)"
    r"(?:\s*(?:numbers?|nos?|nrs?|ids?))?\.?(?:\s+is)?[\s:.(-]*$"
)
_NEXT = re.compile(
    rf"\s*(?:,|;|\band\b|\bor\b|&|/)\s*(?:(?:and|or|also|order|orders)\s+)*#?\s?(?P<code>{_CODE})"
)
_WORD = re.compile(r"(?<![\w/-])#?(?P<code>[a-z]{1,4}-?\d{4,12})(?!\w|-\d)")
_BARE = re.compile(r"(?<![\w-])(\d{4,8})(?![\w-])")
_SHAPE = re.compile(r"([a-z]*)([^a-z0-9]*)(\d+)")
_IN_GROUPS = re.compile(r"\d-\d")
_FEWEST_DIGITS = 4


def orders(text: str, purchases: Sequence[PurchasedLine], *, asked: bool = False) -> list[Found]:
    """Order numbers in lower-case text; when the desk has `asked` for one, a known number alone will do."""
    known = {normalised(line.order_number): line.order_number for line in purchases}
    prefixes = _prefixes(frozenset(known.values()))
    their_own = {po_key(line.po_number) for line in purchases}
    shaped = [_found(m, "code", known, prefixes) for m in _house(frozenset(prefixes)).finditer(text)]
    said = [_found(m, "code", known, prefixes) for m in _said(text)]
    # "Our order 605493" is their purchase order when we have no such order and they do.
    named = [item for item in said if item.known or not _keys(item.value) & their_own]
    alike = [_found(m, "code", known, prefixes) for m in _alike(text, named)]
    alone = [_found(m, 1, known, prefixes) for m in _BARE.finditer(text)] if asked else []
    found = merged(merged(shaped, named), alike)
    return merged(found, [item for item in alone if item.known])


def _said(text: str) -> Iterator[re.Match[str]]:
    """What words or a hash call an order, with what is listed after it."""
    for match in (*_NAMED.finditer(text), *_HASHED.finditer(text)):
        kind = match.groupdict().get("kind") or ""
        if kind.startswith("p") or _OTHER_PAPER.search(text, max(0, match.start() - 40), match.start()):
            continue
        following: re.Match[str] | None = match
        while following is not None:
            if _is_long_enough(following["code"]):
                yield following
            following = _NEXT.match(text, following.end())


def _alike(text: str, named: Sequence[Found]) -> Iterator[re.Match[str]]:
    """Words of the very shape that a named order has, such as a letter and seven digits."""
    shapes = {_shape(item.value.lower()) for item in named}
    for match in _WORD.finditer(text):
        shape = _shape(match["code"])
        if shape in shapes and not _OTHER_PAPER.search(text, max(0, match.start() - 40), match.start()):
            yield match


def _shape(code: str) -> tuple[str, int]:
    found = _SHAPE.fullmatch(code)
    return (found[1], len(found[3])) if found else ("", 0)


def _is_long_enough(code: str) -> bool:
    return sum(one.isdigit() for one in code) >= _FEWEST_DIGITS


def _prefixes(numbers: frozenset[str]) -> Mapping[str, str]:
    """How the house begins its order numbers: `so` and, as it is printed, `SO-`."""
    found = (_SHAPE.fullmatch(number.lower()) for number in numbers)
    printed = {match[1]: f"{match[1].upper()}{match[2]}" for match in found if match and match[1]}
    return printed or {"so": "SO-"}


@lru_cache(maxsize=64)
def _house(prefixes: frozenset[str]) -> re.Pattern[str]:
    either = "|".join(sorted(re.escape(prefix) for prefix in prefixes))
    return re.compile(rf"\b(?P<code>(?:{either})[\s#:._-]{{0,2}}\d{{4,12}})\b")


def _found(
    match: re.Match[str], group: str | int, known: Mapping[str, str], prefixes: Mapping[str, str]
) -> Found:
    """As the records spell it; unknown, as the house would print it or as it was written."""
    code = match[group].strip()
    key = normalised(code)
    own = next((known[one] for one in (key, *(f"{p}{key}" for p in prefixes)) if one in known), None)
    return Found(own or _printed(code, key, prefixes), own is not None, match.start(), match.end())


def _printed(code: str, key: str, prefixes: Mapping[str, str]) -> str:
    for prefix, printed in prefixes.items():
        digits = key.removeprefix(prefix)
        if digits.isdigit() and (digits != key or len(prefixes) == 1) and not _IN_GROUPS.search(code):
            return f"{printed}{digits}"
    return code.upper()


def _keys(value: str) -> set[str]:
    key = normalised(value)
    return {key, re.sub(r"^[a-z]+", "", key)}

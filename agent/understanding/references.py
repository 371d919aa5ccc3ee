"""Numbers on documents and goods: purchase orders, articles, serials and lots, each with its place.

Shapes find them, the customer's own purchases prove them. A reference to somebody else's order stays unproven
here and reveals nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.understanding.claim import PurchasedLine

_PURCHASE_ORDER = re.compile(
    r"\b(?:p\.?o\.?|purchase order)(?:\s*(?:number|no\.?|num"
    r"|#))?[\s#:._-]{0,3}((?=[a-z0-9/-]*\d)[a-z0-9][a-z0-9/-]{2,19})"
)
_SERIAL = re.compile(
    r"\b(?:s/n|sn|serials?(?:\s*(?:numbers?|nos?\.?"
    r"|#))?)(?:\s+is)?[\s#:.]{0,3}((?=[a-z0-9/-]*\d)[a-z0-9][a-z0-9/-]{2,24})"
)
_LOT = re.compile(
    r"\b(?:lot|batch)(?:\s*(?:number|no\.?|code"
    r"|#))?(?:\s+is)?[\s#:.]{0,3}((?=[a-z0-9/-]*\d)[a-z0-9][a-z0-9/-]{2,24})"
)
_ARTICLE = re.compile(r"\b(?=[a-z0-9-]*\d)[a-z]{2,6}\d{0,3}-[a-z0-9]+(?:-[a-z0-9]+)*\b")
_TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9./_-]*[a-z0-9])?")
_SHORTEST_ARTICLE = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A value as the records spell it when `known`, as the customer spells it otherwise."""

    value: str
    known: bool
    start: int
    end: int


@lru_cache(maxsize=4096)
def normalised(code: str) -> str:
    """An article, serial or document number without case, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", code.lower())


def po_key(number: str) -> str:
    """A customer's order number without a "PO" of its own: one writes `PO 4471`, the other `4471`."""
    key = normalised(number)
    return re.sub(r"^po(?:no|number)?(?=.*\d)", "", key) or key


def purchase_orders(text: str, purchases: Sequence[PurchasedLine]) -> list[Found]:
    """The customer's own order numbers, after "PO", or bare when it is one of theirs."""
    known = {po_key(line.po_number): line.po_number for line in purchases if line.po_number}
    known |= {normalised(line.po_number): line.po_number for line in purchases if line.po_number}
    named = [_found(match, known) for match in _PURCHASE_ORDER.finditer(text)]
    long_enough = {key: value for key, value in known.items() if len(key) > _SHORTEST_ARTICLE}
    return merged(named, list(_exact(text, long_enough)))


def serials(text: str, purchases: Sequence[PurchasedLine]) -> list[Found]:
    """Serial numbers, announced as such or known from the purchases."""
    known = {normalised(serial): serial for line in purchases for serial in line.serials}
    return merged([_found(match, known) for match in _SERIAL.finditer(text)], _exact(text, known))


def lots(text: str, purchases: Sequence[PurchasedLine]) -> list[Found]:
    """Lot numbers, announced as such or known from the purchases."""
    known = {normalised(lot): lot for line in purchases for lot in line.lots}
    return merged([_found(match, known) for match in _LOT.finditer(text)], _exact(text, known))


def articles(text: str, purchases: Sequence[PurchasedLine]) -> list[Found]:
    """Our article numbers: those bought, by our number or the maker's, and any of our shape."""
    known = {normalised(line.manufacturer_part): line.sku for line in purchases if line.manufacturer_part}
    known |= {normalised(line.sku): line.sku for line in purchases}
    known = {key: sku for key, sku in known.items() if len(key) >= _SHORTEST_ARTICLE}
    shaped = [Found(m[0].upper(), known=False, start=m.start(), end=m.end()) for m in _ARTICLE.finditer(text)]
    return merged(list(_exact(text, known)), [found for found in shaped if not _is_document(found.value)])


def _is_document(value: str) -> bool:
    return value.split("-", maxsplit=1)[0] in {"SO", "PO", "RMA", "SN", "LOT", "IP", "RS"}


def _found(match: re.Match[str], known: dict[str, str]) -> Found:
    key = normalised(match[1])
    return Found(known.get(key, match[1].strip("-/").upper()), key in known, match.start(), match.end())


def _exact(text: str, known: dict[str, str]) -> Iterator[Found]:
    if not known:
        return
    tokens = list(_TOKEN.finditer(text))
    widest = 3
    for at, first in enumerate(tokens):
        for last in reversed(tokens[at : at + widest]):
            value = known.get(normalised(text[first.start() : last.end()]))
            if value and "\n" not in text[first.start() : last.end()]:
                yield Found(value, known=True, start=first.start(), end=last.end())
                break


def merged(first: Sequence[Found], second: Iterable[Found]) -> list[Found]:
    """What is known comes before what only looks like it: of MVS-PO-7741 the end alone is nothing."""
    found = [item for item in first if item.known]
    rest = [item for item in first if not item.known]
    for item in (*second, *rest):
        if all(item.end <= other.start or item.start >= other.end for other in found):
            found.append(item)
    return sorted(found, key=lambda item: item.start)

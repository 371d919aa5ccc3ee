"""Codes in a photo of a packing slip, carton label or type plate: which order, article and serial they name.

Only what stands in the customer's own papers counts: anybody can print a code that says anything.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.wording import listed
from backhaul.domain.orders import Order, OrderLine
from backhaul.store.conversation import Speaker
from tools.desk import Desk
from tools.reads import own_orders

_MOST_CODES = 12
_MOST_WORDS = 24
"""Words of all codes together that are looked up"""
_SHORTEST, _LONGEST = 3, 40
_WORD = re.compile(r"[A-Z0-9][A-Z0-9./_-]*")
_ELEMENT = re.compile(r"\((\d{2,4})\)([^()]+)")
"""A GS1 element as it is read out: its identifier in brackets, then its value"""
_NAMES_GOODS = frozenset({"10", "21", "240", "241", "250", "400"})
"""GS1: lot, serial, article (ours, the customer's), second serial, the customer's order number"""


@dataclass(frozen=True, slots=True)
class Slip:
    """What was found among the customer's own orders. `lines` are order lines such as `SO-10442/1`."""

    orders: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    codes: int = 0
    """How many codes could be read, whatever they say"""

    @property
    def words(self) -> str:
        """What was read, as it stands in the conversation; empty when nothing of the customer's was."""
        if not self.orders:
            return ""
        parts = [
            f"order {listed(self.orders)}",
            *([f"part {listed(self.skus)}"] if self.skus else ()),
            *([f"serial {listed(self.serials)}"] if self.serials else ()),
        ]
        return f"Read from the photo: {', '.join(parts)}."


def codes_in(content: bytes) -> list[str]:
    """The texts of all codes in a picture that was written anew; GS1 elements with their identifiers."""
    import zxingcpp  # noqa: PLC0415 - loaded for those who send a photo
    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(content)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"), text_mode=zxingcpp.TextMode.HRI)
    return [code.text for code in found[:_MOST_CODES] if code.valid]


def read_slip(desk: Desk, speaker: Speaker, content: bytes) -> Slip:
    """What the codes in a picture name of the speaker's own orders."""
    codes = codes_in(content)
    words = list(dict.fromkeys(word for code in codes for word in _words(code)))[:_MOST_WORDS]
    hits = {word: own_orders(desk, speaker, word) for word in words}
    named = {word: orders for word, orders in hits.items() if orders}
    orders = _meant(named)
    lines = [line for order in orders for line in _lines(order, named)]
    goods = set(named)
    serials = [one for line in lines for one in line.serials if one.upper() in goods]
    return Slip(
        orders=tuple(order.number for order in orders),
        lines=tuple(f"{line.order_number}/{line.line}" for line in lines),
        skus=tuple(dict.fromkeys(line.sku for line in lines)),
        serials=tuple(dict.fromkeys(serials)),
        codes=len(codes),
    )


def _words(code: str) -> Iterator[str]:
    elements = _ELEMENT.findall(code)
    texts = [value for name, value in elements if name in _NAMES_GOODS] if elements else [code]
    for text in texts:
        for word in _WORD.findall(text.upper()):
            if _SHORTEST <= len(word) <= _LONGEST:
                yield word


def _meant(named: dict[str, Sequence[Order]]) -> list[Order]:
    """The orders that carry every number found; else the few that the most telling number names.

    An article alone may be on many orders: then none of them is meant by it.
    """
    if not named:
        return []
    by_number = {order.number: order for orders in named.values() for order in orders}
    common = set.intersection(*({order.number for order in orders} for orders in named.values()))
    telling = min(named.values(), key=len)
    numbers = common or {order.number for order in telling}
    return [by_number[number] for number in sorted(numbers)] if len(numbers) == 1 else []


def _lines(order: Order, named: dict[str, Sequence[Order]]) -> list[OrderLine]:
    """The lines that a number found is about; none when only the order itself is named."""
    goods = {word for word in named if word not in {order.number.upper(), order.po_number.upper()}}
    return [
        line
        for line in order.lines
        if goods & {line.sku.upper(), *(one.upper() for one in (*line.serials, *line.lots))}
    ]

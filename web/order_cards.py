"""The customer's orders as cards, and what was picked from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from starlette.datastructures import ImmutableMultiDict

from agent.wording import REASON_WORDS, RESOLUTION_WORDS
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import BadInput
from backhaul.domain.orders import Order
from tools.reads import LineFound, order_lines, own_order, own_orders
from web.who import Customer
from web.world import Doors

PAGE = 6
MOST_PICKED = 20
"""Order lines of one request; more are a case for a person"""
_LONGEST_NUMBER = 6
_MOST_SERIALS = 100
_SHORTEST_WORD = 3

Fields = ImmutableMultiDict[str, Any]
"""A form or a query: what a page sent"""


@dataclass(frozen=True, slots=True)
class CardLine:
    """One order line that can be picked. `serials` are those that were shipped on it."""

    found: LineFound
    serials: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.found.order}/{self.found.line}"

    @property
    def why_not(self) -> str:
        """Why nothing of it can be picked; empty when something can."""
        if self.found.returnable > 0:
            return ""
        if self.found.already_rma:
            return f"All of it is on {self.found.already_rma}"
        return "Not delivered yet" if not self.found.shipped else "All of it is on a return"


@dataclass(frozen=True, slots=True)
class OrderCard:
    """One order with its lines."""

    order: str
    po_number: str
    ordered_on: date
    lines: tuple[CardLine, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """One order line as it was picked, with as much as was said of it."""

    line: CardLine
    quantity: int
    serials: tuple[str, ...] = ()
    reason: Reason | None = None
    resolution: Resolution | None = None
    received: str = ""

    @property
    def words(self) -> str:
        """As it stands in the conversation."""
        found = self.line.found
        serials = f", serial {', '.join(self.serials)}" if self.serials else ""
        why = f": {REASON_WORDS[self.reason]}" if self.reason else ""
        instead = f", {self.received} came instead" if self.received else ""
        wish = f". Wanted: {RESOLUTION_WORDS[self.resolution]}" if self.resolution else ""
        goods = f"{self.quantity} x {found.description} ({found.sku}{serials}) from {self.line.key}"
        return f"{goods}{why}{instead}{wish}"

    def record(self) -> dict[str, Any]:
        """As the agent takes it up, see agent.picked."""
        return {
            "order": self.line.found.order,
            "line": self.line.found.line,
            "quantity": self.quantity,
            "serials": list(self.serials),
            "reason": self.reason.value if self.reason else "",
            "resolution": self.resolution.value if self.resolution else "",
            "received": self.received,
        }


@dataclass(frozen=True, slots=True)
class Cards:
    """One page of cards, and whether there are more."""

    shown: tuple[OrderCard, ...]
    more: bool = field(default=False)


def order_cards(doors: Doors, who: Customer, *, named: str = "", page: int = 1) -> Cards:
    """The customer's orders, newest first; those that carry a number or whose articles are called so."""
    found = _called(doors, who, named.strip()) if named.strip() else own_orders(doors.desk, who.speaker)
    first = (page - 1) * PAGE
    shown = found[first : first + PAGE]
    return Cards(tuple(_card(doors, who, order) for order in shown), more=len(found) > first + PAGE)


def _called(doors: Doors, who: Customer, named: str) -> Sequence[Order]:
    by_number = own_orders(doors.desk, who.speaker, named.upper())
    if by_number:
        return by_number
    words = [word for word in named.lower().split() if len(word) >= _SHORTEST_WORD]
    return [
        order
        for order in (own_orders(doors.desk, who.speaker) if words else ())
        if any(all(word in line.description.lower() for word in words) for line in order.lines)
    ]


def card_of(doors: Doors, who: Customer, number: str) -> OrderCard:
    """One order of the customer's; NotFound otherwise."""
    return _card(doors, who, own_order(doors.desk, who.speaker, number))


def _card(doors: Doors, who: Customer, order: Order) -> OrderCard:
    serials = {line.line: line.serials for line in order.lines}
    lines = order_lines(doors.desk, who.speaker, order.number)
    return OrderCard(
        order.number,
        order.po_number,
        order.ordered_on,
        tuple(CardLine(line, serials[line.line]) for line in lines),
    )


def picks_of(doors: Doors, who: Customer, fields: Fields) -> list[Picked]:
    """What was picked, held against the customer's own orders.

    Raises:
        BadInput: Nothing or too much was picked, or more than can come back.
        NotFound: An order is not the customer's.
    """
    keys = list(dict.fromkeys(one for one in fields.getlist("pick") if isinstance(one, str)))
    if not keys:
        raise BadInput("Pick at least one line of an order.", field="pick")
    if len(keys) > MOST_PICKED:
        raise BadInput(f"Pick at most {MOST_PICKED} lines at once.", field="pick")
    cards: dict[str, OrderCard] = {}
    return [_pick(doors, who, key, fields, cards) for key in keys]


def _pick(doors: Doors, who: Customer, key: str, fields: Fields, cards: dict[str, OrderCard]) -> Picked:
    number = key.partition("/")[0]
    if number not in cards:
        cards[number] = card_of(doors, who, number)
    line = next((one for one in cards[number].lines if one.key == key), None)
    if line is None:
        raise BadInput("Name the order line as it is printed, such as SO-10442/1.", field="pick")
    if line.why_not:
        raise BadInput(f"{line.found.description} on {number}: {line.why_not.lower()}.", field="pick")
    given = (str(one) for one in fields.getlist(f"serial-{key}")[:_MOST_SERIALS])
    return Picked(
        line=line,
        quantity=_quantity(line, str(fields.get(f"quantity-{key}", ""))),
        serials=tuple(one for one in dict.fromkeys(given) if one in line.serials),
        reason=_one_of(Reason, fields.get(f"reason-{key}")),
        resolution=_one_of(Resolution, fields.get(f"wish-{key}")),
        received=" ".join(str(fields.get(f"received-{key}", "")).split())[:200],
    )


def _quantity(line: CardLine, typed: str) -> int:
    most = line.found.returnable
    typed = typed.strip() or str(1 if most == 1 else "")
    if not (
        typed.isascii() and typed.isdecimal() and len(typed) <= _LONGEST_NUMBER and 1 <= int(typed) <= most
    ):
        raise BadInput(
            f"Of {line.found.description} on {line.found.order}, give a number of pieces from 1 to {most}.",
            field=f"quantity-{line.key}",
        )
    return int(typed)


_Code = TypeVar("_Code", Reason, Resolution)


def _one_of(codes: type[_Code], typed: object) -> _Code | None:
    """The code that was chosen; none when nothing was, or nothing that there is."""
    return next((one for one in codes if one.value == typed), None)


def in_words(picks: Sequence[Picked], own_words: str) -> str:
    """The message that stands in the conversation for what was picked."""
    lines = "\n".join(f"- {one.words}" for one in picks)
    return f"I would like to return:\n{lines}" + (f"\n\n{own_words.strip()}" if own_words.strip() else "")


def record_of(picks: Sequence[Picked], own_words: str) -> dict[str, Any]:
    """The same as the agent takes it up."""
    return {"lines": [one.record() for one in picks], "words": own_words.strip()}

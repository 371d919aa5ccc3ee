"""One thing that a note asks about: what was read of it, and what a person has to settle before it is asked
for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from backhaul.connectors.ports import ErpReads
from backhaul.domain.canonical import plain
from backhaul.domain.codes import Resolution
from backhaul.domain.money import Money
from tools.facts import rate_of

if TYPE_CHECKING:
    from agent.noted import Thing

_TUPLES = frozenset({"candidates", "serials", "strange_serials", "maybe", "lacks"})
ASKED_HERE = frozenset({Resolution.CREDIT.value, Resolution.REPLACEMENT.value, Resolution.REPAIR.value})
"""Wishes that a note can lead to. Goods that stay with the customer need photos, which a note has not."""


@dataclass(frozen=True, slots=True)
class NotedItem:
    """Empty or zero means "not said", or "not clear"; `lacks` names it."""

    line_id: str
    words: str = ""
    order_number: str = ""
    line: int = 0
    sku: str = ""
    description: str = ""
    candidates: tuple[str, ...] = ()
    """Order lines such as `SO-10442/1` that fit equally well"""
    quantity: int = 0
    returnable: int = 0
    """Pieces that could still come back when it was read"""
    serials: tuple[str, ...] = ()
    strange_serials: tuple[str, ...] = ()
    """Serials in the note that were not sold on the order line"""
    reason: str = ""
    reason_permille: int = 0
    maybe: tuple[str, ...] = ()
    resolution: str = ""
    condition: str = ""
    received_sku: str = ""
    received_words: str = ""
    already: str = ""
    """An RMA that the order line is on already, with some of its pieces or all"""
    lacks: tuple[str, ...] = ()
    reader: str = ""
    own_words: str = ""
    """The part of the note that speaks of it, where that gives several reasons; empty means all of it"""
    said: Mapping[str, Any] | None = None
    """The claim as it was read, with its spans"""

    @property
    def is_clear(self) -> bool:
        """Whether it could be asked for as it stands."""
        return not self.lacks

    @property
    def all_serials(self) -> tuple[str, ...]:
        """Every serial the note gives for it."""
        return (*self.serials, *self.strange_serials)

    def plain(self) -> dict[str, Any]:
        """As JSON types."""
        return {part.name: plain(_as_dict(getattr(self, part.name))) for part in fields(self)}


def _as_dict(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def item_from(kept: Mapping[str, Any]) -> NotedItem:
    """The record of what was kept; a field of another version is passed over."""
    known = {part.name for part in fields(NotedItem)}
    values: dict[str, Any] = {
        name: tuple(value) if name in _TUPLES else value for name, value in kept.items() if name in known
    }
    return NotedItem(**values)


def item_of(thing: "Thing") -> NotedItem:
    """What was read of one thing of a note."""
    line = thing.line
    item = NotedItem(
        line_id=line.line_id,
        words=line.item_words,
        order_number=line.order_number,
        line=line.line,
        sku=line.sku,
        description=line.description,
        candidates=line.candidates,
        quantity=line.quantity,
        returnable=line.returnable,
        serials=line.serials,
        strange_serials=line.strange_serials,
        reason=line.reason,
        reason_permille=line.reason_permille,
        maybe=line.maybe,
        resolution=line.resolution,
        condition=line.condition,
        received_sku=line.received_sku,
        received_words=line.received_words,
        already=line.already_rma,
        lacks=thing.lacks,
        reader=line.reader,
        own_words=line.words,
        said=thing.said,
    )
    if item.resolution and item.resolution not in ASKED_HERE:
        return replace(item, resolution="", lacks=(*item.lacks, "resolution"))
    return item


def value_of(erp: ErpReads, item: NotedItem) -> Money:
    """What is at stake, in the ledger currency: nothing while the article or a rate is unknown.

    Where the note does not say how many, all that could come back count: less would hide what may be urgent.
    """
    order = erp.order(item.order_number) if item.order_number else None
    line = order.line(item.line) if order else None
    rate = rate_of(erp, order) if order else None
    if line is None or rate is None:
        return Money(0)
    pieces = min(item.quantity, line.quantity_shipped) or item.returnable
    return rate.in_ledger_currency(line.unit_price) * pieces

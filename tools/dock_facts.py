"""What the dock found, as facts; and what a move of stock costs us against the books."""

from collections.abc import Mapping
from typing import Any

from backhaul.domain.codes import Action
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.trade import Item
from policies.facts import Facts
from tools.goods import Goods

KEPT = "book_value_bps"
"""The output of the policy that says what part of its cost a piece is worth after a move"""
_LOST = "write_down_usd_minor"


def dock_facts(action: Action, goods: Goods | None) -> Mapping[str, Any]:
    """What was found. What a move costs comes after: the policy says it, and needs the other facts first."""
    return {
        "grade": goods.grade.value if goods else "none",
        "finding": goods.finding.value if goods else "none",
        "seal_intact": goods.seal_intact if goods else False,
        "disposition": goods.disposition.value if goods else "none",
        "packet_complete": goods.packet_complete if goods else False,
        _LOST: None if action is Action.MOVE_STOCK else 0,
    }


def with_write_down(facts: Facts, item: Item | None, kept_bps: int | str | bool | None) -> Facts:
    """The facts of a move with what it costs us against the books, in cents of the ledger currency.

    `kept_bps` is the part of its cost that a piece keeps, in hundredths of a per cent, rounded half up for
    each piece. Without it, or without a cost in the ledger currency, what the move costs stays unknown.
    """
    if facts.action is not Action.MOVE_STOCK or not isinstance(kept_bps, int):
        return facts
    if item is None or item.cost.currency != LEDGER_CURRENCY:
        return facts
    lost = (item.cost - item.cost.share(kept_bps)) * facts.quantity
    return Facts.from_record(
        {**facts.record(), _LOST: lost.minor, "unknown": sorted(facts.unknown - {_LOST})}
    )

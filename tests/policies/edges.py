"""Proposals that stand at the edge of something: of every cell a rule reads, and of several."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random

from backhaul.domain.codes import Action
from policies.book import PolicyBook
from policies.bundle import Days
from policies.facts import FACTS, Facts, Kind
from policies.rules import BoundRule
from policies.tables import Grid
from tests.policies.test_properties import build

MakeFacts = Callable[..., Facts]
Otherwise = dict[str, object]
_MANY_PIECES = 8
"""A proposal of more pieces has too many ways to be otherwise for all of them to be tried."""
_ONE_IN = 8
UNSEEN = (
    "contract_window_days",
    "credit_hold",
    "final_sale",
    "recall_notice",
    "supplier_window_days",
    "tier",
)

SNAGS: tuple[Otherwise, ...] = (
    {"consent_given": False},
    {"reason": "wrong_item", "received_item_known": False},
    {"reason": "damaged_in_transit", "photos": 0},
    {"approvals": 1, "approver_is_requester": True},
    {"approvals": 1},
    {"approvals": 1, "approver_is_authoriser": True},
    {"finding": "differs"},
    {"finding": "none", "grade": "none", "disposition": "none"},
    {"disposition": "return_to_customer"},
    {"hazmat": True, "disposition": "scrap", "grade": "D"},
    {"seal_intact": False, "product_class": "chemical"},
    {"line_credited_usd_minor": 20_000},
    {"quantity_dispositioned": 1},
    {"quantity": 7},
    {"quantity": 4, "quantity_on_rma": 3, "quantity_received": 2},
    {"fraud_score_permille": 990},
    {"days_since_delivery": 33, "days_since_receipt": 93, "warranty_days_left": -2},
    {"unit_price_usd_minor": 170_000, "quantity": 4},
    *(
        {"serial_tracked": True, "quantity": pieces, "serials_given": given, "serials_matching": right}
        for pieces in (1, 3, 6)
        for given in (0, 1, 3, 4)
        for right in {0, given - 1, given}
        if right >= 0
    ),
    {"serial_tracked": False, "serials_given": 2, "serials_matching": 0},
)
"""What goes wrong in a proposal, beside the figures in the tables."""


def at_the_edges(book: PolicyBook, ordinary: MakeFacts, day: date) -> dict[Action, list[Otherwise]]:
    """For each action what must be otherwise to stand at, just below and just above each figure."""
    found: dict[Action, list[Otherwise]] = {}
    for action in Action:
        ruleset, _ = book.in_force(ordinary(action.value), Days(day, day), None)
        edges = [
            edge
            for bound in ruleset.rules(action)
            for edge in _of_rule(
                bound, [ruleset.grids[name] for name in bound.reading.tables], ordinary(action.value)
            )
        ]
        found[action] = [
            dict(pairs) for pairs in dict.fromkeys(tuple(sorted(edge.items())) for edge in edges)
        ]
    return found


def proposals(
    ordinary: MakeFacts, edges: dict[Action, list[Otherwise]], *, single: int | None, mixed: int
) -> Iterator[Facts]:
    """Of each action, proposals at one edge (all of them, or so many), and at up to two with up to two snags;
    some of those with a fact that the ERP cannot tell.
    """
    draw = Random(4711)
    for action, here in edges.items():
        chosen = here if single is None else draw.sample(here, min(single, len(here)))
        combined = [
            {**draw.choice(here), **draw.choice(here), **draw.choice(SNAGS), **draw.choice(SNAGS)}
            for _ in range(mixed)
        ]
        for otherwise in (*chosen, *SNAGS, *combined):
            yield build(ordinary, {**otherwise, "action": action.value}, [])
        for otherwise in combined[::_ONE_IN]:
            yield build(ordinary, {**otherwise, "action": action.value}, [draw.choice(UNSEEN)])


def _of_rule(bound: BoundRule, grids: list[Grid], start: Facts) -> Iterator[Otherwise]:
    now = start.known()
    for grid in grids:
        for key in grid.cells:
            at = dict(zip(grid.table.keys, key, strict=True))
            if at.get("action", start.action.value) != start.action.value:
                continue
            yield dict(at)
            cells = [
                other.cells[tuple(str({**now, **at}[name]) for name in other.table.keys)] for other in grids
            ]
            edge = sum(cell for cell in cells if isinstance(cell, int))
            for name in bound.reading.stored:
                for value in (edge - 1, edge, edge + 1):
                    if _can_be(name, value):
                        yield {**at, name: value}


def _can_be(name: str, value: int) -> bool:
    info = FACTS[name]
    most = min(info.high, _MANY_PIECES) if name == "quantity" else info.high
    return info.kind is Kind.WHOLE and info.low <= value <= most

"""The shipped rules once more, written by hand in plain Python: what the policy engine is measured against.

The figures are those of the documents, as dicts made once for each set of editions; the conditions stand in
evals.plain_rules, plain_settling and plain_dock as an engineer would write them. What holds both against each
other is tests/evals/test_bench_policy.py. For facts that are all known: what an unknown one does is the
engine's business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backhaul.domain.codes import Action, Outcome
from evals import plain_rules, plain_settling
from evals.plain_answer import Answer
from evals.plain_rules import TWO
from policies.book import PolicyBook
from policies.bundle import Days
from policies.facts import Facts
from policies.tables import Grid

_LARGE_DELIVERY = 200
_RULES: Mapping[Action, Callable[[Facts, plain_rules.Tables, Answer], None]] = {
    Action.CREATE_RMA: plain_rules.create_rma,
    Action.CREATE_LABEL: plain_rules.create_label,
    Action.REPLACEMENT: plain_settling.replacement,
    Action.CREDIT_MEMO: plain_settling.credit_memo,
    Action.RETURNLESS_REFUND: plain_rules.returnless_refund,
    Action.CANCEL_RMA: plain_rules.cancel_rma,
    Action.VOID_LABEL: plain_rules.void_label,
    Action.VENDOR_CLAIM: plain_settling.vendor_claim,
    Action.MOVE_STOCK: plain_settling.move_stock,
    Action.REPAIR_ORDER: plain_settling.repair_order,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The figures in force at one place on two days, and the overlays that hold there."""

    tables: Mapping[str, Any]
    """By key, `("hand_tool", "gold")` or `"gold"`; the figure itself for a table without keys"""
    overlays: frozenset[str]


class PlainPolicy:
    """Decides as the shipped documents do."""

    def __init__(self, book: PolicyBook) -> None:
        self._book = book
        self._sheets: dict[tuple[date, date, str, str | None], Sheet] = {}
        self._made: dict[tuple[str, ...], Sheet] = {}

    def failing(
        self, facts: Facts, *, order_date: date, decision_date: date, facility: str | None = None
    ) -> tuple[Outcome, tuple[str, ...]]:
        """The outcome, and the rules that do not permit."""
        asked = (order_date, decision_date, facts.region, facility)
        sheet = self._sheets.get(asked)
        if sheet is None:
            sheet = self._sheets[asked] = self._sheet(facts, Days(order_date, decision_date), facility)
        answer = Answer()
        _RULES[facts.action](facts, sheet.tables, answer)
        if sheet.overlays:
            _overlays(facts, sheet.overlays, answer)
        return answer.outcome, tuple(answer.failing)

    def _sheet(self, facts: Facts, days: Days, facility: str | None) -> Sheet:
        """One sheet for all days with the same editions, so that it stays in the processor's cache."""
        ruleset, _ = self._book.in_force(facts, days, facility)
        if ruleset.labels not in self._made:
            tables = {name: _as_dict(grid) for name, grid in ruleset.grids.items()}
            holding = frozenset(label.partition("@")[0] for label in ruleset.labels)
            self._made[ruleset.labels] = Sheet(tables, holding & {"pacific", "reno_dock"})
        return self._made[ruleset.labels]


def _as_dict(grid: Grid) -> Any:
    if not grid.table.keys:
        return grid.cells[()]
    return {key if len(key) > 1 else key[0]: cell for key, cell in grid.cells.items()}


def _overlays(facts: Facts, overlays: frozenset[str], answer: Answer) -> None:
    if (
        "pacific" in overlays
        and facts.action == Action.CREATE_LABEL
        and facts.hazmat
        and facts.approvals < TWO
    ):
        answer.escalate("PAC-HAZMAT")
    large = facts.quantity > _LARGE_DELIVERY and facts.approvals < 1
    if "reno_dock" in overlays and facts.action == Action.CREATE_RMA and large:
        answer.escalate("RNO-DOCK")

"""The part of the catalogue about goods: why they come back, what becomes of them, and who pays."""

from collections.abc import Callable, Iterator
from datetime import datetime

from backhaul.analytics.kpis import Kpi, Look, Unit
from backhaul.domain.codes import Reason
from backhaul.store import insight_goods
from backhaul.store.insight_facts import BETWEEN, Fact, Facts, Listed, Queried

QUALITY = frozenset({Reason.DEFECTIVE, Reason.WARRANTY_FAILURE, Reason.RECALL, Reason.NOT_AS_DESCRIBED})
PACKAGING = frozenset({Reason.DAMAGED_IN_TRANSIT})
PICKING = frozenset({Reason.WRONG_ITEM, Reason.OVER_SHIPPED, Reason.MISSING_PARTS, Reason.LATE_OR_MISSING})

_Line = tuple[str, str, str, str, int, datetime]
_Namer = Callable[[Look, str], str]


def _lines(look: Look) -> Iterator[_Line]:
    if "returned" not in look.kept:
        look.kept["returned"] = insight_goods.returned(look.uow, look.since)
    yield from look.kept["returned"]


def _by(name_of: _Namer) -> Callable[[Look], Facts]:
    """Return lines by whatever an article belongs to, and by reason; the value is pieces."""

    def read(look: Look) -> Facts:
        return Listed(
            [
                Fact(case_id, line_id, f"{name_of(look, sku)}{BETWEEN}{reason}", pieces, at)
                for case_id, line_id, sku, reason, pieces, at in _lines(look)
            ]
        )

    return read


def _share_of(reasons: frozenset[Reason], name_of: _Namer) -> Callable[[Look], Facts]:
    """Return lines by whatever an article belongs to, and those of them with one of these reasons."""

    def read(look: Look) -> Facts:
        return Listed(
            [
                Fact(case_id, line_id, name_of(look, sku), int(Reason(reason) in reasons), at)
                for case_id, line_id, sku, reason, _, at in _lines(look)
            ]
        )

    return read


def _supplier(look: Look, sku: str) -> str:
    return look.supplier_of(sku)


def _article(_look: Look, sku: str) -> str:
    return sku


def _described(look: Look, sku: str) -> str:
    item = look.item(sku)
    return f"{sku}: {item.description}" if item else sku


_REASON_NOTE = "The reason is the one the dock found, where it found another than the customer said."

GOODS = (
    Kpi(
        key="reasons-by-product",
        name="Reasons by product",
        definition=f"Return lines asked for in the period, by article and reason. {_REASON_NOTE}",
        owner="Purchasing",
        unit=Unit.NUMBER,
        noun="return lines",
        parts=("Article", "Reason"),
        facts=_by(_article),
        looks_up=_described,
    ),
    Kpi(
        key="reasons-by-supplier",
        name="Reasons by supplier",
        definition=f"Return lines asked for in the period, by supplier and reason. {_REASON_NOTE}",
        owner="Purchasing",
        unit=Unit.NUMBER,
        noun="return lines",
        parts=("Supplier", "Reason"),
        facts=_by(_supplier),
    ),
    Kpi(
        key="quality",
        name="Quality signal",
        definition=(
            "The share of a supplier's return lines that speak of quality: defective, warranty failure, "
            "recall, not as described."
        ),
        owner="Purchasing",
        unit=Unit.SHARE,
        noun="return lines",
        parts=("Supplier",),
        facts=_share_of(QUALITY, _supplier),
    ),
    Kpi(
        key="packaging",
        name="Packaging signal",
        definition="The share of an article's return lines that were damaged on the way to the customer.",
        owner="Warehouse",
        unit=Unit.SHARE,
        noun="return lines",
        parts=("Article",),
        facts=_share_of(PACKAGING, _article),
        looks_up=_described,
    ),
    Kpi(
        key="picking",
        name="Picking signal",
        definition=(
            "The share of an article's return lines that speak of our own picking: wrong item, over-shipped, "
            "missing parts, late or missing."
        ),
        owner="Warehouse",
        unit=Unit.SHARE,
        noun="return lines",
        parts=("Article",),
        facts=_share_of(PICKING, _article),
        looks_up=_described,
    ),
    Kpi(
        key="findings",
        name="Reasons borne out",
        definition="The share of inspections that bear the customer's reason out, by reason as said.",
        owner="Warehouse",
        unit=Unit.SHARE,
        noun="inspections",
        parts=("Reason",),
        facts=lambda look: Queried(look.uow, insight_goods.findings(), look.since),
    ),
    Kpi(
        key="dispositions",
        name="Dispositions",
        definition="What became of inspected goods whose move is posted, by where they went.",
        owner="Warehouse",
        unit=Unit.NUMBER,
        noun="dispositions",
        parts=("Went to",),
        facts=lambda look: Queried(look.uow, insight_goods.dispositions(), look.since),
    ),
)

RECOVERY = (
    Kpi(
        key="write-downs",
        name="Write-downs",
        definition="What the moves of returned goods cost us against the books, by where the goods went.",
        owner="Finance",
        unit=Unit.MONEY,
        noun="dispositions",
        parts=("Went to",),
        facts=lambda look: Queried(look.uow, insight_goods.write_downs(), look.since),
    ),
    Kpi(
        key="supplier-recovery",
        name="Supplier recovery",
        definition="What suppliers gave, of the documented cost and allowances of the claims they answered.",
        owner="Purchasing",
        unit=Unit.SHARE,
        noun="claims",
        parts=("Supplier",),
        facts=lambda look: Queried(look.uow, insight_goods.supplier_recovery(), look.since),
        of_money=True,
        looks_up=lambda look, supplier_id: look.supplier_name(supplier_id),
    ),
    Kpi(
        key="credit-accuracy",
        name="Credit accuracy",
        definition="Of the credits read back from the ERP, the share that it shows as they were permitted.",
        owner="Finance",
        unit=Unit.SHARE,
        noun="credits",
        parts=("Read back",),
        facts=lambda look: Queried(look.uow, insight_goods.credits_read_back(), look.since),
        says={
            insight_goods.ATTESTED: "As permitted",
            insight_goods.NOT_YET: "Not read back yet",
            insight_goods.NOT_THE_SAME: "Not what was sent",
        },
    ),
    Kpi(
        key="reconciliation",
        name="Reconciliation errors",
        definition=(
            "Differences between our books and the ERP's that the daily comparisons of the period found, "
            "each once, with the money at stake."
        ),
        owner="Finance",
        unit=Unit.NUMBER,
        noun="differences",
        parts=("What",),
        facts=lambda look: Listed(insight_goods.reconciliation_errors(look.uow, look.since)),
    ),
)

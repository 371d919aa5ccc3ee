"""Proposals as a distributor sees them, mostly ordinary, and decisions on record made of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from backhaul.domain.codes import Action, ProductClass, Reason, Region, Tier
from backhaul.domain.errors import PolicyError
from backhaul.domain.receiving import Disposition, Finding
from policies.backtest import StoredDecision
from policies.book import PolicyBook
from policies.facts import Facts, GradeFound

_FIRST_DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
_SPAN_DAYS = 400
_ACTIONS = {
    Action.CREATE_RMA: 45,
    Action.CREATE_LABEL: 20,
    Action.CREDIT_MEMO: 15,
    Action.REPLACEMENT: 8,
    Action.RETURNLESS_REFUND: 5,
    Action.VENDOR_CLAIM: 4,
    Action.CANCEL_RMA: 2,
    Action.VOID_LABEL: 1,
    Action.MOVE_STOCK: 15,
    Action.REPAIR_ORDER: 3,
}
"""How often each is decided, beside the others."""
_OF_GOODS = {
    Action.CREDIT_MEMO,
    Action.REPLACEMENT,
    Action.VENDOR_CLAIM,
    Action.MOVE_STOCK,
    Action.REPAIR_ORDER,
}
"""What may be about pieces at the dock"""


def some_facts(book: PolicyBook, draw: Random) -> Iterator[Facts]:
    """Proposals without end. PolicyError without a Baseline to differ from."""
    baseline = book.bundle.baseline
    if baseline is None:
        raise PolicyError("the proposals differ from a document of kind Baseline, and there is none")
    while True:
        (action,) = draw.choices(list(_ACTIONS), list(_ACTIONS.values()))
        ordinary = {**baseline.facts, **baseline.actions.get(action, {}), "action": action.value}
        yield Facts.from_record({**ordinary, **_otherwise(action, draw)})


def some_decisions(book: PolicyBook, count: int, seed: int) -> list[StoredDecision]:
    """Decisions on record over some thirteen months, as this book decided them."""
    draw = Random(seed)
    facts = some_facts(book, draw)
    return [_stored(book, number, next(facts), draw) for number in range(count)]


def _stored(book: PolicyBook, number: int, facts: Facts, draw: Random) -> StoredDecision:
    decided = _FIRST_DAY + timedelta(days=draw.randrange(_SPAN_DAYS), minutes=draw.randrange(480))
    ordered = decided.date() - timedelta(days=facts.days_since_delivery + draw.randrange(1, 6))
    return StoredDecision(
        id=f"VD-{number:05d}",
        case_id=f"RC-{number:05d}",
        facts=facts,
        facility=None,
        outcome=book.outcome(facts, order_date=ordered, decision_date=decided.date()),
        decided_at=datetime.combine(decided.date(), time(12), UTC),
        order_date=ordered,
        decision_date=decided.date(),
    )


def _otherwise(action: Action, draw: Random) -> dict[str, Any]:
    shipped = draw.choice((1, 1, 2, 3, 5, 10, 20))
    quantity = draw.randint(1, shipped)
    tracked, delivered = _happens(draw, 0.15), _happens(draw, 0.97)
    given = draw.choice((quantity, quantity, quantity, quantity - 1)) if tracked else 0
    ledger, approvals = _happens(draw, 0.95), draw.choices((0, 1, 2), (80, 17, 3))[0]
    invoiced, sees_goods = shipped * int(10 ** draw.uniform(2.7, 5.7)), action in _OF_GOODS
    return {
        "reason": draw.choice(list(Reason)).value,
        "tier": draw.choice(list(Tier)).value,
        "region": draw.choice(list(Region)).value,
        "product_class": draw.choice(list(ProductClass)).value,
        "unit_price_usd_minor": int(10 ** draw.uniform(2.7, 5.7)),
        "unit_cost_usd_minor": int(10 ** draw.uniform(2.5, 5.4)),
        "order_paid_out_usd_minor": draw.choice((0, 0, 0, 20_000, 90_000)),
        "quantity": quantity,
        "quantity_shipped": shipped,
        "quantity_already_authorised": draw.choice((0, 0, 0, 1)),
        **(_at_the_dock(draw, shipped, quantity) if sees_goods else {}),
        "line_invoiced_usd_minor": invoiced,
        "line_credited_usd_minor": draw.choice((0, 0, 0, invoiced // 2)),
        "credit_usd_minor": draw.choice((invoiced * quantity // shipped, invoiced // 2)),
        "serial_tracked": tracked,
        "serials_given": given,
        "serials_matching": draw.choice((given, given, given, max(given - 1, 0))),
        "delivered": delivered,
        "days_since_delivery": int(draw.triangular(0, 90, 10)) if delivered else 0,
        "days_since_receipt": draw.randrange(120),
        "currency_is_ledger": ledger,
        "rate_age_days": 0 if ledger else draw.choice((0, 1, 3, 6)),
        "contract_window_days": draw.choice((-1, -1, -1, -1, 45, 90)),
        "contract_restocking_bps": draw.choice((-1, -1, -1, 0, 1_500, 2_600)),
        "warranty_days_left": draw.randrange(-60, 300),
        "photos": draw.choice((0, 1, 2, 2)),
        "received_item_known": _happens(draw, 0.8),
        "consent_given": _happens(draw, 0.97),
        "confidence_permille": min(1_000, int(draw.gauss(900, 130))),
        "fraud_score_permille": min(999, int(draw.expovariate(1 / 160))),
        "hazmat": _happens(draw, 0.05),
        "final_sale": _happens(draw, 0.05),
        "recall_notice": _happens(draw, 0.3),
        "credit_hold": _happens(draw, 0.04),
        "open_rmas_on_case": draw.choice((0, 0, 1, 5)),
        "labels_on_case": draw.choice((0, 1, 1, 6)),
        "supplier_accepts_overstock": _happens(draw, 0.7),
        "supplier_rma_required": _happens(draw, 0.3),
        "approvals": approvals,
        "approver_is_requester": approvals > 0 and _happens(draw, 0.03),
        "approver_is_authoriser": approvals > 0 and _happens(draw, 0.05),
        "review_status": draw.choice(("none", "none", "approved", "rejected")) if approvals else "none",
    }


def _at_the_dock(draw: Random, shipped: int, quantity: int) -> dict[str, Any]:
    grade = draw.choices(list(GradeFound), (5, 45, 30, 12, 8))[0]
    return {
        "quantity_on_rma": shipped,
        "quantity_received": draw.choice((quantity, quantity, shipped, 0)),
        "quantity_settled": draw.choice((0, 0, 0, 1)),
        "quantity_dispositioned": draw.choice((0, 0, 0, 1)),
        "grade": grade.value,
        "finding": draw.choices(list(Finding), (5, 80, 10, 5))[0].value,
        "seal_intact": _happens(draw, 0.5),
        "disposition": draw.choice(list(Disposition)).value,
        "write_down_usd_minor": draw.choice((0, 0, 4_000, 15_000, 60_000)),
        "packet_complete": _happens(draw, 0.9),
    }


def _happens(draw: Random, chance: float) -> bool:
    return draw.random() < chance

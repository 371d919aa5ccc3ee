"""Looks up what a decision rests on: ERP first, without a transaction, then our own ledger inside one.

Nothing here decides. Both the guard and the agent's `check_eligibility` take their facts from this place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backhaul.connectors.ports import BookedRma, ErpReads
from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.money import LEDGER_CURRENCY, ONE_TO_ONE, ExchangeRate
from backhaul.domain.orders import Order, OrderLine
from backhaul.domain.trade import Account, Item, Tracking, warranty_end
from backhaul.store import ledger, rmas
from backhaul.store.unit_of_work import UnitOfWork
from policies.facts import UNKNOWABLE, Facts
from tools.recovery import SupplierFacts, look_up_supplier, supplier_facts

_SETTLES = {Action.REPLACEMENT, Action.CREDIT_MEMO}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `account_id` and `requested_by` come from the session."""

    action: Action
    account_id: str
    requested_by: str
    order_number: str
    line: int
    quantity: int
    serials: tuple[str, ...]
    reason: Reason
    resolution: Resolution
    received_item_known: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What people and scorers add. `approvers` are active staff who approved exactly this command."""

    photos: int = 0
    confidence_permille: int = 0
    fraud_score_permille: int = 0
    consent_given: bool = False
    review_status: str = "none"
    approvers: frozenset[str] = frozenset()
    approver_is_requester: bool = False
    """One of them made the request, for a customer or for themselves"""
    sibling_exposure_usd_minor: int | None = 0
    """Value of other lines of the same consent on the same order, in cents of the ledger currency: splitting
    must not help"""
    sibling_quantity: int = 0
    """Pieces of the same order line in other proposals of the same consent"""


@dataclass(frozen=True, slots=True)
class ErpFacts:
    """What the ERP says about one order line at one moment. `None` is unknown, never a default."""

    account: Account | None
    order: Order | None
    line: OrderLine | None
    item: Item | None
    booked: tuple[BookedRma, ...]
    warranty_until: date | None
    serials_matching: int
    rate: ExchangeRate | None
    """From the order's currency to the ledger's, of the order day; one to one for the ledger currency"""
    supplier: SupplierFacts

    @property
    def unit_price_usd_minor(self) -> int | None:
        """Price of a piece in cents of the ledger currency, rounded up; None without a line or a rate."""
        if self.line is None or self.rate is None:
            return None
        return self.rate.in_ledger_currency(self.line.unit_price).minor

    def amount_usd_minor(self, quantity: int) -> int | None:
        """Value of so many pieces in cents of the ledger currency, as the policy and the ledger count it."""
        price = self.unit_price_usd_minor
        return None if price is None else price * quantity


def look_up(erp: ErpReads, asked: Asked) -> ErpFacts:
    """Read everything from the ERP that a decision on this order line may need.

    Raises:
        ConnectorUnavailable: The ERP did not answer; the decision is taken later.
    """
    order = erp.order(asked.order_number)
    line = order.line(asked.line) if order else None
    item = erp.item(line.sku) if line else None
    shipped = set(line.serials) if line else set()
    return ErpFacts(
        account=erp.account(asked.account_id),
        order=order,
        line=line,
        item=item,
        booked=tuple(erp.returns_on(asked.order_number)) if order else (),
        warranty_until=_warranty_until(erp, asked, line, item),
        serials_matching=len(set(asked.serials) & shipped),
        rate=_rate_of(erp, order) if order else None,
        supplier=look_up_supplier(erp, item, line, asked.serials),
    )


def _rate_of(erp: ErpReads, order: Order) -> ExchangeRate | None:
    if order.currency == LEDGER_CURRENCY:
        return ExchangeRate(LEDGER_CURRENCY, order.ordered_on, ONE_TO_ONE)
    return erp.exchange_rate(order.currency, order.ordered_on)


def _warranty_until(erp: ErpReads, asked: Asked, line: OrderLine | None, item: Item | None) -> date | None:
    """The earliest end among the serials given; without serials, delivery plus the item's months."""
    ends = [unit.warranty_until for serial in asked.serials if (unit := erp.unit(serial)) is not None]
    known = [end for end in ends if end is not None]
    if known:
        return min(known)
    return warranty_end(line.delivered_on, item.warranty_months) if line and item else None


def gather(
    uow: UnitOfWork,
    asked: Asked,
    found: ErpFacts,
    evidence: Evidence,
    *,
    case_id: str | None,
    rma_id: str | None = None,
) -> Facts:
    """Put the ERP's facts, our ledger's and the evidence into one record at the business date.

    Args:
        uow: The transaction in which the ledger is read.
        asked: What somebody asks for.
        found: What the ERP said.
        evidence: What people and scorers add.
        case_id: The case that asks, if there is one yet.
        rma_id: The RMA that a later effect is about, once there is one: its pieces are counted on their own.

    Returns:
        Facts whose amounts are cents of the ledger currency; what could not be learnt stands in `unknown`.
    """
    values: dict[str, Any] = {
        **_asked(asked),
        **_evidence(evidence),
        **_account(found),
        **_goods(found, uow.clock.now().date()),
        **_price(found),
        **supplier_facts(found.supplier, uow.clock.now().date()),
        **_ledger(uow, asked, found, evidence, case_id=case_id, rma_id=rma_id),
        "order_on_account": _is_own(asked, found),
    }
    unknown = frozenset(name for name, value in values.items() if value is None and name in UNKNOWABLE)
    known = {name: value for name, value in values.items() if value is not None}
    return Facts.from_record({**known, "unknown": sorted(unknown)})


def _asked(asked: Asked) -> Mapping[str, Any]:
    return {
        "action": asked.action.value,
        "reason": asked.reason.value,
        "resolution": asked.resolution.value,
        "quantity": asked.quantity,
        "serials_given": len(asked.serials),
        "requester_kind": "customer" if asked.requested_by.startswith("contact:") else "staff",
        "received_item_known": asked.received_item_known,
    }


def _evidence(evidence: Evidence) -> Mapping[str, Any]:
    return {
        "consent_given": evidence.consent_given,
        "photos": evidence.photos,
        "confidence_permille": evidence.confidence_permille,
        "fraud_score_permille": evidence.fraud_score_permille,
        "review_status": evidence.review_status,
        "approvals": min(len(evidence.approvers), 9),
        "approver_is_requester": evidence.approver_is_requester,
    }


def _account(found: ErpFacts) -> Mapping[str, Any]:
    account = found.account
    contract = account.contract if account else None
    return {
        "tier": account.tier.value if account else None,
        "region": account.region.value if account else None,
        "credit_hold": account.credit_hold if account else None,
        "contract_window_days": _or_silent(contract.return_window_days) if contract else None,
        "contract_restocking_bps": _or_silent(contract.restocking_basis_points) if contract else None,
        "contract_advance_replacement": contract.advance_replacement if contract else None,
    }


def _or_silent(term: int | None) -> int:
    return -1 if term is None else term


def _goods(found: ErpFacts, today: date) -> Mapping[str, Any]:
    line, item = found.line, found.item
    return {
        "delivered": line.delivered_on is not None if line else None,
        "days_since_delivery": _days_since(line, today),
        "product_class": item.product_class.value if item else None,
        "hazmat": item.hazmat if item else None,
        "final_sale": item.final_sale if item else None,
        "serial_tracked": item.tracking is Tracking.SERIAL if item else None,
        "serials_matching": found.serials_matching if line else None,
        "warranty_months": item.warranty_months if item else None,
        "warranty_days_left": _warranty_days_left(found, today),
        "recall_notice": None,
        "quantity_shipped": line.quantity_shipped if line else None,
    }


def _price(found: ErpFacts) -> Mapping[str, Any]:
    order, rate = found.order, found.rate
    return {
        "currency_is_ledger": order.currency == LEDGER_CURRENCY if order else None,
        "rate_age_days": (order.ordered_on - rate.on).days if order and rate else None,
        "unit_price_usd_minor": found.unit_price_usd_minor,
    }


def _days_since(line: OrderLine | None, today: date) -> int | None:
    if line is None:
        return None
    return max((today - line.delivered_on).days, 0) if line.delivered_on else 0


def _warranty_days_left(found: ErpFacts, today: date) -> int | None:
    if found.item is None:
        return None
    if not found.item.warranty_months:
        return 0
    return (found.warranty_until - today).days if found.warranty_until else None


def _ledger(
    uow: UnitOfWork,
    asked: Asked,
    found: ErpFacts,
    evidence: Evidence,
    *,
    case_id: str | None,
    rma_id: str | None,
) -> Mapping[str, Any]:
    line = found.line
    references = [booked.reference for booked in found.booked]
    unbooked = ledger.unbooked_quantity(uow, asked.order_number, asked.line, references)
    on_case = rmas.rmas_of_case(uow, case_id) if case_id else ()
    live = [row for row in on_case if row.cancelled_at is None and row.expired_at is None]
    on_line = [
        entry
        for row in live
        if rma_id is None or row.id == rma_id
        for entry in rmas.rma_lines(uow, row.id)
        if (entry.order_number, entry.order_line) == (asked.order_number, asked.line)
    ]
    settles = bool(on_line) and asked.action in _SETTLES
    authorised = line.quantity_returned + unbooked + evidence.sibling_quantity if line else None
    return {
        "quantity_already_authorised": authorised,
        "quantity_on_rma": sum(entry.quantity for entry in on_line),
        "quantity_received": 0,
        "quantity_settled": ledger.settled_quantity(
            uow, asked.order_number, asked.line, on_line, shipped=line.quantity_shipped if line else None
        ),
        "rma_open": bool(on_line),
        "open_rmas_on_case": len(live),
        "labels_on_case": sum(len(rmas.labels(uow, row.id)) for row in on_case),
        "order_paid_out_usd_minor": _paid_out(uow, asked, found, evidence, settles=settles),
        "quantity_claimed": ledger.net_quantity(uow, asked.order_number, asked.line, ledger.CLAIMED),
    }


def _paid_out(
    uow: UnitOfWork, asked: Asked, found: ErpFacts, evidence: Evidence, *, settles: bool
) -> int | None:
    """Value at stake on the order beside this command; the ledger and the sum are in its own currency.

    What this very line was authorised for is left out when the command settles it: it is at stake once.
    """
    own = found.amount_usd_minor(asked.quantity) if settles else 0
    if own is None or evidence.sibling_exposure_usd_minor is None:
        return None
    paid_out = max(ledger.paid_out_minor(uow, asked.order_number) - own, 0)
    return paid_out + evidence.sibling_exposure_usd_minor


def _is_own(asked: Asked, found: ErpFacts) -> bool:
    return found.order is not None and found.line is not None and found.order.account_id == asked.account_id

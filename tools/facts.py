"""Looks up what a decision rests on: ERP first, without a transaction, then our own ledger inside one.

Nothing here decides. Both the guard and the agent's `check_eligibility` take their facts from this place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backhaul.connectors.ports import BookedRma, ErpReads
from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.money import LEDGER_CURRENCY, ONE_TO_ONE, ExchangeRate, Money
from backhaul.domain.orders import Order, OrderLine, Shipment
from backhaul.domain.trade import Account, Item, Tracking, warranty_end
from backhaul.store.credited import credited_on
from backhaul.store.unit_of_work import UnitOfWork
from policies.facts import UNKNOWABLE, Facts
from tools.billed import CREDITS, Billed, billed_facts, look_up_billed
from tools.dock_facts import dock_facts, unit_cost
from tools.fraud_signals import DELIVERY_DOUBTED
from tools.goods import OF_WHAT_ARRIVED, Goods
from tools.recovery import SupplierFacts, look_up_supplier, supplier_facts
from tools.standing_of_line import Place, ledger_facts


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
    by_the_process: bool = False
    """An effect that follows from what was found; whoever asked for the return has no part in it"""
    goods: Goods | None = None
    """The pieces at the dock that a later effect is about; None before the dock had any"""


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
    approver_is_authoriser: bool = False
    """They approve a credit, and all of them had approved the RMA it is for"""
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
    billed: Billed
    unit_cost: Money | None
    """What a piece stands in our books for before it is moved"""
    shipments: tuple[Shipment, ...] | None = None
    """Deliveries of the order; None where the reason is none that a carrier can speak to"""

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
    arrived = asked.goods if asked.action in OF_WHAT_ARRIVED else None
    sku = arrived.sku if arrived else line.sku if line else ""
    item = erp.item(sku) if sku else None
    sold = line if line and line.sku == sku else None
    shipped = set(line.serials) if line else set()
    return ErpFacts(
        account=erp.account(asked.account_id),
        order=order,
        line=line,
        item=item,
        booked=tuple(erp.returns_on(asked.order_number)) if order else (),
        warranty_until=_warranty_until(erp, asked, line, item),
        serials_matching=len(set(asked.serials) & shipped),
        rate=rate_of(erp, order) if order else None,
        supplier=look_up_supplier(
            erp, item, sold, asked.serials, named=asked.goods.purchase_order if asked.goods else ""
        ),
        billed=look_up_billed(erp, asked.action, line),
        unit_cost=unit_cost(erp, item, asked.serials) if asked.action is Action.MOVE_STOCK else None,
        shipments=tuple(erp.shipments(asked.order_number)) if asked.reason in DELIVERY_DOUBTED else None,
    )


def rate_of(erp: ErpReads, order: Order) -> ExchangeRate | None:
    """From the order's currency to the ledger's, of the order day; `None` when the ERP has none."""
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
    place = Place(asked.action, asked.order_number, asked.line, found.line, case_id, rma_id)
    ours = credited_on(uow, asked.order_number, asked.line)
    values: dict[str, Any] = {
        **_asked(asked),
        **dock_facts(asked.action, asked.resolution, asked.goods, found.unit_cost),
        **_evidence(evidence),
        **_account(found),
        **_goods(found, uow.clock.now().date()),
        **_price(found),
        **supplier_facts(found.supplier, uow.clock.now().date()),
        **billed_facts(
            found.billed,
            ours,
            found.rate,
            price=found.line.unit_price if found.line else None,
            pieces=asked.quantity if asked.action in CREDITS else None,
        ),
        **ledger_facts(
            uow,
            place,
            found.booked,
            sibling_quantity=evidence.sibling_quantity,
            amount_usd_minor=found.amount_usd_minor(asked.quantity),
            sibling_exposure_usd_minor=evidence.sibling_exposure_usd_minor,
        ),
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
        "requester_kind": _kind_of_requester(asked),
        "received_item_known": asked.received_item_known,
    }


def _kind_of_requester(asked: Asked) -> str:
    if asked.by_the_process:
        return "system"
    return "customer" if asked.requested_by.startswith("contact:") else "staff"


def _evidence(evidence: Evidence) -> Mapping[str, Any]:
    return {
        "consent_given": evidence.consent_given,
        "photos": evidence.photos,
        "confidence_permille": evidence.confidence_permille,
        "fraud_score_permille": evidence.fraud_score_permille,
        "review_status": evidence.review_status,
        "approvals": min(len(evidence.approvers), 9),
        "approver_is_requester": evidence.approver_is_requester,
        "approver_is_authoriser": evidence.approver_is_authoriser,
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


def _is_own(asked: Asked, found: ErpFacts) -> bool:
    return found.order is not None and found.line is not None and found.order.account_id == asked.account_id

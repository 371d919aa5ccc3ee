"""What our ledger says of an order line, its case and its order at the moment of a decision."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backhaul.connectors.ports import BookedRma
from backhaul.domain.codes import Action
from backhaul.domain.orders import OrderLine
from backhaul.store import ledger, rmas
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.unit_of_work import UnitOfWork

_SETTLES = {Action.REPLACEMENT, Action.CREDIT_MEMO}


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked about: an order line as the ERP has it, the case, and the RMA of a later effect."""

    action: Action
    order_number: str
    order_line: int
    line: OrderLine | None
    case_id: str | None
    rma_id: str | None

    def lines(self, uow: UnitOfWork) -> list["_OnRma"]:
        """Lines of the case's RMAs for this order line, or of the one RMA."""
        on_case = rmas.rmas_of_case(uow, self.case_id) if self.case_id else ()
        return [
            _OnRma(entry, row.cancelled_at is None and row.expired_at is None, _entered(uow, entry))
            for row in on_case
            if self.rma_id in {None, row.id}
            for entry in rmas.rma_lines(uow, row.id)
            if (entry.order_number, entry.order_line) == (self.order_number, self.order_line)
        ]


@dataclass(frozen=True, slots=True)
class _OnRma:
    """A line of an RMA with what the ledger says of it."""

    row: RmaLineRow
    is_live: bool
    entered: Counter[str]

    @property
    def counts(self) -> bool:
        """Whether something can still be given for it: an RMA that ended stands for what came on it."""
        return self.is_live or self.entered[ledger.RECEIVED] > 0

    @property
    def pieces(self) -> int:
        """What it stands for: what is still let in, or all that came."""
        let_in = self.entered[ledger.AUTHORISED] - self.entered[ledger.RELEASED]
        return max(let_in, self.entered[ledger.RECEIVED])


def _entered(uow: UnitOfWork, line: RmaLineRow) -> Counter[str]:
    return ledger.on_rma_line(uow, line.id)


def ledger_facts(
    uow: UnitOfWork,
    place: Place,
    booked: Sequence[BookedRma],
    *,
    sibling_quantity: int,
    amount_usd_minor: int | None,
    sibling_exposure_usd_minor: int | None,
) -> Mapping[str, Any]:
    """Pieces and money of the line so far.

    Pieces that came back count on their RMA also after it ended: a late parcel lies at the dock all the same.

    Args:
        uow: The transaction in which the ledger is read.
        place: What is asked about.
        booked: The RMAs that the ERP has on the order.
        sibling_quantity: Pieces of the line in other proposals of the same consent.
        amount_usd_minor: Value of the pieces asked for; None when unknown.
        sibling_exposure_usd_minor: Value of other lines of the same consent on the order; None when unknown.
    """
    line = place.line
    unbooked = ledger.unbooked_quantity(
        uow, place.order_number, place.order_line, [one.reference for one in booked]
    )
    on_case = rmas.rmas_of_case(uow, place.case_id) if place.case_id else ()
    found = place.lines(uow)
    on_line = [one.row for one in found if one.counts]
    stake = None if sibling_exposure_usd_minor is None else _paid_out(uow, place, on_line, amount_usd_minor)
    unbooked += ledger.came_late(uow, place.order_number, place.order_line)
    return {
        "quantity_already_authorised": line.quantity_returned + unbooked + sibling_quantity if line else None,
        "quantity_on_rma": sum(one.pieces for one in found if one.counts),
        "quantity_received": sum(one.entered[ledger.RECEIVED] for one in found),
        "quantity_dispositioned": sum(one.entered[ledger.DISPOSED] for one in found),
        "quantity_settled": ledger.settled_quantity(
            uow,
            place.order_number,
            place.order_line,
            on_line,
            shipped=line.quantity_shipped if line else None,
        ),
        "rma_open": any(one.is_live for one in found),
        "open_rmas_on_case": sum(row.cancelled_at is None and row.expired_at is None for row in on_case),
        "labels_on_case": sum(len(rmas.labels(uow, row.id)) for row in on_case),
        "order_paid_out_usd_minor": None if stake is None else stake + (sibling_exposure_usd_minor or 0),
        "quantity_claimed": ledger.net_quantity(uow, place.order_number, place.order_line, ledger.CLAIMED),
    }


def _paid_out(
    uow: UnitOfWork, place: Place, on_line: Sequence[RmaLineRow], amount_usd_minor: int | None
) -> int | None:
    """Value at stake on the order beside this command; the ledger and the sum are in its own currency.

    What this very line was authorised for is left out when the command settles it: it is at stake once.
    """
    own = amount_usd_minor if on_line and place.action in _SETTLES else 0
    return None if own is None else max(ledger.paid_out_minor(uow, place.order_number) - own, 0)

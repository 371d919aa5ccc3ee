"""Where a return stands, derived from facts and quantities and never set by hand."""

from dataclasses import dataclass

from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState

_UNDER_WAY = {
    ParcelStatus.DROPPED_OFF,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.EXCEPTION,
    ParcelStatus.DELIVERED,
}
"""A parcel that the dock refused is with the customer again, as before it was handed in"""


@dataclass(frozen=True, slots=True)
class RmaFacts:
    """What has happened to an RMA. Quantities are pieces over all its lines.

    `authorised` is what is still to come or came: pieces that were released are not counted. `settled` pieces
    were made good, or nothing is owed for them.
    """

    authorised: int
    received: int
    settled: int
    has_erp_number: bool
    has_label: bool
    parcel: ParcelStatus | None
    cancelled: bool
    expired: bool
    refused_by_the_erp: bool = False
    """Something was permitted for the customer, and the ERP would not do it: it is owed until it is done"""


def rma_state(facts: RmaFacts) -> RmaState:
    """The state those facts amount to. Goods that arrive make a cancelled or expired RMA received.

    It is closed when nothing is awaited any more, all that came is settled, and nothing is left undone.
    """
    if facts.received > 0:
        is_done = facts.settled >= facts.received >= facts.authorised and not facts.refused_by_the_erp
        return RmaState.CLOSED if is_done else RmaState.RECEIVED
    if facts.cancelled:
        return RmaState.CANCELLED
    if facts.parcel in _UNDER_WAY:
        return RmaState.IN_TRANSIT
    if facts.expired:
        return RmaState.EXPIRED
    if facts.has_label:
        return RmaState.LABELLED
    return RmaState.ISSUED if facts.has_erp_number else RmaState.AUTHORISED


def can_be_cancelled(state: RmaState) -> bool:
    """Only before the parcel moves: afterwards the goods are on their way and must be received."""
    return state in {RmaState.AUTHORISED, RmaState.ISSUED, RmaState.LABELLED}

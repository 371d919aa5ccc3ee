"""What has happened to a request so far, day by day, from what is on record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from backhaul.domain.money import Money
from backhaul.store import conversation, dock, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.money_kept import credits_of_proposal, repairs_of
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import UnitOfWork

_SCANS = {
    "dropped_off": "The carrier took the parcel over",
    "in_transit": "The parcel moved on",
    "exception": "The carrier reported a delay",
    "delivered": "The parcel arrived at our warehouse",
    "refused": "Our dock did not take the parcel in",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened, in words."""

    at: datetime
    words: str


def timeline(
    uow: UnitOfWork, thread_id: str, proposals: Sequence[ProposalRow], *, sees_amounts: bool
) -> tuple[Happened, ...]:
    """Everything on record about these proposals of a conversation, oldest first."""
    found = [Happened(row.created_at, "Requested") for row in proposals]
    for row in proposals:
        found += _credited(uow, row, sees_amounts=sees_amounts)
    held = {rma.id: rma for row in proposals if (rma := rmas.rma_of_proposal(uow, row.id))}
    for rma in held.values():
        found += _of_rma(uow, thread_id, rma)
    once = dict.fromkeys(sorted(found, key=lambda one: one.at))
    return tuple(once)


def _credited(uow: UnitOfWork, row: ProposalRow, *, sees_amounts: bool) -> Iterator[Happened]:
    for memo in credits_of_proposal(uow, row.id):
        amount = f" of {Money(memo.amount_minor, memo.currency)}" if sees_amounts else ""
        yield Happened(memo.created_at, f"Credit memo {memo.erp_number}{amount} posted")


def _of_rma(uow: UnitOfWork, thread_id: str, rma: RmaRow) -> Iterator[Happened]:
    number = rma.erp_number or "The return"
    yield Happened(rma.created_at, f"Approved as {number}")
    yield from _of_labels(uow, rma)
    yield from _of_parcel(uow, thread_id, rma)
    yield from _of_goods(uow, rma)
    for sent in rmas.replacements(uow, rma.id):
        what = f"{sent.quantity} x {sent.sku}"
        yield Happened(sent.created_at, f"Replacement ordered: {what} on {sent.erp_number}")
    for repair in repairs_of(uow, rma.id):
        yield Happened(repair.created_at, f"Repair order {repair.erp_number} opened")
    for at, words in (
        (rma.cancelled_at, "cancelled"),
        (rma.expired_at, "expired"),
        (rma.closed_at, "finished"),
    ):
        if at is not None:
            yield Happened(at, f"{number} {words}")


def _of_labels(uow: UnitOfWork, rma: RmaRow) -> Iterator[Happened]:
    for position, label in enumerate(reversed(rmas.labels(uow, rma.id))):
        made = "made" if position == 0 else "made anew"
        yield Happened(label.created_at, f"Label {label.tracking_number} {made}")


def _of_parcel(uow: UnitOfWork, thread_id: str, rma: RmaRow) -> Iterator[Happened]:
    for event in conversation.events_after(uow, thread_id, 0, ["parcel"]):
        words = _SCANS.get(event.payload["status"])
        if event.payload["rma_id"] == rma.id and words:
            place = f", {event.payload['place']}" if event.payload.get("place") else ""
            yield Happened(datetime.fromisoformat(event.payload["at"]), f"{words}{place}")


def _of_goods(uow: UnitOfWork, rma: RmaRow) -> Iterator[Happened]:
    for receipt in dock.receipts_of(uow, rma.id):
        pieces = "1 piece" if receipt.quantity == 1 else f"{receipt.quantity} pieces"
        if receipt.quantity:
            yield Happened(receipt.counted_at, f"{pieces} counted at our dock")
        for seen in dock.inspections(uow, receipt.id):
            checked = "1 piece" if seen.quantity == 1 else f"{seen.quantity} pieces"
            yield Happened(seen.inspected_at, f"{checked} checked")

"""Service notes and open RMAs of elsewhere: what was taken in, and what of it is in already."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backhaul.domain.returns import OVER
from backhaul.store import reviews
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.tables import CaseRow, ProposalRow, ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork, in_turn

NOTE, OPEN_RMA = "note", "open_rma"
CHANNELS = (NOTE, OPEN_RMA)
"""Conversations that nobody reads: nothing said in them reaches a customer"""
SAME_WORDS_DAYS = 30
"""Within so many days the same words for the same account are the same note."""


def one_at_a_time(uow: UnitOfWork) -> None:
    """From here to the end of the transaction nobody else takes a note in: what is not in stays not in."""
    in_turn(uow, "intake")


def of_number(uow: UnitOfWork, kind: str, external_id: str) -> Sequence[ServiceNoteRow]:
    """What came in under that number of elsewhere, oldest first."""
    query = sa.select(ServiceNoteRow).where(
        ServiceNoteRow.kind == kind, ServiceNoteRow.external_id == external_id
    )
    return uow.session.scalars(query.order_by(ServiceNoteRow.taken_in_at, ServiceNoteRow.id)).all()


def of_words(uow: UnitOfWork, account_id: str, words_digest: str, noted_on: date) -> ServiceNoteRow | None:
    """The note with the same words for the account in the days around that one, or `None`."""
    days = timedelta(days=SAME_WORDS_DAYS)
    query = sa.select(ServiceNoteRow).where(
        ServiceNoteRow.account_id == account_id,
        ServiceNoteRow.words_digest == words_digest,
        ServiceNoteRow.noted_on.between(noted_on - days, noted_on + days),
    )
    return uow.session.scalars(query.order_by(ServiceNoteRow.noted_on).limit(1)).first()


def of_case(uow: UnitOfWork, case_id: str) -> ServiceNoteRow | None:
    """The note that a case was opened for, or `None` when it was opened in a conversation."""
    return uow.session.scalars(sa.select(ServiceNoteRow).where(ServiceNoteRow.case_id == case_id)).first()


def items(uow: UnitOfWork, note_id: str) -> Sequence[NotedItemRow]:
    """What a note asks about, in the order in which it says so."""
    query = sa.select(NotedItemRow).where(NotedItemRow.note_id == note_id)
    return uow.session.scalars(query.order_by(NotedItemRow.position)).all()


def cases_of_serials(
    uow: UnitOfWork, account_id: str, serials: Collection[str], orders: Collection[str]
) -> dict[str, str]:
    """The open case of each of these serials: a note nobody has finished with, or a return not at its end.

    `orders` are those that the serials were sold on.
    """
    found: dict[str, str] = {}
    for kept, case_id in [*_on_open_notes(uow, account_id), *_on_open_returns(uow, account_id, orders)]:
        for serial in kept:
            if serial in serials:
                found.setdefault(serial, case_id)
    return found


def _on_open_notes(uow: UnitOfWork, account_id: str) -> list[tuple[list[str], str]]:
    query = (
        sa.select(NotedItemRow.serials, ServiceNoteRow.case_id)
        .join(ServiceNoteRow, ServiceNoteRow.id == NotedItemRow.note_id)
        .join(ReviewRow, ReviewRow.id == ServiceNoteRow.review_id)
        .where(ServiceNoteRow.account_id == account_id, ReviewRow.state.in_(reviews.OPEN_STATES))
    )
    return [(kept, case_id) for kept, case_id in uow.session.execute(query)]


def _on_open_returns(
    uow: UnitOfWork, account_id: str, orders: Collection[str]
) -> list[tuple[list[str], str]]:
    comes_back = (
        sa.select(RmaLineRow.id)
        .join(RmaRow, RmaRow.id == RmaLineRow.rma_id)
        .where(RmaLineRow.line_id == ReturnLineRow.id, RmaRow.state.not_in(OVER))
    )
    is_decided = sa.select(ProposalRow.id).where(
        ProposalRow.line_id == ReturnLineRow.id, ProposalRow.state.in_(("pending", "review"))
    )
    query = (
        sa.select(ReturnLineRow.serials, ReturnLineRow.case_id)
        .join(CaseRow, CaseRow.id == ReturnLineRow.case_id)
        .where(CaseRow.account_id == account_id, ReturnLineRow.order_number.in_(orders))
        .where(sa.or_(comes_back.exists(), is_decided.exists()))
    )
    return [(kept, case_id) for kept, case_id in uow.session.execute(query)]


@dataclass(frozen=True, slots=True)
class OpenElsewhere:
    """Pieces of an order line that another system lets come back, under its number."""

    order_line: int
    quantity: int
    number: str


def open_elsewhere(uow: UnitOfWork, order_number: str) -> Sequence[OpenElsewhere]:
    """RMAs on the order that another system opened and that nobody here has taken over or closed."""
    query = (
        sa.select(NotedItemRow.order_line, NotedItemRow.quantity, ServiceNoteRow.external_id)
        .join(ServiceNoteRow, ServiceNoteRow.id == NotedItemRow.note_id)
        .join(ReviewRow, ReviewRow.id == ServiceNoteRow.review_id)
        .where(
            NotedItemRow.order_number == order_number,
            NotedItemRow.order_line.is_not(None),
            ServiceNoteRow.kind == OPEN_RMA,
            ReviewRow.state.in_(reviews.OPEN_STATES),
        )
    )
    return [
        OpenElsewhere(line or 0, quantity or 0, number or "")
        for line, quantity, number in uow.session.execute(query)
    ]

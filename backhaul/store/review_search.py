"""Finding reviews by what people remember: a number, a name, or a word that the customer wrote."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.store import thread_words
from backhaul.store.effect_tables import RmaRow
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.queue_tables import ThreadWordRow
from backhaul.store.signal_tables import SerialAskedRow
from backhaul.store.tables import CaseRow, ProposalRow, ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_FEW = 1_000
"""A word said in more conversations than that is looked for case by case, in the order of the queue"""
_SHORTEST_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One word or number that somebody typed, in small letters; the accounts that are called so."""

    text: str
    account_ids: Sequence[str] = ()

    @property
    def code(self) -> str:
        """As numbers are written."""
        return self.text.upper()


def found(uow: UnitOfWork, term: Term) -> tuple[sa.ColumnElement[bool], bool]:
    """The condition that a review has to do with the term, and whether that is true of few."""
    said = _said(term)
    if _are_many(uow, said):
        heard = sa.select(1).where(
            ThreadWordRow.word == term.text, ThreadWordRow.thread_id == ReviewRow.thread_id
        )
        if term.account_ids:
            return sa.or_(heard.exists(), ReviewRow.account_id.in_(term.account_ids)), False
        return heard.exists(), False
    by_account = _of_accounts(term)
    of_conversation = sa.select(ReviewRow.id).where(ReviewRow.thread_id.in_(said))
    every = sa.union(of_conversation, *by_account, *_by_number(term.code))
    return ReviewRow.id.in_(every), not any(_are_many(uow, one) for one in by_account)


def _of_accounts(term: Term) -> list[sa.Select[str]]:
    if not term.account_ids:
        return []
    cases = sa.select(CaseRow.id).where(CaseRow.account_id.in_(term.account_ids))
    return [sa.select(ReviewRow.id).where(ReviewRow.case_id.in_(cases))]


def _said(term: Term) -> sa.Select[str]:
    if len(term.text) >= _SHORTEST_BEGINNING:
        return thread_words.saying(term.text)
    return sa.select(ThreadWordRow.thread_id).where(ThreadWordRow.word == term.text)


def _are_many(uow: UnitOfWork, query: sa.Select[str]) -> bool:
    some = query.limit(_FEW + 1).subquery()
    return (uow.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) > _FEW


def _by_number(code: str) -> list[sa.Select[str]]:
    """Reviews with, or of a case with, that very number."""
    of_case = {
        ReturnLineRow.case_id: ReturnLineRow.order_number == code,
        RmaRow.case_id: sa.or_(RmaRow.erp_number == code, RmaRow.id == code),
    }
    noted = (
        sa.select(ServiceNoteRow.case_id)
        .join(NotedItemRow, NotedItemRow.note_id == ServiceNoteRow.id)
        .where(NotedItemRow.order_number == code)
    )
    asked = (
        sa.select(ProposalRow.case_id)
        .join(SerialAskedRow, SerialAskedRow.proposal_id == ProposalRow.id)
        .where(SerialAskedRow.serial == code)
    )
    cases = [sa.select(column).where(condition) for column, condition in of_case.items()]
    return [
        sa.select(ReviewRow.id).where(ReviewRow.id == code),
        sa.select(ReviewRow.id).where(ReviewRow.case_id == code),
        *(sa.select(ReviewRow.id).where(ReviewRow.case_id.in_(one)) for one in (*cases, noted, asked)),
    ]

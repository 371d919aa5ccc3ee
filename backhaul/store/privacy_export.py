"""All that is stored of a person, table by table: what hangs on their conversations, cases and returns."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.note_tables import ServiceNoteRow
from backhaul.store.privacy import Person, cases_of, threads_of
from backhaul.store.tables import AttachmentRow, Base, ProposalRow
from backhaul.store.unit_of_work import UnitOfWork

_SECRETS = {
    "session": ("id",),
    "login_code": ("code_hash",),
    "permit": ("token",),
    "vendor_claim": ("link_digest",),
}
"""What opens something, and says nothing about a person"""


def rows_of(uow: UnitOfWork, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that belongs to the person, by table; times as ISO 8601, money in minor units.

    A table hangs on a person by one of its columns; a new table is found by them as well.
    """
    keys = _keys(uow, person)
    return {
        table.name: rows
        for table in Base.metadata.sorted_tables
        if (rows := list(_rows(uow, table, keys, whole_account=person.contact_id is None)))
    }


def _keys(uow: UnitOfWork, person: Person) -> dict[str, Sequence[str]]:
    threads = [row.id for row in threads_of(uow, person)]
    cases = cases_of(uow, threads)
    find = uow.session.scalars
    rmas = find(sa.select(RmaRow.id).where(RmaRow.case_id.in_(cases))).all()
    return {
        "thread_id": threads,
        "case_id": cases,
        "chain": cases,
        "rma_id": rmas,
        "receipt_id": find(sa.select(ReceiptRow.id).where(ReceiptRow.rma_id.in_(rmas))).all(),
        "note_id": find(sa.select(ServiceNoteRow.id).where(ServiceNoteRow.case_id.in_(cases))).all(),
        "proposal_id": find(sa.select(ProposalRow.id).where(ProposalRow.case_id.in_(cases))).all(),
        "recipient": person.emails,
        "email": person.emails,
        "subject": person.contact_ids,
        "account_id": (person.account_id,),
    }


def _rows(
    uow: UnitOfWork, table: sa.Table, keys: Mapping[str, Sequence[str]], *, whole_account: bool
) -> Iterator[dict[str, Any]]:
    name = _hangs_by(table, whole_account=whole_account)
    if name is None:
        return
    wanted = keys[{"thread": "thread_id", "return_case": "case_id"}.get(table.name, name)]
    # Addresses stand there as they were written, the others as they are.
    column = sa.func.lower(table.c[name]) if name in {"recipient", "email"} else table.c[name]
    theirs: sa.ColumnElement[bool] = column.in_(wanted)
    if table.name == "audit_event":
        ids = keys["subject"]
        theirs = sa.or_(
            theirs, table.c.subject.in_(ids), table.c.actor.in_([f"contact:{one}" for one in ids])
        )
    query = sa.select(table).where(theirs).order_by(*table.primary_key.columns)
    hidden = _SECRETS.get(table.name, ())
    for row in uow.session.execute(query).mappings():
        yield {key: _written(value) for key, value in row.items() if key not in hidden}


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _hangs_by(table: sa.Table, *, whole_account: bool) -> str | None:
    """The column by which a table belongs to a person; `None` for what belongs to nobody."""
    if table.name in {"thread", "return_case"}:
        return "id"
    named = {"staff": None, "session": "subject", "letter": "recipient", "audit_event": "chain"}
    if table.name in named:
        return named[table.name]
    order = ("thread_id", "case_id", "rma_id", "receipt_id", "note_id", "proposal_id", "email")
    found = next((one for one in order if one in table.c), None)
    return found or ("account_id" if whole_account and "account_id" in table.c else None)


def photos_of(uow: UnitOfWork, person: Person) -> list[AttachmentRow]:
    """The photos that the person sent and that are still there."""
    threads = [row.id for row in threads_of(uow, person)]
    sent = sa.select(AttachmentRow).where(AttachmentRow.thread_id.in_(threads), AttachmentRow.blob != "")
    return list(uow.session.scalars(sent.order_by(AttachmentRow.id)))

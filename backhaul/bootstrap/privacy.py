"""What this installation stores of a person, given out as one file, and forgotten."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.forgetting import forget_bookmarks
from backhaul.bootstrap.teaching import heads_file
from backhaul.connectors.ports import ErpReads
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.domain.trade import Contact
from backhaul.settings import Settings
from backhaul.store import privacy, privacy_export, reader_heads
from backhaul.store.privacy import Person
from backhaul.store.reviews import staff_roles
from backhaul.store.tables import ThreadRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from backhaul.workflows.retention import graph_thread

READ_ME = """What is stored of {who}.

backhaul.json  every row, by table: conversations, cases, decisions, returns, money, letters, sessions, log
erp.json       the contact as the ERP has it; it is changed and deleted there
photos/        the photos that were sent

Amounts are in minor units (cents), times are UTC.
"""
_MAY = frozenset({Role.ADMIN.value})


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    conversations: int
    cases: int
    photos: int
    heads: int


def person_called(settings: Settings, store: Store, who: str) -> Person:
    """The account or the contact of that id, or the contact with that address.

    Raises:
        NotFound: Neither the ERP nor our records know them.
    """
    erp = outside.erp_reads(settings)
    if account := erp.account(who.upper()):
        return _person(account.account_id, None, erp.contacts(account.account_id))
    contact = erp.contact_by_email(who.lower()) or _contact(erp, who.upper())
    if contact is not None:
        return _person(contact.account_id, contact.contact_id, [contact])
    with store.read() as uow:
        return _remembered(uow, who.upper())


def _contact(erp: ErpReads, contact_id: str) -> Contact | None:
    everybody = (one for account in erp.accounts() for one in erp.contacts(account.account_id))
    return next((one for one in everybody if one.contact_id == contact_id), None)


def _person(account_id: str, contact_id: str | None, contacts: Sequence[Contact]) -> Person:
    return Person(
        account_id=account_id,
        contact_id=contact_id,
        names=tuple(one.name for one in contacts),
        emails=tuple(one.email.lower() for one in contacts),
        contact_ids=tuple(one.contact_id for one in contacts),
    )


def _remembered(uow: UnitOfWork, who: str) -> Person:
    """Somebody who has left the ERP already, by what is on record here."""
    threads = privacy.opened_by(uow, f"contact:{who}")
    if threads:
        names = tuple({row.contact_name for row in threads if row.contact_name})
        return Person(threads[0].account_id, who, names, (), (who,))
    if privacy.threads_of(uow, account := Person(who, None, (), (), ())):
        return account
    raise NotFound("account or contact", who)


def check_may(uow: UnitOfWork, staff_id: str) -> None:
    """NotAllowed unless this person is an administrator."""
    if not staff_roles(uow, staff_id) & _MAY:
        raise NotAllowed("what is stored of people is given out and erased by administrators")


def export(settings: Settings, store: Store, person: Person, *, by: str) -> bytes:
    """A zip with all that is stored of a person; that it was made goes into the audit log."""
    erp, blobs = outside.erp_reads(settings), stores.blob_store(settings)
    known = [one for one in erp.contacts(person.account_id) if one.contact_id in person.contact_ids]
    with store.begin() as uow:
        check_may(uow, by)
        rows = privacy_export.rows_of(uow, person)
        photos = privacy_export.photos_of(uow, person)
        counted = {"rows": sum(map(len, rows.values())), "photos": len(photos)}
        uow.record(Tag.PERSON_EXPORTED, actor=f"staff:{by}", subject=person.id, facts=counted)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", READ_ME.format(who=person.id))
        file.writestr("backhaul.json", _json(rows))
        file.writestr("erp.json", _json([asdict(one) for one in known]))
        for photo in photos:
            file.writestr(f"photos/{photo.id}.jpg", blobs.get(photo.blob))
    return out.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)


def erase(settings: Settings, store: Store, person: Person, *, by: str) -> Erased:
    """Take a person out of everything but the books; see `store.privacy`.

    Also what their words taught the reader, and the agent's bookmarks. Done again, it erases what has come
    since.

    Raises:
        NotAllowed: They may not.
        BadInput: Something still needs the words: a return under way, or a review that waits.
    """
    with store.begin() as uow:
        check_may(uow, by)
        threads = privacy.threads_of(uow, person)
        names = [row.id for row in threads]
        if open_still := privacy.under_way(uow, names):
            raise BadInput(
                f"{', '.join(open_still[:5])} {'is' if len(open_still) == 1 else 'are'} not over yet; end it "
                "first, then erase",
                field="who",
            )
        cases = privacy.cases_of(uow, names)
        heads = reader_heads.forget(
            uow, person.account_id, by=by, cases=cases if person.contact_id is not None else None
        )
        blobs = privacy.erase_words(uow, threads, actor=f"staff:{by}", tag=Tag.PERSON_ERASED)
        privacy.forget_at_the_doors(uow, person)
        told = {"conversations": len(threads), "cases": len(cases), "photos": len(blobs), "heads": len(heads)}
        uow.record(Tag.PERSON_ERASED, actor=f"staff:{by}", subject=person.id, facts=told)
    for name in heads:
        heads_file(settings, name).unlink(missing_ok=True)
    _files(settings, store, threads, blobs)
    return Erased(**told)


def _files(settings: Settings, store: Store, threads: Sequence[ThreadRow], blobs: Sequence[str]) -> None:
    with store.read() as uow:
        privacy.delete_unused(uow, stores.blob_store(settings), blobs)
    bookmarks = [graph_thread(row.id, number) for row in threads for number in range(1, row.episode + 1)]
    if bookmarks:
        forget_bookmarks(settings, bookmarks)
    privacy.overwrite(store)

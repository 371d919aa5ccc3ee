"""Reading the audit log, and finding out whether it was tampered with."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.ledger_laws import REFUSED
from backhaul.domain.receiving import ParcelStatus, ReceiptState
from backhaul.domain.returns import ReviewState
from backhaul.store import corrections, dock, reader_heads, releases, reviews, rmas
from backhaul.store.effect_tables import CommandRow, LedgerEntryRow, PermitRow
from backhaul.store.house_tables import AuditRow
from backhaul.store.money_tables import CreditMemoRow, RepairRow, VendorClaimRow
from backhaul.store.reader_tables import CorrectionRow
from backhaul.store.tables import CaseRow
from backhaul.store.unit_of_work import SYSTEM_CHAIN, UnitOfWork, event_of


def events(uow: UnitOfWork, *, chain: str | None = None, tag: Tag | None = None) -> Sequence[AuditRow]:
    """Audit events of a chain (a case id, or `system`) or with a tag, in their order."""
    query = sa.select(AuditRow)
    if chain is not None:
        query = query.where(AuditRow.chain == chain)
    if tag is not None:
        query = query.where(AuditRow.tag == tag.value)
    return uow.session.scalars(query.order_by(AuditRow.chain, AuditRow.seq)).all()


def is_recorded(uow: UnitOfWork, tag: Tag, subject: str) -> bool:
    """Whether that ever happened to that record."""
    query = sa.select(AuditRow.id).where(AuditRow.tag == tag.value, AuditRow.subject == subject)
    return uow.session.scalar(query.limit(1)) is not None


def verify_chain(rows: Sequence[AuditRow]) -> AuditRow | None:
    """The first event of one chain that was altered, or follows a missing one; `None` if all is true."""
    previous, expected = "", 1
    for row in rows:
        if (row.seq, row.previous_hash, row.hash) != (expected, previous, event_of(row).hash):
            return row
        previous, expected = row.hash, expected + 1
    return None


def chains(uow: UnitOfWork) -> Sequence[str]:
    """Every chain there is or should be: the cases, and `system`."""
    told = sa.select(AuditRow.chain).union(sa.select(CaseRow.id))
    return sorted(uow.session.scalars(told))


def faults(uow: UnitOfWork, chain: str) -> list[str]:
    """Each thing wrong with a chain, in a line."""
    broken = verify_chain(events(uow, chain=chain))
    found = [f"{chain}: event {broken.seq} was altered, or follows a missing one"] if broken else []
    return found + [f"{chain}: no event tells {missing}" for missing in unwitnessed(uow, chain)]


def unwitnessed(uow: UnitOfWork, case_id: str) -> list[str]:
    """What the rows of a case say has happened and its chain does not, as `tag subject`.

    The hashes alone cannot tell that the end of a chain was cut off; the effects that were told there
    still stand in their own rows.
    """
    told = {(row.tag, row.subject) for row in events(uow, chain=case_id)}
    expected = [
        *_permits(uow, case_id),
        *_commands(uow, case_id),
        *_returns(uow, case_id),
        *_money(uow, case_id),
        *_desk(uow, case_id),
        *_corrections(uow, case_id),
        *((*_releases(uow), *_promotions(uow)) if case_id == SYSTEM_CHAIN else ()),
    ]
    return [f"{tag.value} {subject}" for tag, subject in expected if (tag.value, subject) not in told]


_Happened = Iterator[tuple[Tag, str]]


def _permits(uow: UnitOfWork, case_id: str) -> _Happened:
    for permit in uow.session.scalars(sa.select(PermitRow).where(PermitRow.case_id == case_id)):
        yield Tag.VERDICT_GIVEN, permit.verdict_id
        yield Tag.PERMIT_ISSUED, permit.id
        if permit.spent_at is not None:
            yield Tag.PERMIT_SPENT, permit.id


def _commands(uow: UnitOfWork, case_id: str) -> _Happened:
    for command in uow.session.scalars(sa.select(CommandRow).where(CommandRow.case_id == case_id)):
        if command.confirmed_at is not None:
            yield Tag.COMMAND_CONFIRMED, command.key
        if command.state == "unknown":
            was_confirmed = command.confirmed_at is not None
            yield Tag.EFFECT_CONTRADICTED if was_confirmed else Tag.COMMAND_UNKNOWN, command.key


def _returns(uow: UnitOfWork, case_id: str) -> _Happened:
    for rma in rmas.rmas_of_case(uow, case_id):
        yield Tag.RMA_AUTHORISED, rma.id
        happened = {
            Tag.RMA_ISSUED: rma.erp_number,
            Tag.RMA_CANCELLED: rma.cancelled_at,
            Tag.RMA_EXPIRED: rma.expired_at,
            # What the dock refuses at the door is told by its receipt.
            Tag.PARCEL_MOVED: None if rma.parcel == ParcelStatus.REFUSED.value else rma.parcel,
            Tag.RMA_CLOSED: rma.closed_at,
        }
        yield from ((tag, rma.id) for tag, when in happened.items() if when is not None)
        for label in rmas.labels(uow, rma.id):
            yield Tag.LABEL_BOUGHT, label.id
            if label.voided_at is not None:
                yield Tag.LABEL_VOIDED, label.id
        if rmas.replacements(uow, rma.id):
            yield Tag.REPLACEMENT_ORDERED, rma.id
        yield from _at_the_dock(uow, rma.id)


_TOLD_BY_STATE = {
    ReceiptState.REFUSED.value: Tag.GOODS_REFUSED,
    ReceiptState.HELD.value: Tag.GOODS_HELD,
    ReceiptState.NOTHING.value: Tag.GOODS_HELD,
    ReceiptState.SENT_BACK.value: Tag.GOODS_SENT_BACK,
}


def _at_the_dock(uow: UnitOfWork, rma_id: str) -> _Happened:
    for came in dock.receipts_of(uow, rma_id):
        if came.state == ReceiptState.BOOKED.value and came.quantity:
            yield Tag.GOODS_RECEIVED, came.id
        tag = _TOLD_BY_STATE.get(came.state)
        if tag is not None:
            yield tag, came.id
    for settled in dock.dispositions_of_rma(uow, rma_id):
        if settled.state == "posted":
            yield Tag.STOCK_MOVED, settled.id
    for repair in uow.session.scalars(sa.select(RepairRow).where(RepairRow.rma_id == rma_id)):
        yield Tag.REPAIR_ORDERED, repair.id


def _money(uow: UnitOfWork, case_id: str) -> _Happened:
    for memo in uow.session.scalars(sa.select(CreditMemoRow).where(CreditMemoRow.case_id == case_id)):
        yield Tag.CREDIT_POSTED, memo.id
    of = LedgerEntryRow
    for settled in uow.session.scalars(sa.select(of.cause).where(of.case_id == case_id, of.kind == REFUSED)):
        yield Tag.NOTHING_OWED, settled or ""
    for claim in uow.session.scalars(sa.select(VendorClaimRow).where(VendorClaimRow.case_id == case_id)):
        yield Tag.CLAIM_COMPILED, claim.id
        happened = {Tag.CLAIM_FILED: claim.filed_at, Tag.CLAIM_CREDITED: claim.credit_number}
        yield from ((tag, claim.id) for tag, when in happened.items() if when is not None)


def _desk(uow: UnitOfWork, case_id: str) -> _Happened:
    for review in reviews.reviews_of_case(uow, case_id):
        yield Tag.REVIEW_OPENED, review.id
        if review.state == ReviewState.REJECTED.value and review.note:
            yield Tag.REVIEW_REJECTED, review.id


def _releases(uow: UnitOfWork) -> _Happened:
    for proposed in releases.all_releases(uow):
        yield Tag.RELEASE_PROPOSED, proposed.hash
        if releases.signature(uow, proposed.hash) is not None:
            yield Tag.RELEASE_SIGNED, proposed.hash


def _corrections(uow: UnitOfWork, case_id: str) -> _Happened:
    looked_at = {
        corrections.CONFIRMED: Tag.CORRECTION_CONFIRMED,
        corrections.DISMISSED: Tag.CORRECTION_DISMISSED,
        corrections.ERASED: Tag.CORRECTION_ERASED,
    }
    for noted in uow.session.scalars(sa.select(CorrectionRow).where(CorrectionRow.case_id == case_id)):
        yield Tag.CORRECTION_NOTED, noted.id
        if noted.state in looked_at:
            yield looked_at[noted.state], noted.id


def _promotions(uow: UnitOfWork) -> _Happened:
    for entry in reader_heads.history(uow):
        yield reader_heads.TAG_OF[entry.kind], entry.heads or reader_heads.SHIPPED

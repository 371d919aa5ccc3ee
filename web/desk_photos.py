"""Photos as a reviewer sees them: with the other cases that the same picture was sent for."""

from dataclasses import dataclass
from datetime import datetime

from backhaul.connectors.ports import ErpReads
from backhaul.store import cases, reviews
from backhaul.store import conversation as talk
from backhaul.store.tables import AttachmentRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SentElsewhere:
    """Another conversation with the same picture; `name` is its case, or itself while it has none."""

    name: str
    account_name: str
    at: datetime
    review_id: str | None
    """Where that case can be read on the desk"""


@dataclass(frozen=True, slots=True)
class PhotoShown:
    """A photo beside the words it came with."""

    row: AttachmentRow
    elsewhere: tuple[SentElsewhere, ...]


def photos_shown(uow: UnitOfWork, erp: ErpReads, thread_id: str) -> list[PhotoShown]:
    """All photos of a conversation, oldest first."""
    return [PhotoShown(row, _elsewhere(uow, erp, row)) for row in talk.attachments(uow, thread_id)]


def _elsewhere(uow: UnitOfWork, erp: ErpReads, photo: AttachmentRow) -> tuple[SentElsewhere, ...]:
    first: dict[str, AttachmentRow] = {}
    for row in talk.sent_elsewhere(uow, photo.blob, photo.thread_id):
        first.setdefault(row.thread_id, row)
    return tuple(_other(uow, erp, row) for row in first.values())


def _other(uow: UnitOfWork, erp: ErpReads, sent: AttachmentRow) -> SentElsewhere:
    home, known = talk.thread(uow, sent.thread_id), cases.cases_of_thread(uow, sent.thread_id)
    account = erp.account(home.account_id)
    looked_at = [one.id for case in known for one in reviews.reviews_of_case(uow, case.id)]
    return SentElsewhere(
        name=", ".join(case.id for case in known) or home.id,
        account_name=account.name if account else home.account_id,
        at=sent.created_at,
        review_id=looked_at[-1] if looked_at else None,
    )

"""What carriers told us of parcels: how far each was read, the scan that counts, and strays."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import NotFound
from backhaul.domain.parcel import Scan
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.store.effect_tables import CommandRow, LabelRow
from backhaul.store.house_tables import EventCursorRow, StrayParcelRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there


def source_of(carrier: str) -> str:
    """The name under which a carrier's events stand in the inbox, however they came."""
    return f"carrier:{carrier}"


def cursor(uow: UnitOfWork, source: str) -> str | None:
    """The event up to which a source was read."""
    row = uow.session.get(EventCursorRow, source)
    return row.event_id if row else None


def move_cursor(uow: UnitOfWork, source: str, event_id: str) -> None:
    """The source was read up to and with that event."""
    uow.session.execute(insert_unless_there(uow, EventCursorRow).values(source=source, event_id=event_id))
    moved = sa.update(EventCursorRow).where(EventCursorRow.source == source).values(event_id=event_id)
    uow.session.execute(moved)


def scan_of(row: LabelRow | StrayParcelRow) -> Scan | None:
    """The scan that tells where the parcel stands."""
    if row.parcel is None or row.scanned_at is None:
        return None
    return Scan(ParcelStatus(row.parcel), row.scanned_at, row.scan_id or "")


def put_scan(row: LabelRow | StrayParcelRow, scan: Scan) -> None:
    """This scan tells where the parcel stands from now on."""
    row.parcel, row.scanned_at, row.scan_id = scan.status.value, scan.at, scan.event_id


def add_stray(uow: UnitOfWork, source: str, event: ParcelEvent) -> None:
    """Keep a scan under a number that no label of ours has; a person finds out what it is."""
    scan = Scan(event.status, event.at, event.event_id)
    first = {
        "source": source,
        "tracking_number": event.tracking_number,
        "parcel": event.status.value,
        "scanned_at": event.at,
        "scan_id": event.event_id,
        "place": event.place,
        "first_heard_at": uow.clock.now(),
    }
    uow.session.execute(insert_unless_there(uow, StrayParcelRow).values(first))
    row = _stray(uow, source, event.tracking_number)
    known = scan_of(row) if row else None
    if row is not None and known is not None and scan.rank > known.rank:
        put_scan(row, scan)
        row.place = event.place


def _stray(uow: UnitOfWork, source: str, tracking_number: str) -> StrayParcelRow | None:
    return uow.session.get(StrayParcelRow, (source, tracking_number), with_for_update={"key_share": True})


def claim_stray(uow: UnitOfWork, source: str, tracking_number: str) -> Scan | None:
    """The label of a stray was found: its scan, which needs nobody any more."""
    row = _stray(uow, source, tracking_number)
    if row is None:
        return None
    scan = scan_of(row)
    uow.session.delete(row)
    return scan


def labels_asked_for(uow: UnitOfWork, rma_id: str) -> int:
    """How many labels were to be bought for an RMA, also those that nobody would sell."""
    bought = sa.select(sa.func.count()).where(CommandRow.key.startswith(f"{rma_id}:label:", autoescape=True))
    return uow.session.scalar(bought) or 0


def pickup_of(uow: UnitOfWork, label: LabelRow) -> dict[str, Any] | None:
    """When and how the driver comes, as the carrier answered; `None` for a parcel."""
    query = sa.select(CommandRow.result).where(
        CommandRow.op == Action.CREATE_LABEL.value, CommandRow.external_id == label.tracking_number
    )
    result = uow.session.scalar(query.where(CommandRow.key.startswith(f"{label.rma_id}:", autoescape=True)))
    return result.get("pickup") if result else None


def strays(uow: UnitOfWork) -> Sequence[StrayParcelRow]:
    """Parcels under numbers we know nothing of that no person has settled, the oldest first."""
    query = sa.select(StrayParcelRow).where(StrayParcelRow.settled_at.is_(None))
    return uow.session.scalars(query.order_by(StrayParcelRow.first_heard_at)).all()


def settle_stray(uow: UnitOfWork, source: str, tracking_number: str, *, user_id: str) -> None:
    """A person has found out what a stray was.

    Raises:
        NotFound: No such stray.
    """
    row = _stray(uow, source, tracking_number)
    if row is None:
        raise NotFound("stray parcel", tracking_number)
    if row.settled_at is None:
        row.settled_at, row.settled_by = uow.clock.now(), user_id
        uow.record(
            Tag.STRAY_SETTLED,
            actor=f"staff:{user_id}",
            subject=tracking_number[:64],
            facts={"source": source},
        )

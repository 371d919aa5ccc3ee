"""Serials and lots in the embedded ERP: which are known, and where a serial lies while it is in the house."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded.erp_bins import Shelf
from backhaul.connectors.embedded.erp_checks import no
from backhaul.connectors.embedded.erp_return_schema import stock_entry, stock_entry_unit, unit_place
from backhaul.connectors.embedded.erp_schema import reference_key, unit
from backhaul.domain.codes import QualityStatus
from backhaul.domain.trade import Tracking


def as_known(
    connection: Connection, sku: str, numbers: Sequence[str], *, strict: bool = False
) -> tuple[str, ...]:
    """Serials or lots of the article as our books write them; one that we never had stays as it was typed.

    Refused for a number of another article and, when `strict`, for one that we never had.
    """
    keys = {reference_key(number): number for number in numbers}
    rows = connection.execute(
        sa.select(unit.c.number, unit.c.number_key, unit.c.sku).where(unit.c.number_key.in_(keys))
    ).all()
    for row in rows:
        if row.sku != sku:
            raise no(f"{row.number} belongs to article {row.sku}, not to {sku}")
    known = {row.number_key: row.number for row in rows}
    unknown = [number for key, number in keys.items() if key not in known]
    if strict and unknown:
        raise no(f"{sku}: {unknown[0]} is not one of ours")
    return tuple(known.get(reference_key(number), number) for number in numbers)


def enter_unknown(connection: Connection, sku: str, numbers: Sequence[str], tracking: Tracking) -> None:
    """Make serials or lots known that we never had; nobody knows which purchase they came with."""
    known = set(connection.scalars(sa.select(unit.c.number).where(unit.c.number.in_(numbers))))
    for number in dict.fromkeys(numbers):
        if number not in known:
            row = {
                "number": number,
                "number_key": reference_key(number),
                "sku": sku,
                "tracking": tracking.value,
                "purchase_order": None,
            }
            connection.execute(sa.insert(unit).values(row))


def bring_in(connection: Connection, shelf: Shelf, serials: Sequence[str]) -> None:
    """Lay serials on a shelf; refused for one that lies in the house already."""
    for serial in serials:
        lies = connection.execute(sa.select(unit_place).where(unit_place.c.number == serial)).first()
        if lies:
            raise no(f"serial {serial} lies in {lies.quality_status} at {lies.facility_id} already")
        row = {
            "number": serial,
            "sku": shelf.sku,
            "facility_id": shelf.facility_id,
            "quality_status": shelf.status.value,
        }
        connection.execute(sa.insert(unit_place).values(row))


def take_out(connection: Connection, shelf: Shelf, serials: Sequence[str]) -> None:
    """Take serials off a shelf; refused for one that does not lie there."""
    place = unit_place.c
    for serial in serials:
        gone = connection.execute(
            sa.delete(unit_place).where(
                place.number == serial,
                place.sku == shelf.sku,
                place.facility_id == shelf.facility_id,
                place.quality_status == shelf.status.value,
            )
        )
        if gone.rowcount != 1:
            raise no(f"{shelf}: serial {serial} does not lie there")


def check_lots_came(connection: Connection, shelf: Shelf, lots: Sequence[str]) -> None:
    """Refuse lots of which nothing was ever put on that shelf.

    What is available may lie there since before the journal began: there any lot of ours will do.
    """
    if shelf.status == QualityStatus.AVAILABLE:
        as_known(connection, shelf.sku, lots, strict=True)
        return
    came = (
        sa.select(stock_entry_unit.c.number)
        .join(stock_entry, stock_entry.c.place_in_order == stock_entry_unit.c.place_in_order)
        .where(
            stock_entry_unit.c.number.in_(lots),
            stock_entry.c.sku == shelf.sku,
            stock_entry.c.facility_id == shelf.facility_id,
            stock_entry.c.target == shelf.status.value,
        )
    )
    missing = sorted(set(lots) - set(connection.scalars(came)))
    if missing:
        raise no(f"{shelf}: nothing of lot {missing[0]} lies there")

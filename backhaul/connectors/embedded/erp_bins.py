"""Bins of the embedded ERP: pieces go in at a value each, and come out at what they stood for."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded.erp_checks import no
from backhaul.connectors.embedded.erp_return_schema import unit_place
from backhaul.connectors.embedded.erp_rows import Row
from backhaul.connectors.embedded.erp_schema import inventory_balance
from backhaul.domain.codes import QualityStatus
from backhaul.domain.money import Money

AISLES = {
    QualityStatus.AVAILABLE: "A",
    QualityStatus.QUARANTINE: "Q",
    QualityStatus.B_STOCK: "B",
    QualityStatus.SCRAP: "S",
    QualityStatus.VENDOR_STAGING: "V",
    QualityStatus.REPAIR: "R",
}
"""The letter that the bins of a quality status begin with."""

_BAY_FOR_RETURNS = "00"
"""Bins opened for goods that came back; the first delivery of an article is shelved from bay 01 on."""

_balance = inventory_balance.c


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every bin of a facility that holds one article in one quality status."""

    facility_id: str
    sku: str
    status: QualityStatus

    def __str__(self) -> str:
        return f"{self.sku} in {self.status.value} at {self.facility_id}"

    @property
    def bins(self) -> sa.ColumnElement[bool]:
        """The condition for its rows."""
        return sa.and_(
            _balance.facility_id == self.facility_id,
            _balance.sku == self.sku,
            _balance.quality_status == self.status.value,
        )


def put(connection: Connection, shelf: Shelf, quantity: int, unit_value: Money) -> None:
    """Add pieces to a bin whose pieces stand at the same value, or to an empty one, or to a new one."""
    bins = _bins(connection, shelf)
    fitting = [row for row in bins if row.unit_cost_minor == unit_value.minor or row.quantity == 0]
    if fitting:
        change = {"quantity": fitting[0].quantity + quantity, "unit_cost_minor": unit_value.minor}
        _change(connection, fitting[0], change)
        return
    row = {
        "sku": shelf.sku,
        "facility_id": shelf.facility_id,
        "bin_id": f"{AISLES[shelf.status]}-{_BAY_FOR_RETURNS}-{len(bins) + 1}",
        "quality_status": shelf.status.value,
        "quantity": quantity,
        "unit_cost_minor": unit_value.minor,
    }
    connection.execute(sa.insert(inventory_balance).values(row))


def take(connection: Connection, shelf: Shelf, quantity: int) -> Money:
    """Take pieces out, the dearest first, and tell what they stood for in the ledger currency.

    Refused when the shelf does not hold so many.
    """
    bins = _bins(connection, shelf)
    held = sum(row.quantity for row in bins)
    if quantity > held:
        raise no(f"{shelf}: {quantity} pieces asked, {held} there")
    value, left = Money(0), quantity
    for row in sorted(bins, key=lambda row: -row.unit_cost_minor):
        taken = min(left, row.quantity)
        _change(connection, row, {"quantity": row.quantity - taken})
        value += Money(row.unit_cost_minor) * taken
        left -= taken
    return value


def check_named_pieces(connection: Connection, shelf: Shelf) -> None:
    """Refuse to leave more serials on a shelf than pieces: a piece known by its serial moves under it."""
    held = sum(row.quantity for row in _bins(connection, shelf))
    named = connection.execute(
        sa.select(sa.func.count())
        .select_from(unit_place)
        .where(
            unit_place.c.sku == shelf.sku,
            unit_place.c.facility_id == shelf.facility_id,
            unit_place.c.quality_status == shelf.status.value,
        )
    ).scalar_one()
    if named > held:
        raise no(f"{shelf}: {held} pieces would be left for {named} serials; name the serials that move")


def _bins(connection: Connection, shelf: Shelf) -> list[Row]:
    query = sa.select(inventory_balance).where(shelf.bins).order_by(_balance.bin_id)
    return list(connection.execute(query))


def _change(connection: Connection, row: Row, values: dict[str, int]) -> None:
    connection.execute(
        sa.update(inventory_balance)
        .where(
            _balance.sku == row.sku, _balance.facility_id == row.facility_id, _balance.bin_id == row.bin_id
        )
        .values(values)
    )

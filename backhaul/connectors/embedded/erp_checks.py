"""What the embedded ERP looks up before it books anything; it refuses what its master data do not know."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded.erp_columns import PEER
from backhaul.connectors.embedded.erp_rows import Row
from backhaul.connectors.embedded.erp_schema import facility, item, order_line, sales_order
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.money import LEDGER_CURRENCY, Money


def no(message: str) -> ConnectorRejected:
    """The ERP's refusal."""
    return ConnectorRejected(PEER, message)


def check_pieces(what: str, quantity: int, serials: tuple[str, ...]) -> None:
    """Refuse less than one piece, and serials that are more than the pieces or named twice."""
    if quantity < 1:
        raise no(f"{what}: at least one piece, not {quantity}")
    if len(serials) > quantity or len(set(serials)) != len(serials):
        raise no(f"{what}: {len(serials)} serials do not fit {quantity} pieces")


def check_value(what: str, *amounts: Money) -> None:
    """Refuse amounts below zero, or in another currency than the ledger's."""
    for amount in amounts:
        if amount.currency != LEDGER_CURRENCY or amount.minor < 0:
            raise no(f"{what}: {amount} is not an amount in {LEDGER_CURRENCY} of zero or more")


def check_facility(connection: Connection, facility_id: str) -> None:
    """Refuse a facility that is not ours."""
    known = sa.select(facility.c.facility_id).where(facility.c.facility_id == facility_id)
    if connection.scalar(known) is None:
        raise no(f"no facility {facility_id}")


def item_row(connection: Connection, sku: str) -> Row:
    """The article, or a refusal."""
    row = connection.execute(sa.select(item).where(item.c.sku == sku)).first()
    if row is None:
        raise no(f"no article {sku}")
    return row


def owned_line(connection: Connection, account_id: str, number: str, line: int) -> Row:
    """The order line with the currency of its order, or a refusal when the account has no such line."""
    row = connection.execute(
        sa.select(order_line, sales_order.c.currency)
        .join(sales_order, sales_order.c.number == order_line.c.order_number)
        .where(
            sales_order.c.account_id == account_id,
            order_line.c.order_number == number,
            order_line.c.line == line,
        )
    ).first()
    if row is None:
        raise no(f"account {account_id} has no order line {number}/{line}")
    return row


def check_reference(connection: Connection, table: sa.Table, reference: str) -> None:
    """Refuse a second document for one reference: a command that was sent anew may not book twice."""
    taken = connection.scalar(sa.select(table.c.number).where(table.c.reference == reference))
    if taken:
        raise no(f"reference {reference} already stands on {taken}")

"""The questions put to the embedded ERP about what came back: credit memos, stock moves, commands."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.documents import StockMove
from backhaul.connectors.embedded.erp_return_rows import memos_of_rows, moves_of_rows
from backhaul.connectors.embedded.erp_return_schema import (
    credit_memo,
    credit_share,
    stock_entry,
    stock_entry_unit,
)
from backhaul.domain.settlement import CreditMemo


def memos_where(connection: Connection, condition: sa.ColumnElement[bool]) -> tuple[CreditMemo, ...]:
    """Credit memos with their shares, oldest first, in two queries."""
    oldest_first = (
        sa.select(credit_memo).where(condition).order_by(credit_memo.c.posted_on, credit_memo.c.number)
    )
    shares = (
        sa.select(credit_share)
        .join(credit_memo, credit_memo.c.number == credit_share.c.credit_number)
        .where(condition)
        .order_by(credit_share.c.credit_number, credit_share.c.position)
    )
    return memos_of_rows(connection.execute(oldest_first).all(), connection.execute(shares))


def moves_of(connection: Connection, sku: str, since: date | None) -> tuple[StockMove, ...]:
    """Moves of an article in the order they were posted, in two queries."""
    wanted = stock_entry.c.sku == sku
    if since is not None:
        wanted &= stock_entry.c.posted_on >= since
    entries = sa.select(stock_entry).where(wanted).order_by(stock_entry.c.place_in_order)
    units = (
        sa.select(stock_entry_unit)
        .join(stock_entry, stock_entry.c.place_in_order == stock_entry_unit.c.place_in_order)
        .where(wanted)
        .order_by(stock_entry_unit.c.place_in_order, stock_entry_unit.c.number)
    )
    return moves_of_rows(connection.execute(entries).all(), connection.execute(units))

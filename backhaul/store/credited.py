"""What the ledger credited on one order line so far."""

from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.store import ledger
from backhaul.store.effect_tables import LedgerEntryRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Credited:
    """Pieces and money, and the cases they were credited in; `value` is in the ledger currency."""

    pieces: int
    value: Money
    case_ids: frozenset[str]


def credited_on(uow: UnitOfWork, order_number: str, order_line: int) -> Credited:
    """Every credit that a permit was spent on, whether or not the ERP has posted it yet."""
    query = (
        sa.select(LedgerEntryRow.quantity, LedgerEntryRow.amount_minor, LedgerEntryRow.case_id)
        .where(LedgerEntryRow.order_number == order_number, LedgerEntryRow.order_line == order_line)
        .where(LedgerEntryRow.kind == ledger.CREDITED)
    )
    entries = uow.session.execute(query).all()
    return Credited(
        pieces=sum(entry.quantity for entry in entries),
        value=Money(sum(entry.amount_minor for entry in entries), LEDGER_CURRENCY),
        case_ids=frozenset(entry.case_id for entry in entries),
    )

"""What a spent permit leaves in the ledger: on which RMA line, for which disposition, against what bound."""

import sqlalchemy as sa

from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Disposition
from backhaul.store import cases, ledger, rmas
from backhaul.store.effect_tables import LedgerEntryRow, RmaRow
from backhaul.store.money_tables import LineBoundRow
from tests.dock import counts, settles
from tests.house import House, Wanted, propose_together

ORDER, LINE, SHIPPED = "SO-15086", 1, 8


def entries(house: House) -> list[LedgerEntryRow]:
    with house.store.read() as uow:
        return list(uow.session.scalars(sa.select(LedgerEntryRow).order_by(LedgerEntryRow.id)))


def rma_of(house: House, consent_id: str) -> RmaRow:
    with house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, cases.proposals(uow, consent_id=consent_id)[0].id)
    assert rma is not None
    return rma


def test_a_return_is_entered_on_its_line_from_permit_to_credit(house: House) -> None:
    sent = house.propose(ORDER, LINE, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four of them")
    rma = rma_of(house, sent.consent_id)
    came = counts(house, rma, 4)
    settled = settles(house, came, Disposition.RESTOCK)

    told = entries(house)
    assert [(one.kind, one.quantity) for one in told] == [
        (ledger.AUTHORISED, 4),
        (ledger.RECEIVED, 4),
        (ledger.DISPOSED, 4),
        (ledger.CREDITED, 4),
    ]
    with house.store.read() as uow:
        (line,) = rmas.rma_lines(uow, rma.id)
        bound = uow.session.get(LineBoundRow, (ORDER, LINE))
    assert {one.rma_line_id for one in told} == {line.id}
    assert [one.cause for one in told] == [None, came.id, settled.id, settled.id]
    assert bound is not None
    assert bound.invoiced_minor is not None
    assert told[3].amount_minor * bound.shipped <= bound.invoiced_minor * 4 + bound.shipped


def test_two_lines_of_one_order_line_are_kept_apart(sqlite_house: House) -> None:
    wanted = [Wanted(ORDER, LINE, pieces, Reason.NO_LONGER_NEEDED) for pieces in (1, 2)]
    sent = propose_together(sqlite_house.desk, wanted, words="no longer needed, one, and two more of them")
    rma = rma_of(sqlite_house, sent.consent_id)
    with sqlite_house.store.read() as uow:
        lines = rmas.rma_lines(uow, rma.id)
    for line in lines:
        settles(sqlite_house, counts(sqlite_house, rma, line.quantity, line=line), Disposition.RESTOCK)

    told = entries(sqlite_house)
    for line in lines:
        here = [one.quantity for one in told if one.rma_line_id == line.id]
        assert here == [line.quantity] * 4
    assert len(lines) == 2

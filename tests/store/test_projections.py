"""What is stored for quick reading is what ledger and facts amount to; spoilt, it is made again."""

import pytest
import sqlalchemy as sa

from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Disposition
from backhaul.domain.returns import RmaState
from backhaul.store import audit, cases, projections, rmas
from backhaul.store.effect_tables import RmaRow
from tests.dock import counts, settles
from tests.house import House


def an_rma(house: House, line: int, pieces: int) -> RmaRow:
    sent = house.propose(
        "SO-15086", line, pieces, Reason.NO_LONGER_NEEDED, words=f"no longer needed, {pieces}"
    )
    with house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, cases.proposals(uow, consent_id=sent.consent_id)[0].id)
    assert rma is not None
    return rma


def states(house: House) -> list[str]:
    with house.store.read() as uow:
        return sorted(uow.session.scalars(sa.select(RmaRow.state)))


@pytest.fixture
def busy(sqlite_house: House) -> House:
    """One return that is closed, one half received, one cancelled, one on its way."""
    settles(sqlite_house, counts(sqlite_house, an_rma(sqlite_house, 1, 1), 1), Disposition.RESTOCK)
    counts(sqlite_house, an_rma(sqlite_house, 1, 2), 1)
    called_off = an_rma(sqlite_house, 2, 1)
    with sqlite_house.store.begin() as uow:
        args = [called_off.id, "contact:C-1001-1"]
        sqlite_house.engine.start(uow, workflow="cancel-rma", workflow_id="c", args=args)
    an_rma(sqlite_house, 2, 2)
    return sqlite_house


def test_stored_states_are_those_that_the_facts_amount_to(busy: House) -> None:
    assert states(busy) == ["cancelled", "closed", "labelled", "received"]

    with busy.store.begin() as uow:
        assert projections.rebuild(uow) == []
        assert [missing for case in audit.chains(uow) for missing in audit.unwitnessed(uow, case)] == []


def test_states_that_were_spoilt_are_derived_again(busy: House) -> None:
    before = states(busy)
    with busy.store.begin() as uow:
        uow.session.execute(sa.update(RmaRow).values(state="issued"))
        corrected = projections.rebuild(uow)

    assert states(busy) == before
    assert {one.stored for one in corrected} == {"issued"}
    assert {one.derived for one in corrected} == {
        RmaState.CANCELLED,
        RmaState.CLOSED,
        RmaState.LABELLED,
        RmaState.RECEIVED,
    }

"""Returns that really ran: nothing leaks while they are under way, and nothing when they are done."""

import pytest
from typer.testing import CliRunner

from backhaul.cli.main import app
from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Disposition
from backhaul.store import cases, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.leaks import leaks
from tests.dock import counts, settles
from tests.house import House


def an_rma(house: House, pieces: int) -> RmaRow:
    words = f"no longer needed, {pieces} of them"
    sent = house.propose("SO-15086", 1, pieces, Reason.NO_LONGER_NEEDED, words=words)
    with house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, cases.proposals(uow, consent_id=sent.consent_id)[0].id)
    assert rma is not None
    return rma


def told(house: House) -> list[str]:
    with house.store.read() as uow:
        return [f"{one}{' (under way)' * one.under_way}" for one in leaks(uow)]


def test_a_return_is_under_way_step_by_step_and_leaks_nothing_at_its_end(house: House) -> None:
    rma = an_rma(house, 4)
    assert told(house) == ["4 pieces authorised, never came and was not released (under way)"]

    came = counts(house, rma, 4)
    assert all(one.endswith("(under way)") for one in told(house))

    settles(house, came, Disposition.RESTOCK)
    assert told(house) == []


def test_goods_beyond_the_rma_are_told_until_somebody_knows_whose_they_are(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKHAUL_HOME", str(sqlite_house.settings.home))
    counts(sqlite_house, an_rma(sqlite_house, 2), 3)

    fine = CliRunner().invoke(app, ["leaks", "--under-way"])
    lost = CliRunner().invoke(app, ["leaks", "--days", "0"])

    assert (fine.exit_code, lost.exit_code) == (0, 1)
    assert "1 piece came without an RMA or beyond one, and nobody knows whose it is [LEAK]" in lost.output

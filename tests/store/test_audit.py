"""Tampering with the audit log of a return that ran from proposal to cancellation."""

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from backhaul.cli.main import app
from backhaul.domain.codes import Reason
from backhaul.store import cases, rmas
from backhaul.store.audit import events, unwitnessed, verify_chain
from backhaul.store.house_tables import AuditRow
from tests.house import House


def a_cancelled_return(house: House) -> str:
    sent = house.propose("SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, one of them")
    with house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, cases.proposals(uow, consent_id=sent.consent_id)[0].id)
    assert rma is not None
    with house.store.begin() as uow:
        args = [rma.id, "contact:C-1001-1"]
        house.engine.start(uow, workflow="cancel-rma", workflow_id="c", args=args)
    assert house.engine.results["c"] == {"state": "cancelled"}
    return sent.case_id


def test_every_effect_of_a_return_stands_in_its_chain(house: House) -> None:
    case_id = a_cancelled_return(house)

    with house.store.read() as uow:
        assert verify_chain(events(uow, chain=case_id)) is None
        assert unwitnessed(uow, case_id) == []


def test_every_edited_and_every_removed_event_is_found(sqlite_house: House) -> None:
    case_id = a_cancelled_return(sqlite_house)
    with sqlite_house.store.read() as uow:
        whole = [row.seq for row in events(uow, chain=case_id)]

    for seq in whole:
        with sqlite_house.store.read() as uow:
            this = sa.and_(AuditRow.chain == case_id, AuditRow.seq == seq)
            uow.session.execute(sa.update(AuditRow).where(this).values(actor="nobody"))
            found = verify_chain(events(uow, chain=case_id))
            assert found is not None
            assert found.seq == seq
            uow.session.execute(sa.delete(AuditRow).where(this))
            found = verify_chain(events(uow, chain=case_id))
            assert (found.seq if found else None) == (seq + 1 if seq < whole[-1] else None)


def test_a_chain_whose_end_was_cut_off_is_found_by_the_effects_it_no_longer_tells(
    sqlite_house: House,
) -> None:
    case_id = a_cancelled_return(sqlite_house)
    with sqlite_house.store.read() as uow:
        whole = [row.seq for row in events(uow, chain=case_id)]

    for last in whole[3:-1]:
        with sqlite_house.store.read() as uow:
            tail = sa.and_(AuditRow.chain == case_id, AuditRow.seq > last)
            uow.session.execute(sa.delete(AuditRow).where(tail))
            assert verify_chain(events(uow, chain=case_id)) is None, "the hashes alone cannot tell"
            assert unwitnessed(uow, case_id), f"cut after {last} of {whole[-1]}"


def test_the_command_line_names_what_is_wrong_with_the_log(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = a_cancelled_return(sqlite_house)
    monkeypatch.setenv("BACKHAUL_HOME", str(sqlite_house.settings.home))
    whole = CliRunner().invoke(app, ["audit", "verify"])

    with sqlite_house.store.begin() as uow:
        uow.session.execute(sa.delete(AuditRow).where(AuditRow.chain == case_id, AuditRow.seq > 6))
    cut = CliRunner().invoke(app, ["audit", "verify"])

    assert (whole.exit_code, whole.output.rpartition(", ")[2]) == (0, "0 faults\n")
    assert cut.exit_code == 1
    assert f"{case_id}: no event tells worker:rma:cancelled" in cut.output

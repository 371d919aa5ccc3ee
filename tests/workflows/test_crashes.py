"""A worker that is killed between an effect and its record: the next one goes on, and nothing is doubled."""

from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from backhaul.domain.codes import Reason
from backhaul.store import cases, ledger, rmas
from backhaul.store.audit import events, verify_chain
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import CommandRow, PermitRow
from tests.house import propose, settings_for
from tests.workflows.processes import Outdoors, eventually, killed, outdoors, worker
from tools.writes import Submitted

_FORTY_DAYS = 40 * 86_400


def test_a_worker_killed_after_booking_and_another_after_buying_leave_one_rma_and_one_label(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> None:
    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, database_url)) as home:
        sent = four_bearings(home)
        for point in ("rma", "label"):
            with worker(home.settings, point) as doomed:
                assert killed(doomed), point
        assert stands(home, rma_of(home, sent.consent_id)) == "issued", "sold, and we have no record of it"
        with worker(home.settings):
            rma_id = home.labelled(sent.consent_id)

        assert len([one for one in home.desk.erp.returns_on("SO-15086") if one.reference == rma_id]) == 1
        assert len(home.scans("label_created")) == 1
        with home.store.read() as uow:
            assert len(rmas.labels(uow, rma_id)) == 1
            assert verify_chain(events(uow, chain=sent.case_id)) is None


def test_an_expiry_killed_after_each_of_its_effects_has_each_of_them_once(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> None:
    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, database_url)) as home:
        sent = four_bearings(home)
        with worker(home.settings, "void") as doomed:
            rma_id = home.labelled(sent.consent_id)
            eventually(lambda: is_announced(home, rma_id), "the letter to the customer")
            with home.store.begin() as uow:
                move_clock(uow, seconds=_FORTY_DAYS, actor="test")
            assert killed(doomed)
        with worker(home.settings, "cancel") as doomed:
            assert killed(doomed)
        assert stands(home, rma_id) != "expired", "cancelled in the ERP, and we have no record of it"
        with worker(home.settings):
            eventually(lambda: stands(home, rma_id) == "expired", "the expiry")

        (booked,) = [one for one in home.desk.erp.returns_on("SO-15086") if one.reference == rma_id]
        assert booked.cancelled
        assert (len(home.scans("label_created")), len(home.scans("voided"))) == (1, 1)
        with home.store.read() as uow:
            assert ledger.net_quantity(uow, "SO-15086", 1, ledger.RELEASED) == 4
            assert len(rmas.labels(uow, rma_id)) == 1
            permits = uow.session.scalars(sa.select(PermitRow)).all()
            commands = uow.session.scalars(sa.select(CommandRow)).all()
            assert verify_chain(events(uow, chain=sent.case_id)) is None
        once = {"create_rma": 1, "create_label": 1, "void_label": 1, "cancel_rma": 1}
        assert Counter(one.action for one in permits if one.spent_at) == once
        assert Counter(one.op for one in commands if one.state == "confirmed") == once


def four_bearings(home: Outdoors) -> Submitted:
    words = "no longer needed, four of them"
    return propose(home.desk, "SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words=words)


def rma_of(home: Outdoors, consent_id: str) -> str:
    with home.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=consent_id)
        rma = rmas.rma_of_proposal(uow, proposal.id)
    assert rma is not None
    return rma.id


def stands(home: Outdoors, rma_id: str) -> str:
    with home.store.read() as uow:
        return rmas.rma(uow, rma_id).state


def is_announced(home: Outdoors, rma_id: str) -> bool:
    with home.store.read() as uow:
        return any(one.tag == "worker:customer:notified" for one in events(uow) if one.subject == rma_id)

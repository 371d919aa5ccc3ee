"""A worker that is killed between an effect and its record: the next one goes on, and nothing is doubled."""

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from backhaul.bootstrap import outside
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.receiving import ParcelStatus
from backhaul.store import cases, ledger, reviews, rmas, staff
from backhaul.store.audit import events, verify_chain
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import CommandRow, PermitRow
from tests.house import propose, settings_for
from tests.workflows.processes import Outdoors, eventually, killed, outdoors, worker
from tests.workflows.test_approvals import ARNE, PRAIRIE
from tools.proposals import Submitted

pytestmark = pytest.mark.processes

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


def test_a_worker_killed_after_ordering_a_late_replacement_has_ordered_it_once(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> None:
    """The parcel is here when the approval comes; the worker dies between the order and its record."""
    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, database_url)) as home:
        with worker(home.settings):
            rma_id = home.labelled(two_sensors(home).consent_id)
            review = eventually(lambda: waiting_replacement(home, rma_id), "the review of the replacement")
            deliver(home, rma_id)
            eventually(lambda: home.told(rma_id, "parcel"), "the parcel at the dock")
        with worker(home.settings, "replacement") as doomed:
            approve(home, review)
            assert killed(doomed)
        with worker(home.settings):
            eventually(lambda: home.told(rma_id, "replacement_ordered"), "the news of the replacement")

        with home.store.read() as uow:
            assert [one.quantity for one in rmas.replacements(uow, rma_id)] == [2]
            assert ledger.net_quantity(uow, "SO-15100", 1, ledger.REPLACED) == 2
            permits = uow.session.scalars(sa.select(PermitRow)).all()
            assert Counter(one.action for one in permits if one.spent_at)["replacement"] == 1
            assert reviews.review(uow, review).state == "approved"
        assert len(home.told(rma_id, "replacement_ordered")) == 1
        assert orders_at_no_charge(home) == 1


def two_sensors(home: Outdoors) -> Submitted:
    words = "two of the sensors never switch, they are defective; please send two others"
    return propose(
        home.desk,
        "SO-15100",
        1,
        2,
        Reason.DEFECTIVE,
        words=words,
        resolution=Resolution.REPLACEMENT,
        speaker=PRAIRIE,
    )


def waiting_replacement(home: Outdoors, rma_id: str) -> str | None:
    with home.store.read() as uow:
        case_id = rmas.rma(uow, rma_id).case_id
        found = [row.id for row in reviews.reviews_of_case(uow, case_id) if row.action == "replacement"]
    return found[0] if found else None


def deliver(home: Outdoors, rma_id: str) -> None:
    with home.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    assert label is not None
    carrier = outside.carriers(home.settings, home.store.clock)[0]
    carrier.report(label.tracking_number, ParcelStatus.DELIVERED, at=home.store.clock.now())  # type: ignore[attr-defined]


def has_ended(home: Outdoors, workflow_id: str) -> bool:
    with home.store.read() as uow:
        tables = "dbos.workflow_status" if home.store.is_postgres else "workflow_status"
        query = sa.text(f"SELECT status FROM {tables} WHERE workflow_uuid = :id")  # noqa: S608 - a constant
        return uow.session.scalar(query, {"id": workflow_id}) == "SUCCESS"


def approve(home: Outdoors, review_id: str) -> None:
    """What the desk stores when Arne says yes."""
    with home.store.begin() as uow:
        person = staff.staff_by_email(uow, ARNE)
        row = reviews.at_version(uow, review_id, reviews.review(uow, review_id).version, event="approval")
        verdict = reviews.newest_verdict(uow, row)
        assert person is not None
        assert verdict is not None
        command = verdict.command_digest
        reviews.approve(uow, home.desk.ids, row, user_id=person.id, command_digest=command, note="")
        name = f"resume-review-{review_id}-{row.version}"
        home.starter.start(uow, workflow="resume-review", workflow_id=name, args=[review_id])


def orders_at_no_charge(home: Outdoors) -> int:
    """What the ERP itself says: free orders for the account of the sensors."""
    erp = outside.erp_writes(home.settings, home.store.clock)
    with home.store.read() as uow:
        permits = uow.session.scalars(sa.select(PermitRow).where(PermitRow.action == "replacement")).all()
    return len({found.order_number for one in permits if (found := erp.replacement_by_key(one.id))})


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

"""How a return ends without its goods: cancelled or expired, each effect with its own command and permit."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.receiving import ParcelStatus
from backhaul.store import cases, ledger, reviews, rmas, staff
from backhaul.store.audit import events, verify_chain
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import CommandRow, LabelRow, PermitRow, RmaRow
from backhaul.store.house_tables import LetterRow
from backhaul.workflows.parcels import take_parcel_events
from backhaul.workflows.sweep import tick
from tests.house import House

pytestmark = pytest.mark.bypass


def a_return(house: House, line: int = 1, quantity: int = 1) -> RmaRow:
    sent = house.propose(
        "SO-15086", line, quantity, Reason.NO_LONGER_NEEDED, words=f"no longer needed, {quantity} of them"
    )
    with house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, cases.proposals(uow, consent_id=sent.consent_id)[0].id)
    assert rma is not None
    assert rma.state == "labelled"
    return rma


def days_pass(house: House, days: int) -> None:
    with house.store.begin() as uow:
        move_clock(uow, seconds=int(timedelta(days=days).total_seconds()), actor="test")
    tick(house.world)


def cancels(house: House, rma_id: str, requested_by: str = "contact:C-1001-1") -> dict[str, Any]:
    with house.store.begin() as uow:
        house.engine.start(
            uow, workflow="cancel-rma", workflow_id=f"c-{requested_by}", args=[rma_id, requested_by]
        )
    return house.engine.results[f"c-{requested_by}"]


@dataclass(frozen=True)
class End:
    """What the rows say once an RMA has ended."""

    state: str
    commands: Counter[tuple[str, str]]
    permits: Counter[str]
    released: int
    usable_labels: int


def end_of(house: House, rma_id: str) -> End:
    with house.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        sent = uow.session.scalars(sa.select(CommandRow).where(CommandRow.key.startswith(f"{rma_id}:"))).all()
        permits = uow.session.scalars(sa.select(PermitRow).where(PermitRow.case_id == rma.case_id)).all()
        assert all(permit.spent_at for permit in permits)
        assert sorted(row.permit_id or "" for row in sent) == sorted(permit.id for permit in permits)
        released = ledger.net_quantity(uow, "SO-15086", 1, ledger.RELEASED)
        labels = uow.session.scalars(sa.select(LabelRow).where(LabelRow.voided_at.is_(None))).all()
        assert verify_chain(events(uow, chain=rma.case_id)) is None
    done = Counter((row.op, row.state) for row in sent)
    return End(rma.state, done, Counter(one.action for one in permits), released, len(labels))


CLOSED = Counter(
    {
        ("create_rma", "confirmed"): 1,
        ("create_label", "confirmed"): 1,
        ("void_label", "confirmed"): 1,
        ("cancel_rma", "confirmed"): 1,
    }
)


def voided_at_the_carrier(house: House) -> list[str]:
    carrier = house.world.carriers[0]
    return [one.tracking_number for one in carrier.events() if one.status is ParcelStatus.VOIDED]


def test_cancelling_voids_the_label_and_frees_the_pieces(house: House) -> None:
    rma = a_return(house)

    assert cancels(house, rma.id) == {"state": "cancelled"}

    end = end_of(house, rma.id)
    assert (end.state, end.commands, end.released, end.usable_labels) == ("cancelled", CLOSED, 1, 0)
    assert end.permits == Counter({"create_rma": 1, "create_label": 1, "void_label": 1, "cancel_rma": 1})
    line = house.world.erp.order_line("SO-15086", 1)
    assert line is not None
    assert line.quantity_returned == 0
    assert len(voided_at_the_carrier(house)) == 1
    assert house.world.warehouse.expected(rma.facility_id) == ()
    assert house.engine.results[f"return-{rma.id}"] == {"state": "cancelled"}


def test_an_rma_whose_parcel_never_comes_ends_as_a_cancelled_one_does(house: House) -> None:
    rma = a_return(house)

    days_pass(house, 40)

    end = end_of(house, rma.id)
    assert (end.state, end.commands, end.released, end.usable_labels) == ("expired", CLOSED, 1, 0)
    assert end.permits == Counter({"create_rma": 1, "create_label": 1, "void_label": 1, "cancel_rma": 1})
    line = house.world.erp.order_line("SO-15086", 1)
    assert line is not None
    assert line.quantity_returned == 0
    assert len(voided_at_the_carrier(house)) == 1
    assert house.world.warehouse.expected(rma.facility_id) == ()
    assert house.engine.results[f"return-{rma.id}"] == {"state": "expired"}


def test_a_parcel_that_was_handed_in_keeps_its_rma_open_after_the_deadline(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    with sqlite_house.store.read() as uow:
        label = rmas.live_label(uow, rma.id)
    assert label is not None
    carrier: Any = sqlite_house.world.carriers[0]
    carrier.report(label.tracking_number, ParcelStatus.DROPPED_OFF, at=sqlite_house.store.clock.now())

    # The scan has not been read yet: the carrier itself refuses to void the label.
    days_pass(sqlite_house, 40)

    end = end_of(sqlite_house, rma.id)
    assert (end.state, end.released, end.usable_labels) == ("labelled", 0, 1)
    assert end.commands["cancel_rma", "rejected"] == 1
    take_parcel_events(sqlite_house.world)
    with sqlite_house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "in_transit"
        assert "handed in already" in reviews.reviews_of_case(uow, rma.case_id)[0].why


def test_a_reprint_voids_the_label_before_with_a_permit_of_its_own(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)

    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(
            uow, workflow="reprint-label", workflow_id="again", args=[rma.id, "contact:C-1001-1"]
        )

    end = end_of(sqlite_house, rma.id)
    assert end.usable_labels == 1
    assert (end.commands["create_label", "confirmed"], end.commands["void_label", "confirmed"]) == (2, 1)
    with sqlite_house.store.read() as uow:
        newest, first = rmas.labels(uow, rma.id)
    assert voided_at_the_carrier(sqlite_house) == [first.tracking_number]
    assert newest.voided_at is None


def test_a_reminder_is_sent_once_before_the_deadline(sqlite_house: House) -> None:
    a_return(sqlite_house)

    for _ in range(3):
        days_pass(sqlite_house, 9)

    with sqlite_house.store.read() as uow:
        letters = uow.session.scalars(sa.select(LetterRow).where(LetterRow.key.endswith(":reminder"))).all()
    assert len(letters) == 1


@pytest.mark.parametrize("requested_by", ["contact:C-1002-1", "cli:eve for A-1002", "staff:eve", ""])
@pytest.mark.parametrize("workflow", ["cancel-rma", "reprint-label"])
def test_nobody_of_another_account_ends_a_return_or_has_it_labelled_anew(
    sqlite_house: House, workflow: str, requested_by: str
) -> None:
    rma = a_return(sqlite_house)

    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(uow, workflow=workflow, workflow_id="forged", args=[rma.id, requested_by])

    assert "refused" in sqlite_house.engine.results["forged"]
    with sqlite_house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "labelled"
        (written,) = events(uow, tag=Tag.WORKFLOW_REFUSED)
    assert (written.subject, written.facts) == (rma.id, {"check": "not the RMA's account"})


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"kind": "expired"}, id="expired before its time"),
        pytest.param({"kind": "delivered"}, id="delivered without a scan"),
        pytest.param({"kind": "closed"}, id="closed without being so"),
        pytest.param({"kind": 7}, id="nonsense"),
        pytest.param({}, id="empty"),
    ],
)
def test_a_forged_message_does_nothing_to_a_return_that_waits(
    sqlite_house: House, message: dict[str, Any]
) -> None:
    rma = a_return(sqlite_house)

    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.send(
            uow, workflow_id=f"return-{rma.id}", topic="return", message=message, key="forged"
        )

    assert end_of(sqlite_house, rma.id).commands == Counter(
        {("create_rma", "confirmed"): 1, ("create_label", "confirmed"): 1}
    )
    assert cancels(sqlite_house, rma.id) == {"state": "cancelled"}, "it still waits for true messages"


def test_a_later_effect_that_escalates_is_approved_on_the_desk_by_its_own_command(
    sqlite_house: House,
) -> None:
    sent = sqlite_house.propose(
        "SO-15122",
        1,
        2,
        Reason.WRONG_SIZE,
        words="two of the contactors are the wrong size for our rail, please exchange them",
        resolution=Resolution.REPLACEMENT,
    )
    with sqlite_house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        rma = rmas.rma_of_proposal(uow, proposal.id)
        waiting = [row for row in reviews.reviews_of_case(uow, sent.case_id) if row.action == "replacement"]
    assert rma is not None
    (review,) = waiting
    with sqlite_house.store.begin() as uow:
        approver = staff.staff_by_email(uow, "arne.approver@halden.example")
        assert approver is not None
        row = reviews.at_version(uow, review.id, review.version, event="approval")
        verdict = reviews.newest_verdict(uow, row)
        assert verdict is not None
        assert verdict.action == "replacement"
        reviews.approve(
            uow,
            sqlite_house.desk.ids,
            row,
            user_id=approver.id,
            command_digest=verdict.command_digest,
            note="",
        )
        sqlite_house.engine.start(uow, workflow="resume-review", workflow_id="r", args=[row.id])

    with sqlite_house.store.read() as uow:
        assert len(rmas.replacements(uow, rma.id)) == 1

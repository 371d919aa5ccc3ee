"""What stands still is found and named, and what people have done about it happens exactly once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.bootstrap import outside
from backhaul.domain.codes import Reason, Role
from backhaul.domain.errors import BadInput, ConnectorRejected, ConnectorUnavailable, NotAllowed
from backhaul.domain.receiving import Disposition, ParcelStatus
from backhaul.domain.stuck import LIMITS, Stuck, StuckDeed, StuckStage
from backhaul.store import audit, ledger, reviews, rmas, stuck
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.workflows.parcels import take_parcel_events
from tests.dock import counts, settles, staff_id
from tests.house import House
from tests.workflows.test_closing import a_return

REVIEWER = "rita.reviewer@halden.example"


@dataclass
class Stubborn:
    """A real ERP that fails at one operation, for as long as it is told to."""

    real: Any
    method: str
    fault: Exception | None
    keys: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        def asked(*args: Any, **kwargs: Any) -> Any:
            if name == self.method:
                self.keys.append(kwargs["key"])
                if self.fault is not None:
                    raise self.fault
            return getattr(self.real, name)(*args, **kwargs)

        return asked


def with_fault(house: House, method: str, fault: Exception) -> Stubborn:
    stubborn = Stubborn(house.world.erp_writes, method, fault)
    object.__setattr__(house.world, "erp_writes", stubborn)
    return stubborn


def pass_by(house: House, **time: float) -> None:
    with house.store.begin() as uow:
        move_clock(uow, seconds=int(timedelta(**time).total_seconds()), actor="test")


def standing(house: House, stage: StuckStage) -> list[Stuck]:
    with house.store.read() as uow:
        return [one for one in stuck.stuck(uow) if one.stage is stage]


def asks(
    house: House,
    one: Stuck,
    deed: StuckDeed,
    *,
    why: str = "",
    email: str = REVIEWER,
    deed_id: str = "",
) -> Any:
    """Ask as the page does, and let the worker do it."""
    name = deed_id or house.desk.ids.new("SD")
    asked = stuck.Asked(name, one.stage, one.subject, deed, why, staff_id(house, email))
    with house.store.begin() as uow:
        stuck.ask(uow, asked)
        house.engine.start(uow, workflow="stuck-deed", workflow_id=f"stuck-{name}", args=[name])
    return house.engine.results[f"stuck-{name}"]


def command_of(house: House, op: str) -> CommandRow:
    with house.store.read() as uow:
        return uow.session.scalars(sa.select(CommandRow).where(CommandRow.op == op)).one()


def rejected_credit(house: House) -> tuple[RmaRow, Stubborn, Stuck]:
    rma = a_return(house, quantity=2)
    erp = with_fault(house, "post_credit_memo", ConnectorRejected("ERP", "the period is closed"))
    settles(house, counts(house, rma, 2), Disposition.RESTOCK)
    (one,) = standing(house, StuckStage.COMMAND_REJECTED)
    return rma, erp, one


def test_a_rejected_credit_is_issued_anew_once_under_a_new_key(house: House) -> None:
    rma, erp, one = rejected_credit(house)
    assert "the period is closed" in one.what
    erp.fault = None

    first = asks(house, one, StuckDeed.REISSUE, why="the books are open again", deed_id="SD-1")
    with pytest.raises(BadInput, match="moved on"):
        asks(house, one, StuckDeed.REISSUE, why="once more")
    again = asks(house, one, StuckDeed.REISSUE, why="the same click", deed_id="SD-1")

    assert (first["state"], again["state"]) == ("confirmed", "confirmed")
    assert len(house.world.erp.credit_memos("SO-15086")) == 1
    assert len(set(erp.keys)) == 2
    row = command_of(house, "credit_memo")
    assert (row.state, row.issue) == ("confirmed", 2)
    with house.store.read() as uow:
        assert uow.session.get_one(RmaRow, rma.id).state == "closed"
        assert ledger.net_quantity(uow, "SO-15086", 1, ledger.CREDITED) == 2
        tags = [event.tag for event in audit.events(uow, chain=rma.case_id)]
        assert tags.count("staff:command:reissued") == 1
    assert standing(house, StuckStage.COMMAND_REJECTED) == []


def test_a_reissue_that_is_rejected_again_is_stuck_again(sqlite_house: House) -> None:
    _, _, one = rejected_credit(sqlite_house)

    ended = asks(sqlite_house, one, StuckDeed.REISSUE, why="was corrected, they say")

    assert ended["state"].startswith("rejected")
    (again,) = standing(sqlite_house, StuckStage.COMMAND_REJECTED)
    assert again.subject == one.subject
    assert command_of(sqlite_house, "credit_memo").issue == 2


def test_a_reissue_wants_a_reason(sqlite_house: House) -> None:
    _, _, one = rejected_credit(sqlite_house)

    with pytest.raises(BadInput, match="not done"):
        asks(sqlite_house, one, StuckDeed.REISSUE, why="  ")


def test_a_rejected_rma_is_booked_by_its_own_work_after_a_reissue(sqlite_house: House) -> None:
    house = sqlite_house
    erp = with_fault(house, "create_rma", ConnectorRejected("ERP", "no such facility"))
    house.propose("SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, 1 of them")
    (one,) = standing(house, StuckStage.COMMAND_REJECTED)
    erp.fault = None

    ended = asks(house, one, StuckDeed.REISSUE, why="the facility is there now")

    assert ended["state"] == "goes on"
    with house.store.read() as uow:
        work = stuck.work(uow, f"return-{one.subject.split(':')[0]}")
    assert work is not None
    assert work.asked_at is not None


def unanswered_move(house: House) -> tuple[RmaRow, Stubborn, Stuck]:
    """The worker gave up between sending the move and hearing of it; in truth it was done."""
    rma = a_return(house, quantity=1)
    came = counts(house, rma, 1)
    erp = with_fault(house, "move_stock", ConnectorUnavailable("ERP", "no answer"))
    with pytest.raises(ConnectorUnavailable):
        settles(house, came, Disposition.RESTOCK)
    pass_by(house, minutes=LIMITS[StuckStage.COMMAND_UNANSWERED].minutes + 1)
    (one,) = standing(house, StuckStage.COMMAND_UNANSWERED)
    return rma, erp, one


def test_a_command_without_an_answer_is_retried_under_its_key_and_its_work_goes_on(house: House) -> None:
    rma, erp, one = unanswered_move(house)
    assert "sent 1 times and not answered" in one.what
    erp.fault = None

    asks(house, one, StuckDeed.RETRY, deed_id="SD-1")
    asks(house, one, StuckDeed.RETRY, deed_id="SD-1")

    assert len(set(erp.keys)) == 1
    assert len(house.world.erp.credit_memos("SO-15086")) == 1
    moves = house.world.erp.stock_moves("BRG-6205-2RS")
    assert len([move for move in moves if move.reference.startswith("DI-")]) == 1
    with house.store.read() as uow:
        assert uow.session.get_one(RmaRow, rma.id).state == "closed"
    assert standing(house, StuckStage.COMMAND_UNANSWERED) == []


def test_two_people_who_retry_at_once_do_it_once(sqlite_house: House) -> None:
    house = sqlite_house
    _, erp, one = unanswered_move(house)
    erp.fault = None
    who = staff_id(house, REVIEWER)
    with house.store.begin() as uow:
        for name in ("SD-1", "SD-2"):
            stuck.ask(uow, stuck.Asked(name, one.stage, one.subject, StuckDeed.RETRY, "", who))
            house.engine.start(uow, workflow="stuck-deed", workflow_id=f"stuck-{name}", args=[name])

    assert house.engine.results["stuck-SD-2"] == {"state": "it had moved on by itself"}
    assert len(erp.keys) == 2, "the first, and one retry"


def test_what_is_handed_over_becomes_one_review_and_is_marked(sqlite_house: House) -> None:
    house = sqlite_house
    _, _, one = rejected_credit(house)
    with house.store.read() as uow:
        before = len(reviews.reviews_of_case(uow, one.case_id or ""))

    asks(house, one, StuckDeed.HAND_OVER, why="call their finance", deed_id="SD-1")
    asks(house, one, StuckDeed.HAND_OVER, deed_id="SD-1")

    (marked,) = standing(house, StuckStage.COMMAND_REJECTED)
    assert (marked.with_person, marked.deeds) == (True, (StuckDeed.REISSUE,))
    with house.store.begin() as uow:
        opened = reviews.reviews_of_case(uow, one.case_id or "")
        assert len(opened) == before + 1
        assert "call their finance" in opened[-1].why
        reviews.reject(uow, opened[-1], user_id="ST-1", note="agreed by telephone")
    assert standing(house, StuckStage.COMMAND_REJECTED) == []


@pytest.mark.parametrize("email", ["dora.dock@halden.example", "arne.approver@halden.example"])
def test_others_are_refused(sqlite_house: House, email: str) -> None:
    _, _, one = rejected_credit(sqlite_house)

    with pytest.raises(NotAllowed):
        asks(sqlite_house, one, StuckDeed.HAND_OVER, email=email)


def test_a_forged_start_does_nothing(sqlite_house: House) -> None:
    house = sqlite_house
    with house.store.begin() as uow:
        house.engine.start(uow, workflow="stuck-deed", workflow_id="stuck-x", args=["SD-NONE"])

    assert house.engine.results["stuck-x"]["state"] == "refused"


def delivered(house: House) -> None:
    rma = a_return(house)
    with house.store.read() as uow:
        label = rmas.live_label(uow, rma.id)
    assert label is not None
    at = house.world.clock.now()
    outside.carriers(house.settings, house.store.clock)[0].report(
        label.tracking_number, ParcelStatus.DELIVERED, at=at
    )
    take_parcel_events(house.world)


def in_quarantine(house: House) -> None:
    counts(house, a_return(house), 1)


def unused(house: House) -> None:
    a_return(house)


def waits_for_its_credit(house: House) -> None:
    rejected_credit(house)


STAGES: dict[StuckStage, tuple[Callable[[House], None], int]] = {
    StuckStage.NOT_RECEIVED: (delivered, 4),
    StuckStage.NOT_INSPECTED: (in_quarantine, 4),
    StuckStage.LABEL_UNUSED: (unused, 29),
    StuckStage.NOT_MADE_GOOD: (waits_for_its_credit, 4),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_counts_as_stuck_after_its_limit_and_not_before(
    sqlite_house: House, stage: StuckStage
) -> None:
    plant, days = STAGES[stage]
    plant(sqlite_house)
    assert standing(sqlite_house, stage) == []

    pass_by(sqlite_house, days=days)

    (one,) = standing(sqlite_house, stage)
    assert one.owner in set(Role)
    assert one.what.endswith(".") or ": " in one.what
    assert StuckDeed.HAND_OVER in one.deeds


def test_every_stage_has_a_limit_and_an_owner() -> None:
    assert set(LIMITS) == set(StuckStage)

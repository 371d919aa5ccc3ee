"""Later effects while the version that runs is not signed off: each waits for its own yes, none is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backhaul.domain.codes import Action, Reason
from backhaul.domain.receiving import Disposition
from backhaul.store import cases, reviews, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from tests.dock import counts, line_of, settles, staff_id
from tests.house import House, Wanted, propose_together
from tests.tools import signed_houses as signed
from tests.workflows.test_approvals import RITA, decide, failed_rules, newest_verdict
from tests.workflows.test_closing import cancels
from tools.release_control import RULE

LINES = (
    Wanted("SO-14922", 1, 1, Reason.NO_LONGER_NEEDED),
    Wanted("SO-14922", 2, 1, Reason.NO_LONGER_NEEDED),
)


@pytest.fixture
def house(seeded_home: Path, tmp_path: Path) -> Iterator[House]:
    for opened in signed.open_signed_house(seeded_home, tmp_path):
        signed.sign_off(opened)
        yield opened


def a_return(house: House, *lines: Wanted) -> RmaRow:
    """One that a signed version permitted by itself."""
    sent = propose_together(house.desk, lines, words="we no longer need them")
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
        assert rmas.live_label(uow, rma.id) is not None
    return rma


def go_on_unsigned(house: House, folder: Path) -> None:
    signed.publish(house, folder / "unsigned", ("    values: 6\n", "    values: 7\n"))


def waits(house: House, rma: RmaRow, action: Action) -> ReviewRow:
    """The one review of such an effect that waits, which the release alone holds up."""
    with house.store.read() as uow:
        (row,) = [
            one
            for one in reviews.reviews_of_case(uow, rma.case_id)
            if one.action == action.value and one.state in reviews.OPEN_STATES
        ]
    assert failed_rules(newest_verdict(house, row.id)) == [RULE]
    return row


def test_a_cancellation_that_a_person_approved_ends_all_lines_and_voids_the_label(
    house: House, tmp_path: Path
) -> None:
    rma = a_return(house, *LINES)
    go_on_unsigned(house, tmp_path)

    asked = cancels(house, rma.id)
    review = waits(house, rma, Action.CANCEL_RMA)
    decide(house, review.id, signed.ARNE)

    assert asked["state"] == "review"
    with house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "cancelled"
        assert rmas.live_label(uow, rma.id) is None


def test_another_label_for_what_no_person_approved_is_a_task_for_one(house: House, tmp_path: Path) -> None:
    rma = a_return(house, LINES[0])
    go_on_unsigned(house, tmp_path)

    with house.store.begin() as uow:
        args = [rma.id, "contact:C-1001-1"]
        house.engine.start(uow, workflow="reprint-label", workflow_id="again", args=args)

    with house.store.read() as uow:
        (task,) = reviews.reviews_of_case(uow, rma.case_id)
        assert len(rmas.labels(uow, rma.id)) == 1
    assert "not been signed off" in task.why


def test_goods_are_moved_and_credited_on_one_yes_each(house: House, tmp_path: Path) -> None:
    rma = a_return(house, LINES[0])
    go_on_unsigned(house, tmp_path)
    before = house.world.erp.credit_memos("SO-14922")

    settled = settles(house, counts(house, rma, 1), Disposition.RESTOCK)
    decide(house, waits(house, rma, Action.MOVE_STOCK).id, signed.ARNE)
    assert house.world.erp.credit_memos("SO-14922") == before
    decide(house, waits(house, rma, Action.CREDIT_MEMO).id, RITA)

    assert settled.state == "review"
    with house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "closed"
        (proposal,) = cases.proposals(uow, case_id=rma.case_id)
        outcomes = [row.outcome for row in cases.verdicts(uow, proposal.id) if row.action == "credit_memo"]
    assert outcomes == ["escalate", "permit"]
    assert len(house.world.erp.credit_memos("SO-14922")) == len(before) + 1


def test_what_a_person_refused_stays_refused(house: House, tmp_path: Path) -> None:
    rma = a_return(house, LINES[0])
    go_on_unsigned(house, tmp_path)
    credited_early(house, rma, "first")
    with house.store.read() as uow:
        (review,) = reviews.reviews_of_case(uow, rma.case_id)
    decide(house, review.id, signed.ARNE, yes=False)

    assert credited_early(house, rma, "again")["state"] == "denied"


def credited_early(house: House, rma: RmaRow, name: str) -> dict[str, Any]:
    """Finance wants to credit a line before its goods are back."""
    args = [rma.id, line_of(house, rma).line_id, staff_id(house, "fay.finance@halden.example")]
    with house.store.begin() as uow:
        house.engine.start(uow, workflow="credit-early", workflow_id=name, args=args)
    return house.engine.results[name]

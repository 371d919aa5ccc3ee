"""A share of the decisions is read blind: nobody can try for which. A closed segment decides nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from backhaul.bootstrap.blind import DRAW_KEY_FILE, blind_share
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.bootstrap.worker import Replaced, build_world
from backhaul.domain.audit import Tag
from backhaul.domain.autonomy import DRAWS, EVERYTHING, Segment, Stratum
from backhaul.domain.codes import Outcome, Reason
from backhaul.domain.errors import NotAllowed
from backhaul.store import audit, autonomy, cases, reviews, rmas, staff
from backhaul.store.autonomy_tables import BlindDrawRow
from backhaul.store.tables import VerdictRow
from tests.house import House, open_house
from tests.tools.racers import SureOfReasons
from tools.earned import BLIND_RULE, HOLD_RULE, BlindShare
from tools.proposals import Submitted

LINES = [("SO-14922", 2), ("SO-14922", 3), ("SO-15086", 1), ("SO-15086", 2), ("SO-15084", 1), ("SO-15055", 1)]
"""Of each, the policy permits a piece to come back"""
REVIEWER, OWNER = "rita.reviewer@halden.example", "petra.policy@halden.example"
WORDS = "I do not need it any more."
EVERY = BlindShare(SecretStr("every"), 1_000, 1_000)


class Halfway:
    """Reads every reason with the same confidence."""

    def __init__(self, permille: int) -> None:
        self.permille = permille

    def score_permille(self, words: str, reason: Reason) -> int:  # noqa: ARG002 - the port's signature
        return self.permille


@pytest.fixture
def quick_house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from open_house(seeded_home, reader_cache, tmp_path, "", Replaced(scorer=SureOfReasons()))


def drawing(house: House, share: BlindShare, *, scorer: Halfway | None = None) -> None:
    """Let the house draw as a worker with these settings would."""
    guard = replace(house.world.guard, blind=share, scorer=scorer or house.world.guard.scorer)
    house.engine.world = replace(house.world, guard=guard)


def ask(house: House, at: int = 0, quantity: int = 1) -> Submitted:
    return house.propose(*LINES[at], quantity, Reason.NO_LONGER_NEEDED, words=WORDS)


def verdict_on(house: House, asked: Submitted) -> VerdictRow:
    with house.store.read() as uow:
        found = cases.newest_verdict(uow, asked.proposals[0][0])
        assert found is not None
        return found


def draw_on(house: House, asked: Submitted) -> BlindDrawRow | None:
    with house.store.read() as uow:
        return autonomy.draw_of(uow, asked.proposals[0][0])


def test_what_is_drawn_waits_for_a_person_and_its_customer_reads_no_more(
    quick_house: House,
) -> None:
    drawing(quick_house, EVERY)
    asked = ask(quick_house)
    verdict, draw = verdict_on(quick_house, asked), draw_on(quick_house, asked)
    assert verdict.outcome == Outcome.ESCALATE
    assert verdict.message == "A colleague has to look at this before it goes on."
    assert verdict.decision["results"][0]["rule"] == BLIND_RULE
    assert verdict.decision["shadowed"] == Outcome.PERMIT
    assert draw is not None
    assert (draw.stratum, draw.reason, draw.outcome) == (Stratum.AUTOMATIC, "no_longer_needed", "permit")
    assert draw.share_permille == 1_000
    assert draw.floor_permille == 600
    with quick_house.store.read() as uow:
        assert rmas.rma_of_proposal(uow, asked.proposals[0][0]) is None
        assert audit.is_recorded(uow, Tag.BLIND_DRAWN, asked.proposals[0][0])


def test_nothing_is_drawn_where_the_share_is_nothing(quick_house: House) -> None:
    asked = ask(quick_house)
    assert verdict_on(quick_house, asked).outcome == Outcome.PERMIT
    assert draw_on(quick_house, asked) is None


def test_asking_again_for_the_same_line_draws_the_same_and_is_no_second_label(quick_house: House) -> None:
    drawing(quick_house, EVERY)
    first = ask(quick_house)
    again = [ask(quick_house, quantity=quantity) for quantity in (1, 2, 1)]
    assert {verdict_on(quick_house, one).outcome for one in again} == {Outcome.ESCALATE.value}
    assert draw_on(quick_house, first) is not None
    assert [draw_on(quick_house, one) for one in again] == [None, None, None]


def test_whether_a_line_is_drawn_does_not_hang_on_how_often_it_is_asked_for(quick_house: House) -> None:
    half = BlindShare(SecretStr("a key of the worker"), 500, 500)
    expected = {
        line: half.drawn(*line, 0)[1] < DRAWS // 2  # nothing was done on the line yet
        for line in LINES
    }
    assert set(expected.values()) == {True, False}, "choose another key: the test needs both"
    drawing(quick_house, half)
    for at, line in enumerate(LINES):
        outcome = verdict_on(quick_house, ask(quick_house, at)).outcome
        assert (outcome == Outcome.ESCALATE) == expected[line]
        if expected[line]:
            assert verdict_on(quick_house, ask(quick_house, at)).outcome == Outcome.ESCALATE


def test_what_was_done_on_a_line_draws_it_anew(quick_house: House) -> None:
    ask(quick_house)
    with quick_house.store.read() as uow:
        entries = autonomy.entries_on_line(uow, *LINES[0])
    assert entries > 0
    assert EVERY.drawn(*LINES[0], entries) != EVERY.drawn(*LINES[0], 0)


def test_a_yes_to_what_was_drawn_is_carried_out_and_not_drawn_again(quick_house: House) -> None:
    drawing(quick_house, EVERY)
    asked = ask(quick_house)
    with quick_house.store.begin() as uow:
        review = reviews.review_of_proposal(uow, asked.proposals[0][0])
        assert review is not None
        reviews.approve(
            uow,
            quick_house.desk.ids,
            review,
            user_id=_staff(quick_house, REVIEWER),
            command_digest=verdict_on(quick_house, asked).command_digest,
            note="",
        )
        quick_house.engine.start(uow, workflow="resume-review", workflow_id="resume-1", args=[review.id])
    assert verdict_on(quick_house, asked).outcome == Outcome.PERMIT
    with quick_house.store.read() as uow:
        assert rmas.rma_of_proposal(uow, asked.proposals[0][0]) is not None


def _staff(house: House, email: str) -> str:
    with house.store.read() as uow:
        found = staff.staff_by_email(uow, email)
        assert found is not None
        return found.id


def test_what_goes_to_a_person_for_its_floor_alone_may_be_read_blind_as_well(quick_house: House) -> None:
    drawing(quick_house, BlindShare(SecretStr("key"), 0, 1_000), scorer=Halfway(550))
    draw = draw_on(quick_house, ask(quick_house))
    assert draw is not None
    assert (draw.stratum, draw.confidence_permille, draw.outcome) == (Stratum.ESCALATED, 550, "permit")


def test_what_goes_to_a_person_for_another_reason_too_is_not_read_blind(quick_house: House) -> None:
    drawing(quick_house, EVERY, scorer=Halfway(390))
    asked = ask(quick_house)
    assert verdict_on(quick_house, asked).outcome == Outcome.ESCALATE
    assert draw_on(quick_house, asked) is None


def test_no_reading_is_certain_so_that_a_closed_segment_lets_none_through(quick_house: House) -> None:
    drawing(quick_house, EVERY, scorer=Halfway(1_000))
    draw = draw_on(quick_house, ask(quick_house))
    assert draw is not None
    assert draw.confidence_permille == 999


@pytest.mark.parametrize("wide", [True, False], ids=["everything", "its class"])
def test_a_closed_segment_decides_nothing_by_itself_until_an_owner_lifts_it(
    quick_house: House, *, wide: bool
) -> None:
    drawing(quick_house, BlindShare(SecretStr("key"), 0, 0))
    product_class = str(verdict_on(quick_house, ask(quick_house, 1)).facts["product_class"])
    segment = EVERYTHING if wide else Segment(product_class)
    with quick_house.store.begin() as uow:
        held = autonomy.hold(uow, segment, why="too many wrong", figures={"wrong": 5})
        assert held is not None
        assert autonomy.hold(uow, Segment(product_class, "small"), why="again", figures={}) is None
    asked = ask(quick_house, 1)
    verdict = verdict_on(quick_house, asked)
    assert verdict.outcome == Outcome.ESCALATE
    assert verdict.decision["results"][0]["rule"] == HOLD_RULE
    assert "too many wrong" not in verdict.message
    with quick_house.store.begin() as uow, pytest.raises(NotAllowed):
        autonomy.lift(uow, held.id, by=_staff(quick_house, REVIEWER), why="looked into it")
    owner = _staff(quick_house, OWNER)
    with quick_house.store.begin() as uow:
        autonomy.lift(uow, held.id, by=owner, why="looked into it")
    assert verdict_on(quick_house, ask(quick_house, 2)).outcome == Outcome.PERMIT


def test_another_class_goes_on_deciding(quick_house: House) -> None:
    with quick_house.store.begin() as uow:
        autonomy.hold(uow, Segment("chemical"), why="too many wrong", figures={})
    assert verdict_on(quick_house, ask(quick_house)).outcome == Outcome.PERMIT


def test_the_worker_makes_the_key_of_the_draw_once_and_keeps_it_to_itself(quick_house: House) -> None:
    settings = quick_house.settings.model_copy(
        update={"blind_share_permille": 50, "blind_escalated_permille": 200}
    )
    made = build_world(
        settings,
        quick_house.store,
        PolicyShelf(SHIPPED),
        quick_house.engine,
        Replaced(scorer=SureOfReasons()),
    ).guard.blind
    assert made == blind_share(settings)
    assert (made.automatic_permille, made.escalated_permille) == (50, 200)
    key = settings.home / DRAW_KEY_FILE
    assert key.stat().st_mode & 0o077 == 0
    key.chmod(0o644)
    with pytest.raises(NotAllowed, match="a new one draws anew"):
        blind_share(settings)


@given(key=st.text(min_size=1, max_size=40), share=st.sampled_from([50, 200, 500]))
def test_about_as_many_lines_are_drawn_as_the_share_says(key: str, share: int) -> None:
    drawing_by = BlindShare(SecretStr(key), share, share)
    drawn = sum(drawing_by.drawn(f"SO-{at}", 1, 0)[1] * 1_000 < share * DRAWS for at in range(2_000))
    spread = 6 * (2_000 * share / 1_000 * (1 - share / 1_000)) ** 0.5
    assert abs(drawn - 2 * share) <= spread

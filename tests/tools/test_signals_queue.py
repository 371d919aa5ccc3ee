"""The queue goes by what a reviewer's minute is worth, and nothing waits for ever."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.codes import Action, Reason, Tier
from backhaul.store import review_habits, reviews
from backhaul.store.review_habits import ReviewHabit
from backhaul.store.review_order import LONGEST_HEAD_START_SECONDS, priority_of
from tests.house import House
from tools.review_worth import Reviewed, head_start, worth_of

MORNING = datetime(2026, 11, 27, 8, tzinfo=UTC)
ABOVE_LIMIT = Reviewed(Action.CREATE_RMA, "AUTO-LIMIT", Tier.GOLD, 100_000)


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.floats(1, 10**5),
    st.floats(1, 10**5),
    st.integers(1, 10**7),
)
def test_what_has_waited_a_day_longer_goes_first_whatever_the_other_is_worth(
    avoided: int, other: int, seconds: float, others: float, later: int
) -> None:
    came = MORNING + timedelta(seconds=LONGEST_HEAD_START_SECONDS + later)

    waits, newcomer = (
        priority_of(head_start(one, spent), at)
        for one, spent, at in ((avoided, seconds, MORNING), (other, others, came))
    )

    assert waits > newcomer


def test_of_two_that_came_together_the_one_worth_more_a_minute_goes_first() -> None:
    dear, cheap = head_start(50_000, 300), head_start(5_000, 300)

    assert LONGEST_HEAD_START_SECONDS >= dear > cheap > head_start(5_000, 3_000) >= 0
    assert head_start(None, 300) == LONGEST_HEAD_START_SECONDS
    assert head_start(0, 300) == 0


def test_ten_times_the_worth_is_the_same_head_start_everywhere() -> None:
    steps = [head_start(10**power, 60) for power in range(1, 6)]

    assert {later - sooner for sooner, later in pairwise(steps)} == {21_600}


def test_the_arithmetic_adds_up_and_record_outweighs_what_was_assumed() -> None:
    bare = worth_of(ABOVE_LIMIT, [])
    seen = worth_of(ABOVE_LIMIT, [ReviewHabit(ABOVE_LIMIT.kind, 400, 8, 300, 300 * 120)])

    assert bare.stake_usd_minor == 100_000
    assert bare.avoided_usd_minor == 20_000 + bare.waiting_usd_minor
    assert (bare.turned_down_permille, bare.seconds) == (200, 360)
    assert seen.turned_down_permille < 40
    assert seen.seconds < 140
    assert (seen.turned_down, seen.decided) == (8, 400)


def test_goods_that_come_back_lower_the_stake_and_an_unknown_stake_goes_first() -> None:
    back = worth_of(Reviewed(Action.CREATE_RMA, "X", Tier.GOLD, 100_000, goods_back_permille=880), [])
    unknown = worth_of(Reviewed(Action.CREATE_RMA, "X", Tier.GOLD, None), [])

    assert back.stake_usd_minor == 12_000
    assert unknown.head_start_seconds == LONGEST_HEAD_START_SECONDS


def test_the_queue_shows_the_dearer_review_first_and_keeps_why(house: House) -> None:
    cheap = house.propose("SO-15086", 1, 4, Reason.OTHER, words="hm, hm")
    dear = house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="we no longer need the two drives",
        serials=("KX4-50-118803", "KX4-50-118804"),
    )

    with house.store.read() as uow:
        queue = reviews.queue(uow)
    assert [row.case_id for row in queue] == [dear.case_id, cheap.case_id]
    assert queue[0].worth is not None
    assert queue[0].worth["kind"] == "create_rma/AUTO-LIMIT"
    assert queue[0].worth["stake_usd_minor"] == 900_000


def test_a_person_who_decides_one_after_the_other_is_timed_between_them(house: House) -> None:
    for _ in range(2):
        house.propose("SO-15086", 1, 1, Reason.OTHER, words="hm, hm")
    with house.store.begin() as uow:
        now = uow.clock.now()
        for at, row in enumerate(reviews.queue(uow)):
            row.opened_at = now - timedelta(hours=2)
            reviews.reject(uow, row, user_id="rita", note="no")
            row.decided_at = now + timedelta(minutes=4 * at)
    with house.store.begin() as uow:
        review_habits.count(uow, now.date(), since=now - timedelta(days=1))

    with house.store.read() as uow:
        found = review_habits.habits(uow)
    assert [(one.kind, one.decided, one.turned_down, one.timed, one.seconds) for one in found] == [
        ("create_rma/CONFIDENCE", 2, 2, 1, 240)
    ]

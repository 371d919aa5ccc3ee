"""The daily watch closes what no longer deserves to decide by itself, and opens nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from backhaul.analytics.drift import RECENT, REFERENCE, RUN, Reading, labels_alarm, watch_readings
from backhaul.bootstrap.worker import Replaced
from backhaul.domain.audit import Tag
from backhaul.domain.autonomy import EVERYTHING, Segment
from backhaul.domain.codes import Reason
from backhaul.store import audit, autonomy, staff
from backhaul.workflows.autonomy_watch import watch
from tests.house import House, open_house
from tests.labelled import label_many
from tests.tools.racers import SureOfReasons

ALPHA = 0.01
AT = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from open_house(seeded_home, reader_cache, tmp_path, "", Replaced(scorer=SureOfReasons()))


def held(house: House) -> list[Segment]:
    with house.store.read() as uow:
        return [autonomy.segment_of(one) for one in autonomy.holds(uow)]


def lift(house: House, hold: int) -> None:
    with house.store.begin() as uow:
        owner = staff.staff_by_email(uow, "petra.policy@halden.example")
        assert owner is not None
        autonomy.lift(uow, hold, by=owner.id, why="looked into it")


def test_right_labels_close_nothing(house: House) -> None:
    label_many(house, [False] * 300)
    assert watch(house.world, wrong_share=ALPHA) == []
    assert held(house) == []


def test_one_class_that_goes_wrong_is_closed_and_the_others_go_on(house: House) -> None:
    label_many(house, [at % 3 == 0 for at in range(60)], leaves=Segment("chemical").leaves)
    label_many(house, [False] * 200, leaves=Segment("fastener").leaves)
    (closed,) = watch(house.world, wrong_share=ALPHA)
    assert held(house) == [Segment("chemical")]
    assert "of 60 blind labels are wrong" not in closed.why, "it was closed before the last of them"
    with house.store.read() as uow:
        assert audit.is_recorded(uow, Tag.AUTONOMY_HELD, str(closed.id))
    assert watch(house.world, wrong_share=ALPHA) == [], (
        "what is closed stays so, and says nothing of the rest"
    )


def test_errors_that_are_spread_thin_close_everything(house: House) -> None:
    label_many(house, [at % 9 == 0 for at in range(330)])
    watch(house.world, wrong_share=ALPHA)
    assert EVERYTHING in held(house)


def test_a_lifted_hold_is_not_set_again_by_the_labels_that_set_it(house: House) -> None:
    label_many(house, [at % 3 == 0 for at in range(60)], leaves=Segment("chemical").leaves)
    (closed,) = watch(house.world, wrong_share=ALPHA)
    lift(house, closed.id)
    assert watch(house.world, wrong_share=ALPHA) == []
    assert held(house) == []


def test_the_statistic_is_that_of_shiryaev_and_roberts_and_starts_anew_after_nothing() -> None:
    assert labels_alarm([], ALPHA) is None
    assert labels_alarm([True] * 5, ALPHA) == 4
    ratios = np.minimum(0.5, ALPHA * np.array([2, 5, 15])) / ALPHA
    after_four = sum(ratios**power for power in range(1, 5)).mean()
    after_three = sum(ratios**power for power in range(1, 4)).mean()
    assert after_three < RUN <= after_four


def test_a_house_that_is_as_bad_as_allowed_is_closed_in_error_once_in_the_promised_run_at_most() -> None:
    luck = np.random.default_rng(7)
    runs = [labels_alarm(list(luck.random(4_000) < ALPHA), ALPHA) for _ in range(40)]
    closed = sum(at is not None for at in runs)
    assert closed <= 40 * 4_000 / RUN


def readings(luck: np.random.Generator, size: int, *, sure: float = 900, usual: float = 0.5) -> list[Reading]:
    confidence = np.clip(luck.normal(sure, 40, size), 0, 999).astype(int)
    reasons = luck.choice(["defective", "wrong_item", "other"], size, p=[usual, 0.9 - usual, 0.1])
    return [Reading(AT, "", int(one), str(why)) for one, why in zip(confidence, reasons, strict=True)]


def test_readings_that_stay_what_they_were_close_nothing_in_a_year_of_looks() -> None:
    luck = np.random.default_rng(11)
    read = readings(luck, REFERENCE + RECENT + 260 * 10)
    ends = range(REFERENCE + RECENT, len(read) + 1, 10)
    assert [end for end in ends if watch_readings(EVERYTHING, read[:end])] == []


@pytest.mark.parametrize(
    ("changed", "why"), [({"sure": 860}, "how sure readings are"), ({"usual": 0.25}, "the mix of reasons")]
)
def test_readings_that_are_others_than_they_were_close_it(changed: dict[str, float], why: str) -> None:
    luck = np.random.default_rng(13)
    read = readings(luck, REFERENCE) + readings(luck, RECENT, **changed)
    alarm = watch_readings(EVERYTHING, read)
    assert alarm is not None
    assert why in alarm.why
    assert watch_readings(EVERYTHING, read[:-1]) is None, "fewer than it takes say nothing"


def test_the_readings_of_a_house_are_those_of_its_first_verdicts(house: House) -> None:
    for line in (2, 3):
        house.propose("SO-14922", line, 1, Reason.NO_LONGER_NEEDED, words="I do not need it any more.")
    with house.store.read() as uow:
        read = autonomy.readings(uow, most=10)
        newest = autonomy.readings(uow, most=1)
    assert len(read) == 2
    assert {facts["reason"] for _, facts in read} == {"no_longer_needed"}
    assert newest == read[1:]
    assert watch(house.world, wrong_share=ALPHA) == []

"""The fraud score gives reasons with figures; it sends to a person and never denies."""

import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backhaul.domain.clock import today
from backhaul.domain.codes import Reason
from backhaul.simulation.pictures import picture
from backhaul.store import cases, conversation, fraud_history
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.fraud_history import Habit, Tie
from backhaul.store.signal_tables import FraudScoreRow, SerialAskedRow
from backhaul.store.tables import VerdictRow
from backhaul.workflows import habits
from tests.house import SPEAKER, House
from tools import fraud_findings as finding
from tools.fraud_findings import Counted, Delivery, Earlier, FraudFinding, Peers
from tools.picture_looks import looks_of

PRAIRIE = Speaker("A-1002", "Prairie State Conveyor", "contact:C-1002-1")
BEARINGS, VALVES = "SO-15086", "SO-14174"
TOO_MANY = "4 of the bearings are no longer needed"


def judged(house: House, consent_id: str | None) -> tuple[VerdictRow, FraudScoreRow]:
    """The newest verdict on what a consent asked for, with the score kept beside it."""
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=consent_id)
        verdict = cases.newest_verdict(uow, proposal.id)
        assert verdict is not None
        score = fraud_history.score_of(uow, verdict.id)
        assert score is not None
        return verdict, score


def judged_again(house: House, consent_id: str | None) -> tuple[VerdictRow, FraudScoreRow]:
    """The same after the guard was asked once more, on what is on record by now."""
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=consent_id)
    prepared = house.world.guard.prepare(proposal.id)
    with house.store.begin() as uow:
        house.world.guard.judge(uow, prepared)
    return judged(house, consent_id)


def codes(score: FraudScoreRow) -> list[str]:
    return [one["code"] for one in score.findings]


def asks(house: House, order: str = BEARINGS, pieces: int = 4, **more: object) -> str | None:
    sent = house.propose(order, 1, pieces, Reason.NO_LONGER_NEEDED, words=TOO_MANY, **more)
    return sent.consent_id


def sends(house: House, thread_id: str, content: bytes, looks: tuple[str, ...]) -> None:
    photo = Photo(house.desk.blobs.put(content), "photo.jpg", "image/jpeg", len(content), looks=looks)
    with house.store.begin() as uow:
        conversation.add_message(uow, house.desk.ids, thread_id, author="customer", body="", photos=[photo])


def thread_of(house: House, consent_id: str | None) -> str:
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=consent_id)
        return cases.case(uow, proposal.case_id).thread_id


def as_jpeg(image: Image.Image, quality: int = 80) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_an_ordinary_request_has_no_findings_and_says_what_it_could_not_look_at(house: House) -> None:
    verdict, score = judged(house, asks(house))

    assert verdict.outcome == "permit"
    assert (score.score_permille, score.findings) == (0, [])
    assert verdict.facts["fraud_score_permille"] == 0
    assert any("is not known yet" in sentence for sentence in score.unknown)


def test_a_serial_asked_back_under_another_account_goes_to_a_person_with_the_reason(house: House) -> None:
    panels = house.propose(
        "SO-15100",
        2,
        1,
        Reason.NO_LONGER_NEEDED,
        words="one panel is no longer needed",
        speaker=PRAIRIE,
        serials=("T15A-660412",),
    )
    with house.store.begin() as uow:
        (first,) = cases.proposals(uow, consent_id=panels.consent_id)
        assert uow.session.get(SerialAskedRow, ("T15A-660412", first.id)) is not None

    drive = house.propose(
        "SO-15093",
        1,
        1,
        Reason.NO_LONGER_NEEDED,
        words="we no longer need one drive",
        serials=("T15A-660412",),
    )

    verdict, score = judged(house, drive.consent_id)
    assert codes(score) == ["SERIAL-SEEN"]
    assert "T15A-660412 was asked back by another account" in score.findings[0]["sentence"]
    assert verdict.facts["fraud_score_permille"] == score.score_permille == 450


def test_the_same_serial_for_the_same_line_again_is_no_pretence(house: House) -> None:
    for _ in range(2):
        sent = house.propose(
            "SO-15100",
            2,
            1,
            Reason.NO_LONGER_NEEDED,
            words="one panel is no longer needed",
            speaker=PRAIRIE,
            serials=("T15A-660412",),
        )

    assert codes(judged(house, sent.consent_id)[1]) == []


@pytest.mark.parametrize("changed", ["resized", "recompressed", "cropped", "mirrored"])
def test_a_photo_is_known_again_when_it_was(sqlite_house: House, changed: str) -> None:
    house, whole = sqlite_house, Image.open(io.BytesIO(picture("a crushed carton")))
    width, height = whole.size
    other = {
        "resized": lambda: whole.resize((width // 2, height // 2)),
        "recompressed": lambda: Image.open(io.BytesIO(as_jpeg(whole, 25))),
        "cropped": lambda: whole.crop((width // 20, height // 20, width * 19 // 20, height * 19 // 20)),
        "mirrored": lambda: whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    }[changed]()
    before = asks(house, "SO-15129", 1, speaker=PRAIRIE)
    sends(house, thread_of(house, before), as_jpeg(whole), looks_of(whole))
    now = asks(house)
    sends(house, thread_of(house, now), as_jpeg(other), looks_of(other))

    _, score = judged_again(house, now)

    assert codes(score) == ["PHOTO-SEEN"]
    assert "looks like it" in score.findings[0]["sentence"]
    assert "another account" in score.findings[0]["sentence"]


def test_another_photo_and_the_same_one_for_the_same_order_say_nothing(sqlite_house: House) -> None:
    house, whole = sqlite_house, Image.open(io.BytesIO(picture("a crushed carton")))
    first = asks(house, pieces=1)
    sends(house, thread_of(house, first), as_jpeg(whole), looks_of(whole))
    again = asks(house, pieces=1)
    for seed in ("a crushed carton", "another"):
        one = Image.open(io.BytesIO(picture(seed)))
        sends(house, thread_of(house, again), as_jpeg(one), looks_of(one))

    assert codes(judged_again(house, again)[1]) == []


def test_two_photos_of_other_requests_escalate_and_three_never_deny(sqlite_house: House) -> None:
    house, before = sqlite_house, asks(sqlite_house, "SO-15129", 1, speaker=PRAIRIE)
    now = asks(house, VALVES, 1)
    outcome_before = judged(house, now)[0].outcome
    bearings = asks(house)
    for number in range(3):
        image = Image.open(io.BytesIO(picture(f"carton {number}")))
        for consent in (before, now, bearings):
            sends(house, thread_of(house, consent), as_jpeg(image), looks_of(image))

    refused, in_time = judged_again(house, now)[0], judged_again(house, bearings)[0]

    assert outcome_before == refused.outcome == "deny"
    assert in_time.outcome == "escalate"
    assert [one["rule"] for one in in_time.decision["results"] if one["effect"] == "escalate"] == ["FRAUD"]
    assert "fraud" not in in_time.message.lower()
    assert "photo" not in in_time.message.lower()


def test_missing_goods_that_the_carrier_delivered_are_pointed_out(house: House) -> None:
    sent = house.propose(
        BEARINGS, 1, 4, Reason.LATE_OR_MISSING, words="the bearings never arrived, the parcel is missing"
    )

    _, score = judged(house, sent.consent_id)

    assert codes(score) == ["CARRIER-SAYS"]
    assert "Said to be missing; delivered on" in score.findings[0]["sentence"]


def test_a_silent_carrier_gives_no_points_for_damaged_goods_and_is_named(house: House) -> None:
    sent = house.propose(BEARINGS, 1, 4, Reason.DAMAGED_IN_TRANSIT, words="the carton was crushed")

    _, score = judged(house, sent.consent_id)

    assert score.score_permille == 0
    assert any("whether it noted a damage is unknown" in one for one in score.unknown)


def counted(house: House, own: int, others: int) -> None:
    """Nineteen peers that return so many of a hundred lines, our customer, and an account at its address."""
    with house.store.begin() as uow:
        day = today(uow.clock)
        account = house.world.erp.account(SPEAKER.account_id)
        assert account is not None
        rows = [Habit(f"P-{at}", account.tier.value, 100, others + at % 3, day) for at in range(19)]
        rows.append(Habit(SPEAKER.account_id, account.tier.value, 100, own, day))
        rows.append(Habit("P-tied", account.tier.value, 100, own, day))
        ties = [Tie("address", "mark", one) for one in (SPEAKER.account_id, "P-tied")]
        fraud_history.put_habits(uow, rows, ties)


def test_who_returns_far_more_than_the_tier_is_named_with_the_figures_and_so_are_neighbours(
    sqlite_house: House,
) -> None:
    counted(sqlite_house, own=45, others=3)

    _, score = judged(sqlite_house, asks(sqlite_house))

    assert codes(score) == ["RETURN-RATE", "CLUSTER"]
    assert "Asked to return 46 of 100 order lines" in score.findings[0]["sentence"]
    assert "2 accounts have the same delivery address" in score.findings[1]["sentence"]


def test_who_returns_as_the_tier_does_gets_no_points_however_the_address_is_shared(
    sqlite_house: House,
) -> None:
    counted(sqlite_house, own=4, others=3)

    assert codes(judged(sqlite_house, asks(sqlite_house))[1]) == []


def test_habits_are_counted_from_the_erp_and_from_our_books(house: House) -> None:
    asks(house)
    with house.store.read() as uow:
        day = today(uow.clock)
    habits.count(house.world, day)

    with house.store.read() as uow:
        habit = fraud_history.habit(uow, SPEAKER.account_id)
        assert habit is not None
        assert habit.bought > 5
        assert habit.returned == 1
        assert len(fraud_history.peers(uow, habit)) >= 5


def test_amounts_just_under_the_automatic_limit_count_when_they_repeat() -> None:
    assert finding.near(47_500, 50_000)
    assert not finding.near(47_499, 50_000)
    assert not finding.near(50_001, 50_000)
    assert finding.under_limits(2, 10, "automatic limit", "97 %") is None
    found = finding.under_limits(4, 10, "automatic limit", "97 %")
    assert found is not None
    assert found.points >= 250
    assert "4 of 10 requests" in found.sentence
    assert finding.under_limits(3, 60, "automatic limit", "97 %") is None


def test_who_honestly_returns_more_is_not_above_when_the_tier_varies_as_much() -> None:
    alike = Peers.of([Counted(100, 5) for _ in range(20)])
    varied = Peers.of([Counted(100, returned) for returned in (0, 1, 2, 2, 3, 4, 5, 6, 8, 9, 14, 18)])
    assert alike is not None
    assert varied is not None

    assert finding.return_rate(Counted(100, 18), alike, "gold") is not None
    assert finding.return_rate(Counted(100, 18), varied, "gold") is None
    assert Peers.of([Counted(100, 5)] * 4) is None


def test_a_serial_that_came_back_and_was_sold_again_is_as_good_as_new() -> None:
    came = Earlier("S1", same_account=False, same_line=False, let_in=True, closed=True, on=date(2026, 1, 5))

    assert finding.serial_seen([came], sold_on_this_line=True) is None
    assert finding.serial_seen([came], sold_on_this_line=False) is not None
    still_out = replace(came, closed=False)
    assert finding.serial_seen([still_out], sold_on_this_line=True) is not None
    made_good = replace(came, same_account=True, same_line=True)
    assert finding.serial_seen([made_good], sold_on_this_line=True) is not None


def test_a_parcel_in_trouble_or_under_way_speaks_for_the_customer() -> None:
    day = date.fromisoformat("2026-01-09")
    there = Delivery(date.fromisoformat("2026-01-05"), "delivered")

    assert finding.not_as_carrier_says("late_or_missing", [there], day) is not None
    assert finding.not_as_carrier_says("damaged_in_transit", [there], day) is not None
    for other in (replace(there, last_scan="exception"), Delivery(None, None)):
        assert finding.not_as_carrier_says("late_or_missing", [there, other], day) is None
        assert finding.not_as_carrier_says("damaged_in_transit", [there, other], day) is None
    assert finding.not_as_carrier_says("defective", [there], day) is None


POINTS = st.lists(st.integers(0, 900), max_size=8)


@given(POINTS, st.integers(0, 900))
def test_points_add_up_in_any_order_within_the_whole_and_more_never_lower_them(
    points: list[int], more: int
) -> None:
    found = [FraudFinding("X", one, "", "") for one in points]

    score = finding.combined(found)

    assert 0 <= score <= 1_000
    assert score == finding.combined(reversed(found))
    assert score >= max(points, default=0)
    assert finding.combined([*found, FraudFinding("X", more, "", "")]) >= score


@given(st.integers(1, 60), st.floats(0.1, 40), st.floats(0.5, 50))
def test_the_tail_of_the_peers_falls_with_the_count_and_is_a_chance(
    count: int, mean: float, shape: float
) -> None:
    tail = finding.negative_binomial_tail(count, mean, shape)

    assert 0 <= tail <= 1
    assert tail <= finding.negative_binomial_tail(count - 1, mean, shape) + 1e-9

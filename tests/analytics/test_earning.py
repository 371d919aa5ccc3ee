"""What labels prove, and what they do not."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta  # type: ignore[import-untyped]

from backhaul.analytics.autonomy import Basis, Report, floors_of, report
from backhaul.analytics.bounds import tail_above, tail_below, upper_bound
from backhaul.analytics.earning import STANDARD, Plan, Sample, standing
from backhaul.analytics.floors import draft_floors
from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.domain.autonomy import (
    CLOSED,
    DRAWS,
    EVERYTHING,
    LEAVES,
    TREE,
    BlindLabel,
    Read,
    Segment,
    Stratum,
    ValueBand,
    countable,
)
from backhaul.domain.codes import Outcome, ProductClass
from backhaul.domain.errors import BadInput
from policies.book import PolicyBook
from policies.model import FindingKind
from policies.proofs import check

pytestmark = pytest.mark.slow  # kept out of the time of a build

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
RIGHT = Read(1, 2, "defective", Outcome.PERMIT)
OTHER = Read(1, 2, "wrong_item", Outcome.PERMIT)
AS_SHIPPED = dict.fromkeys(LEAVES, 600)


def label(
    at: int,
    *,
    wrong: bool = False,
    segment: Segment = LEAVES[0],
    confidence: int = 990,
    stratum: Stratum = Stratum.AUTOMATIC,
    draw: int = 0,
    share: int = 50,
    answered: bool = True,
    is_over: bool = False,
) -> BlindLabel:
    person = (OTHER if wrong else RIGHT) if answered else None
    when = NOON + timedelta(minutes=at)
    seen = (segment, stratum, confidence, draw, share)
    return BlindLabel(f"PR-{at:06}", *seen, RIGHT, person, when, is_over)


def spread(size: int, *, wrong_every: int = 0, confidence: int = 990) -> Sample:
    """Labels that go round all leaves."""
    at = np.arange(size)
    wrong = (at % wrong_every == 0).astype(np.int64) if wrong_every else np.zeros(size, dtype=np.int64)
    return Sample(at % len(LEAVES), np.full(size, confidence), wrong)


def test_the_hierarchy_has_everything_each_class_and_each_band_of_it_once() -> None:
    assert len(set(TREE)) == len(TREE) == 1 + 11 + 33
    assert {leaf.parent for leaf in LEAVES} == {Segment(one) for one in ProductClass}
    assert {Segment(one).parent for one in ProductClass} == {EVERYTHING}
    assert EVERYTHING.parent is None
    assert all(leaf.leaves == (leaf,) and EVERYTHING.holds(leaf) for leaf in LEAVES)


@given(labels=st.integers(1, 2_000), share=st.floats(0, 0.2), alpha=st.sampled_from([0.01, 0.02, 0.05]))
def test_the_test_and_the_clopper_pearson_bound_are_the_same(labels: int, share: float, alpha: float) -> None:
    wrong, level = int(labels * share), 0.003
    exact = float(beta.ppf(1 - level, wrong + 1, labels - wrong)) if wrong < labels else 1.0
    assert upper_bound(wrong, labels, level) == pytest.approx(exact)
    is_below = bool(tail_below(np.array(wrong), np.array(labels), alpha) <= level)
    assert is_below == (exact <= alpha)
    lower = float(beta.ppf(level, wrong, labels - wrong + 1)) if wrong else 0.0
    assert bool(tail_above(np.array(wrong), np.array(labels), alpha) <= level) == (lower > alpha)


def test_one_percent_at_95_percent_takes_about_300_labels_without_an_error() -> None:
    assert upper_bound(0, 299, 0.05) <= 0.01 < upper_bound(0, 298, 0.05)


def test_nothing_is_proved_without_labels_or_before_the_first_look() -> None:
    for size in (0, STANDARD.looks[0] - 1):
        assert standing(spread(size)).opened == {}


def test_everything_carries_its_leaves_whose_own_labels_would_not_do() -> None:
    found = standing(spread(STANDARD.looks[0]))
    assert set(found.opened) == set(LEAVES)
    assert {one.by for one in found.opened.values()} == {EVERYTHING}
    assert {one.floor for one in found.opened.values()} == {500}
    assert not any(found.evidence[leaf].looked_at for leaf in LEAVES)


def test_readings_that_were_not_so_sure_are_not_let_through_on_the_proof_of_surer_ones() -> None:
    sure, unsure = spread(1_100), spread(1_100, wrong_every=20, confidence=930)
    mixed = Sample(*(np.stack([one, other], axis=1).ravel() for one, other in zip(sure, unsure, strict=True)))
    found = standing(mixed)
    assert {one.floor for one in found.opened.values()} == {950}


def test_what_its_own_labels_contradict_is_carved_out_of_what_everything_proves() -> None:
    good = spread(10_000)
    bad, its_class = Segment("chemical", "small"), Segment("chemical")
    at_bad = good.leaf == LEAVES.index(bad)
    wrong = np.where(at_bad & (np.cumsum(at_bad) % 8 == 0), 1, 0)
    found = standing(Sample(good.leaf, good.confidence, wrong), Plan(alpha=0.02))
    assert found.evidence[bad].contradicts(found.plan, 500)
    assert not found.evidence[its_class].contradicts(found.plan, 500)
    assert set(found.opened) == set(LEAVES) - {bad}


def test_one_look_more_than_the_plan_has_changes_nothing() -> None:
    between = standing(spread(STANDARD.looks[1] - 1)).evidence[EVERYTHING]
    assert between.looked_at == STANDARD.looks[0]


def test_all_that_the_looks_may_spend_is_no_more_than_delta() -> None:
    claims = sum(STANDARD.parts(segment).sum() * len(STANDARD.looks) for segment in TREE)
    comparisons = len(TREE) * len(STANDARD.doubts) * len(STANDARD.thresholds)
    against = STANDARD.contradiction_level * comparisons
    assert claims + against == pytest.approx(STANDARD.delta)


def test_labels_count_in_the_order_of_the_draw_and_end_at_the_first_that_waits() -> None:
    labels = [label(3), label(1), label(2, answered=False), label(4)]
    assert [one.id for one in countable(labels)] == ["PR-000001"]


def test_what_ended_without_an_answer_counts_as_wrong() -> None:
    counted = countable([label(1), label(2, answered=False, is_over=True), label(3)])
    assert [one.is_wrong for one in counted] == [False, True, False]


@given(shares=st.tuples(st.integers(1, 999), st.integers(1, 999)), seed=st.integers(0, 99))
def test_where_shares_differ_the_labels_kept_are_those_that_the_smaller_share_would_have_drawn(
    shares: tuple[int, int], seed: int
) -> None:
    luck = np.random.default_rng(seed)
    drawn = []
    for at in range(300):
        share, draw = shares[at % 2], int(luck.integers(DRAWS))
        if draw * 1_000 < share * DRAWS:
            drawn.append(label(at, draw=draw, share=share))
    smallest = min((one.share_permille for one in drawn), default=0)
    assert {one.id for one in countable(drawn)} == {
        one.id for one in drawn if one.draw * 1_000 < smallest * DRAWS
    }


def many(size: int, *, wrong_every: int = 0, confidence: int = 990) -> list[BlindLabel]:
    return [
        label(
            at,
            wrong=bool(wrong_every) and at % wrong_every == 0,
            segment=LEAVES[at % len(LEAVES)],
            confidence=confidence,
        )
        for at in range(size)
    ]


def test_without_labels_nothing_is_proposed_and_every_floor_is_a_choice() -> None:
    found = report([], AS_SHIPPED)
    assert found.changes == {}
    assert {line.basis for line in found.lines} == {Basis.CHOICE}
    whole = found.lines[0]
    assert (whole.labels, whole.covered, whole.earned) == (0, 0, None)
    assert whole.needs == STANDARD.looks[1]


def test_a_proved_floor_is_called_so_and_a_lower_one_that_is_proved_is_proposed() -> None:
    found = report(many(1_200), AS_SHIPPED)
    assert found.lines[0].basis is Basis.PROVED
    assert found.lines[0].needs is None or found.lines[0].floor == 600
    assert found.changes == dict.fromkeys(LEAVES, 500)


def test_a_closed_house_opens_what_is_proved() -> None:
    assert report(many(1_200), dict.fromkeys(LEAVES, CLOSED)).changes == dict.fromkeys(LEAVES, 500)
    assert report(many(300), dict.fromkeys(LEAVES, CLOSED)).changes == {}


def test_a_floor_that_labels_contradict_is_raised() -> None:
    found = report(many(1_200, wrong_every=10, confidence=700), AS_SHIPPED)
    assert found.lines[0].basis is Basis.CONTRADICTED
    assert set(found.changes.values()) == {800}


def test_a_segment_that_is_held_is_not_opened_by_a_proposal() -> None:
    found = report(many(1_200), AS_SHIPPED, [Segment("chemical")])
    assert {leaf for leaf in LEAVES if leaf not in found.changes} == set(Segment("chemical").leaves)
    assert {line.basis for line in found.lines if line.segment.product_class == "chemical"} == {Basis.HELD}


def test_refusals_are_told_apart_and_decide_nothing() -> None:
    refused = [label(at, wrong=at == 0, stratum=Stratum.DENIED) for at in range(40)]
    found = report(refused, AS_SHIPPED)
    assert (found.denials.labels, found.denials.wrong, found.counted) == (40, 1, 0)
    assert found.denials.bound == pytest.approx(upper_bound(1, 40, 0.05))


@given(
    size=st.integers(0, 1_500),
    wrong_every=st.sampled_from([0, 3, 40, 400]),
    confidence=st.sampled_from([520, 650, 820, 960, 990]),
    floor=st.sampled_from([500, 600, 730, 900, CLOSED]),
)
def test_no_floor_is_ever_lowered_to_what_is_not_proved(
    size: int, wrong_every: int, confidence: int, floor: int
) -> None:
    labels = many(size, wrong_every=wrong_every, confidence=confidence)
    found = report(labels, dict.fromkeys(LEAVES, floor))
    for leaf, to in found.changes.items():
        lower_and_proved = to < floor and found.standing.opened[leaf].floor == to
        assert lower_and_proved or (to > floor and found.is_contradicted(leaf, floor))


@pytest.fixture(scope="module")
def shipped() -> PolicyBook:
    return PolicyBook.load(read_documents(SHIPPED))


def test_the_shipped_floors_are_those_of_the_policy_in_force(shipped: PolicyBook) -> None:
    assert floors_of(shipped.bundle, date(2026, 11, 27)) == AS_SHIPPED
    with pytest.raises(BadInput, match="earned_floor_small"):
        floors_of(shipped.bundle, date(2026, 1, 1))


def drafted(shipped: PolicyBook, changes: Mapping[Segment, int], found: Report) -> PolicyBook:
    day = date(2026, 11, 27)
    draft = draft_floors(shipped.bundle, changes, found, first=day + timedelta(days=1), today=day)
    return PolicyBook.load(draft.over(shipped.bundle.texts))


def test_a_proposal_is_an_edition_that_is_proved_and_waits_for_its_signature(shipped: PolicyBook) -> None:
    found = report(many(1_200), AS_SHIPPED)
    mixed = {**found.changes, Segment("hand_tool", "large"): CLOSED, Segment("bearing", "small"): 800}
    book = drafted(shipped, mixed, found)
    floors = floors_of(book.bundle, date(2026, 11, 28))
    assert floors == {**AS_SHIPPED, **mixed}
    assert floors_of(book.bundle, date(2026, 11, 27)) == AS_SHIPPED
    assert {one.kind for one in check(book)} <= {FindingKind.NOT_SIGNED, FindingKind.UNREACHABLE}


def test_the_head_of_a_proposal_says_what_its_numbers_rest_on(shipped: PolicyBook) -> None:
    found = report(many(1_200), AS_SHIPPED)
    day = date(2026, 11, 27)
    draft = draft_floors(shipped.bundle, found.changes, found, first=day + timedelta(days=1), today=day)
    text = next(iter(draft.files.values()))
    assert text.startswith("# Drafted by `backhaul autonomy propose` from 1,200 blind readings")
    assert "#   hand tool, small value: 600 -> 500, proved by everything\n" in text
    assert {band.value for band in ValueBand} == {"small", "medium", "large"}

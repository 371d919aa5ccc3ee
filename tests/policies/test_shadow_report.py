"""The guard's answers beside people's, segment by segment."""

from datetime import UTC, date, datetime

import pytest

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.shadow_report import (
    Comparison,
    Segment,
    Watched,
    segments_in_shadow,
    shadow_report,
    wilson,
)

TODAY = date(2026, 6, 1)
BEARINGS = Segment("SHADOW", "create_rma", "automation", ("create_rma", "bearing"))
CLAIMS = Segment("SHADOW", "vendor_claim", "automation", ("vendor_claim", "bearing"))


def seen(
    number: int,
    would: str,
    person: str | None,
    *,
    amount: int | None = 1_000,
    reason: str = "defective",
    segment: Segment = BEARINGS,
) -> Watched:
    return Watched(
        id=f"VD-{number}",
        case_id=f"RC-{number}",
        segments=(segment,),
        reason=reason,
        would=Outcome(would),
        person=Outcome(person) if person else None,
        amount_usd_minor=amount,
        decided_at=datetime(2026, 6, 1, 12, number, tzinfo=UTC),
    )


HISTORY = [
    seen(1, "permit", "permit", amount=1_000),
    seen(2, "permit", "permit", amount=None),
    seen(3, "deny", "deny", amount=3_000, reason="other"),
    seen(4, "permit", "deny", amount=4_000, reason="other"),
    seen(5, "deny", "permit", amount=5_000),
    seen(6, "escalate", "permit", amount=6_000),
    seen(7, "ask", None, amount=7_000),
    seen(8, "permit", None, amount=8_000),
]


def test_agreement_counts_only_where_both_have_decided() -> None:
    (report,) = shadow_report(HISTORY, [BEARINGS]).segments

    counts = {comparison: share.cases for comparison, share in report.standing.shares.items()}
    assert counts == {
        Comparison.AGREED: 3,
        Comparison.PERSON_REFUSED: 1,
        Comparison.PERSON_APPROVED: 1,
        Comparison.HANDED_ON: 2,
        Comparison.UNDECIDED: 1,
    }
    assert (report.standing.cases, report.standing.compared, report.standing.agreement) == (8, 5, 0.6)
    assert report.in_shadow


def test_money_is_added_up_apart_for_each_way_of_differing_and_unknown_values_are_counted() -> None:
    (report,) = shadow_report(HISTORY, []).segments

    shares = report.standing.shares
    assert (shares[Comparison.AGREED].amount_usd_minor, shares[Comparison.AGREED].without_amount) == (
        4_000,
        1,
    )
    assert shares[Comparison.PERSON_REFUSED].amount_usd_minor == 4_000
    assert shares[Comparison.PERSON_APPROVED].amount_usd_minor == 5_000
    assert shares[Comparison.HANDED_ON].decision_ids == ("VD-6", "VD-7")
    assert [one.id for one in report.differing] == ["VD-4", "VD-5"]
    assert not report.in_shadow


def test_reasons_stand_apart_inside_a_segment() -> None:
    (report,) = shadow_report(HISTORY, []).segments

    assert {reason: (one.cases, one.agreement) for reason, one in report.by_reason.items()} == {
        "defective": (6, 2 / 3),
        "other": (2, 0.5),
    }


def test_segments_with_most_to_compare_come_first_and_those_without_decisions_are_named() -> None:
    waiting = Segment("SHADOW", "create_rma", "automation", ("create_rma", "chemical"))
    few = [seen(9, "permit", "permit", segment=CLAIMS)]

    report = shadow_report([*few, *HISTORY], [BEARINGS, waiting])

    assert [one.segment for one in report.segments] == [BEARINGS, CLAIMS]
    assert report.waiting == (waiting,)


def test_a_segment_without_anything_to_compare_claims_no_agreement() -> None:
    (report,) = shadow_report([seen(1, "escalate", "permit"), seen(2, "permit", None)], []).segments

    assert (report.standing.compared, report.standing.agreement, report.standing.interval) == (0, None, None)


@pytest.mark.parametrize(
    ("agreed", "compared", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(agreed: int, compared: int, low: float, high: float) -> None:
    assert wilson(agreed, compared) == pytest.approx((low, high), abs=5e-5)


def test_the_segments_in_shadow_are_read_from_the_documents(book: PolicyBook) -> None:
    found = segments_in_shadow(book, TODAY)

    assert len(found) == 11
    assert {segment.action for segment in found} == {"vendor_claim"}
    assert CLAIMS in found


def test_a_later_edition_takes_a_segment_out_of_shadow(book: PolicyBook) -> None:
    assert CLAIMS not in segments_in_shadow(book, date(2026, 8, 3))


def test_no_segment_is_in_shadow_when_every_cell_is_live(texts: dict[str, str]) -> None:
    live = {file: text.replace(": shadow", ": live") for file, text in texts.items()}

    assert segments_in_shadow(PolicyBook.load(live), TODAY) == ()


def test_without_a_baseline_it_says_what_is_missing(texts: dict[str, str]) -> None:
    bare = {file: text for file, text in texts.items() if file != "baseline.yaml"}

    with pytest.raises(PolicyError, match="a document of kind Baseline"):
        segments_in_shadow(PolicyBook.load(bare), TODAY)

"""What a new edition changes, told in words; every example of it is put to the engine under both editions."""

from collections.abc import Callable
from datetime import date

import pytest

from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.decision import SEVEREST_FIRST, PolicyDecision
from policies.facts import Facts
from policies.proofs import CellChange, Difference, Direction, difference
from tests.policies.proofs.conftest import Amend, nearer
from tests.policies.test_overlays import GRANTS, RENO, WEST

MakeFacts = Callable[..., Facts]
Texts = dict[str, str]
Compare = Callable[[Texts], tuple[Difference, ...]]
DAY = "2031-03-01"
HAND_TOOLS = "hand_tool:         {standard: 30, silver: 45, gold: 60, platinum: 60}"


@pytest.fixture
def compare(first: PolicyBook, ordinary: MakeFacts) -> Compare:
    """Compare with the shipped documents, and hold every example against what the engine decides."""

    def compared(texts: Texts) -> tuple[Difference, ...]:
        after = PolicyBook.load(texts)
        found = difference(first, after)
        for one in found:
            usual = ordinary(one.action.value).record()
            assert goes(one, first, after, ordinary(**one.example)), one
            for case in nearer(one.example, usual):
                assert not goes(one, first, after, make(ordinary, case)), (one, case)
        return found

    return compared


def make(ordinary: MakeFacts, case: dict[str, object]) -> Facts | None:
    try:
        return ordinary(**case)
    except PolicyError:
        return None


def goes(one: Difference, before: PolicyBook, after: PolicyBook, facts: Facts | None) -> bool:
    """Whether the case goes from one answer to another as told, by the rule that is named."""
    if facts is None:
        return False
    was, now = (decided(book, facts, one) for book in (before, after))
    if one.direction is Direction.CHANGED:
        permitted = now.outcome is Outcome.PERMIT
        return permitted and was.outputs.get(one.rule) != now.outputs.get(one.rule)
    strict, mild = (was, now) if one.direction is Direction.LOOSER else (now, was)
    refuses = any(one.rule == result.rule for result in (*strict.deciding, *mild.deciding))
    return refuses and SEVEREST_FIRST.index(strict.outcome) < SEVEREST_FIRST.index(mild.outcome)


def decided(book: PolicyBook, facts: Facts, one: Difference) -> PolicyDecision:
    return book.decide(
        facts,
        order_date=one.days.order_date,
        decision_date=one.days.decision_date,
        facility=one.facility,
        explain=False,
    )


def test_a_higher_limit_is_looser_and_a_lower_one_tighter(compare: Compare, new_edition: Amend) -> None:
    limits = 'silver: "1000.00", gold: "2500.00", platinum: "5000.00"'
    moved = 'silver: "1200.00", gold: "2000.00", platinum: "5000.00"'
    found = compare(new_edition("controls", DAY, (limits, moved)))

    judged = [one for one in found if one.direction is not Direction.CHANGED]
    paying = [Action.CREATE_RMA, Action.REPLACEMENT, Action.CREDIT_MEMO, Action.RETURNLESS_REFUND]
    assert [(one.direction, one.action) for one in judged] == [
        *((Direction.LOOSER, action) for action in paying),
        *((Direction.TIGHTER, action) for action in paying),
    ]
    assert {one.rule for one in judged} == {"AUTO-LIMIT"}
    assert judged[0].words == (
        "Looser: create RMA (the account's tier: silver; the price paid for a piece: 1,000.01 USD) is "
        f"permitted from {DAY}; before it went to a person (AUTO-LIMIT, FIN-2.1). "
        "Auto limit (silver): 1,000.00 USD before, 1,200.00 USD now."
    )
    assert judged[0].cells == (CellChange("auto_limit_usd_minor", ("tier",), ("silver",), 100_000, 120_000),)
    assert judged[4].cells == (CellChange("auto_limit_usd_minor", ("tier",), ("gold",), 250_000, 200_000),)


def test_terms_change_for_orders_from_their_first_day(compare: Compare, new_edition: Amend) -> None:
    drafted = new_edition("terms", DAY, (HAND_TOOLS, HAND_TOOLS.replace("45", "50")))
    first, *_ = compare(drafted)

    assert first.words.startswith(
        "Looser: create RMA (the account's tier: silver; the days since delivery: 46) is permitted for "
        f"orders from {DAY}; before it was denied (RET-WINDOW, RET-4.1)."
    )
    assert first.days.order_date == date(2031, 3, 1)


def test_a_figure_of_the_command_is_changed_and_neither_looser_nor_tighter(
    compare: Compare, new_edition: Amend
) -> None:
    fee = ("electronics:       {standard: 2000", "electronics:       {standard: 2500")
    place = ("electrical:        {northeast: CMH1", "electrical:        {northeast: ATL1")
    found = compare(new_edition("terms", DAY, fee, place))

    assert [(one.direction, one.action, one.rule) for one in found] == [
        (Direction.CHANGED, Action.CREATE_RMA, "facility"),
        (Direction.CHANGED, Action.CREATE_RMA, "restocking_bps"),
        (Direction.CHANGED, Action.CREDIT_MEMO, "restocking_bps"),
    ]
    assert found[0].words == (
        "Changed: create RMA (the delivery region: northeast; the product class: electrical) carries the "
        f"facility ATL1 for orders from {DAY}; before it carried CMH1 (facility, OPS-3.1). "
        "Send to (electrical, northeast): CMH1 before, ATL1 now."
    )


def test_a_milder_refusal_is_looser_though_nothing_more_is_permitted(
    compare: Compare, new_edition: Amend
) -> None:
    denied = '  require: rma_open\n  on_fail: deny\n  say: "There is no open RMA to cancel."'
    drafted = new_edition("controls", DAY, (denied, denied.replace("deny", "escalate")))
    (only,) = compare(drafted)

    assert only.direction is Direction.LOOSER
    assert only.words == (
        f"Looser: cancel RMA (an open RMA for this line: no) goes to a person from {DAY}; before it was "
        "denied (CANCEL-OPEN, CTL-4.4)."
    )


def test_a_segment_put_into_the_shadow_goes_to_people_whatever_it_was_before(
    compare: Compare, new_edition: Amend
) -> None:
    watched = ("void_label:        {consumable: live", "void_label:        {consumable: shadow")
    found = compare(new_edition("controls", DAY, watched))

    assert [(one.direction, one.rule, one.example["product_class"]) for one in found] == [
        (Direction.LOOSER, "SHADOW", "consumable"),
        (Direction.TIGHTER, "SHADOW", "consumable"),
    ]


def test_overlays_are_compared_where_and_when_they_hold(compare: Compare, first_texts: Texts) -> None:
    found = compare({**first_texts, "x-west.yaml": WEST, "x-reno.yaml": RENO, "x-grants.yaml": GRANTS})

    told = {(one.direction, one.action, one.rule, one.facility) for one in found}
    assert (Direction.TIGHTER, Action.CREATE_RMA, "RET-WINDOW", None) in told
    assert (Direction.LOOSER, Action.CREATE_RMA, "RET-WINDOW", "RNO1") in told
    assert (Direction.TIGHTER, Action.CREATE_RMA, "RNO-PHOTO", "RNO1") in told
    assert all("west" in one.example.values() for one in found if one.facility is None)
    west, reno = (next(one for one in found if one.facility == place) for place in (None, "RNO1"))
    assert "for orders from 2026-01-01 until 2027-01-01" in west.words
    assert "at RNO1 for orders from 2026-03-01 until 2026-09-01" in reno.words


def test_an_edition_that_ends_sends_everything_to_people(compare: Compare, first_texts: Texts) -> None:
    file = "recovery.yaml"
    found = compare({**first_texts, file: first_texts[file].replace("until: null", f"until: {DAY}")})

    tighter = [one for one in found if one.direction is Direction.TIGHTER]
    assert {one.action for one in tighter} == set(Action)
    assert {one.rule for one in tighter} == {"ENGINE-EDITION"}


def test_a_new_wording_of_the_same_rule_is_no_difference(compare: Compare, new_edition: Amend) -> None:
    same = ('require: "photos >= 2"', 'require: "!(photos < 2)"')
    assert compare(new_edition("controls", DAY, same)) == ()


def test_documents_do_not_differ_from_themselves(compare: Compare, first_texts: Texts) -> None:
    assert compare(first_texts) == ()

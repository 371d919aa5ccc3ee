"""Which question comes first, what is not asked for at all, and when a person goes on instead."""

import math

import pytest

from agent.expected import Case, cases_of, first_of, worths
from agent.state import DraftLine, Heard, TurnContext
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import stores
from backhaul.domain.codes import Outcome, Reason, Resolution
from backhaul.store import cases, reviews
from tests.house import SPEAKER, House
from tools.foresight import Outlook, Reading

pytestmark = pytest.mark.slow  # stories of many questions: kept out of the time of a build

FILTERS = "I want to return the FRL from SO-15157"
TOO_LATE = "4 solenoid valves SOL-52-02-24 from SO-14174 are dead, they do not work"


def turn(house: House) -> TurnContext:
    """A turn of the conversation, before anything was said in it."""
    thread = house.thread()
    reader = OfflineReader(stores.cache_folder(house.settings))
    return TurnContext(house.desk, reader, SPEAKER, thread, thread, Heard())


def waiting(house: House, thread_id: str) -> list[str]:
    """Why people were asked to look at a conversation."""
    with house.store.read() as uow:
        return [row.why for row in reviews.open_reviews_of_thread(uow, thread_id)]


def case(quantity: int, reason: Reason, chance: float, outcome: Outcome, usd_minor: int) -> Case:
    """A reading of a request with what would come of it."""
    outlook = Outlook(outcome, (), "credit", usd_minor)
    return Case(Reading(quantity, reason, Resolution.CREDIT), chance, outlook)


def test_a_slot_that_decides_the_verdict_is_worth_all_of_its_entropy() -> None:
    found = [
        case(1, Reason.DEFECTIVE, 0.25, Outcome.PERMIT, 100),
        case(2, Reason.DEFECTIVE, 0.25, Outcome.PERMIT, 200),
        case(1, Reason.NO_LONGER_NEEDED, 0.25, Outcome.DENY, 0),
        case(2, Reason.NO_LONGER_NEEDED, 0.25, Outcome.DENY, 0),
    ]

    by_slot = {one.slot: one for one in worths(found, ["quantity", "reason"])}

    assert by_slot["reason"].verdict_bits == pytest.approx(1.0)
    assert by_slot["quantity"].verdict_bits == pytest.approx(0.0)
    assert by_slot["reason"].rank > by_slot["quantity"].rank


def test_where_the_verdict_is_the_same_the_money_decides_what_is_asked_first() -> None:
    found = [
        case(1, Reason.DEFECTIVE, 0.3, Outcome.PERMIT, 100),
        case(20, Reason.DEFECTIVE, 0.2, Outcome.PERMIT, 2_000),
        case(1, Reason.NO_LONGER_NEEDED, 0.3, Outcome.PERMIT, 95),
        case(20, Reason.NO_LONGER_NEEDED, 0.2, Outcome.PERMIT, 1_900),
    ]

    by_slot = {one.slot: one for one in worths(found, ["reason", "quantity"])}

    assert math.isclose(by_slot["quantity"].verdict_bits, by_slot["reason"].verdict_bits, abs_tol=1e-9)
    # 20 pieces where one was put down: 1,900 or 1,805 wrong, in one case of five each; a fee: 5 or 100.
    assert by_slot["quantity"].regret_minor == pytest.approx(0.2 * 1_900 + 0.2 * 1_805)
    assert by_slot["reason"].regret_minor == pytest.approx(0.3 * 5 + 0.2 * 100)


def test_the_chances_of_a_line_are_all_of_one_and_at_most_sixty_are_weighed(sqlite_house: House) -> None:
    open_line = DraftLine("RL-1", order_number="SO-15086", line=1, returnable=20)

    found = cases_of(turn(sqlite_house), open_line)

    assert sum(one.chance for one in found) == pytest.approx(1.0)
    assert len(found) <= 60
    assert len({one.reading for one in found}) == len(found)


def test_what_the_words_may_mean_is_weighed_as_the_reader_is_sure_of_it(sqlite_house: House) -> None:
    unsure = DraftLine(
        "RL-1",
        order_number="SO-15086",
        line=1,
        returnable=20,
        quantity=2,
        maybe=("no_longer_needed", "ordered_by_mistake"),
        maybe_permille=(450, 300),
    )

    found = cases_of(turn(sqlite_house), unsure)

    chances = {one.reading.reason: one.chance for one in found}
    assert chances == {
        Reason.NO_LONGER_NEEDED: pytest.approx(0.6),
        Reason.ORDERED_BY_MISTAKE: pytest.approx(0.4),
    }


def test_why_is_asked_before_how_many_when_it_changes_the_verdict(sqlite_house: House) -> None:
    open_line = DraftLine("RL-1", order_number="SO-15086", line=1, returnable=20)

    assert first_of(turn(sqlite_house), open_line, ["quantity", "reason"]) == "reason"


def test_how_many_is_asked_first_where_every_reason_is_refused_alike(sqlite_house: House) -> None:
    too_late = DraftLine("RL-1", order_number="SO-14174", line=1, returnable=4)

    assert first_of(turn(sqlite_house), too_late, ["quantity", "reason"]) == "quantity"


def test_the_wish_is_not_asked_for_when_nothing_can_be_given_for_the_goods(sqlite_house: House) -> None:
    shown = sqlite_house.say(sqlite_house.thread(), TOO_LATE)

    assert shown.outcome == "consent"
    assert "I put down a credit; say if you want a replacement" in shown.reply


def test_what_was_put_down_without_asking_can_be_changed(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, TOO_LATE)

    shown = sqlite_house.say(thread, "a replacement please")

    assert shown.outcome == "consent"
    assert shown.lines[0].resolution == "replacement"
    assert "I put down" not in shown.reply


def test_an_assumption_falls_with_the_reason_it_rested_on(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "3 of the FRL from SO-15157 are no longer needed")

    asked = sqlite_house.say(thread, "sorry, I meant they are defective, they do not work out of the box")

    assert (asked.outcome, asked.lines[0].resolution) in {("ask", ""), ("consent", "credit")}
    assert "I put down" not in asked.reply


def test_the_wish_is_asked_for_when_it_makes_a_difference(sqlite_house: House) -> None:
    asked = sqlite_house.say(sqlite_house.thread(), "2 of the FRL from SO-15157 do not work")

    assert asked.outcome == "ask"
    assert "a replacement or a credit" in asked.reply


def test_how_many_is_never_put_down_without_asking(sqlite_house: House) -> None:
    asked = sqlite_house.say(
        sqlite_house.thread(), "the solenoid valves SOL-52-02-24 from SO-14174 do not work, credit please"
    )

    assert asked.outcome == "ask"
    assert "How many" in asked.reply


def test_after_three_questions_a_person_goes_on_and_sees_what_is_known(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    asked = [sqlite_house.say(thread, words) for words in (FILTERS, "hmm", "dunno")]

    handed_over = sqlite_house.say(thread, "no idea")

    assert [turn_.outcome for turn_ in asked] == ["ask", "ask", "ask"]
    assert handed_over.outcome == "review"
    assert "A colleague goes on from here" in handed_over.reply
    (why,) = waiting(sqlite_house, thread)
    assert why == (
        "Three questions did not settle why the goods come back. Known so far: FRL-04-FRL of SO-15157/1."
    )


def test_whatever_is_said_after_that_is_still_taken_in(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    for words in (FILTERS, "hmm", "dunno", "no idea"):
        sqlite_house.say(thread, words)

    thanks = sqlite_house.say(thread, "thanks")
    again = sqlite_house.say(thread, "2 of them")
    shown = sqlite_house.say(thread, "they are no longer needed")

    assert "?" not in thanks.reply
    assert again.outcome == "review"
    assert "sees this as well" in again.reply
    assert shown.outcome == "consent"
    assert (shown.lines[0].quantity, shown.lines[0].reason) == (2, "no_longer_needed")
    assert len(waiting(sqlite_house, thread)) == 1


def test_nothing_is_proposed_when_a_person_goes_on(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    for words in (FILTERS, "hmm", "dunno", "no idea"):
        sqlite_house.say(thread, words)

    with sqlite_house.store.read() as uow:
        held = cases.cases_of_thread(uow, thread)
        assert [row.id for row in held for _ in cases.proposals(uow, case_id=row.id)] == []


def test_a_moment_and_a_question_of_the_customers_use_up_no_question(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    for words in (FILTERS, "one moment", "...", "how long does a return take?", "hmm", "let me check"):
        sqlite_house.say(thread, words)

    asked = sqlite_house.say(thread, "dunno")

    assert asked.outcome == "ask"


def test_a_question_that_stays_open_while_other_things_are_told_counts_once(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    for words in (FILTERS, "2 of them", "credit please", "hmm"):
        sqlite_house.say(thread, words)

    asked = sqlite_house.say(thread, "dunno")

    assert asked.outcome == "ask"
    assert (asked.lines[0].quantity, asked.lines[0].resolution) == (2, "credit")


def test_dropping_the_request_gives_the_next_one_its_questions_back(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    for words in (FILTERS, "hmm", "dunno", "never mind, forget it"):
        sqlite_house.say(thread, words)

    asked = [sqlite_house.say(thread, words) for words in (FILTERS, "hmm")]

    assert [turn_.outcome for turn_ in asked] == ["ask", "ask"]


@pytest.mark.parametrize(
    ("words", "order_line", "pieces"),
    [
        ("all of the FRL-04-FRL are no longer needed, credit please", "SO-15157/1", 3),
        ("everything on SO-15157 is no longer needed, credit please", "SO-15157/1", 3),
        (
            "our PWT-HMR-20K failed under warranty, it stopped after ten months, please replace it",
            "SO-12792/1",
            1,
        ),
    ],
)
def test_what_the_erp_knows_is_not_asked_for(
    sqlite_house: House, words: str, order_line: str, pieces: int
) -> None:
    shown = sqlite_house.say(sqlite_house.thread(), words)

    assert shown.outcome == "consent"
    assert [(line.order_line, line.quantity) for line in shown.lines] == [(order_line, pieces)]

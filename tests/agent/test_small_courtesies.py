"""What is offered can be had, goods that are not found are named in good English, and nothing is parroted."""

import pytest

from tests.house import House

pytestmark = pytest.mark.slow  # many ways to be polite: kept out of the time of a build


def test_an_order_line_of_which_nothing_is_left_is_not_offered(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(
        thread, "You sent us two CTR-018-120 instead of CTR-018-024 on SO-15122. Swap them please"
    )
    replaced = sqlite_house.say(thread, "yes")

    asked = sqlite_house.say(
        sqlite_house.thread(), "I want to return 2 contactors, 24 V coil, they are defective"
    )

    assert "is on order SO-15201" in replaced.reply
    assert "Which one is it?" in asked.reply
    assert ": 0 x Contactor" not in asked.reply
    assert "SO-15201" not in asked.reply


def test_the_one_line_that_is_left_needs_no_question(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(
        thread, "both contactors CTR-032-024 from SO-15036 came as CTR-032-120. Swap them please"
    )
    sqlite_house.say(thread, "yes")

    told = sqlite_house.say(sqlite_house.thread(), "one of the CTR-032-024 is defective, it does not pull in")

    assert "Which one is it?" not in told.reply


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("3 of the toasters are broken", "I do not find the toasters among"),
        ("two of our old kettles leak, send new ones", "I do not find the old kettles among"),
        ("some of the blenders arrived damaged", "I do not find the blenders among"),
    ],
)
def test_goods_that_are_not_found_are_named_in_good_english(
    sqlite_house: House, words: str, named: str
) -> None:
    assert named in sqlite_house.say(sqlite_house.thread(), words).reply


@pytest.mark.parametrize(
    "messages",
    [
        [
            "Das Lager ist kaputt, wir wollen es zurückschicken",
            "Können Sie mir bitte sagen, wann die Ware kommt?",
        ],
        ["Hemos recibido el pedido equivocado, por favor ayuda", "No entiendo, que hacer con la caja?"],
        [
            "Le colis est arrivé cassé, nous voulons le retourner",
            "Pouvez-vous nous envoyer une étiquette pour la pièce?",
        ],
    ],
)
def test_another_language_goes_to_a_person_and_hears_of_english_once(
    sqlite_house: House, messages: list[str]
) -> None:
    thread = sqlite_house.thread()

    first, second = (sqlite_house.say(thread, words) for words in messages)

    assert first.outcome == second.outcome == "review"
    assert "I read English only" in first.reply
    assert "English" not in second.reply


def test_english_after_another_language_goes_on_with_the_request(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "Wir haben die falsche Ware bekommen und wollen sie zurückgeben")

    shown = sqlite_house.say(thread, "4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed")

    assert shown.outcome == "consent"


@pytest.mark.parametrize(
    "pasted",
    [
        "please return my stuff " * 900,
        "please return my stuff\n" * 60,
        "I want to send something back. " * 200,
    ],
    ids=["one long line", "many lines", "sentences"],
)
def test_a_wish_pasted_many_times_is_heard_once(sqlite_house: House, pasted: str) -> None:
    asked = sqlite_house.say(sqlite_house.thread(), pasted)

    assert "Which order is it from?" in asked.reply
    assert "returns only" not in asked.reply

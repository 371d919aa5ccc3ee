import re
from typing import Any

from backhaul.store import staff
from web.sign_in import NO_MATCH_CODE, NO_MATCH_ORDER, NO_MATCH_STAFF


def mailed(house: Any, address: str) -> Any:
    with house.store.read() as uow:
        return staff.letters(uow, recipient=address)


def code_for(house: Any, address: str) -> str:
    found = re.search(r"\b(\d{6})\b", mailed(house, address)[0].body)
    assert found
    return found[1]


def some_contact(house: Any) -> Any:
    return house.erp.contacts("A-1001")[0]


def test_a_customer_signs_in_with_the_code_from_the_letter(visitor: Any, house: Any) -> None:
    contact = some_contact(house)
    visitor.opens("/sign-in")
    visitor.sees(visitor.sends("/sign-in/code", email=contact.email.upper()))

    page = visitor.sends("/sign-in/code/check", email=contact.email, code=code_for(house, contact.email))

    assert page.url.path == "/chat"
    assert contact.name in page.text


def test_a_code_works_once(visitor: Any, house: Any) -> None:
    contact = some_contact(house)
    visitor.opens("/sign-in")
    visitor.sends("/sign-in/code", email=contact.email)
    code = code_for(house, contact.email)
    visitor.sends("/sign-in/code/check", email=contact.email, code=code)
    visitor.client.cookies.delete("backhaul_customer")

    again = visitor.sends("/sign-in/code/check", email=contact.email, code=code)

    assert NO_MATCH_CODE in again.text


def test_a_code_is_good_only_in_the_browser_that_asked_for_it(visitor: Any, another: Any, house: Any) -> None:
    contact = some_contact(house)
    visitor.opens("/sign-in")
    visitor.sends("/sign-in/code", email=contact.email)
    another.opens("/sign-in")

    page = another.sends("/sign-in/code/check", email=contact.email, code=code_for(house, contact.email))

    assert NO_MATCH_CODE in page.text


def test_after_five_wrong_guesses_the_right_code_no_longer_helps(visitor: Any, house: Any) -> None:
    contact = some_contact(house)
    visitor.opens("/sign-in")
    visitor.sends("/sign-in/code", email=contact.email)
    code = code_for(house, contact.email)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        visitor.sends("/sign-in/code/check", email=contact.email, code=wrong)

    assert NO_MATCH_CODE in visitor.sends("/sign-in/code/check", email=contact.email, code=code).text


def test_an_unknown_address_gets_the_same_page_and_no_letter(visitor: Any, house: Any) -> None:
    contact = some_contact(house)
    visitor.opens("/sign-in")

    known = visitor.sends("/sign-in/code", email=contact.email)
    unknown = visitor.sends("/sign-in/code", email="nobody@nowhere.example")

    assert unknown.text.replace("nobody@nowhere.example", contact.email) == known.text
    assert mailed(house, "nobody@nowhere.example") == []


def test_order_number_and_postal_code_open_that_one_order(visitor: Any, house: Any) -> None:
    order = house.erp.order("SO-15122")
    postal_code = house.erp.account(order.account_id).ship_to.postal_code
    visitor.opens("/sign-in")

    page = visitor.sends("/sign-in/order", order=" so-15122 ", postal_code=f"{postal_code[:5]}-1234")

    assert page.url.path == "/chat"
    assert "SO-15122" in page.text


def test_a_guest_of_one_order_sees_no_conversation_of_the_account(
    visitor: Any, another: Any, house: Any
) -> None:
    visitor.plays(house.doors.stories[0].key)
    thread = visitor.sends("/chat", text="The wrong contactors came").url.path
    order = house.erp.order("SO-15122")
    another.opens("/sign-in")
    another.sends(
        "/sign-in/order",
        order="SO-15122",
        postal_code=house.erp.account(order.account_id).ship_to.postal_code,
    )

    assert another.opens(thread).status_code == 404
    assert "The wrong contactors came" not in another.opens("/chat").text


def test_a_wrong_postal_code_and_an_order_that_does_not_exist_look_the_same(visitor: Any) -> None:
    visitor.opens("/sign-in")

    wrong = visitor.sends("/sign-in/order", order="SO-15122", postal_code="00000")
    absent = visitor.sends("/sign-in/order", order="SO-99999", postal_code="00000")

    assert NO_MATCH_ORDER in wrong.text
    assert absent.text.replace("SO-99999", "SO-15122") == wrong.text


def test_guessing_postal_codes_is_throttled(visitor: Any) -> None:
    visitor.opens("/sign-in")
    answers = [
        visitor.sends("/sign-in/order", order="SO-15122", postal_code=f"{guess:05d}").status_code
        for guess in range(8)
    ]

    assert answers[:6] == [422] * 6
    assert answers[6:] == [429, 429]


def test_staff_sign_in_with_their_password(visitor: Any) -> None:
    assert visitor.is_staff("reviewer").url.path == "/desk"


def test_the_dock_lands_at_the_dock(visitor: Any) -> None:
    assert visitor.is_staff("dock").url.path == "/dock"


def test_a_wrong_password_and_an_unknown_colleague_get_the_same_words(visitor: Any) -> None:
    visitor.opens("/staff/sign-in")

    wrong = visitor.sends("/staff/sign-in", email="rita@halden.example", password="no")
    unknown = visitor.sends("/staff/sign-in", email="nobody@halden.example", password="no")

    assert NO_MATCH_STAFF in wrong.text
    assert unknown.text.replace("nobody@halden.example", "rita@halden.example") == wrong.text


def test_somebody_made_inactive_is_out_at_once(visitor: Any, house: Any) -> None:
    visitor.is_staff("reviewer")
    with house.store.begin() as uow:
        staff.staff_by_email(uow, "rita@halden.example").active = False

    assert visitor.opens("/desk").url.path == "/staff/sign-in"


def test_signing_out_ends_the_session_and_not_only_the_cookie(visitor: Any) -> None:
    visitor.is_staff("reviewer")
    kept = visitor.client.cookies["backhaul_staff"]
    visitor.sends("/staff/sign-out")
    visitor.client.cookies.set("backhaul_staff", kept)

    assert visitor.opens("/desk").url.path == "/staff/sign-in"

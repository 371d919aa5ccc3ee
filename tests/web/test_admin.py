"""People, rights and sessions, as administrators and everybody for themselves look after them."""

import re
from typing import Any

import pytest

from backhaul.domain.audit import Tag
from backhaul.store import audit, staff
from tests.web.conftest import PASSWORD, STAFF

NEW = {"name": "Nina Osei", "email": "Nina@Halden.example", "roles": ["reviewer", "approver"]}


@pytest.fixture
def ada(visitor: Any) -> Any:
    visitor.is_staff("admin")
    visitor.sees(visitor.opens("/admin/people"))
    return visitor


def id_of(house: Any, email: str) -> str:
    with house.store.read() as uow:
        row = staff.staff_by_email(uow, email)
    assert row is not None
    return str(row.id)


def told(house: Any, tag: Tag, subject: str) -> list[dict[str, Any]]:
    with house.store.read() as uow:
        return [row.facts for row in audit.events(uow, tag=tag) if row.subject == subject]


def password_on(page: Any) -> str:
    found = re.search(r'class="secret">([^<]+)<', page.text)
    assert found
    return found[1]


def test_an_administrator_lands_with_the_people_and_sees_who_is_signed_in(visitor: Any) -> None:
    page = visitor.is_staff("admin")

    assert page.url.path == "/admin/people"
    assert "Rita Alvarez" in page.text
    assert page.text.count("Signed in") == 1


def test_somebody_added_signs_in_with_the_password_that_was_shown_once(
    ada: Any, another: Any, house: Any
) -> None:
    page = ada.sends("/admin/people", **NEW)
    password = password_on(page)
    nina = id_of(house, "nina@halden.example")
    another.opens("/staff/sign-in")

    assert another.sends("/staff/sign-in", email="nina@halden.example", password=password).url.path == "/desk"
    assert password not in ada.opens(f"/admin/people/{nina}").text
    assert told(house, Tag.STAFF_ADDED, nina) == [{"roles": ["approver", "reviewer"]}]


def test_nobody_is_added_twice_without_a_role_or_without_an_address(ada: Any) -> None:
    ada.sends("/admin/people", **NEW)
    twice = ada.sends("/admin/people", **NEW)
    idle = ada.sends("/admin/people", name="Bo", email="bo@halden.example")
    nameless = ada.sends("/admin/people", name="Bo", email="bo", roles="reviewer")

    assert [page.status_code for page in (twice, idle, nameless)] == [422] * 3
    assert "already a member of staff" in twice.text
    assert 'value="Nina@Halden.example"' in twice.text


def test_another_role_holds_at_once_and_ends_every_session(ada: Any, another: Any, house: Any) -> None:
    another.is_staff("reviewer")
    rita = id_of(house, STAFF["reviewer"][0])

    ada.sends(f"/admin/people/{rita}/roles", roles=["inspector"])

    assert another.opens("/desk").url.path == "/staff/sign-in"
    another.is_staff("reviewer")
    assert another.opens("/desk").status_code == 403
    facts = {"before": ["reviewer"], "after": ["inspector"], "sessions_ended": 1}
    assert told(house, Tag.STAFF_ROLES_CHANGED, rita) == [facts]


def test_whoever_is_deactivated_is_out_and_comes_back_only_when_let_in(
    ada: Any, another: Any, house: Any
) -> None:
    another.is_staff("reviewer")
    kept = another.client.cookies["backhaul_staff"]
    rita = id_of(house, STAFF["reviewer"][0])
    ada.sends(f"/admin/people/{rita}/deactivate")
    ada.sends(f"/admin/people/{rita}/reactivate")
    another.client.cookies.set("backhaul_staff", kept)

    assert another.opens("/desk").url.path == "/staff/sign-in", "an old session does not come back to life"
    assert another.is_staff("reviewer").url.path == "/desk"
    assert told(house, Tag.STAFF_DEACTIVATED, rita) == [{"sessions_ended": 1}]
    assert told(house, Tag.STAFF_REACTIVATED, rita) == [{"roles": ["reviewer"]}]


@pytest.mark.parametrize("way", ["roles", "deactivate"])
def test_the_last_administrator_stays_one(ada: Any, house: Any, way: str) -> None:
    mine = id_of(house, STAFF["admin"][0])
    fields = {"roles": "reviewer"} if way == "roles" else {}

    page = ada.sends(f"/admin/people/{mine}/{way}", **fields)

    assert page.status_code == 403
    assert "last administrator" in page.text
    assert ada.opens("/admin/people").status_code == 200


def test_with_a_second_administrator_the_first_may_go(ada: Any, house: Any) -> None:
    mine, rita = id_of(house, STAFF["admin"][0]), id_of(house, STAFF["reviewer"][0])
    ada.sends(f"/admin/people/{rita}/roles", roles=["admin"])

    ada.sends(f"/admin/people/{mine}/deactivate")

    assert ada.opens("/admin/people").url.path == "/staff/sign-in"


def test_a_password_made_anew_ends_the_old_one_and_its_sessions(ada: Any, another: Any, house: Any) -> None:
    another.is_staff("reviewer")
    rita = id_of(house, STAFF["reviewer"][0])

    password = password_on(ada.sends(f"/admin/people/{rita}/password"))

    assert another.opens("/desk").url.path == "/staff/sign-in"
    assert another.is_staff("reviewer").status_code == 422
    assert another.sends("/staff/sign-in", email=STAFF["reviewer"][0], password=password).url.path == "/desk"
    assert password not in str(told(house, Tag.STAFF_PASSWORD_SET, rita))


def session_on(page: Any) -> str:
    found = re.search(r'name="session" value="(\w+)"', page.text)
    assert found
    return found[1]


def test_an_administrator_signs_a_customer_out(ada: Any, another: Any, house: Any) -> None:
    another.plays(house.doors.stories[0].key)
    page = ada.opens("/admin/sessions")
    assert "Customer, A-" in page.text

    ada.sends("/admin/sessions/end", session=session_on(page))

    assert another.opens("/chat").url.path == "/sign-in"


def test_everybody_sees_their_own_sessions_and_ends_them_and_no_others(
    visitor: Any, another: Any, house: Any
) -> None:
    visitor.is_staff("reviewer")
    another.is_staff("reviewer")
    own = visitor.opens("/staff/account")
    elsewhere = session_on(own)
    another.is_staff("dock")
    foreign = next(row for row in sessions_of(house) if row.contact_name == "Dora Kimani").id

    assert own.text.count("This one") == 1
    assert visitor.sends("/staff/account/sessions/end", session=foreign).status_code == 404
    assert visitor.sends("/staff/account/sessions/end", session=elsewhere).status_code == 404, "it ended"
    assert another.opens("/dock").status_code == 200
    assert visitor.opens("/desk").status_code == 200


def sessions_of(house: Any) -> Any:
    from backhaul.store import staff_changes  # noqa: PLC0415 - needed here alone
    from web.who import machine_now  # noqa: PLC0415 - the same

    with house.store.read() as uow:
        return staff_changes.sessions(uow, now=machine_now())


def test_a_customer_signs_out_everywhere_else(visitor: Any, another: Any, house: Any) -> None:
    for browser in (visitor, another):
        browser.plays(house.doors.stories[0].key)
    visitor.opens("/account")

    visitor.sends("/account/sessions/end")

    assert another.opens("/chat").url.path == "/sign-in"
    assert visitor.opens("/chat").url.path == "/chat"


def test_ones_own_password_changes_for_whoever_knows_the_old_one(visitor: Any, another: Any) -> None:
    visitor.is_staff("reviewer")
    another.is_staff("reviewer")
    visitor.opens("/staff/account")
    wrong = visitor.sends("/staff/account/password", old="no", new="a longer secret of mine")
    short = visitor.sends("/staff/account/password", old=PASSWORD, new="short")
    right = visitor.sends("/staff/account/password", old=PASSWORD, new="a longer secret of mine")

    assert [wrong.status_code, short.status_code] == [422, 422]
    assert "new password holds" in right.text
    assert visitor.opens("/desk").url.path == "/desk"
    assert another.opens("/desk").url.path == "/staff/sign-in"
    assert another.is_staff("reviewer").status_code == 422


def test_signing_in_again_in_the_same_browser_ends_the_session_before(visitor: Any) -> None:
    visitor.is_staff("reviewer")
    before = visitor.client.cookies["backhaul_staff"]
    visitor.is_staff("dock")
    visitor.client.cookies.clear()
    visitor.client.cookies.set("backhaul_staff", before)

    assert visitor.opens("/desk").url.path == "/staff/sign-in"

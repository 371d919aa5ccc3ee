"""Staff sign in at an OpenID provider that runs beside the test as a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from backhaul.settings import Settings
from backhaul.store import staff
from tests.web.conftest import STAFF
from tests.web.openid_provider import FAULTS
from web.provider import BACK
from web.provider_doors import BROKEN_OFF, NO_SUCH_PERSON

CLIENT, SECRET = "backhaul-desk", "a secret that the two of them share, and nobody else"
OURS = "http://127.0.0.1:8000"
RITA = STAFF["reviewer"][0]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider's address; it is stopped with the tests."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    arguments = [str(port), CLIENT, SECRET, f"{OURS}{BACK}"]
    process = subprocess.Popen([sys.executable, "-m", "tests.web.openid_provider", *arguments], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx2.get(f"{address}/keys")
            except httpx2.HTTPError:
                time.sleep(0.1)
            else:
                break
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def arrive(house: Any, issuer: str, at_the_doors_of: Any) -> Any:
    """Browsers at doors that know the provider."""
    known = {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "public_url": OURS,
    }

    def come(**changed: Any) -> Any:
        settings = house.doors.settings.model_copy(update={**known, **changed})
        parts = {name: getattr(house.doors, name) for name in house.doors.__slots__} | {"settings": settings}
        return at_the_doors_of(SimpleNamespace(doors=type(house.doors)(**parts)))

    return come


def leaves(visitor: Any) -> str:
    """The address at the provider that the browser is sent to."""
    answer = visitor.client.get("/staff/sign-in/provider", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def signs_in_there(address: str, user: str) -> str:
    """Somebody types their name at the provider; where that sends the browser."""
    assert "<form" in httpx2.get(address).text
    sent = httpx2.post(address, data={"user": user}, follow_redirects=False)
    assert sent.status_code == 302, sent.text
    back = str(sent.headers["location"])
    assert back.startswith(f"{OURS}{BACK}?")
    return back.removeprefix(OURS)


def test_a_colleague_with_a_verified_address_is_in_with_the_rights_they_have_here(arrive: Any) -> None:
    visitor = arrive()
    assert "company account" in visitor.opens("/staff/sign-in").text

    page = visitor.opens(signs_in_there(leaves(visitor), RITA.upper()))

    assert page.url.path == "/desk"
    assert "Rita Alvarez" in page.text
    assert visitor.opens("/admin/people").status_code == 403


def test_the_provider_is_asked_with_state_nonce_and_a_challenge(arrive: Any, issuer: str) -> None:
    visitor = arrive()
    asked = [parse_qs(urlsplit(leaves(visitor)).query) for _ in range(2)]

    assert leaves(visitor).startswith(f"{issuer}/authorize?")
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["response_type"] == ["code"]
    assert asked[0]["scope"] == ["openid email"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name][0]) >= 43
        assert asked[0][name] != asked[1][name]


def test_whoever_does_not_work_here_gets_no_further_and_no_right(arrive: Any, house: Any) -> None:
    with house.store.begin() as uow:
        before = len(staff.all_staff(uow))
        staff.staff_by_email(uow, STAFF["dock"][0]).active = False
    for user in ("stranger@halden.example", STAFF["dock"][0]):
        visitor = arrive()
        page = visitor.opens(signs_in_there(leaves(visitor), user))

        assert (page.status_code, NO_SUCH_PERSON in page.text) == (422, True)
        assert visitor.opens("/desk").url.path == "/staff/sign-in"
    with house.store.read() as uow:
        assert len(staff.all_staff(uow)) == before


def test_what_the_provider_did_not_sign_for_us_and_now_lets_nobody_in(arrive: Any, house: Any) -> None:
    seen, why = {}, set()
    for fault in FAULTS:
        with house.store.begin() as uow:
            rita = next(row for row in staff.all_staff(uow) if row.name == "Rita Alvarez")
            rita.email = f"{fault}@halden.example"
        visitor = arrive()
        back = signs_in_there(leaves(visitor), f"{fault}@halden.example")
        with capture_logs() as logs:
            seen[fault] = visitor.opens(back).status_code
        why |= {entry["why"].partition(" (")[0] for entry in logs if entry["event"] == "provider_fault"}
        assert visitor.opens("/desk").url.path == "/staff/sign-in"

    assert seen == dict.fromkeys(FAULTS, 503) | {"unverified": 422}
    assert why == {"the id token does not hold"}


def test_an_answer_is_taken_once_and_in_the_browser_that_asked(arrive: Any) -> None:
    visitor, another = arrive(), arrive()
    back = signs_in_there(leaves(visitor), RITA)

    stolen = another.opens(back)
    assert (stolen.status_code, BROKEN_OFF in stolen.text) == (422, True)
    assert visitor.opens(back).url.path == "/desk"
    visitor.client.cookies.delete("backhaul_staff")
    assert visitor.opens(back).status_code == 422


def test_a_code_put_into_the_sign_in_of_another_browser_opens_nothing(arrive: Any) -> None:
    """Whoever catches a code may begin a sign-in of their own; the verifier is not theirs."""
    victim, thief = arrive(), arrive()
    code = parse_qs(urlsplit(signs_in_there(leaves(victim), RITA)).query)["code"][0]
    state = parse_qs(urlsplit(leaves(thief)).query)["state"][0]

    assert thief.client.get(BACK, params={"code": code, "state": state}).status_code == 503
    assert thief.opens("/desk").url.path == "/staff/sign-in"


def test_another_issuer_that_answers_is_not_believed(arrive: Any) -> None:
    visitor = arrive()
    back = signs_in_there(leaves(visitor), RITA)

    assert visitor.opens(f"{back}&iss=https://another.example").status_code == 503


def test_without_an_answer_the_password_still_opens(arrive: Any) -> None:
    visitor = arrive(oidc_issuer="http://127.0.0.1:9")

    page = visitor.opens("/staff/sign-in/provider")

    assert page.status_code == 503
    assert 'name="password"' in page.text
    assert visitor.is_staff("reviewer").url.path == "/desk"


@pytest.mark.parametrize("issuer_said", ["http://login.example.org", "login.example.org"])
def test_a_provider_without_https_is_no_setting(issuer_said: str) -> None:
    with pytest.raises(ValueError, match="needs https"):
        Settings(oidc_issuer=issuer_said, oidc_client_id="x")

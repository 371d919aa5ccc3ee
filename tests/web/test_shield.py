import re
from typing import Any

import pytest


def test_every_page_forbids_inline_scripts_frames_and_sniffing(visitor: Any) -> None:
    for path in ("/", "/sign-in", "/mailbox", "/no-such-page", "/healthz", "/static/app.css"):
        headers = visitor.opens(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_no_page_carries_a_script_or_a_style_of_its_own(visitor: Any, house: Any) -> None:
    review = house.review()
    visitor.plays(house.doors.stories[0].key)
    visitor.is_staff("reviewer")
    for path in ("/", "/sign-in", "/chat", "/desk", f"/desk/{review}", "/dock", "/mailbox", "/staff/sign-in"):
        page = visitor.opens(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert "<style" not in page
        assert not re.search(r"\s(style|on[a-z]+)=", page)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://elsewhere.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_a_form_of_another_site_is_refused(
    visitor: Any, house: Any, headers: dict[str, str], status: int
) -> None:
    visitor.opens("/")

    page = visitor.sends(f"/demo/stories/{house.doors.stories[0].key}", headers=headers)

    assert page.status_code == status


def test_a_form_without_the_token_of_this_session_is_refused(visitor: Any, another: Any, house: Any) -> None:
    review = house.review()
    another.is_staff("approver")
    visitor.is_staff("reviewer")
    visitor.token = another.token

    page = visitor.sends(f"/desk/{review}/reject", version="1", note="no")

    assert page.status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(visitor: Any, house: Any) -> None:
    visitor.opens("/")
    answer = visitor.client.post(
        f"/demo/stories/{house.doors.stories[0].key}", data={"token": visitor.token}, follow_redirects=False
    )

    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_a_body_that_is_too_large_is_refused_before_it_is_read(visitor: Any) -> None:
    visitor.opens("/sign-in")

    assert visitor.sends("/sign-in/order", order="x" * 2_000_000, postal_code="1").status_code == 413


def test_errors_are_pages_for_people_and_problems_for_programs(visitor: Any) -> None:
    page = visitor.opens("/no-such-page")
    problem = visitor.client.get("/no-such-page", headers={"accept": "application/json"})

    assert page.status_code == 404
    assert "<h1>Nothing here</h1>" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == 404


def test_what_a_customer_writes_is_shown_as_words_and_never_as_markup(visitor: Any, house: Any) -> None:
    visitor.plays(house.doors.stories[0].key)

    page = visitor.sends("/chat", text="<img src=x onerror=alert(1)> </textarea><script>alert(2)</script>")
    settled = visitor.opens(page.url.path).text

    assert "<img src=x" not in settled
    assert "<script>alert" not in settled
    assert "&lt;script&gt;alert(2)" in settled

"""The policies page: what a policy owner, a reviewer or an auditor reads there."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from backhaul.store import reviews
from policies.book import PolicyBook
from policies.drafting import draft_table
from web.policies_changes import edition_changes


@pytest.fixture
def petra(visitor: Any) -> Any:
    visitor.is_staff("policy owner")
    return visitor


def text_of(page: Any) -> str:
    """What a reader sees, without the markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def with_a_coming_edition(house: Any) -> tuple[Any, date]:
    """The same house, with a higher automatic limit for standard accounts from the month after next."""
    book = house.doors.desk.policies()
    today = house.doors.desk.clock.now().date()
    first = today + timedelta(days=60)
    draft = draft_table(
        book.bundle, "auto_limit_usd_minor", {("standard",): "650.00"}, first=first, today=today
    )
    coming = PolicyBook.load(draft.over(book.bundle.texts))
    house.doors = replace(house.doors, desk=replace(house.doors.desk, policies=lambda: coming))
    return house, first


@pytest.fixture
def after_a_change(house: Any, at_the_doors_of: Any) -> tuple[Any, date]:
    """A policy owner at the doors of a house with a coming edition, and its first day."""
    changed, first = with_a_coming_edition(house)
    petra = at_the_doors_of(changed)
    petra.is_staff("policy owner")
    return petra, first


def test_a_policy_owner_is_at_home_on_the_policies_page(visitor: Any) -> None:
    page = visitor.is_staff("policy owner")

    assert page.url.path == "/policies"
    assert "Tables and rules" in page.text


def test_tables_and_rules_stand_under_their_owners_with_clause_and_examples(petra: Any) -> None:
    page = text_of(petra.opens("/policies"))

    assert page.index("Compliance") < page.index("Finance") < page.index("Operations")
    assert "Auto limit Highest value at stake on one order that needs no approval FIN-2.1" in page
    assert "the days since delivery: 31 days refused" in page


def test_a_search_finds_by_any_word_and_an_owner_filters(petra: Any) -> None:
    found = text_of(petra.opens("/policies?q=ret-4.1+window"))
    nothing = text_of(petra.opens("/policies?q=window&owner=compliance"))

    assert "1 table and 1 rule with “ret-4.1 window”." in found
    assert "The goods come back inside the return window" in found
    assert "Nothing found" in nothing


def test_a_day_before_the_first_edition_says_so(petra: Any) -> None:
    page = text_of(petra.opens("/policies?on=2001-01-01"))

    assert "As it was on Mon 1 Jan 2001" in page
    assert "No edition was in force on that day." in page
    assert petra.opens("/policies?on=soon").status_code == 422


def test_the_page_names_the_bundle_that_decides_and_the_one_on_disk_when_they_differ(
    petra: Any, house: Any
) -> None:
    page = text_of(petra.opens("/policies"))
    on_disk = house.doors.desk.policies().bundle_hash

    assert f"Deciding under bundle x ; the files here make {on_disk[:12]}" in page


def test_a_coming_edition_is_announced_with_its_day_and_what_it_changes(after_a_change: Any) -> None:
    petra, first = after_a_change

    page = text_of(petra.opens("/policies/editions"))

    assert f"for decisions from {first.day} {first:%b %Y} on" in page
    assert "coming" in page
    assert "Auto limit for standard looser 500.00 USD 650.00 USD finance, FIN-2.1" in page


def test_what_a_region_or_a_building_has_for_itself_is_told_with_its_grant(petra: Any, house: Any) -> None:
    page = text_of(petra.opens("/policies/editions"))
    bundle = house.doors.desk.policies().bundle

    for overlay in bundle.overlays:
        assert overlay.overlay.label in page
        for grant in overlay.grants.values():
            assert f"{grant.id} {grant.clause}" in page
            assert grant.by in page
    cells = text_of(petra.opens("/policies"))
    marked = {(one.overlay.label, grant.id) for one in bundle.overlays for grant in one.grants.values()}
    assert marked, "the shipped documents have a granted exception"
    for label, grant_id in marked:
        assert f"{label} by grant {grant_id}" in cells


def test_the_names_under_an_edition_are_told(petra: Any, house: Any) -> None:
    page = text_of(petra.opens("/policies/editions"))
    changes = edition_changes(house.doors.desk.policies().bundle)

    assert len(changes) == 5
    for change in changes:
        assert change.unsigned == ()
        for one in change.signed:
            assert f"Signed for {one.owner} by {one.by}" in page
    assert "Not signed" not in page


def test_an_edition_that_its_owner_has_not_signed_says_so(after_a_change: Any) -> None:
    petra, _ = after_a_change

    assert "Not signed by finance." in text_of(petra.opens("/policies/editions"))


def test_a_name_under_something_else_counts_as_missing(house: Any, at_the_doors_of: Any) -> None:
    texts = dict(house.doors.desk.policies().bundle.texts)
    file, cell = "controls-2026b.yaml", '{standard: "500.00", silver: "1000.00"'
    assert cell in texts[file]
    texts[file] = texts[file].replace(cell, cell.replace("1000.00", "1010.00"))
    changed = PolicyBook.load(texts)
    house.doors = replace(house.doors, desk=replace(house.doors.desk, policies=lambda: changed))
    petra = at_the_doors_of(house)
    petra.is_staff("policy owner")

    page = text_of(petra.opens("/policies/editions"))

    assert "Miriam Okafor, Chief Financial Officer signed something else for finance on" in page
    assert "Not signed by compliance, nor by finance" in page
    assert "Signed for operations by Nora Lindgren" in page, "other documents keep their names"


def test_the_tables_of_a_coming_day_can_be_read_today(after_a_change: Any) -> None:
    petra, first = after_a_change

    today = text_of(petra.opens("/policies?q=auto+limit"))
    later = text_of(petra.opens(f"/policies?q=auto+limit&on={first}"))

    assert "standard 500.00 USD" in today
    assert "As it will be on" in later
    assert "standard 650.00 USD" in later


def test_the_history_tells_which_documents_decided_since_when(petra: Any, house: Any) -> None:
    assert "Nothing has been decided yet." in text_of(petra.opens("/policies/editions"))

    house.review()

    page = text_of(petra.opens("/policies/editions"))
    now = house.doors.desk.clock.now()
    assert f"{house.doors.desk.policies().bundle_hash[:12]} {now:%a} {now.day} {now:%b %Y}" in page


def test_a_decision_on_record_is_told_rule_by_rule_with_the_facts_of_its_day(petra: Any, house: Any) -> None:
    review = house.review()
    with house.store.read() as uow:
        verdict_id = reviews.newest_verdict(uow, reviews.review(uow, review)).id

    page = text_of(petra.opens(f"/policies/decisions/{verdict_id}"))

    assert f"Decision {verdict_id} of case RC-" in page
    assert "Create RMA Needs a person" in page
    assert "What decided" in page
    assert "Rule AUTO-LIMIT of finance, in controls@" in page
    assert petra.opens("/policies/decisions/VD-NOPE").status_code == 404


def test_reviewers_and_auditors_read_the_policies_and_the_dock_does_not(visitor: Any, another: Any) -> None:
    visitor.is_staff("auditor")
    another.is_staff("dock")

    assert visitor.opens("/policies").status_code == 200
    assert another.opens("/policies").status_code == 403
    assert "/policies" not in another.opens("/dock").text

"""Trying a change: what an owner sees before anything is published."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from backhaul.store import decisions
from policies.amendments import amendments
from policies.book import PolicyBook
from policies.drafting import draft_table

pytestmark = pytest.mark.slow  # each proves a whole set of documents: kept out of the time of a build

LIMIT = "/policies/try/auto_limit_usd_minor"
CELLS = ("standard", "silver", "gold", "platinum")


@pytest.fixture
def petra(visitor: Any) -> Any:
    visitor.is_staff("policy owner")
    return visitor


def text_of(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def field(page: Any, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}"[^>]* value="([^"]*)"', page.text)
    assert found is not None, name
    return found[1]


def tries(petra: Any, path: str = LIMIT, **cells: str) -> Any:
    """Open a table, type over some cells, send the form as a browser would."""
    page = petra.opens(path)
    names = re.findall(r'<input [^>]*name="(cell:[^"]*|base|first)"', page.text)
    fields = {name: field(page, name) for name in names}
    return petra.sends(path, **{**fields, **cells})


def test_the_page_offers_every_table_by_owner_and_says_that_nothing_comes_into_force(
    petra: Any, house: Any
) -> None:
    page = petra.opens("/policies/try")

    assert "Nothing on this page comes into force." in page.text
    (edition, *_) = house.doors.desk.policies().bundle.policies["controls"]
    for table in edition.grids:
        assert f"/policies/try/{table}" in page.text


def test_a_higher_limit_shows_in_words_table_and_chart_what_would_have_been_looser_and_for_how_much(
    petra: Any, house: Any
) -> None:
    house.review()
    before = house.doors.desk.policies().bundle_hash

    page = tries(petra, **{f"cell:{tier}": "10,000.00" for tier in CELLS})

    said = text_of(page)
    assert "1 decision asked again: 1 answer would be looser (9,000.00 USD)." in said
    assert "goes to a person permitted looser 1 $9,000.00" in said
    assert "AUTO-LIMIT no longer refuses 1 $9,000.00" in said
    assert "AUTO-LIMIT no longer stands in the way" in said
    assert "Auto limit for standard looser 500.00 USD 10,000.00 USD finance, FIN-2.1" in said
    assert "The second is the edition before it, which now ends on the day the new one begins." in said
    chart = page.text[page.text.index('<svg class="chart"') :].partition("</svg>")[0]
    assert 'role="img"' in chart
    assert "1 answer would be looser" in chart, "a reader who does not see it is told the same"
    assert "style=" not in chart, "the pages allow no style but the stylesheet's"
    assert chart.count("<rect") == 2, "one bar for cases, one for value"
    assert ">1 case</text>" in chart
    assert ">$9,000.00</text>" in chart
    with house.store.read() as uow:
        assert decisions.count(uow) == 1
    assert house.doors.desk.policies().bundle_hash == before


def test_another_fee_shows_what_it_keeps_from_customers_though_every_answer_stays(
    petra: Any, house: Any
) -> None:
    words = "One FRL from SO-15157 is no longer needed, unopened. Credit please."
    case = house.permit("SO-15157", 1, 1, words=words)
    path = "/policies/try/restocking_fee"

    page = tries(petra, path, **{f"cell:pneumatic.{tier}": "5000" for tier in CELLS})

    said = text_of(page)
    found = re.search(
        r"every answer stays the same, but 1 permit would carry other figures; (.+?) USD more", said
    )
    assert found is not None
    assert re.search(rf"Restocking fee \d+ % 50 % 1 {found[1]} USD more", said)
    assert re.search(rf"{case} Restocking fee \d+ % 50 % {found[1]} USD more", said)


def test_below_stands_what_is_proved_what_is_wrong_and_that_there_is_nothing_to_replay(petra: Any) -> None:
    said = text_of(tries(petra, **{"cell:standard": "650.00"}))

    assert "No decision is on record, so there is nothing to try this on." in said
    assert "before it went to a person (AUTO-LIMIT, FIN-2.1)" in said
    assert "Auto limit (standard): 500.00 USD before, 650.00 USD now." in said
    assert "What has to be mended first example that does not hold" in said
    assert "move its examples in the file as well" in said
    assert "finance has not signed what it changes" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"cell:standard": "lots"}, "write dollars and cents such as 500.00"),
        ({"cell:standard": "500.00"}, "No cell differs from the edition in force then"),
        ({"cell:standard": "650.00", "first": "2020-01-01"}, "begins tomorrow at the earliest"),
        ({"cell:standard": "650.00", "first": "soon"}, "is no day"),
    ],
)
def test_what_cannot_be_tried_is_said_and_what_was_typed_stays(
    petra: Any, typed: dict[str, str], said: str
) -> None:
    page = tries(petra, **typed)

    assert page.status_code == 422
    assert said in page.text
    assert f'value="{typed["cell:standard"]}"' in page.text


def test_a_figure_beyond_all_bounds_is_refused_by_the_loader_with_file_and_line(petra: Any) -> None:
    page = tries(petra, **{"cell:standard": "9999999999.00"})

    said = text_of(page)
    assert "It cannot be loaded" in said
    assert re.search(r"controls-\d{4}\w\.yaml:\d+ \[FIN-2\.1\]: ", said)


def test_the_files_to_publish_load_together_and_say_what_was_typed(petra: Any, house: Any) -> None:
    page = petra.opens(LIMIT)
    fields = {name: field(page, name) for name in ("base", "first")}

    bundle = house.doors.desk.policies().bundle
    last = bundle.policies["controls"][-1].document.file

    new = petra.sends(f"{LIMIT}/edition", **fields, **{"cell:standard": "650.00"})
    ended = petra.sends(f"{LIMIT}/edition", file=last, **fields, **{"cell:standard": "650.00"})
    other = petra.sends(f"{LIMIT}/edition", file="baseline.yaml", **fields, **{"cell:standard": "650.00"})

    named = re.search(r'filename="(.+)"', new.headers["content-disposition"])
    assert named is not None
    assert other.status_code == 404
    texts = {**bundle.texts, last: ended.text, named[1]: new.text}
    before, after = PolicyBook.load(texts).bundle.policies["controls"][-2:]
    (one,) = amendments(before, after)
    assert (one.key, one.after) == (("standard",), 65_000)


def test_a_page_with_older_figures_changes_only_what_was_typed(house: Any, at_the_doors_of: Any) -> None:
    book, today = house.doors.desk.policies(), house.doors.desk.clock.now().date()
    first = today + timedelta(days=90)
    coming = PolicyBook.load(
        draft_table(
            book.bundle, "auto_limit_usd_minor", {("gold",): "2600.00"}, first=first, today=today
        ).over(book.bundle.texts)
    )
    house.doors = replace(house.doors, desk=replace(house.doors.desk, policies=lambda: coming))
    petra = at_the_doors_of(house)
    petra.is_staff("policy owner")

    said = text_of(tries(petra, **{"cell:standard": "650.00", "first": str(first + timedelta(days=30))}))

    amended = said[said.index("What it says otherwise") : said.index("To publish it")]
    assert "Auto limit for standard" in amended
    assert "Auto limit for gold" not in amended


def hands_in(petra: Any, name: str, content: str | bytes) -> Any:
    petra.opens("/policies/try")
    raw = content.encode() if isinstance(content, str) else content
    return petra.sends("/policies/try", files={"document": (name, raw, "application/yaml")})


def test_a_document_with_a_changed_rule_is_tried_as_it_was_written(petra: Any, house: Any) -> None:
    house.review()
    bundle = house.doors.desk.policies().bundle
    day = house.doors.desk.clock.now().date()
    edition = next(one for one in bundle.policies["controls"] if one.policy.effective.covers(day))
    text = bundle.texts[edition.document.file]
    rule = text[text.index("- id: AUTO-LIMIT") :]
    rule = rule[: rule.index("\n- id:", 5)]
    changed = text.replace(rule, rule.replace("on_fail: escalate", "on_fail: deny"))

    said = text_of(hands_in(petra, edition.document.file, changed))

    assert "1 answer would be tighter (9,000.00 USD)" in said
    assert "goes to a person refused tighter 1 $9,000.00" in said
    assert "Rule AUTO-LIMIT, if not met wants a person to decide refuses finance, FIN-2.1" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("new.yaml", "kind: Policy\nid: ]\n", "new.yaml:2: not valid YAML"),
        ("new.yaml", "kind: Policy\nid: terms\n", "new.yaml:1"),
        ("new.yaml", b"\xff\xfe", "new.yaml is no UTF-8 text."),
        ("new.txt", "kind: Policy", "its name ends in .yaml"),
    ],
)
def test_a_file_that_is_no_document_is_refused_with_its_place(
    petra: Any, name: str, content: str | bytes, said: str
) -> None:
    page = hands_in(petra, name, content)

    assert page.status_code == 422
    assert said in text_of(page)


def test_a_table_nobody_knows_is_not_there(petra: Any) -> None:
    assert petra.opens("/policies/try/no_such_table").status_code == 404


def test_the_day_offered_is_the_first_of_a_month(petra: Any, house: Any) -> None:
    offered = date.fromisoformat(field(petra.opens(LIMIT), "first"))

    assert offered.day == 1
    assert offered > house.doors.desk.clock.now().date()


def test_an_overlay_that_loosens_without_a_grant_is_refused_with_the_case_that_gets_through(
    petra: Any, house: Any
) -> None:
    bundle = house.doors.desk.policies().bundle
    overlay = """kind: Overlay
id: midwest
edition: 2099a
over: controls
applies: {region: [midwest]}
effective: {from: 2099-01-01, until: 2099-07-01}
tables:
  auto_limit_usd_minor: {standard: "900.00"}
"""

    said = text_of(hands_in(petra, "midwest-2099a.yaml", overlay))

    assert bundle.policies["controls"][-1].policy.effective.covers(date(2099, 1, 1))
    assert "It cannot be loaded midwest-2099a.yaml:8" in said
    assert "is looser (900.00 USD) than underneath" in said
    assert "loosened without grant" in said
    assert "refused without it: create RMA (the price paid for a piece: 500.01 USD)" in said

from collections.abc import Callable
from datetime import date

import pytest

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.decision import PolicyDecision
from policies.examples import run_examples
from policies.facts import Facts

MakeFacts = Callable[..., Facts]
Texts = dict[str, str]

WEST = """
kind: Overlay
id: west
edition: 2026a
over: terms
applies: {region: [west]}
effective: {from: 2026-01-01, until: 2027-01-01}
tables:
  window_days: {hand_tool: {standard: 20}}
"""
RENO = """
kind: Overlay
id: reno
edition: 2026a
over: west
applies: {facility: [RNO1]}
effective: {from: 2026-03-01, until: 2026-09-01}
tables:
  window_days: {hand_tool: {standard: 40}}
rules:
- id: RNO-PHOTO
  clause: RNO-1
  owner: operations
  title: Reno wants a photo of everything
  actions: [create_rma]
  require: "photos >= 1"
  on_fail: ask
  asks_for: photo
  say: "Please send a photo (on file: {photos})."
  examples:
  - {given: {photos: 1}, expect: permit}
  - {given: {photos: 0}, expect: ask}
"""
GRANTS = """
kind: Grants
grants:
- id: EXC-2026-014
  overlay: reno
  table: window_days
  cell: [hand_tool, standard]
  limit: 40
  until: 2026-09-01
  by: Ada Fisher
  owner: operations
  clause: EXC-1
"""


def decided(
    book: PolicyBook, facts: Facts, day: date, facility: str | None = None, decision_day: date | None = None
) -> PolicyDecision:
    return book.decide(facts, order_date=day, decision_date=decision_day or day, facility=facility)


@pytest.fixture(scope="module")
def layered(texts: Texts) -> PolicyBook:
    return PolicyBook.load({**texts, "west.yaml": WEST, "reno.yaml": RENO, "grants.yaml": GRANTS})


def test_a_regional_cell_holds_in_its_region_and_time_only(layered: PolicyBook, ordinary: MakeFacts) -> None:
    late_west, late_midwest = (
        ordinary(region=region, days_since_delivery=26) for region in ("west", "midwest")
    )
    assert decided(layered, late_west, date(2026, 2, 1)).outcome is Outcome.DENY
    assert decided(layered, late_midwest, date(2026, 2, 1)).outcome is Outcome.PERMIT
    assert decided(layered, late_west, date(2025, 12, 31)).outcome is Outcome.PERMIT
    assert decided(layered, late_west, date(2027, 1, 1)).outcome is Outcome.PERMIT


def test_terms_follow_the_order_and_not_the_day_of_deciding(layered: PolicyBook, ordinary: MakeFacts) -> None:
    late = ordinary(region="west", days_since_delivery=26)
    before, after = date(2025, 12, 31), date(2026, 2, 1)
    assert decided(layered, late, before, decision_day=after).outcome is Outcome.PERMIT
    assert decided(layered, late, after, decision_day=before).outcome is Outcome.DENY


def test_a_facility_lies_over_its_region_and_names_its_grant(
    layered: PolicyBook, ordinary: MakeFacts
) -> None:
    facts = ordinary(region="west", days_since_delivery=44, photos=1)
    decision = decided(layered, facts, date(2026, 4, 1), "RNO1")
    assert decision.outcome is Outcome.PERMIT
    window = next(result for result in decision.results if result.rule == "RET-WINDOW")
    cell = next(cell for cell in window.cells if cell.table == "window_days")
    assert (cell.key, cell.value, cell.clause) == (("hand_tool", "standard"), 40, "RET-4.1")
    assert cell.written_in == "reno@2026a by grant EXC-2026-014"
    assert decision.editions == (
        "controls@2020a",
        "dock@2026a",
        "recovery@2020a",
        "terms@2020a",
        "west@2026a",
        "reno@2026a",
    )


def test_an_overlay_adds_rules(layered: PolicyBook, ordinary: MakeFacts) -> None:
    decision = decided(layered, ordinary(), date(2026, 4, 1), "RNO1")
    assert [result.rule for result in decision.deciding] == ["RNO-PHOTO"]
    runs = [run for run in run_examples(layered) if run.rule.id == "RNO-PHOTO"]
    assert [run.holds for run in runs] == [True, True]


def test_an_unknown_region_goes_to_a_person_while_regional_rules_exist(
    layered: PolicyBook, book: PolicyBook, ordinary: MakeFacts
) -> None:
    label = ordinary("create_label", unknown=["region"])
    assert decided(book, label, date(2026, 4, 1)).outcome is Outcome.PERMIT
    found = decided(layered, label, date(2026, 4, 1))
    assert [result.rule for result in found.deciding] == ["ENGINE-REGION"]


def test_a_day_no_edition_covers_goes_to_a_person(book: PolicyBook, ordinary: MakeFacts) -> None:
    decision = decided(book, ordinary(), date(2019, 12, 31), decision_day=date(2026, 4, 1))
    assert decision.outcome is Outcome.ESCALATE
    assert [result.rule for result in decision.deciding] == ["ENGINE-EDITION"]
    assert "terms" in decision.deciding[0].message


def test_grants_are_part_of_the_hash(texts: Texts) -> None:
    with_grants = {**texts, "grants.yaml": GRANTS}
    other = {**texts, "grants.yaml": GRANTS.replace("Ada Fisher", "Bo Lind")}
    assert PolicyBook.load(with_grants).bundle_hash != PolicyBook.load(other).bundle_hash


@pytest.mark.parametrize(
    ("old", "new", "complaint", "file"),
    [
        ("limit: 40", "limit: 39", "looser (40) than underneath (20)", "reno.yaml"),
        ("cell: [hand_tool, standard]", "cell: [hand_tool, silver]", "no grant covers it", "reno.yaml"),
        ("until: 2026-09-01\n  by", "until: 2026-08-31\n  by", "end the overlay by then", "reno.yaml"),
        ("limit: 40", "limit: 40.5", "point", "grants.yaml"),
        ("limit: 40", "limit: soon", "write a whole number", "grants.yaml"),
        ("until: 2026-09-01}", "until: null}", "let it end by then", "reno.yaml"),
        ("over: terms", "over: reno", "reno over west over reno", "reno.yaml"),
        ("over: terms", "over: west", "run in a circle", "west.yaml"),
        ("over: terms", "over: customs", "no policy or overlay customs", "west.yaml"),
        (
            "window_days: {hand_tool: {standard: 40",
            "windows: {hand_tool: {standard: 40",
            "no table windows",
            "reno.yaml",
        ),
        (
            "window_days: {hand_tool: {standard: 40",
            "window_days: {hammer: {standard: 40",
            "hammer is no product",
            "reno.yaml",
        ),
        (
            "window_days: {hand_tool: {standard: 40}}",
            "send_to: {hand_tool: {west: CMH1}}",
            "no stricter side",
            "reno.yaml",
        ),
        ("RNO-PHOTO", "RET-QTY", "only adds rules", "reno.yaml"),
        (
            "applies: {facility: [RNO1]}",
            "applies: {facility: [RNO1], region: [west]}",
            "or for some",
            "reno.yaml",
        ),
        (
            "from: 2026-01-01, until: 2027-01-01",
            "from: 2018-01-01, until: 2019-01-01",
            "not in force",
            "west.yaml",
        ),
    ],
)
def test_overlays_that_are_amiss_are_refused(
    texts: Texts, old: str, new: str, complaint: str, file: str
) -> None:
    written = {"west.yaml": WEST, "reno.yaml": RENO, "grants.yaml": GRANTS}
    changed = {name: text.replace(old, new) for name, text in written.items()}
    assert changed != written
    with pytest.raises(PolicyError) as refused:
        PolicyBook.load({**texts, **changed})
    assert complaint in str(refused.value)
    assert (refused.value.file, refused.value.line > 0) == (file, True)


def test_a_circle_of_three_is_found(texts: Texts) -> None:
    circle = {
        f"{name}.yaml": WEST.replace("id: west", f"id: {name}").replace("over: terms", f"over: {over}")
        for name, over in (("a", "b"), ("b", "c"), ("c", "a"))
    }
    with pytest.raises(PolicyError, match="run in a circle: a over b over c over a"):
        PolicyBook.load({**texts, **circle})


def test_two_overlays_do_not_write_one_cell_side_by_side(texts: Texts) -> None:
    sibling = WEST.replace("id: west", "id: coast")
    with pytest.raises(PolicyError, match=r"writes window_days\[hand_tool, standard\] as well"):
        PolicyBook.load({**texts, "west.yaml": WEST, "coast.yaml": sibling})
    elsewhere = sibling.replace("region: [west]", "region: [midwest]")
    PolicyBook.load({**texts, "west.yaml": WEST, "coast.yaml": elsewhere})


def test_two_editions_of_an_overlay_do_not_hold_at_once(texts: Texts) -> None:
    again = WEST.replace("edition: 2026a", "edition: 2026b")
    with pytest.raises(PolicyError, match="another edition of west"):
        PolicyBook.load({**texts, "west.yaml": WEST, "west-b.yaml": again})

"""Tables behind the figures of a command: which side is stricter is shown by the figure, or found missing."""

import pytest

from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.proofs import Finding, FindingKind, check_texts
from policies.source import parse
from tests.policies.proofs.conftest import Amend
from tests.policies.proofs.planting import BESIDE, TODAY, MakeFacts, only

Texts = dict[str, str]
FREE_IN_THE_WEST = """
kind: Overlay
id: free
edition: 2026a
over: terms
applies: {region: [west]}
effective: {from: 2026-01-01, until: 2027-01-01}
tables:
  restocking_fee: {drives_and_motors: {standard: 0, silver: 0}}
"""


def flipped(text: str, table: str) -> str:
    """The text with the other side of this table called stricter."""
    head, _, rest = text.partition(f"\n  {table}:\n    doc:")
    before, mark, after = rest.partition("stricter: ")
    was = "higher" if after.startswith("higher") else "lower"
    assert mark
    turned = "lower" if was == "higher" else "higher"
    return f"{head}\n  {table}:\n    doc:{before}{mark}{turned}{after.removeprefix(was)}"


@pytest.mark.parametrize(
    ("table", "output"), [("restocking_fee", "restocking_bps"), ("ship_within", "ship_within_days")]
)
def test_a_figure_of_the_command_shows_that_its_table_names_the_wrong_side(
    first_texts: Texts, ordinary: MakeFacts, table: str, output: str
) -> None:
    texts = {**first_texts, "terms.yaml": flipped(first_texts["terms.yaml"], table)}
    found = only(texts, FindingKind.DIRECTION)

    assert (found.document, found.rule_or_table) == ("terms@2020a", table)
    assert found.example == {"action": "create_rma"}
    assert milder(first_texts, ordinary, found, output)


def milder(texts: Texts, ordinary: MakeFacts, found: Finding, output: str) -> bool:
    """Whether the engine, given the cell of the finding, asks less of the customer."""
    book = PolicyBook.load(texts)
    facts = ordinary(**(found.example or {}))
    now = book.decide(facts, order_date=TODAY, decision_date=TODAY).outputs[output]
    (moved,) = (found.otherwise or {}).values()
    assert isinstance(now, int)
    assert isinstance(moved, int)
    return moved < now if output == "restocking_bps" else moved > now


def test_a_cell_set_free_behind_a_flipped_table_is_told(first_texts: Texts) -> None:
    """With the sides changed round, nothing charged at all would pass for stricter and take no grant."""
    terms = flipped(first_texts["terms.yaml"], "restocking_fee")
    found = only({**first_texts, "terms.yaml": terms, "free.yaml": FREE_IN_THE_WEST}, FindingKind.DIRECTION)

    assert found.rule_or_table == "restocking_fee"
    assert (
        "lower is stricter, and it is not: restocking_bps is 1500 with 1500 and 1499 with 1499" in found.words
    )
    with pytest.raises(PolicyError, match="no grant covers it"):
        PolicyBook.load({**first_texts, "free.yaml": FREE_IN_THE_WEST})


def test_a_charge_that_a_rule_reads_as_well_is_judged_by_what_the_customer_pays(texts: Texts) -> None:
    (file,) = [name for name, text in texts.items() if "\n  return_freight_usd_minor:\n    doc:" in text]
    assert parse(file, texts[file]).data["edition"] == "2026b"
    planted = {**texts, file: flipped(texts[file], "return_freight_usd_minor")}
    kinds = {(one.kind, one.rule_or_table) for one in check_texts(planted)}

    assert (FindingKind.DIRECTION, "return_freight_usd_minor") in kinds
    assert not {rule for kind, rule in kinds if kind is FindingKind.DIRECTION} - {"return_freight_usd_minor"}


def test_a_table_nobody_shows_the_side_of_is_found(amend: Amend) -> None:
    """Read by an output that does not say which way it is stricter, or by nothing at all."""
    dumb = amend("terms", ("value: p.ship_within\n    stricter: lower", "value: p.ship_within"))
    (found,) = [one for one in check_texts(dumb) if one.kind not in BESIDE]

    assert (found.kind, found.rule_or_table) == (FindingKind.DIRECTION, "ship_within")
    assert "nothing shows it" in found.words
    closed = unsaid(dumb["terms.yaml"])
    assert {one.kind for one in check_texts({**dumb, "terms.yaml": closed})} <= BESIDE


def unsaid(terms: str) -> str:
    """The same with the table closed."""
    head, _, rest = terms.partition("\n  ship_within:")
    return f"{head}\n  ship_within:{rest.replace('stricter: lower', 'stricter: null', 1)}"


def test_a_word_has_no_stricter_side(amend: Amend) -> None:
    texts = amend("terms", ("value: p.send_to", "value: p.send_to\n    stricter: lower"))
    with pytest.raises(PolicyError, match="facility is a word"):
        PolicyBook.load(texts)

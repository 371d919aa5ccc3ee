"""The examples of the documents notice nearly every small change to a rule, and the count is right."""

import sys

import pytest

from policies.book import PolicyBook
from policies.facts import Kind
from policies.proofs import FindingKind, Mutant, mutation_score, too_weak
from policies.proofs.variants import as_text, variants
from policies.rules import language_over
from policies.syntax import Node
from tests.policies.proofs.conftest import Amend

Texts = dict[str, str]
BARE = """
kind: Policy
id: bare
edition: 2020a
basis: order_date
effective: {from: 2020-01-01, until: null}
"""


def test_examples_notice_nineteen_of_twenty_mutants(
    book: PolicyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    score = mutation_score(book)
    with capsys.disabled():
        sys.stdout.write(f"\nmutation score of the rules: {score.words}\n")

    assert score.noticed > 500
    assert score.share is not None
    assert score.share >= 0.95, score.unnoticed


def test_an_example_taken_away_is_a_mutant_unnoticed(first_texts: Texts, amend: Amend) -> None:
    at_the_limit = "  - {given: {photos: 2}, expect: permit}\n"
    texts = amend("controls", (at_the_limit, at_the_limit.replace("2", "3")))
    before, after = (mutation_score(PolicyBook.load(of)) for of in (first_texts, texts))

    lost = set(after.unnoticed) - set(before.unnoticed)
    assert lost == {
        Mutant("controls@2020a", "PHOTO-KEEP", "require: photos > 2"),
        Mutant("controls@2020a", "PHOTO-KEEP", "require: photos >= 3"),
    }
    assert after.noticed == before.noticed - 2


def test_a_change_that_changes_nothing_is_no_mutant(first_texts: Texts) -> None:
    score = mutation_score(PolicyBook.load(first_texts))

    # A rate has an age only where there is a rate, and a rate stands beside another currency only.
    assert Mutant("controls@2020a", "CURRENCY", "when: (always)") in score.alike


@pytest.mark.parametrize("forgotten", [range(900, 960), range(10, 45)])
def test_rules_whose_examples_notice_too_little_are_named_with_a_change(
    amend: Amend, forgotten: range
) -> None:
    """Many figures written out, and not one of them in an example."""
    own = "  require: order_on_account\n"
    many = " && ".join(("order_on_account", *(f"photos != {number}" for number in forgotten)))
    score = mutation_score(PolicyBook.load(amend("controls", (own, f'  require: "{many}"\n'))))
    (found,) = too_weak(score)

    assert score.share is not None
    assert score.share < 0.95
    assert (found.kind, found.document, found.rule_or_table) == (
        FindingKind.WEAK,
        "controls@2020a",
        "ACCOUNT",
    )
    assert f"{score.share:.1%} of such changes" in found.words
    told = {mutant.words for mutant in score.unnoticed}
    first, second = forgotten[:2]
    assert f"require: photos != {second} in place of photos != {first}" in told


def test_a_few_changes_unnoticed_are_no_finding(amend: Amend) -> None:
    at_the_limit = "  - {given: {photos: 2}, expect: permit}\n"
    score = mutation_score(PolicyBook.load(amend("controls", (at_the_limit, at_the_limit.replace("2", "3")))))

    assert score.unnoticed
    assert too_weak(score) == ()


def test_documents_without_rules_have_no_score() -> None:
    score = mutation_score(PolicyBook.load({"bare.yaml": BARE}))

    assert score.share is None
    assert "not measured" in score.words


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        (
            "days_since_delivery <= p.window_days",
            {
                "!(days_since_delivery <= p.window_days)",
                "days_since_delivery < p.window_days",
                "days_since_delivery > p.window_days",
                "days_since_delivery <= (p.window_days + 1)",
                "days_since_delivery <= (p.window_days - 1)",
            },
        ),
        (
            "delivered && photos >= 2",
            {
                "!(delivered && (photos >= 2))",
                "delivered || (photos >= 2)",
                "delivered",
                "photos >= 2",
                "(!delivered) && (photos >= 2)",
                "delivered && (photos > 2)",
                "delivered && (photos < 2)",
                "delivered && (photos >= 3)",
                "delivered && (photos >= 1)",
            },
        ),
        (
            "tier in ['standard', 'gold']",
            {
                "!(tier in ['standard', 'gold'])",
                "tier in ['gold']",
                "tier in ['standard']",
                "tier in ['standard', 'gold', 'silver']",
                "tier in ['standard', 'gold', 'platinum']",
            },
        ),
        (
            "p.automation == 'live'",
            {"!(p.automation == 'live')", "p.automation != 'live'", "p.automation == 'shadow'"},
        ),
        (
            "hazmat ? final_sale : !delivered",
            {
                "!(hazmat ? final_sale : (!delivered))",
                "final_sale",
                "!delivered",
                "hazmat ? (!delivered) : final_sale",
                "(!hazmat) ? final_sale : (!delivered)",
                "hazmat ? (!final_sale) : (!delivered)",
                "hazmat ? final_sale : delivered",
            },
        ),
    ],
)
def test_a_condition_is_changed_in_every_standard_way(
    first: PolicyBook, condition: str, changes: set[str]
) -> None:
    grids = {name: of for line in first.bundle.policies.values() for name, of in line[0].grids.items()}
    made = variants(language_over(grids).compile(condition, Kind.FLAG).tree, grids)

    assert {as_text(tree) for tree in made} == changes


def test_every_change_reads_as_a_condition_that_compiles_to_itself(first: PolicyBook) -> None:
    grids = {name: of for line in first.bundle.policies.values() for name, of in line[0].grids.items()}
    language = language_over(grids)
    for line in first.bundle.policies.values():
        for bound in line[0].rules:
            for tree in variants(bound.require.tree, grids):
                again: Node = language.compile(as_text(tree), Kind.FLAG).tree
                assert as_text(again) == as_text(tree)

from typing import Any

import pytest

from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook

TERMS, CONTROLS = "terms-2020a.yaml", "controls-2020a.yaml"
Texts = dict[str, str]


def altered(texts: Texts, file: str, old: str, new: str) -> Texts:
    assert texts[file].count(old) >= 1, old
    return {**texts, file: texts[file].replace(old, new, 1)}


def refusal(texts: Texts) -> PolicyError:
    with pytest.raises(PolicyError) as refused:
        PolicyBook.load(texts)
    return refused.value


def line_of(text: str, marker: str) -> int:
    return text[: text.index(marker)].count("\n") + 1


AMISS: list[Any] = [
    pytest.param(
        TERMS,
        "    unit: days\n",
        "    unit: days\n    unit: days\n",
        "'unit' stands twice",
        "RET-4.1",
        id="key twice",
    ),
    pytest.param(
        CONTROLS, 'standard: "500.00"', "standard: 500.00", "quoted text", "FIN-2.1", id="money as a float"
    ),
    pytest.param(
        CONTROLS, 'standard: "500.00"', "standard: 500", "is not money", "FIN-2.1", id="money as a number"
    ),
    pytest.param(
        CONTROLS,
        'standard: "500.00"',
        'standard: "500.001"',
        "dollars and cents",
        "FIN-2.1",
        id="half a cent",
    ),
    pytest.param(
        CONTROLS,
        'standard: "500.00"',
        'standard: "-500.00"',
        "beyond any limit",
        "FIN-2.1",
        id="a negative limit",
    ),
    pytest.param(
        CONTROLS, 'standard: "500.00"', 'standard: "lots"', "is no amount", "FIN-2.1", id="money in words"
    ),
    pytest.param(
        TERMS,
        "chemical:          {standard: 30, silver: 30, gold: 30, platinum: 30}\n\n",
        "chemical:          {standard: 30, silver: 30, gold: 30}\n\n",
        "no cell for chemical, platinum",
        "RET-4.1",
        id="a missing cell",
    ),
    pytest.param(
        TERMS,
        "      consumable:        {standard: 30, silver",
        "      consumables:        {standard: 30, silver",
        "consumables is no product_class",
        "RET-4.1",
        id="an unknown class",
    ),
    pytest.param(
        TERMS, "{standard: 21,", "{titanium: 21,", "titanium is no tier", "RET-5.1", id="an unknown tier"
    ),
    pytest.param(
        TERMS,
        "{standard: 21,",
        "{standard: true,",
        "write a whole number",
        "RET-5.1",
        id="a flag as a number",
    ),
    pytest.param(
        TERMS,
        "defective: waived",
        "defective: half",
        "'half' is no word of this table; write charged or waived",
        "RET-7.1",
        id="a stray choice",
    ),
    pytest.param(
        TERMS,
        "keys: [region]",
        "keys: [hazmat]",
        "not a fact with a closed list",
        "RET-4.2",
        id="an open key",
    ),
    pytest.param(
        TERMS,
        "  ship_within:",
        "  ship_within_usd_minor:",
        "when its unit is usd",
        "RET-5.1",
        id="a unit that lies",
    ),
    pytest.param(
        TERMS,
        'require: "days_since_delivery <= contract',
        'require: "days_since_delivry <= contract',
        "no fact days_since_delivry (did you mean days_since_delivery?)",
        "RET-4.3",
        id="a misspelt fact",
    ),
    pytest.param(
        CONTROLS,
        "require: order_on_account",
        "require: belongs_to(order_on_account)",
        "no function belongs_to",
        "CTL-5.1",
        id="an unknown function",
    ),
    pytest.param(
        CONTROLS,
        "require: order_on_account",
        "require: quantity * 2 < 9",
        "not part of the policy",
        "CTL-5.1",
        id="outside the subset",
    ),
    pytest.param(
        CONTROLS,
        "require: order_on_account",
        "require: quantity",
        "write what gives a flag",
        "CTL-5.1",
        id="not a condition",
    ),
    pytest.param(
        TERMS,
        '    quantity: "The command carries exactly this quantity, and',
        '    photos: "The command carries, and',
        "RET-QTY reads quantity, a claim",
        "RET-3.1",
        id="a claim nothing corroborates",
    ),
    pytest.param(
        CONTROLS,
        '  say: "Please confirm first."',
        '  say: "{order_on_account}"',
        "which CONSENT does not read",
        "CTL-5.2",
        id="a message beyond the rule",
    ),
    pytest.param(
        CONTROLS,
        '  say: "Please confirm first."',
        '  say: "Please {confirm"',
        "message cannot be read",
        "CTL-5.2",
        id="a broken message",
    ),
    pytest.param(CONTROLS, "  asks_for: consent\n", "", "asks_for", "CTL-5.2", id="an ask for nothing"),
    pytest.param(CONTROLS, "on_fail: ask", "on_fail: shrug", "on_fail", "CTL-5.2", id="an unknown effect"),
    pytest.param(
        CONTROLS, "    owner: compliance", "    owner: somebody", "owner", "CTL-2.1", id="an unknown owner"
    ),
    pytest.param(CONTROLS, "- {owner: compliance,", "- {owner: us,", "owner", "", id="an unknown signatory"),
    pytest.param(
        CONTROLS, "  title: The order", "  titel: The order", "titel", "CTL-5.1", id="a misspelt key"
    ),
    pytest.param(
        CONTROLS,
        "{consent_given: false}, expect: ask",
        "{consent_given: false}, expect: permit",
        "passes and one that does not",
        "CTL-5.2",
        id="one-sided examples",
    ),
    pytest.param(
        CONTROLS,
        "{consent_given: false}",
        "{consent: false}",
        "consent is no fact",
        "CTL-5.2",
        id="an example of nothing",
    ),
    pytest.param(
        CONTROLS, "- id: CONSENT", "- id: ACCOUNT", "another rule ACCOUNT", "CTL-5.2", id="a rule twice"
    ),
    pytest.param(
        CONTROLS, "  photos_needed:", "  window_days:", "p.photos_needed", "CTL-3.1", id="a table gone"
    ),
    pytest.param(
        CONTROLS,
        'never: "!order_on',
        'never: "order_no',
        "no fact order_no_account",
        "CTL-5.1",
        id="a bad invariant",
    ),
    pytest.param(
        TERMS, "    value: p.ship_within", "    value: p.ship", "p.ship", "RET-5.1", id="a bad output"
    ),
    pytest.param(
        TERMS,
        "until: 2026-09-01}",
        "until: 2019-01-01}",
        "must be after",
        "",
        id="an edition that ends first",
    ),
    pytest.param(
        TERMS, "until: 2026-09-01}", "until: 2019-13-01}", "or a day", "", id="a day that does not exist"
    ),
    pytest.param(
        TERMS, "clause: RET-4.2", "clause: &c RET-4.2\n    more: *c", "anchors", "RET-4.2", id="an alias"
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "complaint", "clause"), AMISS)
def test_a_document_that_is_amiss_is_refused_with_file_line_and_clause(
    texts: Texts, file: str, old: str, new: str, complaint: str, clause: str
) -> None:
    error = refusal(altered(texts, file, old, new))
    assert complaint in str(error)
    assert (error.file, error.clause) == (file, clause)
    assert error.line > 0


@pytest.mark.parametrize(
    ("old", "new", "marker"),
    [
        ('silver: "1000.00"', "silver: 1000.00", "silver: 1000.00"),
        ("- id: CONSENT\n", "- id: CONSENT\n  id: AGAIN\n", "  id: AGAIN"),
        ("require: consent_given", "require: consent_givn", "require: consent_givn"),
        ("on_fail: ask\n  asks_for: photo", "on_fail: ask\n  asks_for: poem", "asks_for: poem"),
    ],
)
def test_the_line_is_the_one_to_look_at(texts: Texts, old: str, new: str, marker: str) -> None:
    wrong = altered(texts, CONTROLS, old, new)
    error = refusal(wrong)
    assert error.line == line_of(wrong[CONTROLS], marker)
    assert str(error).startswith(f"{CONTROLS}:{error.line}")


@pytest.mark.parametrize(
    "text", ["", "- a list", "kind: [", "kind: Poem", "edition: 1", "kind: \x00", "a: !!python/none"]
)
def test_what_is_no_policy_document_is_refused(texts: Texts, text: str) -> None:
    error = refusal({**texts, "stray.yaml": text})
    assert (error.file, error.line > 0) == ("stray.yaml", True)


def next_edition(texts: Texts, *, begins: str, ends_before: str) -> Texts:
    """The shipped documents with one more edition of the terms, cut out of the time of the first one."""
    later = texts[TERMS].replace("edition: 2020a", "edition: 2026a").replace("2020-01-01", begins)
    earlier = texts[TERMS].replace("until: 2026-09-01", f"until: {ends_before}")
    return {**texts, TERMS: earlier, "terms-2026a.yaml": later}


def test_editions_that_meet_load(texts: Texts) -> None:
    book = PolicyBook.load(next_edition(texts, begins="2026-01-01", ends_before="2026-01-01"))
    assert [edition.policy.edition for edition in book.bundle.policies["terms"]][:2] == ["2020a", "2026a"]


@pytest.mark.parametrize(
    ("ends_before", "complaint"),
    [("2025-12-31", "gap: "), ("2026-01-02", "overlap: "), ("null", "overlap: ")],
)
def test_a_gap_or_an_overlap_between_editions_is_refused(
    texts: Texts, ends_before: str, complaint: str
) -> None:
    error = refusal(next_edition(texts, begins="2026-01-01", ends_before=ends_before))
    assert complaint in str(error)
    assert error.file == "terms-2026a.yaml"
    assert error.line == line_of(texts[TERMS], "effective:")


def test_editions_of_one_policy_follow_the_same_day(texts: Texts) -> None:
    both = next_edition(texts, begins="2026-01-01", ends_before="2026-01-01")
    error = refusal(altered(both, "terms-2026a.yaml", "basis: order_date", "basis: decision_date"))
    assert "order_date" in str(error)


def test_a_table_belongs_to_one_policy(texts: Texts) -> None:
    borrowed = altered(texts, CONTROLS, "  photos_needed:", "  ship_within:")
    borrowed = altered(borrowed, CONTROLS, 'p.photos_needed"', 'p.ship_within"')
    borrowed = altered(borrowed, CONTROLS, "{p.photos_needed}", "{p.ship_within}")
    assert "already part of controls" in str(refusal(borrowed))


def test_whatever_a_proposal_says_must_be_read_on_every_proposal(texts: Texts) -> None:
    sometimes = altered(texts, CONTROLS, "- id: SERIAL-SHIPPED\n", "- id: SERIAL-SHIPPED\n  when: hazmat\n")
    error = refusal(sometimes)
    assert "serials_given, which no unconditional rule reads" in str(error)


def test_the_hash_follows_what_the_documents_say_and_nothing_else(texts: Texts) -> None:
    same = {**texts, TERMS: "# a remark\n" + texts[TERMS]}
    example = altered(texts, TERMS, "{days_since_delivery: 30}", "{days_since_delivery: 29}")
    name = altered(texts, TERMS, "signed:", 'signed:\n- {owner: compliance, by: "A. Clerk", day: 2026-11-02}')
    number = altered(texts, TERMS, "southwest: 3", "southwest: 4")
    hashes = [PolicyBook.load(each).bundle_hash for each in (texts, same, example, name, number)]
    assert len(set(hashes[:4])) == 1
    assert hashes[4] != hashes[0]

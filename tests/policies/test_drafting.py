"""An owner's figures, written into a new edition that loads and says nothing else otherwise."""

from datetime import date

import pytest

from backhaul.domain.errors import BadInput, PolicyError
from policies.amendments import Part, amendments
from policies.book import PolicyBook
from policies.drafting import alone, draft_document, draft_table

TODAY, MARCH = date(2026, 11, 25), date(2027, 3, 1)


def newest(book: PolicyBook, policy: str) -> tuple[object, ...]:
    before, after = book.bundle.policies[policy][-2:]
    return amendments(before, after)


def test_a_changed_cell_becomes_an_edition_that_says_nothing_else_otherwise(book: PolicyBook) -> None:
    standing = book.bundle.policies["controls"]
    draft = draft_table(
        book.bundle,
        "auto_limit_usd_minor",
        {("standard",): "1,200", ("gold",): "2500"},
        first=MARCH,
        today=TODAY,
    )
    after = PolicyBook.load(draft.over(book.bundle.texts))

    (one,) = newest(after, "controls")
    line = after.bundle.policies["controls"]
    assert (one.part, one.name, one.key) == (Part.TABLE, "auto_limit_usd_minor", ("standard",))
    before = standing[-1].grids["auto_limit_usd_minor"].cells[("standard",)]
    assert (one.before, one.after, one.direction) == (before, 120_000, "looser")
    assert (one.owner, one.clause) == ("finance", "FIN-2.1")
    assert [edition.policy.label for edition in line] == [
        *(edition.policy.label for edition in standing),
        draft.label,
    ]
    assert (line[-2].policy.effective.until, line[-1].policy.effective.first) == (MARCH, MARCH)


def without_names(text: str) -> list[str]:
    return [
        line
        for line in text.splitlines()
        if line != "signed:" and not line.startswith(("- {owner:", "   digest:"))
    ]


def test_comments_and_the_way_it_is_written_stay_and_the_names_under_it_do_not(book: PolicyBook) -> None:
    draft = draft_table(book.bundle, "window_days", {("bearing", "gold"): "75"}, first=MARCH, today=TODAY)
    new, old = draft.files.values()
    was = book.bundle.texts[next(file for file in draft.files if file in book.bundle.texts)]

    differ = [(a, b) for a, b in zip(without_names(was), new.splitlines(), strict=True) if a != b]
    assert len(differ) == 3, "edition, effective and the one row of the table"
    assert len([1 for a, b in zip(was.splitlines(), old.splitlines(), strict=True) if a != b]) == 1


@pytest.mark.parametrize(
    ("typed", "cents"), [("1,200", 120_000), ("12,345.60", 1_234_560), ("1200.00", 120_000), (" 90 ", 9_000)]
)
def test_a_comma_sets_thousands_apart(book: PolicyBook, typed: str, cents: int) -> None:
    cells = {("standard",): typed}
    draft = draft_table(book.bundle, "auto_limit_usd_minor", cells, first=MARCH, today=TODAY)
    after = PolicyBook.load(draft.over(book.bundle.texts))

    (one,) = newest(after, "controls")
    assert one.after == cents


@pytest.mark.parametrize(
    ("table", "key", "typed", "said"),
    [
        ("auto_limit_usd_minor", ("standard",), "12.5", "write dollars and cents"),
        ("auto_limit_usd_minor", ("standard",), "1200,00", "write dollars and cents such as 500.00 or 1,200"),
        ("auto_limit_usd_minor", ("standard",), "12,00.00", "write dollars and cents"),
        ("auto_limit_usd_minor", ("standard",), "1.200,00", "write dollars and cents"),
        ("auto_limit_usd_minor", ("standard",), "1,200,00", "write dollars and cents"),
        ("auto_limit_usd_minor", ("standard",), ",500.00", "write dollars and cents"),
        ("window_days", ("bearing", "gold"), "7,5", "write a whole number of days"),
        ("auto_limit_usd_minor", ("bronze",), "12.50", "there is no cell"),
        ("window_days", ("bearing", "gold"), "two", "write a whole number of days"),
        ("final_sale_permits", ("defective",), "maybe", "is none of never, permit"),
        ("auto_limit_usd_minor", ("standard",), "500", "No cell differs"),
        ("no_such_table", (), "1", "has a table no_such_table"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(
    book: PolicyBook, table: str, key: tuple[str, ...], typed: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        draft_table(book.bundle, table, {key: typed}, first=MARCH, today=TODAY)


def test_nothing_is_drafted_for_a_day_that_has_begun(book: PolicyBook) -> None:
    with pytest.raises(BadInput, match="tomorrow at the earliest"):
        draft_table(book.bundle, "window_days", {("bearing", "gold"): "75"}, first=TODAY, today=TODAY)


def test_a_document_from_its_author_ends_the_edition_before_it(book: PolicyBook) -> None:
    file, text = next((file, text) for file, text in book.bundle.texts.items() if file.startswith("recovery"))
    last = book.bundle.policies["recovery"][-1].policy
    new = text.replace(f"edition: {last.edition}", "edition: 2099a").replace(
        f"from: {last.effective.first}", "from: 2099-01-01"
    )

    draft = draft_document(book.bundle, "recovery-2099a.yaml", new, today=TODAY)
    after = PolicyBook.load(draft.over(book.bundle.texts))

    assert list(draft.files) == ["recovery-2099a.yaml", file]
    assert after.bundle.policies["recovery"][-2].policy.effective.until == date(2099, 1, 1)
    assert draft.day == date(2099, 1, 1)


def test_what_is_no_policy_document_is_refused_with_its_line(book: PolicyBook) -> None:
    with pytest.raises(PolicyError, match=r"^new\.yaml:2: `kind` is"):
        draft_document(book.bundle, "new.yaml", "# nothing\nkind: Nothing\n", today=TODAY)


def test_one_edition_can_be_looked_at_alone(book: PolicyBook) -> None:
    first = book.bundle.policies["terms"][0].policy.label

    single = PolicyBook.load(alone(book.bundle, first, first=MARCH)).bundle

    assert [edition.policy.label for edition in single.policies["terms"]] == [first]
    effective = single.policies["terms"][0].policy.effective
    assert (effective.first, effective.until) == (MARCH, None)
    with pytest.raises(BadInput, match="there is no edition terms@1999a; there are"):
        alone(book.bundle, "terms@1999a", first=MARCH)


def test_a_rule_that_is_new_gone_or_reworded_is_told(book: PolicyBook) -> None:
    draft = draft_table(book.bundle, "window_days", {("bearing", "gold"): "75"}, first=MARCH, today=TODAY)
    file = next(iter(draft.files))
    text = draft.files[file].replace("- id: RET-WINDOW\n", "- id: RET-PERIOD\n")
    after = PolicyBook.load({**draft.over(book.bundle.texts), file: text})

    rules = {one.name: one for one in newest(after, "terms") if one.part is Part.RULE}

    assert rules["RET-WINDOW"].is_gone
    assert rules["RET-PERIOD"].is_new
    assert rules["RET-PERIOD"].after == rules["RET-WINDOW"].before

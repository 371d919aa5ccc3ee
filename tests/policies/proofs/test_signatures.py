"""A name under a document stands for what it says, and for nothing else."""

import pytest

from policies.book import PolicyBook
from policies.model import FindingKind
from policies.proofs.of_signatures import not_bound

Texts = dict[str, str]
Told = list[tuple[FindingKind, str]]
NEWEST = "controls-2026b.yaml"
COPY = "controls-2027a.yaml"


def told(texts: Texts) -> Told:
    return [(one.kind, one.document) for one in not_bound(PolicyBook.load(texts))]


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def followed(texts: Texts, *changes: tuple[str, str]) -> Texts:
    """The newest controls, copied to an edition of 2027 with these changes, and ended where that begins."""
    text = texts[NEWEST]
    holds = "effective: {from: 2026-07-01, until: null}"
    copy = replaced(
        text,
        ("edition: 2026b", "edition: 2027a"),
        (holds, holds.replace("2026-07-01", "2027-03-01")),
        *changes,
    )
    return {**texts, NEWEST: replaced(text, (holds, holds.replace("null", "2027-03-01"))), COPY: copy}


def without_names(text: str) -> str:
    lines = text.splitlines(keepends=True)
    first = lines.index("signed:\n")
    last = next(at for at in range(first + 1, len(lines)) if not lines[at].startswith(("- {", "   ")))
    return "".join(lines[:first] + lines[last:])


LIMIT = ('{standard: "500.00", silver: "1000.00"', '{standard: "500.00", silver: "1200.00"')


def test_every_shipped_document_is_signed_as_it_is_by_all_whose_figures_it_changes(
    texts: Texts, book: PolicyBook
) -> None:
    assert told(texts) == []
    names = [
        *(edition.policy.signed for line in book.bundle.policies.values() for edition in line),
        *(of.overlay.signed for of in book.bundle.overlays),
    ]
    assert all(names), "somebody stands under each of them"


def test_names_that_were_copied_along_stand_for_something_else(texts: Texts) -> None:
    found = told(followed(texts, LIMIT))

    assert found == [(FindingKind.SIGNED_OTHER, "controls@2027a")] * 3


@pytest.mark.parametrize(
    "change",
    [
        LIMIT,
        ("title: Two people approve a large pay-out", "title: Somebody approves a large pay-out"),
        (
            "id: INV-4EYES\n  clause: SOX-1\n  owner: finance",
            "id: INV-4EYES\n  clause: SOX-1\n  owner: operations",
        ),
    ],
)
def test_an_edition_in_force_that_is_changed_is_no_longer_what_was_signed(
    texts: Texts, change: tuple[str, str]
) -> None:
    changed = {**texts, NEWEST: replaced(texts[NEWEST], change)}

    assert (FindingKind.SIGNED_OTHER, "controls@2026b") in told(changed)
    assert [one for one in told(changed) if one[1] != "controls@2026b"] == []


def test_an_overlay_is_bound_in_the_same_way(texts: Texts) -> None:
    tighter = ("chemical: {standard: 21", "chemical: {standard: 20")
    changed = {**texts, "pacific-2026b.yaml": replaced(texts["pacific-2026b.yaml"], tighter)}

    assert told(changed) == [(FindingKind.SIGNED_OTHER, "pacific@2026b")] * 2


def test_comments_examples_and_the_last_day_may_change_under_a_name(texts: Texts) -> None:
    text = texts["controls-2020a.yaml"].replace("\ntables:\n", "\n# Read again in spring.\ntables:\n", 1)
    example = ("{given: {photos: 1}, expect: ask}", "{given: {photos: 0}, expect: ask}")
    same = followed({**texts, "controls-2020a.yaml": replaced(text, example)})

    assert [one for one in told(same) if one[1] != "controls@2027a"] == []


def test_an_owner_whose_figure_is_changed_and_who_has_not_signed_is_named(texts: Texts) -> None:
    changed = followed(texts, LIMIT)
    found = list(not_bound(PolicyBook.load({**changed, COPY: without_names(changed[COPY])})))

    (one,) = found
    assert (one.kind, one.document) == (FindingKind.NOT_SIGNED, "controls@2027a")
    assert one.words == (
        "finance has not signed what it changes; to sign it, "
        "`backhaul policy sign controls-2027a.yaml --owner finance --by NAME`."
    )


def test_a_name_without_a_digest_binds_nobody(texts: Texts) -> None:
    file = "recovery-2027a.yaml"
    lines = texts[file].splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("   digest:"))
    bare = "".join([*lines[: at - 1], lines[at - 1].rstrip(",\n") + "}\n", *lines[at + 1 :]])

    (one,) = not_bound(PolicyBook.load({**texts, file: bare}))

    assert one.kind is FindingKind.SIGNED_OTHER
    assert "nobody can tell what was signed" in one.words

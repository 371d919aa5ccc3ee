"""What a later edition or an overlay says otherwise, against the texts it was made from."""

from datetime import date

from policies.amendments import Amendment, Part, amendments, overlay_amendments
from policies.book import PolicyBook
from policies.drafting import draft_table

OVERLAY = """kind: Overlay
id: midwest
edition: {edition}
over: controls
applies: {{region: [midwest]}}
effective: {{from: {first}, until: {until}}}
tables:
  auto_limit_usd_minor: {{standard: "{standard}"}}
"""


def told(found: tuple[Amendment, ...]) -> list[tuple[str, object, object, str]]:
    return [(one.name, one.before, one.after, one.direction) for one in found]


def test_an_edition_is_no_change_to_itself(book: PolicyBook) -> None:
    for line in book.bundle.policies.values():
        for edition in line:
            assert amendments(edition, edition) == ()


def test_what_goes_one_way_comes_back_the_other_way(book: PolicyBook) -> None:
    for line in book.bundle.policies.values():
        there = amendments(line[0], line[-1])
        back = amendments(line[-1], line[0])

        assert {(one.name, one.key, one.field) for one in there} == {
            (one.name, one.key, one.field) for one in back
        }
        opposite = {"looser": "tighter", "tighter": "looser", "": ""}
        cells = {(one.name, one.key): one for one in back if one.key is not None}
        for one in there:
            if one.key is not None:
                other = cells[one.name, one.key]
                assert (one.before, one.after) == (other.after, other.before)
                assert one.direction == opposite[other.direction]


def test_every_cell_that_differs_is_told_and_no_other(book: PolicyBook) -> None:
    for line in book.bundle.policies.values():
        before, after = line[0], line[-1]
        found = {(one.name, one.key) for one in amendments(before, after) if one.key is not None}

        assert found == {
            (name, key)
            for name, grid in after.grids.items()
            if name in before.grids
            for key, value in grid.cells.items()
            if before.grids[name].cells[key] != value
        }


def test_an_overlay_is_held_against_the_table_underneath_and_then_against_its_former_edition(
    book: PolicyBook,
) -> None:
    first, second = (
        OVERLAY.format(edition="2099a", first="2099-01-01", until="2099-07-01", standard="300.00"),
        OVERLAY.format(edition="2099b", first="2099-07-01", until="2100-01-01", standard="200.00"),
    )
    bundle = PolicyBook.load({**book.bundle.texts, "a.yaml": first, "b.yaml": second}).bundle
    one, other = (overlay for overlay in bundle.overlays if overlay.overlay.id == "midwest")
    grids = bundle.policies["controls"][-1].grids
    underneath = grids["auto_limit_usd_minor"].cells[("standard",)]

    assert told(overlay_amendments(None, one, grids)) == [
        ("auto_limit_usd_minor", underneath, 30_000, "tighter")
    ]
    assert told(overlay_amendments(one, other, grids)) == [
        ("auto_limit_usd_minor", 30_000, 20_000, "tighter")
    ]


def test_owner_and_clause_are_those_of_the_table_or_rule(book: PolicyBook) -> None:
    draft = draft_table(
        book.bundle,
        "window_days",
        {("bearing", "gold"): "75"},
        first=date(2099, 1, 1),
        today=date(2098, 1, 1),
    )
    file, text = next(iter(draft.files.items()))
    reworded = text.replace(
        "title: The goods come back inside the return", "title: Goods come back inside the"
    )
    line = PolicyBook.load({**draft.over(book.bundle.texts), file: reworded}).bundle.policies["terms"]

    found = amendments(line[-2], line[-1])

    assert [(one.part, one.name, one.owner, one.clause, one.field) for one in found] == [
        (Part.TABLE, "window_days", "operations", "RET-4.1", ""),
        (Part.RULE, "RET-WINDOW", "operations", "RET-4.1", "title"),
    ]

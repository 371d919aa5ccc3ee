"""What policies/README.md tells an owner to do, done; and the documents it shows, loaded."""

import re
from importlib.resources import files

import pytest

from policies.book import PolicyBook
from policies.model import Accepted
from policies.proofs import difference
from policies.source import parse

Texts = dict[str, str]
README = (files("policies") / "README.md").read_text()


def shown(begins: str) -> str:
    """The block of YAML that begins so."""
    (block,) = (one for one in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if one.startswith(begins))
    return str(block)


@pytest.fixture
def proposal(texts: Texts) -> Texts:
    """The documents after the first step of changing a number."""
    now = texts["controls-2026b.yaml"]
    changes = (
        ("edition: 2026b", "edition: 2027a"),
        ("{from: 2026-07-01, until: null}", "{from: 2027-03-01, until: null}"),
        ('silver: "1000.00"', 'silver: "1200.00"'),
    )
    later = now
    for old, new in changes:
        assert later.count(old) == 1
        assert new.partition(": ")[2] in README
        later = later.replace(old, new)
    ended = now.replace("until: null}", "until: 2027-03-01}")
    return {**texts, "controls-2026b.yaml": ended, "controls-2027a.yaml": later}


def test_changing_a_number_does_what_the_readme_says(book: PolicyBook, proposal: Texts) -> None:
    quoted = " ".join(line.removeprefix("   > ") for line in README.splitlines() if line.startswith("   > "))
    told = [change.words for change in difference(book, PolicyBook.load(proposal))]
    assert any(quoted in words for words in told), told


def test_the_overlay_and_the_grant_it_shows_load_together(texts: Texts) -> None:
    register = f"kind: Grants\ngrants:\n{shown('- id: EXC-2026-031')}"
    others = {file: text for file, text in texts.items() if not file.startswith(("reno", "grants"))}
    book = PolicyBook.load({**others, "pacific-2026b.yaml": shown("kind: Overlay"), "grants.yaml": register})
    (overlay,) = book.bundle.overlays
    assert overlay.cells["region_extra_days"] == {("west",): 8}
    assert [grant.id for grant in overlay.grants.values()] == ["EXC-2026-031"]


def test_the_accepted_finding_it_shows_can_be_read() -> None:
    accepted = parse("accepted.yaml", shown("kind: Accepted")).read_as(Accepted)
    assert [one.finding.value for one in accepted.findings] == ["shadowed"]


def test_the_rule_it_shows_loads_in_place_of_the_shipped_one(texts: Texts) -> None:
    terms = texts["terms-2026b.yaml"]
    begins, ends = terms.index("- id: RET-WINDOW"), terms.index("- id: RET-CONTRACT")
    changed = f"{terms[:begins]}{shown('- id: RET-WINDOW')}\n{terms[ends:]}"
    book = PolicyBook.load({**texts, "terms-2026b.yaml": changed})
    assert book.bundle.policies["terms"][-1].rules[0].rule.id == "RET-WINDOW"


def test_every_document_it_lists_is_shipped_and_every_shipped_one_is_listed(texts: Texts) -> None:
    listed = re.findall(r"^\| `([a-z*-]+)\.yaml` \|", README, re.MULTILINE)
    patterns = [re.compile(name.replace("*", r"\d{4}[a-z]?") + r"\.yaml") for name in listed]
    assert all(any(pattern.fullmatch(file) for file in texts) for pattern in patterns)
    assert all(any(pattern.fullmatch(file) for pattern in patterns) for file in texts)

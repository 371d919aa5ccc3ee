"""Putting a name under a document: the rest stays as it is written."""

from datetime import date

import pytest

from backhaul.domain.errors import BadInput, PolicyError
from policies.model import Owner
from policies.signing import digest_to_sign, signatures, signed
from policies.source import parse

DAY = date(2027, 2, 15)
NAME = 'Miriam "Mim" Okafor, Chief Financial Officer'
KIND = "# Freight over the pass.\nkind: Overlay\nid: pass\nedition: 2027a\n"
HEAD = f"{KIND}over: terms\napplies: {{region: [west]}}\n"
REST = "\n# Three days more.\ntables:\n  region_extra_days: {west: 6}  # was five\n"
FLOW = "effective: {from: 2027-01-01, until: 2027-06-01}  # half a year\n"
BLOCK = "effective:\n  from: 2027-01-01\n  until: 2027-06-01\n"
LINES = "signed:\n- {owner: operations, by: Nora, day: 2026-12-01}  # by post\n"
INDENTED = "signed:\n  - owner: operations\n    by: Nora\n    day: 2026-12-01\n"
ONE_LINE = "signed: [{owner: operations, by: Nora, day: 2026-12-01}]\n"


@pytest.mark.parametrize("days", [FLOW, BLOCK])
@pytest.mark.parametrize("names", ["", "signed: []\n", LINES, INDENTED, ONE_LINE])
def test_a_name_is_put_under_it_however_it_is_written_and_all_else_stays(days: str, names: str) -> None:
    text = HEAD + days + names + REST

    made = signed("pass.yaml", text, owner=Owner.FINANCE, by=NAME, day=DAY)

    name = signatures(parse("pass.yaml", made))[-1]
    assert (name.owner, name.by, name.day) == (Owner.FINANCE, NAME, DAY)
    assert name.digest == digest_to_sign(parse("pass.yaml", text)) == digest_to_sign(parse("pass.yaml", made))
    assert made.startswith(HEAD + days)
    assert made.endswith(REST)
    for line in names.splitlines():
        assert line.rstrip("[] ") in made


@pytest.mark.parametrize("names", [LINES, INDENTED, ONE_LINE])
def test_whoever_signs_again_takes_the_place_of_the_name_before(names: str) -> None:
    text = HEAD + FLOW + names + REST

    made = signed("pass.yaml", text, owner=Owner.OPERATIONS, by="Nora Lindgren", day=DAY)
    again = signed("pass.yaml", made, owner=Owner.OPERATIONS, by="Nora Lindgren", day=DAY)

    (name,) = signatures(parse("pass.yaml", made))
    assert (name.by, name.day) == ("Nora Lindgren", DAY)
    assert again == made
    assert made.endswith(REST)
    assert ("# by post" in made) == ("# by post" in names)


def test_every_shipped_document_is_signed_again_without_a_change(texts: dict[str, str]) -> None:
    for file, text in texts.items():
        document = parse(file, text)
        if document.data["kind"] in {"Policy", "Overlay"}:
            for one in signatures(document):
                assert signed(file, text, owner=one.owner, by=one.by, day=one.day) == text


def test_what_is_not_signed_is_refused(texts: dict[str, str]) -> None:
    with pytest.raises(PolicyError, match="only documents of kind Policy and Overlay are signed"):
        signed("baseline.yaml", texts["baseline.yaml"], owner=Owner.FINANCE, by=NAME, day=DAY)
    with pytest.raises(BadInput, match="takes a name"):
        signed("pass.yaml", HEAD + FLOW + REST, owner=Owner.FINANCE, by="  ", day=DAY)

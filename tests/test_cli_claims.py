import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from backhaul.bootstrap.doors import build_web_side
from backhaul.cli.claims import show_claims, show_suppliers
from backhaul.cli.deciding import desk_doors
from backhaul.domain.claims import Answer
from backhaul.domain.errors import BadInput
from backhaul.store.claims import Said
from tests.claims import answers, approved, goes_back
from tests.house import House
from web.world import Doors


@pytest.fixture
def doors(sqlite_house: House) -> Iterator[Doors]:
    """The terminal's view of a house."""
    side = build_web_side(sqlite_house.settings)
    yield desk_doors(side)
    side.close()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200, highlight=False)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_a_claim_lacks_stands_in_the_list(sqlite_house: House, doors: Doors, console: Console) -> None:
    claim = goes_back(sqlite_house, photos=0)

    show_claims(console, doors, "incomplete")

    assert claim.id in shown(console)
    assert "no photo of the fault" in shown(console)
    with pytest.raises(BadInput):
        show_claims(console, doors, "nonsense")


def test_a_supplier_that_paid_a_part_has_that_rate(
    sqlite_house: House, doors: Doors, console: Console
) -> None:
    show_suppliers(console, doors)
    assert "no supplier has answered" in shown(console)
    claim = approved(sqlite_house, goes_back(sqlite_house).id)
    half = (claim.cost_minor + claim.allowance_minor) // 2

    answers(sqlite_house, claim.id, Said(Answer.APPROVE, half))
    show_suppliers(console, doors)

    assert "Tessera Automation" in shown(console)
    assert "50.0 %" in shown(console)

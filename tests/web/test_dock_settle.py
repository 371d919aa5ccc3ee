"""What becomes of inspected goods: proposal, arithmetic, override, and what followed."""

import re
from datetime import date
from typing import Any

import pytest

from backhaul.domain.receiving import Grade
from backhaul.store import dock, reviews, rmas
from backhaul.store.money_tables import CreditMemoRow
from tests.web.dock_goods import announced, inspected, the_form


@pytest.fixture
def dora(visitor: Any) -> Any:
    visitor.is_staff("dock")
    return visitor


@pytest.fixture
def lot(house: Any) -> tuple[str, str]:
    """Two bearings, graded B: receipt and inspection."""
    return inspected(house, announced(house))


def dispositions(house: Any, receipt: str) -> Any:
    with house.store.read() as uow:
        return list(dock.dispositions(uow, receipt))


def settles(dora: Any, inspection: str, **changed: Any) -> Any:
    path = f"/dock/inspection/{inspection}"
    return dora.sends(path, **(the_form(dora.opens(path)) | changed))


def test_the_proposal_comes_with_its_arithmetic_and_every_other_way_with_its_reason(
    dora: Any, lot: tuple[str, str]
) -> None:
    page = dora.opens(f"/dock/inspection/{lot[1]}").text

    assert page.count('<div class="dock-option') == 6
    assert re.search(r'name="chosen" value="scrap" checked', page)
    assert "Net recovery for 2" in page
    assert "Grade B of bearing goes this way (b stock) after a second look." in page
    assert "No restock for bearing in grade B." in page


def test_confirming_keeps_the_arithmetic_and_starts_the_worker(
    dora: Any, house: Any, lot: tuple[str, str]
) -> None:
    page = settles(dora, lot[1])

    (row,) = dispositions(house, lot[0])
    assert (row.chosen, row.proposed, row.quantity, row.override_reason) == ("scrap", "scrap", 2, "")
    assert row.arithmetic["proposed"][0]["net_minor"] == sum(
        part["minor"] for part in row.arithmetic["proposed"][0]["parts"]
    )
    assert house.later.started[-1] == ("dispose", f"dispose-{row.id}", [row.id])
    assert reviews.is_disposition(row.id), "a refusal of what is owed for it would not reach it"
    assert "Being carried out" in page.text
    assert "data-waits" in page.text


def test_a_second_click_is_the_same_disposition(dora: Any, house: Any, lot: tuple[str, str]) -> None:
    path = f"/dock/inspection/{lot[1]}"
    form = the_form(dora.opens(path))

    statuses = [dora.sends(path, **form).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert len(dispositions(house, lot[0])) == 1
    assert dora.opens("/dock?show=settle").text.count("data-row") == 0


def test_another_way_needs_a_reason_and_keeps_it(dora: Any, house: Any, lot: tuple[str, str]) -> None:
    without = settles(dora, lot[1], chosen="b_stock")
    settles(dora, lot[1], chosen="b_stock", override_reason="A customer waits for two of them.")

    assert without.status_code == 422
    assert "Say why." in without.text
    assert 'value="b_stock" checked' in without.text
    (row,) = dispositions(house, lot[0])
    assert (row.chosen, row.proposed) == ("b_stock", "scrap")
    assert row.override_reason == "A customer waits for two of them."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"chosen": "gift"}, "Choose what becomes of the goods."),
        ({"chosen": "none"}, "Choose what becomes of the goods."),
        ({"quantity": "3"}, "How many? 2 have no place yet."),
    ],
)
def test_what_cannot_be_is_asked_for_again(
    dora: Any, house: Any, lot: tuple[str, str], changed: dict[str, str], said: str
) -> None:
    page = settles(dora, lot[1], **changed)

    assert page.status_code == 422
    assert said in page.text
    assert not dispositions(house, lot[0])


def test_a_lot_may_be_split(dora: Any, house: Any, lot: tuple[str, str]) -> None:
    settles(dora, lot[1], quantity="1")
    between = dora.opens("/dock?show=settle").text
    settles(dora, lot[1], chosen="b_stock", override_reason="This one looks better.")

    assert lot[1] in between
    parts = [(one.chosen, one.quantity) for one in dispositions(house, lot[0])]
    assert parts == [("scrap", 1), ("b_stock", 1)]


def test_figures_that_changed_meanwhile_are_shown_before_anything_is_settled(
    dora: Any, house: Any, lot: tuple[str, str]
) -> None:
    page = settles(dora, lot[1], shown="0" * 64)

    assert page.status_code == 409
    assert "The figures have changed since you opened this page." in page.text
    assert not dispositions(house, lot[0])


def test_without_a_proposal_a_reason_is_needed(dora: Any, house: Any) -> None:
    receipt, inspection = inspected(house, announced(house), grade=Grade.D, sku="", described="a blue pump")

    page = dora.opens(f"/dock/inspection/{inspection}").text
    refused = settles(dora, inspection, chosen="scrap")
    settles(dora, inspection, chosen="scrap", override_reason="Broken in two.")

    assert "Nobody knows this article" in page
    assert refused.status_code == 422
    assert dispositions(house, receipt)[0].proposed == "none"


def test_what_followed_stands_on_the_page(dora: Any, house: Any, lot: tuple[str, str]) -> None:
    settles(dora, lot[1])
    (row,) = dispositions(house, lot[0])
    with house.store.begin() as uow:
        done = dock.disposition(uow, row.id)
        done.state, done.erp_number, done.write_down_minor = "posted", "MV-77", 1_234
        uow.session.add(credit(uow, done))

    page = dora.opens(f"/dock/inspection/{lot[1]}").text

    assert "Put them into the scrap bin." in page
    assert "MV-77" in page
    assert "$12.34" in page
    assert "CM-1</span>, $17.20" in page


def credit(uow: Any, done: Any) -> CreditMemoRow:
    home, line = rmas.rma(uow, done.rma_id), rmas.rma_lines(uow, done.rma_id)[0]
    money = {"goods_minor": 1_720, "tax_minor": 0, "restocking_fee_minor": 0, "return_freight_minor": 0}
    return CreditMemoRow(
        id="CM-X",
        case_id=home.case_id,
        rma_id=home.id,
        line_id=line.line_id,
        proposal_id=line.proposal_id,
        subject=done.id,
        order_number=line.order_number,
        order_line=line.order_line,
        quantity=2,
        amount_minor=1_720,
        currency="USD",
        erp_number="CM-1",
        shares=[],
        posted_on=date(2026, 3, 1),
        created_at=uow.clock.now(),
        **money,
    )


@pytest.mark.parametrize("state", ["review", "refused"])
def test_what_waits_or_is_refused_stays_in_quarantine_and_says_why(
    dora: Any, house: Any, lot: tuple[str, str], state: str
) -> None:
    settles(dora, lot[1])
    with house.store.begin() as uow:
        held = dock.disposition(uow, dispositions(house, lot[0])[0].id)
        held.state, held.why = state, "Scrap above 500 dollars needs an approver."

    page = dora.opens(f"/dock/inspection/{lot[1]}").text

    assert "Leave the goods in quarantine." in page
    assert "Scrap above 500 dollars needs an approver." in page
    assert ("Choose another way below." in page) == (state == "refused")
    assert (lot[1] in dora.opens("/dock?show=settle").text) == (state == "refused")
    assert "data-waits" not in page

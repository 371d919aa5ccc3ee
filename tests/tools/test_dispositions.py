"""What is proposed at the bench, on the books of the demo distributor."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.seed import seed_erp
from backhaul.connectors.embedded.seed_data import articles
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput, CurrencyMismatch, NotFound
from backhaul.domain.money import Money
from backhaul.domain.net_recovery import Option, Ranking
from backhaul.domain.orders import PurchaseOrder, UnitIdentity
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.domain.trade import Item, Supplier
from tools.dispositions import propose
from tools.recovery_figures import read_figures

TODAY = date(2026, 3, 18)
SHEET = resources.files("tools").joinpath("recovery_figures.yaml").read_text("utf-8")
DRIVES = ("KX4-50-118803", "KX4-50-118804")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "erp.db"
    seed_erp(path, TODAY)
    return path


@pytest.fixture
def erp(books: Path) -> Iterator[EmbeddedErpReads]:
    reads = EmbeddedErpReads(books)
    yield reads
    reads.close()


def ask(erp: Any, **changes: Any) -> Ranking:
    """Two drives of 50 HP, 35 days in the house when they came back, with a fault that was confirmed."""
    drives: dict[str, Any] = {
        "sku": "DRV-5000-480",
        "grade": Grade.D,
        "finding": Finding.CONFIRMED,
        "reason": Reason.DEFECTIVE,
        "quantity": 2,
        "serials": DRIVES,
        "facility_id": "CMH1",
        "seal_intact": False,
        "today": TODAY,
        "permitted": lambda _: None,
    }
    return propose(erp, **{**drives, **changes})


def option(ranking: Ranking, disposition: Disposition) -> Option:
    return next(one for one in ranking.options if one.disposition is disposition)


def why_not(ranking: Ranking, disposition: Disposition = Disposition.RETURN_TO_VENDOR) -> str:
    return option(ranking, disposition).why_not


def ways(ranking: Ranking) -> list[Disposition]:
    return [one.disposition for one in ranking.proposed]


def test_a_confirmed_fault_inside_the_window_goes_to_the_supplier(erp: EmbeddedErpReads) -> None:
    ranking = ask(erp)

    assert ways(ranking) == [Disposition.RETURN_TO_VENDOR]
    claim = option(ranking, Disposition.RETURN_TO_VENDOR)
    # 88 % of 102 % of 2,976.00; 30 days at 7 basis points; 2.80 and 0.85 x 26.5 kg; 24.00 for the claim
    assert [part.minor for part in claim.parts] == [534_252, -12_500, -560, -4_506, -2_400]
    assert (
        claim.parts[0].why == "2 x 2,671.26 USD: 88 % chance of 102 % of the documented cost of 2,976.00 USD"
    )
    assert ranking.figures == "halden-2026a, as of 2026-01-05"


def test_after_the_window_the_same_drives_are_repaired(erp: EmbeddedErpReads) -> None:
    ranking = ask(erp, today=TODAY + timedelta(days=56))

    assert ways(ranking) == [Disposition.REPAIR]
    assert why_not(ranking) == "The supplier's window closed 1 days ago."


def test_on_the_last_day_of_the_window_the_supplier_is_still_asked(erp: EmbeddedErpReads) -> None:
    assert ways(ask(erp, today=TODAY + timedelta(days=55))) == [Disposition.RETURN_TO_VENDOR]


def test_under_warranty_the_window_from_our_receipt_does_not_count(erp: EmbeddedErpReads) -> None:
    later = TODAY + timedelta(days=56)
    unit = erp.unit(DRIVES[0])
    assert unit is not None
    assert unit.warranty_until is not None

    assert ways(ask(erp, today=later, reason=Reason.WARRANTY_FAILURE)) == [Disposition.RETURN_TO_VENDOR]
    ended = ask(erp, today=unit.warranty_until + timedelta(days=1), reason=Reason.WARRANTY_FAILURE)
    assert why_not(ended) == "The warranty has ended."


@pytest.mark.parametrize("finding", [Finding.DIFFERS, Finding.UNCLEAR])
def test_a_fault_that_the_inspection_did_not_bear_out_is_not_claimed(
    erp: EmbeddedErpReads, finding: Finding
) -> None:
    ranking = ask(erp, finding=finding)

    assert why_not(ranking) == "The supplier takes back confirmed faults, and goods as new with their seal."


def test_goods_as_new_are_sold_as_new_rather_than_sent_back(erp: EmbeddedErpReads) -> None:
    ranking = ask(erp, grade=Grade.A, reason=Reason.NO_LONGER_NEEDED, seal_intact=True)

    assert ways(ranking) == [Disposition.RESTOCK]
    assert "less than restock" in why_not(ranking)


def test_surplus_is_not_offered_to_a_supplier_that_takes_none(erp: EmbeddedErpReads) -> None:
    surplus = {"grade": Grade.A, "reason": Reason.NO_LONGER_NEEDED, "seal_intact": True}
    ranking = ask(erp, sku="PLC-C400", quantity=1, serials=("TAC4-771206",), **surplus)

    assert why_not(ranking) == "Tessera Automation takes back no surplus goods."


def test_a_broken_seal_lowers_what_the_goods_bring(erp: EmbeddedErpReads) -> None:
    sealed, broken = (ask(erp, grade=Grade.A, seal_intact=seal) for seal in (True, False))
    less = [option(one, Disposition.RESTOCK).parts[0].minor for one in (sealed, broken)]

    # 700 basis points of twice 4,650.00, sold in 96 of 100 cases
    assert less[0] - less[1] == 62_496


def test_what_the_policy_refuses_stands_with_its_reason(erp: EmbeddedErpReads) -> None:
    def no_claims(disposition: Disposition) -> str | None:
        return "A claim waits." if disposition is Disposition.RETURN_TO_VENDOR else None

    ranking = ask(erp, permitted=no_claims)
    assert ways(ranking) == [Disposition.REPAIR]
    assert (why_not(ranking), option(ranking, Disposition.RETURN_TO_VENDOR).permitted) == (
        "A claim waits.",
        False,
    )


def test_a_lot_larger_than_the_bench_is_split(erp: EmbeddedErpReads) -> None:
    ranking = ask(
        erp,
        sku="PWT-DRL-20",
        quantity=5,
        serials=(),
        grade=Grade.D,
        facility_id="RNO1",
        finding=Finding.UNCLEAR,
    )

    assert sum(one.quantity for one in ranking.proposed) == 5
    assert option(ranking, Disposition.REPAIR).limit == "The bench takes 3 of 5 pieces."


def in_the_aisle(erp: EmbeddedErpReads) -> tuple[str, int]:
    """A drive or motor with pieces in the B-stock aisle of Columbus, and how many."""
    for article in articles():
        if article.family.product_class == "drives_and_motors":
            for balance in erp.inventory(article.sku):
                if (balance.bin.facility_id, balance.bin.quality_status) == ("CMH1", "b_stock"):
                    return article.sku, balance.quantity
    raise AssertionError("no drive lies in B-stock in Columbus")


def test_the_aisle_holds_only_so_many_of_an_article(erp: EmbeddedErpReads) -> None:
    sku, lying = in_the_aisle(erp)
    full, nearly = (
        ask(
            erp,
            sku=sku,
            quantity=3,
            serials=(),
            figures=read_figures(SHEET.replace("CMH1: 40", f"CMH1: {lying + more}")),
        )
        for more in (0, 2)
    )

    assert why_not(full, Disposition.B_STOCK) == "There is room for 0 of 3 pieces."
    assert option(nearly, Disposition.B_STOCK).limit == "There is room for 2 of 3 pieces."


def test_pieces_that_lie_there_already_go_first(erp: EmbeddedErpReads) -> None:
    stocked = next(
        balance
        for balance in erp.inventory("CTR-009-024")
        if (balance.bin.facility_id, balance.bin.quality_status) == ("CMH1", "available")
    )
    ranking = ask(
        erp,
        sku="CTR-009-024",
        grade=Grade.A,
        quantity=1,
        serials=(),
        finding=Finding.UNCLEAR,
        seal_intact=True,
    )

    holding = next(part for part in option(ranking, Disposition.RESTOCK).parts if part.name == "holding")
    assert holding.why.endswith(f"{stocked.quantity} lie ahead")


class Forgetful(EmbeddedErpReads):
    """The books with a gap: `hidden` names what this ERP cannot tell."""

    hidden = ""

    def supplier(self, supplier_id: str) -> Supplier | None:
        return None if self.hidden == "supplier" else super().supplier(supplier_id)

    def unit(self, number: str) -> UnitIdentity | None:
        return None if self.hidden == "unit" else super().unit(number)

    def purchase_order(self, number: str) -> PurchaseOrder | None:
        found = super().purchase_order(number)
        if found and self.hidden == "currency":
            return replace(found, unit_cost=Money(found.unit_cost.minor, "CAD"))
        return None if self.hidden == "purchase" else found

    def item(self, sku: str) -> Item | None:
        found = super().item(sku)
        if found and self.hidden == "price":
            return replace(found, list_price=Money(found.list_price.minor, "CAD"))
        return replace(found, supplier_id="S-999") if found and self.hidden == "other supplier" else found


@pytest.fixture
def forgetful(books: Path) -> Iterator[Forgetful]:
    reads = Forgetful(books)
    yield reads
    reads.close()


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ("supplier", "The supplier's terms are unknown."),
        ("other supplier", "The supplier's terms are unknown."),
        ("unit", "The purchase of these pieces is unknown."),
        ("purchase", "The purchase of these pieces is unknown."),
        ("currency", "The purchase is not documented in USD."),
    ],
)
def test_what_the_erp_cannot_tell_is_said_and_the_supplier_is_not_proposed(
    forgetful: Forgetful, hidden: str, said: str
) -> None:
    forgetful.hidden = hidden
    ranking = ask(forgetful)

    assert ways(ranking) == [Disposition.REPAIR]
    assert (option(ranking, Disposition.RETURN_TO_VENDOR).quantity, why_not(ranking)) == (0, said)


def test_a_piece_without_its_serial_is_not_claimed(erp: EmbeddedErpReads) -> None:
    ranking = ask(erp, serials=DRIVES[:1])

    assert why_not(ranking) == "Not every piece has its serial, so its purchase cannot be shown."


def test_lots_show_the_purchase_of_goods_without_serials(erp: EmbeddedErpReads) -> None:
    line = erp.order_line("SO-15086", 1)
    assert line is not None
    assert line.lots
    unit = erp.unit(line.lots[0])
    purchase = erp.purchase_order(unit.purchase_order or "") if unit else None
    assert purchase is not None
    ranking = ask(
        erp,
        sku=line.sku,
        quantity=20,
        serials=(),
        lots=line.lots,
        today=purchase.received_on + timedelta(days=30),
    )

    assert ways(ranking) == [Disposition.RETURN_TO_VENDOR]


@pytest.mark.parametrize(
    ("cell", "disposition", "said"),
    [
        (
            "S-100: {defective: 880, surplus: 720}",
            Disposition.RETURN_TO_VENDOR,
            "How S-100 answers claims is unknown.",
        ),
        ("CMH1: 6, ", Disposition.REPAIR, "The room for repair in CMH1 is unknown."),
        ("CMH1: 40, ", Disposition.B_STOCK, "The room for B-stock in CMH1 is unknown."),
    ],
)
def test_a_figure_that_nobody_entered_is_unknown(
    erp: EmbeddedErpReads, cell: str, disposition: Disposition, said: str
) -> None:
    without = read_figures(SHEET.replace(cell, "", 1))

    assert why_not(ask(erp, figures=without), disposition) == said


def test_a_class_that_is_never_sold_that_way_says_so(erp: EmbeddedErpReads) -> None:
    ranking = ask(erp, sku="ADH-T271", quantity=4, serials=())

    assert why_not(ranking, Disposition.B_STOCK) == "No B-stock for chemical in grade D."
    assert ways(ranking) == [Disposition.SCRAP]


def test_figures_past_their_review_say_so(erp: EmbeddedErpReads) -> None:
    assert ask(erp, today=date(2027, 2, 1)).figures == "halden-2026a, as of 2026-01-05, due for review"


def test_an_unknown_article_is_not_ranked(erp: EmbeddedErpReads) -> None:
    with pytest.raises(NotFound, match="NO-SUCH"):
        ask(erp, sku="NO-SUCH")


@pytest.mark.parametrize("changes", [{"quantity": 0, "serials": ()}, {"quantity": 1}])
def test_pieces_and_serials_that_cannot_be_are_refused(
    erp: EmbeddedErpReads, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadInput, match="pieces with"):
        ask(erp, **changes)


def test_a_price_in_another_currency_is_not_taken_for_dollars(forgetful: Forgetful) -> None:
    forgetful.hidden = "price"
    with pytest.raises(CurrencyMismatch):
        ask(forgetful)


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("bearing: 50\n", "bearing: true\n", r"ageing.*bearing: .*integer"),
        ("    bearing: 50\n", "", r"ageing.*no figure for bearing"),
        ('"2.40"', "2.40", "written as text"),
        ('"2.40"', '"2.405"', "fraction"),
        ('"2.40"', '"-2.40"', "greater than or equal to 0"),
        ("values: 365", "values: 36500", "longest_wait_days"),
        ("id: halden", "idd: halden", "id: Field required"),
        ("A: 8800, B: null", "A: 8800, E: null", "restock_basis_points"),
        ("bearing: null\n", "bearing: [\n", "cannot be read"),
    ],
)
def test_figures_that_cannot_be_are_refused_with_their_place(written: str, instead: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_figures(SHEET.replace(written, instead, 1))


def test_an_empty_document_is_no_figures() -> None:
    with pytest.raises(BadInput, match="document of tables"):
        read_figures("")

"""The figures of operations, read for one article in one condition in one building."""

from collections.abc import Mapping
from dataclasses import dataclass

from backhaul.domain.money import Money
from backhaul.domain.net_recovery import WORDS
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.recovery_terms import Charges, Market, NotOffered, Repair
from backhaul.domain.trade import Item
from tools.recovery_figures import Figures, Sold


@dataclass(frozen=True, slots=True)
class Bench:
    """Goods before the inspector. `lying` is how many pieces of the article wait there, by way of sale."""

    item: Item
    grade: Grade
    facility_id: str
    seal_intact: bool
    lying: Mapping[Sold, int]
    figures: Figures

    def restock(self) -> Market | NotOffered:
        """Sold as new."""
        share = self.figures.restock_basis_points.values[self.item.product_class][self.grade]
        if share is None:
            return self._never(Disposition.RESTOCK)
        return self._market(Sold.RESTOCK, self._less_seal(share), places=None)

    def b_stock(self) -> Market | NotOffered:
        """Sold as B-stock, as far as the aisle has room for more of this article."""
        share = self.figures.b_stock_basis_points.values[self.item.product_class][self.grade]
        if share is None:
            return self._never(Disposition.B_STOCK)
        places = self.figures.b_stock_places.values.get(self.facility_id)
        if places is None:
            return self._no_room_known(Disposition.B_STOCK)
        left = max(places - self.lying[Sold.B_STOCK], 0)
        return self._market(Sold.B_STOCK, self._less_seal(share), places=left)

    def repair(self) -> Repair | NotOffered:
        """Repaired on our bench and sold as repaired; a broken seal takes nothing more off."""
        figures, goods = self.figures, self.item.product_class
        share = figures.repaired_basis_points.values[goods]
        success = figures.repair_success_permille.values[goods][self.grade]
        if share is None or success is None:
            return self._never(Disposition.REPAIR)
        places = figures.repair_places.values.get(self.facility_id)
        if places is None:
            return self._no_room_known(Disposition.REPAIR)
        parts = self.item.cost.share(figures.repair_parts_basis_points.values[self.grade])
        cost = Money(figures.repair_work_usd.values[goods]) + parts
        return Repair(success, cost.minor, places, self._market(Sold.REPAIR, share, places=None))

    def _market(self, sold: Sold, share: int, *, places: int | None) -> Market:
        figures, goods = self.figures, self.item.product_class
        return Market(
            share_basis_points=share,
            chance_permille=figures.sale_chance_permille.values[sold],
            first_days=figures.first_sale_days.values[sold],
            pieces_ahead=self.lying[sold],
            pieces_a_month=figures.pieces_a_month.values[goods][sold],
            longest_days=figures.longest_wait_days.values,
            ageing_basis_points_a_month=figures.ageing_basis_points_a_month.values[goods],
            places=places,
        )

    def _less_seal(self, share: int) -> int:
        lost = (
            0 if self.seal_intact else self.figures.broken_seal_basis_points.values[self.item.product_class]
        )
        return max(share - lost, 0)

    def _never(self, disposition: Disposition) -> NotOffered:
        goods = self.item.product_class.replace("_", " ")
        return NotOffered(f"No {WORDS[disposition]} for {goods} in grade {self.grade}.")

    def _no_room_known(self, disposition: Disposition) -> NotOffered:
        return NotOffered(f"The room for {WORDS[disposition]} in {self.facility_id} is unknown.")


def charges(figures: Figures) -> dict[Disposition, Charges]:
    """What each disposition costs in work and freight."""
    return {
        Disposition(worked.value): Charges(work.piece, work.kilogram, work.hazmat_piece, work.lot)
        for worked, work in figures.work_usd.values.items()
    }

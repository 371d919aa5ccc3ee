"""A stream of returned goods to be given a disposition: articles of the demo catalogue, the rest drawn.

Everything drawn here is an assumption of the simulation and stands in `docs/net-recovery.md`.
"""

from dataclasses import dataclass
from functools import cache
from random import Random

from backhaul.connectors.embedded.seed_data import ArticleSheet, SupplierSheet, articles, catalogue
from backhaul.domain.codes import ProductClass, Reason
from backhaul.domain.receiving import Finding, Grade
from backhaul.domain.recovery_terms import NotOffered, SupplierOffer
from backhaul.domain.trade import Item, SupplierReturnTerms, Tracking
from tools.recovery_bench import Bench
from tools.recovery_figures import ClaimGround, Figures, Sold
from tools.supplier_offers import Returned, accepted, expected

FACILITIES = ("CMH1", "RNO1", "ATL1")
_REASONS = {
    Reason.DEFECTIVE: 22,
    Reason.NO_LONGER_NEEDED: 18,
    Reason.WRONG_ITEM: 12,
    Reason.DAMAGED_IN_TRANSIT: 10,
    Reason.WRONG_SIZE: 10,
    Reason.ORDERED_BY_MISTAKE: 10,
    Reason.WARRANTY_FAILURE: 8,
    Reason.OVER_SHIPPED: 6,
    Reason.NOT_AS_DESCRIBED: 4,
}
_BROKEN = {Reason.DEFECTIVE, Reason.WARRANTY_FAILURE, Reason.NOT_AS_DESCRIBED, Reason.DAMAGED_IN_TRANSIT}
_GRADES_BROKEN, _GRADES_OTHERWISE = (5, 17, 40, 38), (60, 28, 10, 2)
_CONFIRMED, _SEALED = 0.8, {Grade.A: 0.8, Grade.B: 0.3, Grade.C: 0.05, Grade.D: 0.02}
_MISGRADED = 0.08
_MEAN_DAYS, _MEAN_DAYS_WARRANTY = 90, 400
_SMALL = {ProductClass.FASTENER, ProductClass.CONSUMABLE, ProductClass.BEARING}
_LARGE = {ProductClass.DRIVES_AND_MOTORS, ProductClass.ELECTRONICS}
_MORE_PIECES = {"small": 0.9, "large": 0.25, "other": 0.6}
_MOST_LYING = {Sold.RESTOCK: 60, Sold.B_STOCK: 12}


@dataclass(frozen=True, slots=True)
class Return:
    """Pieces on the bench. `grade` is what the inspector found, `true_grade` what the market finds."""

    number: int
    item: Item
    terms: SupplierReturnTerms
    reason: Reason
    finding: Finding
    grade: Grade
    true_grade: Grade
    quantity: int
    traced: bool
    days_since_receipt: int
    facility_id: str
    seal_intact: bool
    lying: dict[Sold, int]

    def bench(self, figures: Figures, grade: Grade) -> Bench:
        """These goods, read under those figures in that grade."""
        return Bench(self.item, grade, self.facility_id, self.seal_intact, self.lying, figures)

    @property
    def ground(self) -> ClaimGround | None:
        """On what ground the supplier takes the pieces back; `None` where it does not, or no longer."""
        ground = Returned(
            self.item, self.grade, self.finding, self.reason, self.quantity, (), (), self.seal_intact
        ).ground
        if ground is None or not self.traced or not accepted(self.terms, ground):
            return None
        in_time = self.days_since_receipt <= self.terms.window_days
        return ground if in_time or self.reason is Reason.WARRANTY_FAILURE else None

    def offer(self, figures: Figures) -> SupplierOffer | NotOffered:
        """What the supplier is expected to do under those figures."""
        if self.ground is None:
            return NotOffered("The supplier does not take these pieces back.")
        return expected(self.item.supplier_id, self.terms, self.ground, self.item.cost.minor, figures)


def returns(seed: int, count: int) -> list[Return]:
    """So many returns; the same seed gives the same ones."""
    random = Random(f"returns {seed}")
    return [_one(random, number) for number in range(count)]


def _one(random: Random, number: int) -> Return:
    article = random.choice(articles())
    reason = random.choices(list(_REASONS), list(_REASONS.values()))[0]
    grade = random.choices(list(Grade), _GRADES_BROKEN if reason in _BROKEN else _GRADES_OTHERWISE)[0]
    worse = Grade("ABCD"[min("ABCD".index(grade) + 1, 3)])
    mean = _MEAN_DAYS_WARRANTY if reason is Reason.WARRANTY_FAILURE else _MEAN_DAYS
    b_stock = random.randint(0, _MOST_LYING[Sold.B_STOCK]) if random.random() < 1 / 2 else 0
    available = random.randint(0, _MOST_LYING[Sold.RESTOCK])
    return Return(
        number=number,
        item=_item(article),
        terms=_terms()[article.family.supplier],
        reason=reason,
        finding=Finding.CONFIRMED if random.random() < _CONFIRMED else Finding.UNCLEAR,
        grade=grade,
        true_grade=worse if random.random() < _MISGRADED else grade,
        quantity=_pieces(random, article.family.product_class),
        traced=article.family.tracking is not Tracking.NONE,
        days_since_receipt=int(random.expovariate(1 / mean)),
        facility_id=random.choice(FACILITIES),
        seal_intact=random.random() < _SEALED[grade],
        lying={Sold.RESTOCK: available, Sold.B_STOCK: b_stock, Sold.REPAIR: b_stock},
    )


def _pieces(random: Random, goods: ProductClass) -> int:
    more = _MORE_PIECES["small" if goods in _SMALL else "large" if goods in _LARGE else "other"]
    pieces = 1
    while random.random() < more:
        pieces += 1
    return pieces


@cache
def _terms() -> dict[str, SupplierReturnTerms]:
    return {sheet.id: _terms_of(sheet) for sheet in catalogue().suppliers}


def _terms_of(sheet: SupplierSheet) -> SupplierReturnTerms:
    return SupplierReturnTerms(
        sheet.window_days,
        sheet.restocking_basis_points,
        sheet.accepts_defective,
        sheet.accepts_overstock,
        sheet.rma_required,
    )


def _item(article: ArticleSheet) -> Item:
    family = article.family
    return Item(
        sku=article.sku,
        description=article.description,
        manufacturer=family.maker,
        manufacturer_part=article.part,
        product_class=family.product_class,
        tracking=family.tracking,
        hazmat=family.hazmat,
        final_sale=family.final_sale,
        warranty_months=family.warranty_months,
        weight_grams=article.grams,
        list_price=article.list_price,
        cost=article.list_price.share(family.cost_basis_points),
        supplier_id=family.supplier,
    )

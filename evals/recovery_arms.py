"""Who gives dispositions in the comparison: the proposal, two fixed tables, and one that knows the truth.

Everybody has the same places on the bench and in the aisle. One of them asks the demo's policy; the others
may do whatever the figures offer at all.
"""

from collections.abc import Callable
from datetime import date

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.domain.codes import Action
from backhaul.domain.errors import NotFound
from backhaul.domain.net_recovery import Ranking, rank
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.recovery_terms import NotOffered
from backhaul.domain.trade import Tracking
from evals.recovery_stream import Return
from policies.book import PolicyBook
from policies.facts import Facts
from tools.dispositions import goods_of, parameters_of
from tools.permitted_dispositions import permitted_by
from tools.recovery_figures import ClaimGround, Figures

Split = dict[Disposition, int]
Arm = Callable[[Return], Split]

FIXED = {
    Grade.A: (Disposition.RESTOCK, Disposition.SCRAP),
    Grade.B: (Disposition.B_STOCK, Disposition.SCRAP),
    Grade.C: (Disposition.REPAIR, Disposition.B_STOCK, Disposition.SCRAP),
    Grade.D: (Disposition.SCRAP,),
}
"""What most warehouses go by: a disposition for each grade, and the next for what finds no place there."""

_DAY = date(2026, 3, 18)


def proposal(figures: Figures) -> Arm:
    """The best expected net recovery under these figures, by a policy that refuses nothing."""

    def split(goods: Return) -> Split:
        return _split(_ranked(goods, figures, lambda _: None))

    return split


def proposal_by_policy(figures: Figures) -> Arm:
    """The best among what the demo's policy permits; what that leaves over, with a person's approval."""
    book = PolicyBook.load(read_documents(SHIPPED))

    def split(goods: Return) -> Split:
        ranking = _ranked(goods, figures, _policy(book, goods, approved=False))
        if ranking.unplaced:
            ranking = _ranked(goods, figures, _policy(book, goods, approved=True))
        return _split(ranking)

    return split


def fixed_table(figures: Figures) -> Arm:
    """The table above; places and classes come from the figures, prices do not."""

    def split(goods: Return) -> Split:
        left, found = goods.quantity, Split()
        for way in FIXED[goods.grade]:
            pieces = min(left, _places(goods, figures, way))
            found[way] = pieces
            left -= pieces
        return found

    return split


def fixed_table_with_claims(figures: Figures) -> Arm:
    """The same table in a house that sends every confirmed fault back to a supplier that still takes it."""
    table = fixed_table(figures)

    def split(goods: Return) -> Split:
        if goods.ground is ClaimGround.DEFECTIVE:
            return {Disposition.RETURN_TO_VENDOR: goods.quantity}
        return table(goods)

    return split


def _places(goods: Return, figures: Figures, way: Disposition) -> int:
    bench = goods.bench(figures, goods.grade)
    if way is Disposition.REPAIR:
        repair = bench.repair()
        return 0 if isinstance(repair, NotOffered) else repair.places
    if way is Disposition.SCRAP:
        return goods.quantity
    market = bench.restock() if way is Disposition.RESTOCK else bench.b_stock()
    if isinstance(market, NotOffered):
        return 0
    return goods.quantity if market.places is None else market.places


def _ranked(goods: Return, figures: Figures, permitted: Callable[[Disposition], str | None]) -> Ranking:
    parameters = parameters_of(goods.bench(figures, goods.grade), goods.offer(figures), _DAY)
    return rank(goods_of(goods.item, goods.quantity), parameters, permitted)


def _split(ranking: Ranking) -> Split:
    return {one.disposition: one.quantity for one in ranking.proposed}


def _policy(book: PolicyBook, goods: Return, *, approved: bool) -> Callable[[Disposition], str | None]:
    return permitted_by(
        book,
        _facts(book, goods),
        unit_cost=goods.item.cost,
        order_date=_DAY,
        decision_date=_DAY,
        facility_id=goods.facility_id,
        approved=approved,
    )


def _facts(book: PolicyBook, goods: Return) -> Facts:
    baseline = book.bundle.baseline
    if baseline is None:
        raise NotFound("baseline", "facts of an ordinary move of stock")
    serials = goods.quantity if goods.item.tracking is Tracking.SERIAL else 0
    pieces = (
        "quantity",
        "quantity_shipped",
        "quantity_already_authorised",
        "quantity_on_rma",
        "quantity_received",
    )
    return Facts.from_record(
        {
            **baseline.facts,
            **baseline.actions[Action.MOVE_STOCK],
            **dict.fromkeys(pieces, goods.quantity),
            "action": Action.MOVE_STOCK,
            "reason": goods.reason,
            "finding": goods.finding,
            "grade": goods.grade,
            "seal_intact": goods.seal_intact,
            "product_class": goods.item.product_class,
            "hazmat": goods.item.hazmat,
            "serial_tracked": serials > 0,
            "serials_given": serials,
            "serials_matching": serials,
        }
    )

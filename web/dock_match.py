"""Which return goods without papers may belong to: the likeliest first, each with its reasons."""

from collections.abc import Iterable
from dataclasses import dataclass

from backhaul.domain.receiving import ReceiptState
from backhaul.store import cases, dock_lists, rmas
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from web.dock_receive_view import Article, account_name, article_of
from web.dock_scan import cleaned, find
from web.world import Doors

_MOST = 20
_SAME_SERIAL, _SAME_ARTICLE, _SAME_SENDER, _AS_MANY = 8, 4, 2, 1
"""A serial outweighs everything else together: there is only one piece with it"""


@dataclass(frozen=True, slots=True)
class Match:
    """A line of an announced return, and what speaks for it."""

    rma: RmaRow
    line: RmaLineRow
    article: Article
    account_name: str
    left: int
    reasons: tuple[str, ...]
    weight: int


def awaits_a_match(goods: ReceiptRow) -> bool:
    """Whether a person may still say which return these goods belong to."""
    waits = {ReceiptState.UNMATCHED.value, ReceiptState.HELD.value}
    return goods.state in waits and goods.quantity > 0


def matches(uow: UnitOfWork, doors: Doors, goods: ReceiptRow, search: str) -> list[Match]:
    """Lines with pieces still to come that fit a search, or without one what is known of the goods."""
    candidates = _searched(uow, doors, search) if search else _likely(uow, doors, goods)
    found = [
        match
        for row in _each_once(candidates)
        for line in rmas.rma_lines(uow, row.id)
        if (match := _match(uow, doors, goods, row, line)).left > 0 and (search or match.weight)
    ]
    return sorted(found, key=lambda one: (-one.weight, one.rma.return_by, one.line.id))[:_MOST]


def _each_once(rows: Iterable[RmaRow]) -> list[RmaRow]:
    return list({row.id: row for row in rows if not (row.cancelled_at or row.expired_at)}.values())


def _searched(uow: UnitOfWork, doors: Doors, search: str) -> list[RmaRow]:
    named = [one.account_id for one in doors.desk.erp.accounts() if search.lower() in one.name.lower()]
    return [
        *find(uow, doors.desk.erp, cleaned(search)).rmas,
        *dock_lists.rmas_of_accounts(uow, named),
    ]


def _likely(uow: UnitOfWork, doors: Doors, goods: ReceiptRow) -> list[RmaRow]:
    sold = [unit for serial in goods.serials if (unit := doors.desk.erp.unit(serial))]
    by_serial = [
        row
        for unit in sold
        if unit.order_number and unit.order_line
        for row in dock_lists.rmas_on_line(uow, unit.order_number, unit.order_line)
    ]
    by_number = dock_lists.rmas_numbered(uow, goods.tracking_number) if goods.tracking_number else ()
    by_article = dock_lists.rmas_with_article(uow, goods.sku) if goods.sku else ()
    of_sender = dock_lists.rmas_of_accounts(uow, _senders(doors, goods))
    return [*by_serial, *by_number, *by_article, *of_sender]


def _senders(doors: Doors, goods: ReceiptRow) -> list[str]:
    """Accounts whose name stands in the note."""
    said = goods.note.lower()
    return [one.account_id for one in doors.desk.erp.accounts() if said and one.name.lower() in said]


def _match(uow: UnitOfWork, doors: Doors, goods: ReceiptRow, row: RmaRow, line: RmaLineRow) -> Match:
    said = cases.return_line(uow, line.line_id)
    article, left = article_of(doors.desk.erp, said), line.quantity - dock_lists.came(uow, line.id)
    sold = doors.desk.erp.order_line(line.order_number, line.order_line)
    known = {*said.serials, *(sold.serials if sold else ())}
    speaks = [
        (_SAME_SERIAL, "same serial", bool(known & set(goods.serials))),
        (_SAME_ARTICLE, "same article", bool(goods.sku) and goods.sku in {article.sku, line.sku}),
        (_SAME_SENDER, "same sender", row.account_id in _senders(doors, goods)),
        (_AS_MANY, "as many as expected", goods.quantity == left),
    ]
    weight = sum(points for points, _, is_so in speaks if is_so)
    return Match(
        rma=row,
        line=line,
        article=article,
        account_name=account_name(doors.desk.erp, row.account_id),
        left=left,
        reasons=tuple(reason for _, reason, is_so in speaks if is_so),
        weight=weight if weight > _AS_MANY else 0,
    )

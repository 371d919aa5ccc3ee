"""What the dock sees of an announced return: its lines, what is still to come, and what came already."""

from collections.abc import Mapping
from dataclasses import dataclass

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Reason
from backhaul.domain.trade import Tracking
from backhaul.store import cases, dock, dock_lists, rmas
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaLineRow, RmaRow
from backhaul.store.tables import ReturnLineRow
from backhaul.store.unit_of_work import UnitOfWork
from web.world import Doors


@dataclass(frozen=True, slots=True)
class Article:
    """What should be in the box. `sku` is empty when the customer only described it."""

    sku: str
    description: str
    tracking: Tracking


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """One line of an RMA at the dock. `serials` are those that may still come; empty when nobody knows."""

    row: RmaLineRow
    said: ReturnLineRow
    article: Article
    came: int
    serials: tuple[str, ...]

    @property
    def left(self) -> int:
        """Pieces still to come."""
        return max(0, self.row.quantity - self.came)

    @property
    def swapped(self) -> bool:
        """Whether another article is expected than the one that was ordered."""
        return self.article.sku != self.row.sku


@dataclass(frozen=True, slots=True)
class Announced:
    """One RMA at the dock."""

    rma: RmaRow
    account_name: str
    label: LabelRow | None
    lines: tuple[AnnouncedLine, ...]
    receipts: tuple[ReceiptRow, ...]
    serials_here: Mapping[str, str]
    """Serials that came already, each with its receipt"""

    @property
    def is_off(self) -> str:
        """In words, why these goods are not expected any more; empty when they are."""
        if self.rma.cancelled_at:
            return "This return was cancelled."
        return "This return has expired." if self.rma.expired_at else ""

    @property
    def is_complete(self) -> bool:
        return all(line.left == 0 for line in self.lines)


def announced(uow: UnitOfWork, doors: Doors, rma_id: str) -> Announced:
    """The RMA with everything that is needed to receive it; NotFound when there is none."""
    row = rmas.rma(uow, rma_id)
    here = dock_lists.receipts_with_serials(uow, rma_id)
    lines = tuple(_line(uow, doors.desk.erp, line, here) for line in rmas.rma_lines(uow, rma_id))
    return Announced(
        rma=row,
        account_name=account_name(doors.desk.erp, row.account_id),
        label=rmas.live_label(uow, rma_id),
        lines=lines,
        receipts=tuple(dock.receipts_of(uow, rma_id)),
        serials_here=here,
    )


def account_name(erp: ErpReads, account_id: str) -> str:
    """The customer as people call it; the number when the ERP knows no name."""
    account = erp.account(account_id)
    return account.name if account else account_id


def article_of(erp: ErpReads, said: ReturnLineRow) -> Article:
    """What should arrive: for a wrong item what was sent instead, else what was ordered."""
    swapped = said.reason == Reason.WRONG_ITEM.value and (said.received_sku or said.received_words)
    sku = said.received_sku or "" if swapped else said.sku
    item = erp.item(sku) if sku else None
    if item is not None:
        return Article(item.sku, item.description, item.tracking)
    return Article(sku, said.received_words or "" if swapped else said.description, Tracking.NONE)


def _line(uow: UnitOfWork, erp: ErpReads, row: RmaLineRow, here: Mapping[str, str]) -> AnnouncedLine:
    said = cases.return_line(uow, row.line_id)
    article = article_of(erp, said)
    sold = erp.order_line(row.order_number, row.order_line) if article.sku == row.sku else None
    known = tuple(said.serials) or (sold.serials if sold else ())
    return AnnouncedLine(
        row=row,
        said=said,
        article=article,
        came=dock_lists.came(uow, row.id),
        serials=tuple(serial for serial in known if serial not in here),
    )

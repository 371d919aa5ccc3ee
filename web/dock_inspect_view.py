"""What the dock sees of a receipt: where it stands, what was inspected, and what is still to be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Finding, Grade, ReceiptKind, ReceiptState
from backhaul.domain.trade import Item
from backhaul.store import cases, dock, dock_lists, rmas
from backhaul.store import staff as people
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.tables import ReturnLineRow
from backhaul.store.unit_of_work import UnitOfWork
from web.dock_checklists import Question, checklists
from web.dock_receive_view import account_name
from web.world import Doors

GRADES: Mapping[Grade, tuple[str, str]] = {
    Grade.A: ("As new", "Sealed or untouched. Can be sold at full price."),
    Grade.B: ("Opened, complete", "Nothing missing, no fault. Can be sold again, not as new."),
    Grade.C: ("Usable, with faults", "Works or can be repaired. Marks, missing parts, or a fault."),
    Grade.D: ("Not usable", "Broken, expired, unsafe or worthless."),
}
FINDINGS: Mapping[Finding, tuple[str, str]] = {
    Finding.CONFIRMED: ("Yes", "It is as the customer says."),
    Finding.DIFFERS: ("No", "It is something else. Say what."),
    Finding.UNCLEAR: ("Cannot tell", "It would need a test, or more to go by."),
}
REASONS: tuple[Reason, ...] = tuple(Reason)


@dataclass(frozen=True, slots=True)
class Looked:
    """An inspection with the dispositions of its pieces."""

    row: InspectionRow
    by: str
    settled: tuple[DispositionRow, ...]

    @property
    def standing(self) -> tuple[DispositionRow, ...]:
        """Dispositions that were not refused."""
        return tuple(one for one in self.settled if one.state != "refused")

    @property
    def left(self) -> int:
        """Pieces without a disposition."""
        return self.row.quantity - sum(one.quantity for one in self.standing)


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Everything on the page of a receipt."""

    row: ReceiptRow
    counted_by: str
    item: Item | None
    rma: RmaRow | None
    rma_line: RmaLineRow | None
    said: ReturnLineRow | None
    account_name: str
    looked: tuple[Looked, ...]
    surplus: tuple[ReceiptRow, ...]
    siblings: tuple[ReceiptRow, ...]
    more_to_come: bool
    beyond: int
    """Pieces more than announced, until the worker has split them off"""

    @property
    def left(self) -> int:
        """Pieces that nobody has inspected."""
        return self.row.quantity - sum(one.row.quantity for one in self.looked)

    @property
    def serials(self) -> tuple[str, ...]:
        """Serials of pieces that nobody has inspected."""
        done = {serial for one in self.looked for serial in one.row.serials}
        return tuple(serial for serial in self.row.serials if serial not in done)

    @property
    def waits(self) -> bool:
        """Whether the page fills in by itself: the worker has not booked it yet."""
        return self.row.state == ReceiptState.COUNTED.value

    @property
    def to_inspect(self) -> bool:
        return self.row.state == ReceiptState.BOOKED.value and self.left > 0

    @property
    def is_settled(self) -> bool:
        """Whether all of it was moved to where it belongs."""
        done = all(
            one.left == 0 and all(row.state == "posted" for row in one.standing) for one in self.looked
        )
        return self.row.state == ReceiptState.BOOKED.value and self.left == 0 and bool(self.looked) and done

    @property
    def questions(self) -> tuple[Question, ...]:
        """The checklist of its class; none for an article nobody knows."""
        return checklists()[self.item.product_class] if self.item else ()


def receipt_page(uow: UnitOfWork, doors: Doors, receipt_id: str) -> ReceiptPage:
    """The receipt with all that belongs to it; NotFound when there is none."""
    row = dock.receipt(uow, receipt_id)
    rma = rmas.rma(uow, row.rma_id) if row.rma_id else None
    lines = rmas.rma_lines(uow, rma.id) if rma else ()
    line = next((one for one in lines if one.id == row.rma_line_id), None)
    all_of_rma = dock.receipts_of(uow, rma.id) if rma else ()
    return ReceiptPage(
        row=row,
        counted_by=name_of(uow, row.counted_by),
        item=doors.desk.erp.item(row.sku) if row.sku else None,
        rma=rma,
        rma_line=line,
        said=cases.return_line(uow, line.line_id) if line else None,
        account_name=account_name(doors.desk.erp, rma.account_id) if rma else "",
        looked=looked_at(uow, receipt_id),
        surplus=tuple(dock.parts_of(uow, receipt_id)),
        siblings=tuple(one for one in all_of_rma if one.id != receipt_id),
        more_to_come=any(dock_lists.came(uow, one.id) < one.quantity for one in lines),
        beyond=_beyond(uow, row, line),
    )


def _beyond(uow: UnitOfWork, row: ReceiptRow, line: RmaLineRow | None) -> int:
    waits = row.state == ReceiptState.COUNTED.value and row.kind == ReceiptKind.EXPECTED.value
    return max(0, dock_lists.came(uow, line.id) - line.quantity) if line and waits else 0


def looked_at(uow: UnitOfWork, receipt_id: str) -> tuple[Looked, ...]:
    """Inspections of a receipt, each with what was settled on."""
    settled = dock.dispositions(uow, receipt_id)
    return tuple(
        Looked(
            row, name_of(uow, row.inspected_by), tuple(one for one in settled if one.inspection_id == row.id)
        )
        for row in dock.inspections(uow, receipt_id)
    )


def name_of(uow: UnitOfWork, user_id: str) -> str:
    """The member of staff's name; the id when there is none of it."""
    person = people.staff_by_id(uow, user_id)
    return person.name if person else user_id

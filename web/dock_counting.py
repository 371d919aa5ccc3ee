"""From what was typed at the dock to receipts, or to words that say what to do about it."""

from dataclasses import dataclass

from starlette.datastructures import FormData

from backhaul.connectors.ports import ErpReads
from backhaul.domain.errors import BadInput
from backhaul.domain.receiving import ReceiptKind
from backhaul.domain.trade import Tracking
from backhaul.store.dock import Counted
from web.dock_form import LineTyped, line_typed, named, numbers, our_id, pieces, text
from web.dock_receive_view import Announced, AnnouncedLine

_OF_A_LINE = {ReceiptKind.EXPECTED, ReceiptKind.WRONG_ITEM, ReceiptKind.WRONG_SERIAL}
_OF_A_PARCEL = {"empty": ReceiptKind.EMPTY_BOX, "refused": ReceiptKind.REFUSED}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is said of a parcel as a whole."""

    counted_by: str
    photos: tuple[str, ...]
    note: str


def counted(erp: ErpReads, page: Announced, form: FormData, parcel: Parcel) -> list[Counted]:
    """The receipts that a form asks for.

    Raises:
        BadInput: Nothing was counted, or something does not fit; the message says what to do.
    """
    act = text(form, "act")
    if act in _OF_A_PARCEL:
        return [_without_goods(page, _OF_A_PARCEL[act], our_id(form, "parcel"), parcel)]
    typed = [(line, line_typed(form, line.row.id)) for line in page.lines]
    receipts = [_receipt(erp, page, line, fields, parcel) for line, fields in typed if _came(line, fields)]
    if not receipts:
        raise BadInput("Nothing is counted. Was the box empty? Then press “Empty box”.", field="count")
    _no_serial_twice(receipts)
    return receipts


def _came(line: AnnouncedLine, typed: LineTyped) -> bool:
    return pieces(typed.count, field=f"count:{line.row.id}") > 0


def _without_goods(page: Announced, kind: ReceiptKind, receipt_id: str, parcel: Parcel) -> Counted:
    only = page.lines[0] if len(page.lines) == 1 else None
    return Counted(
        receipt_id=receipt_id,
        kind=kind,
        facility_id=page.rma.facility_id,
        counted_by=parcel.counted_by,
        rma_id=page.rma.id,
        rma_line_id=only.row.id if only else None,
        tracking_number=page.label.tracking_number if page.label else "",
        photos=parcel.photos,
        note=parcel.note,
    )


def _receipt(
    erp: ErpReads, page: Announced, line: AnnouncedLine, typed: LineTyped, parcel: Parcel
) -> Counted:
    if typed.kind not in _OF_A_LINE:
        raise BadInput("Say what is in the box.", field=f"kind:{line.row.id}")
    kind = ReceiptKind(typed.kind)
    sku, described = _article(erp, line, kind, typed)
    quantity, serials = pieces(typed.count, field="count"), numbers(typed.serials)
    _check_serials(page, line, kind, quantity, serials, excused=bool(parcel.note))
    return Counted(
        receipt_id=typed.receipt_id,
        kind=kind,
        facility_id=page.rma.facility_id,
        counted_by=parcel.counted_by,
        rma_id=page.rma.id,
        rma_line_id=line.row.id,
        tracking_number=page.label.tracking_number if page.label else "",
        sku=sku,
        described=described,
        quantity=quantity,
        serials=serials,
        lots=numbers(typed.lots),
        photos=parcel.photos,
        note=parcel.note,
    )


def _article(erp: ErpReads, line: AnnouncedLine, kind: ReceiptKind, typed: LineTyped) -> tuple[str, str]:
    if kind is not ReceiptKind.WRONG_ITEM and line.article.sku:
        return line.article.sku, ""
    field = f"article:{line.row.id}"
    if not typed.article and kind is ReceiptKind.WRONG_ITEM:
        raise BadInput("Which article came? Scan or type its SKU, or describe it.", field=field)
    if not typed.article:
        return "", line.article.description
    other = named(erp, typed.article)
    if kind is ReceiptKind.WRONG_ITEM and other.sku and other.sku == line.article.sku:
        raise BadInput(f"{other.sku} is the announced article. Choose “As announced”.", field=field)
    return other.sku, other.described


def _check_serials(
    page: Announced,
    line: AnnouncedLine,
    kind: ReceiptKind,
    quantity: int,
    serials: tuple[str, ...],
    *,
    excused: bool,
) -> None:
    field = f"serials:{line.row.id}"
    if len(serials) > quantity:
        raise BadInput(f"{len(serials)} serials for {quantity} pieces. Correct one of them.", field=field)
    for serial in serials:
        if serial in page.serials_here:
            raise BadInput(
                f"{serial} was received already ({page.serials_here[serial]}). Scan the one in your hand.",
                field=field,
            )
        if kind is ReceiptKind.EXPECTED and line.serials and serial not in line.serials:
            raise BadInput(
                f"{serial} is not on this return. If it is what came, choose “Other serial”.", field=field
            )
    if kind is ReceiptKind.WRONG_SERIAL and not serials:
        raise BadInput("Scan the serial that came.", field=field)
    if _must_be_scanned(line, kind) and len(serials) < quantity and not excused:
        missing = quantity - len(serials)
        raise BadInput(
            f"Scan {missing} more serial{'s' if missing > 1 else ''}. Not readable? Say so in the note.",
            field=field,
        )


def _must_be_scanned(line: AnnouncedLine, kind: ReceiptKind) -> bool:
    return kind is not ReceiptKind.WRONG_ITEM and line.article.tracking is Tracking.SERIAL


def _no_serial_twice(receipts: list[Counted]) -> None:
    seen: set[str] = set()
    for receipt in receipts:
        for serial in receipt.serials:
            if serial in seen:
                raise BadInput(f"{serial} stands at two lines. Leave it at one.", field="serials")
            seen.add(serial)

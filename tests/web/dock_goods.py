"""Announced returns at the dock, and what the worker would do with what is counted."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

from backhaul.domain.money import Money
from backhaul.domain.receiving import RECEIPT_PREFIX, Finding, Grade, ReceiptKind, ReceiptState
from backhaul.store import cases, dock, ledger, reviews, rmas
from backhaul.store.dock import Counted, Inspected
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaLineRow, RmaRow
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import UnitOfWork

SSCC = "340123450000000017"


def announced(
    house: Any,
    order: str = "SO-15086",
    line: int = 1,
    quantity: int = 2,
    *,
    erp_number: str = "ERP-1",
    tracking: str = "1Z-TRACK",
) -> str:
    """A request with its RMA, booked and labelled as the worker would have done it; the id of the RMA."""
    words = f"Please take back {quantity} from {order}, unopened."
    proposal = house.decided(order, line, quantity, words, "")
    with house.store.begin() as uow:
        row = rmas.rma_of_proposal(uow, proposal) or _authorised(uow, cases.proposal(uow, proposal))
        row.erp_number = erp_number
        uow.session.add(_label(uow.clock.now(), row.id, tracking, row.return_by))
        return str(row.id)


def _authorised(uow: UnitOfWork, proposal: ProposalRow) -> RmaRow:
    """What a person's yes leads to, for what the policy does not permit by itself."""
    line, now = cases.return_line(uow, proposal.line_id), uow.clock.now()
    row = RmaRow(
        id=f"RM-{proposal.id}",
        case_id=proposal.case_id,
        account_id=cases.case(uow, proposal.case_id).account_id,
        facility_id="CMH1",
        state="issued",
        return_by=now.date(),
        created_at=now,
    )
    uow.session.add(row)
    uow.session.flush()
    uow.session.add(
        RmaLineRow(
            id=f"ML-{proposal.id}",
            rma_id=row.id,
            line_id=line.id,
            proposal_id=proposal.id,
            permit_id="",
            order_number=line.order_number,
            order_line=line.order_line,
            sku=line.sku,
            quantity=line.quantity,
        )
    )
    return row


def _label(now: Any, rma_id: str, tracking: str, ship_by: date) -> LabelRow:
    return LabelRow(
        id=f"LB-{tracking}",
        rma_id=rma_id,
        carrier="Meridian",
        service="ground",
        tracking_number=tracking,
        sscc=SSCC if tracking == "1Z-TRACK" else "",
        drop_off_code="",
        cost_minor=900,
        currency="USD",
        ship_by=ship_by,
        pdf_blob="",
        png_blob="",
        zpl_blob="",
        qr_blob="",
        voided_at=None,
        created_at=now,
    )


def receipts(house: Any, rma_id: str) -> Sequence[ReceiptRow]:
    with house.store.read() as uow:
        return list(dock.receipts_of(uow, rma_id))


def booked(house: Any, receipt_id: str) -> None:
    """The worker puts a receipt into quarantine."""
    with house.store.begin() as uow:
        row = dock.receipt(uow, receipt_id)
        row.state, row.erp_number = ReceiptState.BOOKED.value, "GRN-1"
        ledger.enter(
            uow,
            ledger.Entry(
                ledger.RECEIVED, row.quantity, Money(0, "USD"), rma_line_id=row.rma_line_id, cause=row.id
            ),
        )


def the_form(page: Any) -> dict[str, str]:
    """Fields of the page's form as a browser would send them untouched; buttons left out."""
    html = page.text[page.text.index("dock-form") :]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", html):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        chosen = ("radio" not in tag and "checkbox" not in tag) or " checked" in tag
        if name and chosen and 'type="file"' not in tag:
            found[unescape(name[1])] = unescape(value[1]) if value else ""
    for name_of, inside in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', html):
        found[name_of] = unescape(inside)
    return {name: value for name, value in found.items() if name not in {"token", "scan"}}


def received(house: Any, rma_id: str, quantity: int = 2, **differs: Any) -> str:
    """Pieces of the RMA's first line, counted and in quarantine; the id of the receipt."""
    with house.store.begin() as uow:
        line, home = rmas.rma_lines(uow, rma_id)[0], rmas.rma(uow, rma_id)
        counted = Counted(
            receipt_id=house.doors.desk.ids.new(RECEIPT_PREFIX),
            kind=ReceiptKind.EXPECTED,
            facility_id=home.facility_id,
            counted_by="test",
            rma_id=rma_id,
            rma_line_id=line.id,
            sku=line.sku,
            quantity=quantity,
        )
        row = dock.count(uow, replace(counted, **differs))
    booked(house, row.id)
    return str(row.id)


def inspected(
    house: Any, rma_id: str, *, grade: Grade = Grade.B, quantity: int = 2, **differs: Any
) -> tuple[str, str]:
    """The same, inspected; the ids of receipt and inspection."""
    receipt_id = received(house, rma_id, quantity, **differs)
    found = Inspected(
        inspection_id=house.doors.desk.ids.new("IN"),
        receipt_id=receipt_id,
        quantity=quantity,
        grade=grade,
        finding=Finding.CONFIRMED,
        inspected_by="test",
        seal_intact=False,
    )
    with house.store.begin() as uow:
        dock.inspect(uow, found)
    return receipt_id, found.inspection_id


def task(house: Any, rma_id: str, why: str = "Look at the receipt and decide.", **about: Any) -> str:
    """A person is to look at a return, or at what is owed for it."""
    with house.store.begin() as uow:
        case = cases.case(uow, rmas.rma(uow, rma_id).case_id)
        row = reviews.open_review(
            uow,
            house.doors.desk.ids,
            case_id=case.id,
            thread_id=case.thread_id,
            why=why,
            due_at=uow.clock.now() + timedelta(days=1),
            **about,
        )
        return str(row.id)

"""What a later effect is about: pieces at the dock and what was found of them. Looked up, never given."""

from dataclasses import dataclass, replace

from backhaul.domain.codes import Action, Reason
from backhaul.domain.errors import NotFound
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store import claims, dock, rmas
from backhaul.store.dock_tables import DispositionRow, InspectionRow
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork

_OF_PIECES = {Action.MOVE_STOCK, Action.REPAIR_ORDER}
_OF_PIECES_OR_LINE = {Action.CREDIT_MEMO, Action.REPLACEMENT}
OF_WHAT_ARRIVED = {*_OF_PIECES, Action.VENDOR_CLAIM}
"""Effects on the article that truly came, which after a wrong delivery is not the one of the order line"""


@dataclass(frozen=True, slots=True)
class Goods:
    """Pieces of one line of an RMA, as the dock found them, and what is to become of them."""

    subject: str
    """The disposition or the vendor claim; the inspection before there is one"""
    rma_line_id: str
    facility_id: str
    """Where they lie"""
    sku: str
    """What arrived; empty for an article that nobody knows"""
    quantity: int
    serials: tuple[str, ...]
    grade: Grade
    finding: Finding
    found_reason: Reason | None
    """What it is in truth, where the finding differs"""
    seal_intact: bool
    """Seen unbroken; what nobody stated is not"""
    disposition: Disposition
    claimed: Money
    """What a vendor claim asks for, in the ledger currency; nothing for what is no claim"""
    packet_complete: bool = False
    purchase_order: str = ""
    """The purchase that somebody looked up for pieces which nothing else leads to; empty for none"""


def goods_of(uow: UnitOfWork, proposal_id: str, action: Action, subject: str) -> Goods | None:
    """The pieces that an effect is about; None where it is about a whole line or the proposal itself.

    Raises:
        NotFound: There is no such disposition or claim, or it is of another line than the proposal's.
    """
    if action is Action.VENDOR_CLAIM:
        return _of_claim(uow, proposal_id, subject)
    if action in _OF_PIECES:
        return _of_disposition(uow, proposal_id, subject)
    if action in _OF_PIECES_OR_LINE and subject not in _whole(uow, proposal_id):
        return _of_disposition(uow, proposal_id, subject)
    return None


def line_of_proposal(uow: UnitOfWork, proposal_id: str) -> RmaLineRow | None:
    """The line of an RMA that a proposal led to, or `None`."""
    rma = rmas.rma_of_proposal(uow, proposal_id)
    lines = rmas.rma_lines(uow, rma.id) if rma else ()
    return next((line for line in lines if line.proposal_id == proposal_id), None)


def _whole(uow: UnitOfWork, proposal_id: str) -> set[str]:
    line = line_of_proposal(uow, proposal_id)
    return {proposal_id} if line is None else {proposal_id, line.rma_id}


def _of_disposition(uow: UnitOfWork, proposal_id: str, disposition_id: str) -> Goods:
    row, line = dock.disposition(uow, disposition_id), line_of_proposal(uow, proposal_id)
    if line is None or row.rma_line_id != line.id:
        raise NotFound("disposition of this line", disposition_id)
    return _found(uow, row, line)


def _of_claim(uow: UnitOfWork, proposal_id: str, claim_id: str) -> Goods:
    claim, line = uow.session.get(VendorClaimRow, claim_id), line_of_proposal(uow, proposal_id)
    if claim is None or line is None or claim.rma_line_id != line.id:
        raise NotFound("vendor claim of this line", claim_id)
    return replace(
        _found(uow, dock.disposition(uow, claim.disposition_id), line),
        subject=claim.id,
        sku=claim.sku,
        quantity=claim.quantity,
        serials=tuple(claim.serials),
        claimed=Money(claim.cost_minor + claim.allowance_minor, LEDGER_CURRENCY),
        packet_complete=not claim.missing,
        purchase_order=claims.named_purchase(claims.evidence(uow, claim_id)),
    )


def _found(uow: UnitOfWork, row: DispositionRow, line: RmaLineRow) -> Goods:
    seen = inspected(uow, dock.inspection(uow, row.inspection_id), line)
    return replace(
        seen,
        subject=row.id,
        sku=row.sku,
        quantity=row.quantity,
        serials=tuple(row.serials),
        disposition=Disposition(row.chosen),
    )


def inspected(uow: UnitOfWork, seen: InspectionRow, line: RmaLineRow) -> Goods:
    """Inspected pieces of a line, before anybody has settled on what becomes of them."""
    receipt, finding = dock.receipt(uow, seen.receipt_id), Finding(seen.finding)
    found = seen.found_reason if finding is Finding.DIFFERS else None
    return Goods(
        subject=seen.id,
        rma_line_id=line.id,
        facility_id=receipt.facility_id,
        sku=receipt.sku,
        quantity=seen.quantity,
        serials=tuple(seen.serials),
        grade=Grade(seen.grade),
        finding=finding,
        found_reason=Reason(found) if found else None,
        seal_intact=seen.seal_intact is True,
        disposition=Disposition.NONE,
        claimed=Money(0, LEDGER_CURRENCY),
    )

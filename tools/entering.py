"""What a spent permit enters into the ledger, and what the ledger must be able to bear for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import LedgerLawBroken, PermitRefused
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.returns import Command
from backhaul.store import ledger, subjects
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.ledger import Entry
from backhaul.store.subjects import Subject
from backhaul.store.unit_of_work import UnitOfWork
from tools.permits import PermitClaims

_LEDGER_KIND = {
    Action.CREATE_RMA: ledger.AUTHORISED,
    Action.REPLACEMENT: ledger.REPLACED,
    Action.CREDIT_MEMO: ledger.CREDITED,
    Action.RETURNLESS_REFUND: ledger.CREDITED,
    Action.REPAIR_ORDER: ledger.REPAIRED,
    Action.MOVE_STOCK: ledger.DISPOSED,
    Action.VENDOR_CLAIM: ledger.CLAIMED,
}
_UNDONE_BY = {ledger.AUTHORISED: ledger.RELEASED}
_PAYS = {Action.CREDIT_MEMO, Action.RETURNLESS_REFUND}
_PUTS_AT_STAKE = {Action.CREATE_RMA, Action.REPLACEMENT, *_PAYS}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A permit that passed every check that needs no lock."""

    claims: PermitClaims
    command: Command


def enter(uow: UnitOfWork, permit: Accepted) -> None:
    """The ledger entry and the audit event of a permit that is being spent; the order is locked.

    Raises:
        PermitRefused: The ledger cannot bear it.
    """
    claims, kind = permit.claims, _LEDGER_KIND.get(permit.command.action)
    if kind is not None:
        shipped = _check_pieces(uow, permit, kind)
        _note_bound(uow, claims, shipped)
        _check_laws(uow, _entry(uow, permit, kind))
    uow.record(
        Tag.PERMIT_SPENT,
        actor="worker:gateway",
        subject=claims.permit_id,
        case_id=claims.case_id,
        facts={"command": claims.command_digest},
    )


def _entry(uow: UnitOfWork, permit: Accepted, kind: str) -> Entry:
    claims, command = permit.claims, permit.command
    about = subjects.subject(uow, command.subject)
    line = _check_line(uow, permit, about)
    return Entry(
        kind=kind,
        quantity=command.quantity,
        value=_check_valued(claims, command),
        case_id=command.case_id,
        order_number=command.order_number,
        order_line=command.line,
        rma_line_id=line.id if line else None,
        permit_id=claims.permit_id,
        cause=about.cause,
        serials=command.serials,
    )


def _check_line(uow: UnitOfWork, permit: Accepted, about: Subject) -> RmaLineRow | None:
    """The RMA line that the subject leads to; of two on one order line, the one that was judged."""
    place = (permit.command.order_number, permit.command.line)
    lines = [one for one in about.lines if (one.order_number, one.order_line) == place]
    if about.lines and not lines:
        elsewhere = f"{permit.command.subject} is not about order {place[0]} line {place[1]}"
        raise PermitRefused("other line", elsewhere)
    judged = subjects.judged_line(uow, permit.claims.verdict_id) if len(lines) > 1 else None
    return next((one for one in lines if judged and one.id == judged.id), lines[0] if lines else None)


def _check_valued(claims: PermitClaims, command: Command) -> Money:
    """What is to be entered: what is claimed or paid out, otherwise the value of the pieces."""
    if command.action is Action.VENDOR_CLAIM:
        return command.claimed
    paid = claims.credit_minor if command.action in _PAYS else None
    minor = claims.amount_minor if paid is None else paid
    if minor is None:
        raise PermitRefused("value", f"permit {claims.permit_id} names no value to be entered")
    return Money(minor, LEDGER_CURRENCY)


def _check_pieces(uow: UnitOfWork, permit: Accepted, kind: str) -> int:
    """Never more pieces of a line in the ledger than the ERP had shipped when the policy looked."""
    claims, place = permit.claims, (permit.claims.order_number, permit.claims.order_line)
    entered = ledger.net_quantity(uow, *place, kind, _UNDONE_BY.get(kind)) + permit.command.quantity
    if claims.shipped_pieces is None or entered > claims.shipped_pieces:
        where = f"order {place[0]} line {place[1]}"
        raise PermitRefused("pieces", f"{entered} pieces of {where}, {claims.shipped_pieces} were shipped")
    return claims.shipped_pieces


def _note_bound(uow: UnitOfWork, claims: PermitClaims, shipped: int) -> None:
    place = (claims.order_number, claims.order_line)
    ledger.note_bound(uow, *place, shipped=shipped, invoiced_minor=claims.invoiced_minor)


def _check_laws(uow: UnitOfWork, entry: Entry) -> None:
    """What the policy let through, and the ledger cannot bear, is a refusal like any other: it is audited."""
    try:
        ledger.enter(uow, entry)
    except LedgerLawBroken as broken:
        raise PermitRefused("ledger law", str(broken)) from broken


def check_exposure(uow: UnitOfWork, order_number: str, permits: Sequence[Accepted]) -> None:
    """Never more value on an order than the policy judged: many small permits are no large one.

    Raises:
        PermitRefused: With these permits more would be at stake than any of them was judged with.
    """
    here = [one for one in permits if one.claims.order_number == order_number]
    if all(one.command.action not in _PUTS_AT_STAKE for one in here):
        return
    judged = max((one.claims.exposure_minor or 0) + _beyond_price(one.claims) for one in here)
    entered = ledger.paid_out_minor(uow, order_number)
    if entered > judged:
        amounts = f"{Money(entered, LEDGER_CURRENCY)} would be at stake on order {order_number}"
        raise PermitRefused("exposure", f"{amounts}; the policy judged {Money(judged, LEDGER_CURRENCY)}")


def _beyond_price(claims: PermitClaims) -> int:
    """The policy judges net prices; the tax that a credit gives back comes on top of what it judged."""
    return max((claims.credit_minor or 0) - (claims.amount_minor or 0), 0)

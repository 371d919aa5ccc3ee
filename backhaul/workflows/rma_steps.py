"""Steps of an RMA up to its label. Each is safe to repeat; each effect has its own fresh permit."""

from collections.abc import Sequence

from backhaul.connectors.ports import (
    ReturnNotice,
    RmaLineRequest,
    RmaRequest,
)
from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest
from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.errors import ConnectorRejected, NotFound, PermitRefused
from backhaul.domain.lifecycle import rma_state
from backhaul.domain.returns import Command
from backhaul.store import api_keys, cases, conversation, due, projections, rmas
from backhaul.store.effect_tables import CommandRow, RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.effects import Effect, carry_out
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import permit_problem
from backhaul.workflows.world import WorkerWorld
from tools import gateway

_MAKES_GOOD_AT_ONCE = {
    Reason.WRONG_ITEM,
    Reason.OVER_SHIPPED,
    Reason.MISSING_PARTS,
    Reason.DEFECTIVE,
    Reason.DAMAGED_IN_TRANSIT,
    Reason.WARRANTY_FAILURE,
    Reason.WRONG_SIZE,
}

_BY_ORDER = "contact:order-"
"""Of who signed in with an order number and its postal code"""


def verify(world: WorkerWorld, rma_id: str, permit_ids: list[str]) -> Json:
    """Check every permit against the RMA's lines before anything is done.

    Returns:
        `{"replace": [line ids]}`, or `{"refused": check}` when this start was forged.
    """
    try:
        with world.store.read() as uow:
            lines = _lines_of(uow, rma_id, permit_ids)
            for line in lines:
                _same(_permitted(uow, line), line)
            replace = [line.line_id for line in lines if _wants_replacement(uow, line)]
    except NotFound:
        return permit_problem(world, PermitRefused("no RMA", rma_id), subject=rma_id, case_id=None)
    except PermitRefused as error:
        return permit_problem(world, error, subject=rma_id, case_id=None)
    return {"replace": replace}


def _lines_of(uow: UnitOfWork, rma_id: str, permit_ids: list[str]) -> Sequence[RmaLineRow]:
    lines = rmas.rma_lines(uow, rmas.rma(uow, rma_id).id)
    if not lines or sorted(permit_ids) != sorted(line.permit_id for line in lines):
        raise PermitRefused("other RMA", "the permits are not those of the RMA's lines")
    return lines


def _same(command: Command, line: RmaLineRow) -> None:
    authorised = (command.order_number, command.line, command.sku, command.quantity)
    if authorised != (line.order_number, line.order_line, line.sku, line.quantity):
        raise PermitRefused("other command", f"RMA line {line.id} is not what its permit allows")


def _wants_replacement(uow: UnitOfWork, line: RmaLineRow) -> bool:
    row = cases.return_line(uow, line.line_id)
    return row.resolution == Resolution.REPLACEMENT.value and Reason(row.reason) in _MAKES_GOOD_AT_ONCE


def issue(world: WorkerWorld, rma_id: str) -> Json:
    """Book the RMA in the ERP, as its permits say, if the ERP still has the pieces to come back."""
    with world.store.read() as uow:
        return_by = rmas.rma(uow, rma_id).return_by
        proposals = frozenset(line.proposal_id for line in rmas.rma_lines(uow, rma_id))

    def call(key: str, commands: Sequence[Command]) -> tuple[str, Json]:
        request = RmaRequest(
            reference=rma_id,
            account_id=commands[0].account_id,
            facility_id=commands[0].facility_id,
            return_by=return_by,
            lines=tuple(_request_line(command) for command in commands),
        )
        if world.erp.rma_by_key(key) is None:
            _check_still_returnable(world, request, key)
        booked = world.erp_writes.create_rma(request, key=key)
        return booked.number, {"number": booked.number}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _issued(uow, rma_id, row.external_id or "")

    return carry_out(world, Effect(f"{rma_id}:create_rma:1", Action.CREATE_RMA, proposals, call, confirm))


def _check_still_returnable(world: WorkerWorld, request: RmaRequest, key: str) -> None:
    """Returns are also booked in the ERP directly, after we looked and before we book; not every ERP counts.

    Raises:
        ConnectorRejected: More would come back than is returnable by now; a person has to look.
    """
    for number, line in sorted({(one.order_number, one.line) for one in request.lines}):
        asked = sum(one.quantity for one in request.lines if (one.order_number, one.line) == (number, line))
        sold = world.erp.order_line(number, line)
        left = sold.quantity_returnable if sold else 0
        # What is missing may be this very RMA: another worker at the same step has booked it meanwhile.
        if asked > left and world.erp.rma_by_key(key) is None:
            why = (
                f"{number}/{line}: {asked} asked back, {left} returnable since something was booked directly"
            )
            raise ConnectorRejected("ERP", why)


def _request_line(command: Command) -> RmaLineRequest:
    return RmaLineRequest(
        order_number=command.order_number,
        line=command.line,
        quantity=command.quantity,
        serials=command.serials,
        reason=command.reason,
        resolution=command.resolution,
    )


def _permitted(uow: UnitOfWork, line: RmaLineRow) -> Command:
    """What the permit of an RMA line says: the rows beside it may have been changed since."""
    subjects = {line.proposal_id}
    return gateway.verify_spent(uow, line.permit_id, action=Action.CREATE_RMA, subjects=subjects)


def _issued(uow: UnitOfWork, rma_id: str, number: str) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    rma.erp_number = number
    refresh(uow, rma)
    due.set_due(uow, kind="rma_expiry", subject=rma_id, at=due.end_of(rma.return_by))
    due.set_due(uow, kind="rma_reminder", subject=rma_id, at=due.remind_at(rma.return_by))
    uow.record(
        Tag.RMA_ISSUED, actor="worker:workflow", subject=rma_id, case_id=rma.case_id, facts={"number": number}
    )
    tell(uow, rma, "rma_issued", {"number": number})


def announce(world: WorkerWorld, rma_id: str, *, again: bool = False) -> Json:
    """Tell the dock what will come, so that nothing arrives without papers. `again`: after a withdrawal."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        if rmas.has_ended(rma) and not again:
            return {"state": "over"}
        label = rmas.live_label(uow, rma_id)
        notice = ReturnNotice(
            reference=rma_id,
            erp_number=rma.erp_number or "",
            facility_id=rma.facility_id,
            tracking_number=label.tracking_number if label else "",
            expected_by=rma.return_by,
            lines=tuple(_request_line(_permitted(uow, line)) for line in rmas.rma_lines(uow, rma_id)),
        )
    # Repeated after a crash the notice may name another label than before: then it corrects the first one.
    key = f"{rma_id}:{'announce-again' if again else 'announce'}:{digest(notice)[:16]}"
    try:
        world.warehouse.announce(notice, key=key)
    except ConnectorRejected as no:
        return {"state": "rejected", "why": f"the dock was not told of it: {no}"}
    return {"state": "announced"} if again else _unless_over(world, rma_id)


def _unless_over(world: WorkerWorld, rma_id: str) -> Json:
    """A return that was cancelled while it was being announced is taken off the list again."""
    with world.store.read() as uow:
        over = rmas.has_ended(rmas.rma(uow, rma_id))
    if over:
        world.warehouse.withdraw(rma_id, key=f"{rma_id}:withdraw-announced")
    return {"state": "over" if over else "announced"}


def may_ask(world: WorkerWorld, rma: RmaRow, requested_by: str) -> bool:
    """Whether somebody of the RMA's own account asks, or staff, an operator or a program for it.

    A start can be forged. Who proved only one order, `contact:order-SO-10442`, asks for what holds nothing
    but that order.
    """
    if requested_by.startswith(("cli:", "staff:")):
        return requested_by.endswith(f" for {rma.account_id}")
    if requested_by.startswith("key:"):
        with world.store.read() as uow:
            return api_keys.may_speak(uow, requested_by, rma.account_id)
    if requested_by.startswith(_BY_ORDER):
        with world.store.read() as uow:
            orders = {line.order_number for line in rmas.rma_lines(uow, rma.id)}
        return orders == {requested_by.removeprefix(_BY_ORDER)}
    return any(requested_by == f"contact:{one.contact_id}" for one in world.erp.contacts(rma.account_id))


def refresh(uow: UnitOfWork, rma: RmaRow) -> None:
    """Derive the RMA's state from its facts again."""
    rma.state = rma_state(projections.rma_facts(uow, rma)).value
    rma.version += 1


def tell(uow: UnitOfWork, rma: RmaRow, kind: str, payload: Json) -> None:
    """News of an RMA for its conversation."""
    case = cases.case(uow, rma.case_id)
    conversation.append_event(uow, case.thread_id, kind, {"case_id": case.id, "rma_id": rma.id, **payload})

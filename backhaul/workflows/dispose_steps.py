"""Steps after the inspection: the move of the stock with its own command and permit, and the lesson."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backhaul.connectors.ports import Mispick, StockMove
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Outcome, QualityStatus, Reason
from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.domain.returns import Command
from backhaul.store import cases, corrections, dock, reviews, rmas
from backhaul.store.dock_tables import DispositionRow, InspectionRow, OutcomeRow
from backhaul.store.effect_tables import CommandRow, RmaLineRow, RmaRow
from backhaul.store.tables import ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.dock_staff import works_at_the_dock
from backhaul.workflows.effects import Effect, authorise, carry_out, not_permitted
from backhaul.workflows.rma_steps import refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, hand_to_person, review_for, turned_down
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged
from tools.verdicts import ground_of

_GOES_TO = {
    Disposition.RESTOCK: QualityStatus.AVAILABLE,
    Disposition.B_STOCK: QualityStatus.B_STOCK,
    Disposition.RETURN_TO_VENDOR: QualityStatus.VENDOR_STAGING,
    Disposition.SCRAP: QualityStatus.SCRAP,
    Disposition.REPAIR: QualityStatus.REPAIR,
    Disposition.RETURN_TO_CUSTOMER: None,
}
"""Where goods lie afterwards; None is out of the house"""


@dataclass(frozen=True, slots=True)
class Disposed:
    """A disposition with all that it is about."""

    row: DispositionRow
    inspection: InspectionRow
    rma: RmaRow
    line: RmaLineRow
    told: ReturnLineRow
    """The customer's side of the line: reason and wish"""


def disposed(uow: UnitOfWork, disposition_id: str) -> Disposed:
    """Look all of it up; NotFound when there is none, or when it is of goods that no RMA claims."""
    row = dock.disposition(uow, disposition_id)
    line = rmas.rma_line(uow, row.rma_line_id or "")
    return Disposed(
        row,
        dock.inspection(uow, row.inspection_id),
        rmas.rma(uow, line.rma_id),
        line,
        cases.return_line(uow, line.line_id),
    )


def ask(
    world: WorkerWorld, action: Action, disposition_id: str, news: str, *, before: Json | None = None
) -> Json:
    """Ask the guard afresh for an effect of a disposition, and spend the permit.

    What waits for a person is told to the thread as `news`; `before` is the answer to what was wished, when
    this is asked for in its place. What is denied has its reason as `ground`, for the customer as `message`.
    """
    with world.store.read() as uow:
        found = disposed(uow, disposition_id)
    judged = authorise(
        world,
        action=action,
        proposal_id=found.line.proposal_id,
        subject=disposition_id,
        key=key_of(found, action),
        request={"rma": found.rma.id, "disposition": disposition_id},
    )
    return {"state": "authorised"} if judged is None else _stops(world, found, judged, news, before or {})


def key_of(found: Disposed, action: Action) -> str:
    """The command of an effect of a disposition; there is one of each."""
    return f"{found.rma.id}:{action.value}:{found.row.id}"


def _stops(world: WorkerWorld, found: Disposed, judged: Judged, news: str, before: Json) -> Json:
    action, ground = Action(judged.verdict.action), ground_of(judged.verdict)
    is_move, denied = action is Action.MOVE_STOCK, judged.outcome is Outcome.DENY
    with world.store.begin() as uow:
        row = dock.disposition(uow, found.row.id, lock=True)
        row.why = ground
        if is_move:
            row.state = "refused" if denied else "review"
        if denied:
            turned_down(uow, found.rma.id, action, why=ground, line_id=found.line.line_id, subject=row.id)
        else:
            review = review_for(world, uow, judged)
            review.why = " ".join(part for part in (before.get("ground"), review.why) if part)
            if not is_move:
                tell(uow, found.rma, f"{news}_waits", _awaited(found, judged, review, before))
    return {**not_permitted(judged), "ground": ground, "message": judged.verdict.message}


def _awaited(found: Disposed, judged: Judged, review: ReviewRow, before: Json) -> Json:
    return {
        **about(found),
        "message": judged.verdict.message,
        "review_id": review.id,
        "decided_by": review.due_at.date().isoformat(),
        **{name: before[name] for name in ("wished", "refused") if name in before},
    }


def about(found: Disposed) -> dict[str, Any]:
    """What news of a disposition says it is about."""
    return {
        "number": found.rma.erp_number,
        "line_id": found.line.line_id,
        "disposition_id": found.row.id,
        "sku": found.line.sku,
        "quantity": found.row.quantity,
    }


def authorise_move(world: WorkerWorld, disposition_id: str) -> Json:
    """Ask whether the goods may go where the inspector wants them."""
    try:
        with world.store.read() as uow:
            found = disposed(uow, disposition_id)
            odd = _not_of_the_dock(uow, found)
    except NotFound as missing:
        return forged(world, disposition_id, str(missing))
    if odd is not None:
        return forged(world, disposition_id, odd)
    if found.row.state == "refused":
        return {"state": "denied", "why": found.row.why}
    return ask(world, Action.MOVE_STOCK, disposition_id, "move")


def _not_of_the_dock(uow: UnitOfWork, found: Disposed) -> str | None:
    """What no bench would have written: whoever has the rights of the doors can add such rows."""
    goods = dock.receipt(uow, found.row.receipt_id)
    checks = {
        "not chosen by the dock": works_at_the_dock(uow, found.row.chosen_by),
        "not inspected by the dock": works_at_the_dock(uow, found.inspection.inspected_by),
        "the inspection of another receipt": found.inspection.receipt_id == goods.id,
        "goods of another line": goods.rma_line_id == found.line.id,
        "another article than came": found.row.sku == goods.sku,
        "serials that nobody scanned": set(found.row.serials) <= set(goods.serials),
    }
    return next((why for why, holds in checks.items() if not holds), None)


def move(world: WorkerWorld, disposition_id: str) -> Json:
    """Post the move from quarantine with its valuation; a mis-picked line puts both stocks right first."""
    with world.store.read() as uow:
        found = disposed(uow, disposition_id)

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        command = commands[0]
        mispick = _mispick(found, command)
        if mispick is not None:
            world.erp_writes.correct_mispick(mispick, key=f"{disposition_id}:mispick")
        posted = _stock_move(found, command)
        number = world.erp_writes.move_stock(posted, key=permit_id)
        return number, {"write_down_minor": posted.write_down.minor}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _moved(uow, disposition_id, row)

    key = key_of(found, Action.MOVE_STOCK)
    return carry_out(world, Effect(key, Action.MOVE_STOCK, frozenset({disposition_id}), call, confirm))


def _mispick(found: Disposed, command: Command) -> Mispick | None:
    """Goods that left instead of the ordered ones: the ordered ones still lie on the shelf."""
    if Reason(found.told.reason) is not Reason.WRONG_ITEM or command.sku == found.line.sku:
        return None
    return Mispick(
        reference=found.row.id,
        facility_id=command.facility_id,
        ordered_sku=found.line.sku,
        sent_sku=command.sku,
        quantity=command.quantity,
    )


def _stock_move(found: Disposed, command: Command) -> StockMove:
    grade = command.grade or Grade.D
    return StockMove(
        reference=found.row.id,
        facility_id=command.facility_id,
        sku=command.sku,
        quantity=command.quantity,
        source=QualityStatus.QUARANTINE,
        target=_GOES_TO[command.disposition],
        why=f"{command.disposition.value}, grade {grade.value}",
        unit_value=command.book_value,
        write_down=command.write_down,
        serials=command.serials,
    )


def _moved(uow: UnitOfWork, disposition_id: str, command: CommandRow) -> None:
    found = disposed(uow, disposition_id)
    row = dock.disposition(uow, disposition_id, lock=True)
    row.state, row.erp_number, row.why = "posted", command.external_id, None
    row.write_down_minor = int(command.result["write_down_minor"])
    row.version += 1
    uow.record(
        Tag.STOCK_MOVED,
        actor="worker:workflow",
        subject=row.id,
        case_id=found.rma.case_id,
        facts={"disposition": row.chosen, "quantity": row.quantity, "write_down_minor": row.write_down_minor},
    )
    _learn(uow, found)
    refresh(uow, rmas.rma(uow, found.rma.id, lock=True))


def _learn(uow: UnitOfWork, found: Disposed) -> None:
    """What the dock found goes back to whoever let the goods in, and stays as a label for the reader."""
    review = reviews.review_of_proposal(uow, found.line.proposal_id)
    seen = found.inspection
    if uow.session.get(OutcomeRow, f"OC-{seen.id}") is not None:
        # The lot was split: its other part has told already.
        return
    differs = seen.finding == Finding.DIFFERS.value
    uow.session.add(
        OutcomeRow(
            id=f"OC-{seen.id}",
            case_id=found.rma.case_id,
            proposal_id=found.line.proposal_id,
            review_id=review.id if review else None,
            decided_by=review.decided_by if review else None,
            inspection_id=seen.id,
            reason_said=found.told.reason,
            reason_found=seen.found_reason or found.told.reason if differs else found.told.reason,
            finding=seen.finding,
            grade=seen.grade,
            created_at=uow.clock.now(),
        )
    )
    uow.session.flush()
    uow.record(
        Tag.OUTCOME_LEARNT,
        actor="worker:dock",
        subject=seen.id,
        case_id=found.rma.case_id,
        facts={"finding": seen.finding, "said": found.told.reason, "found": seen.found_reason},
    )
    if differs and seen.found_reason:
        right = Reason(seen.found_reason)
        corrections.note_of_inspection(uow, seen, found.line.proposal_id, right=right)


def settle(uow: UnitOfWork, disposition_id: str) -> None:
    """The customer's side of these pieces is done."""
    row = dock.disposition(uow, disposition_id, lock=True)
    if row.settled_at is None:
        row.settled_at, row.why = uow.clock.now(), None
        row.version += 1
        uow.session.flush()


def refuse(world: WorkerWorld, disposition_id: str) -> Json:
    """A person turned the disposition down: the dock settles on another one."""
    with world.store.begin() as uow:
        row = dock.disposition(uow, disposition_id, lock=True)
        if row.state != "posted":
            row.state = "refused"
            row.version += 1
    return {"state": "refused"}


def hand_over(world: WorkerWorld, disposition_id: str, problem: Json) -> Json:
    """A peer would not do what was permitted: a person sees to it."""
    with world.store.begin() as uow:
        found = disposed(uow, disposition_id)
        row = dock.disposition(uow, disposition_id, lock=True)
        row.why = str(problem.get("why") or "could not be completed")
    return hand_to_person(world, found.rma.id, problem)

"""Steps for pieces whose customer does not get what was wished: a credit instead, or nothing, and why."""

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from backhaul.store import dock, ledger, reviews, staff
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.credit_steps import close
from backhaul.workflows.dispose_steps import Disposed, about, ask, disposed, settle
from backhaul.workflows.rma_steps import tell
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld

_REFUSED = {
    Action.CREDIT_MEMO.value: "credit_refused",
    Action.REPLACEMENT.value: "exchange_refused",
    Action.REPAIR_ORDER.value: "repair_refused",
}


def authorise_credit_instead(world: WorkerWorld, disposition_id: str, wished: str, refused: Json) -> Json:
    """Ask for a credit in place of what was wished and was denied; `refused` is that answer.

    When this is denied too, the answer gives both reasons.
    """
    before = {"wished": wished, "refused": refused["message"], "ground": refused["ground"]}
    asked = ask(world, Action.CREDIT_MEMO, disposition_id, "instead", before=before)
    if asked["state"] != "denied":
        return asked
    return {**asked, **{part: f"{refused[part]} {asked[part]}" for part in ("ground", "message")}}


def denied(world: WorkerWorld, disposition_id: str, wished: str, answer: Json) -> Json:
    """The policy gives nothing for these pieces: they are settled, and the customer hears why."""
    with world.store.begin() as uow:
        found = disposed(uow, disposition_id)
        if _nothing_is_owed(uow, found, actor="worker:guard", why=str(answer["ground"])):
            tell(uow, found.rma, _REFUSED[wished], {**about(found), "message": answer["message"]})
    return {"state": "nothing is owed"}


def refused_by_person(world: WorkerWorld, disposition_id: str, action: str) -> Json:
    """A person turned down what was to be given, and the customer has their note: the RMA may close."""
    with world.store.begin() as uow:
        found = disposed(uow, disposition_id)
        review = reviews.review_of_proposal(uow, found.line.proposal_id, Action(action), disposition_id)
        who, note = (review.decided_by or "", review.note or "") if review else ("", "")
        _nothing_is_owed(uow, found, actor=f"staff:{who}", why=note)
    return close(world, found.rma.id)


def _nothing_is_owed(uow: UnitOfWork, found: Disposed, *, actor: str, why: str) -> bool:
    """Settle the pieces as refused, in the ledger too; False when they were settled before."""
    ledger.order_version(uow, found.line.order_number, lock=True)
    row = dock.disposition(uow, found.row.id, lock=True)
    if row.settled_at is not None:
        return False
    refused = ledger.Entry(
        ledger.REFUSED,
        row.quantity,
        Money(0),
        case_id=found.rma.case_id,
        order_number=found.line.order_number,
        order_line=found.line.order_line,
        rma_line_id=found.line.id,
        cause=row.id,
        serials=tuple(row.serials),
    )
    ledger.enter(uow, refused)
    settle(uow, row.id)
    person = staff.staff_by_id(uow, actor.removeprefix("staff:"))
    row.why = f"nothing is owed, says {person.name if person else 'the policy'}: {why}"
    facts = {"why": why, "quantity": row.quantity}
    uow.record(Tag.NOTHING_OWED, actor=actor, subject=row.id, case_id=found.rma.case_id, facts=facts)
    return True

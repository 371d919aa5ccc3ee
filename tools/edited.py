"""What the policy would say of a request under review, were it another one: for colleagues who weigh an edit.

It looks the facts up anew, decides nothing and stores nothing. A customer has agreed to what is under review
and to nothing else, so an edit has to be asked for before it can be proposed.
"""

from dataclasses import dataclass

from backhaul.domain.clock import today
from backhaul.domain.codes import Action, Outcome, Reason, Resolution
from backhaul.domain.errors import NotFound
from backhaul.domain.money import Money
from backhaul.store import cases, reviews
from backhaul.store.tables import ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from policies.decision import PolicyDecision
from policies.facts import Facts
from tools.desk import Desk
from tools.facts import Asked, Evidence, gather, look_up

_PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Edit:
    """The request as it would be."""

    quantity: int
    reason: Reason
    resolution: Resolution


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the policy says to an edit with nobody's approval, and what it says with one."""

    edit: Edit
    decision: PolicyDecision
    approved: Outcome
    value: Money
    """Net price of the pieces; zero when the ERP knows no such line"""


def as_it_is(uow: UnitOfWork, row: ReviewRow) -> Edit | None:
    """The request under review; None where none is, or where it is about a later effect of one."""
    if row.proposal_id is None or row.action not in reviews.FIRST_ACTS:
        return None
    asked = cases.proposal(uow, row.proposal_id)
    return Edit(asked.quantity, Reason(asked.reason), Resolution(asked.resolution))


def weigh(desk: Desk, review_id: str, edit: Edit) -> Weighed:
    """Ask the policy of today about an edit, with the photos, confidence and fraud score of the last verdict.

    Serials and other lines are not weighed anew; the guard does that when the edit is proposed.

    Raises:
        NotFound: There is no such review, or none of a request.
        ConnectorUnavailable: The ERP did not answer.
    """
    with desk.store.read() as uow:
        row = reviews.review(uow, review_id)
        verdict = reviews.newest_verdict(uow, row)
        if verdict is None or as_it_is(uow, row) is None:
            raise NotFound("request under review", review_id)
        asked = _asked(uow, row, edit)
    found = look_up(desk.erp, asked)
    with desk.store.read() as uow:
        facts = gather(uow, asked, found, _evidence(verdict), case_id=row.case_id)
    book, now = desk.policies(), today(desk.clock)
    ordered = found.order.ordered_on if found.order else now
    facility = book.routed(facts, order_date=ordered, decision_date=now)
    approved = Facts.from_record({**facts.record(), "review_status": _PENDING, "approvals": 1})
    price = found.line.unit_price if found.line else Money(0)
    return Weighed(
        edit,
        book.decide(facts, order_date=ordered, decision_date=now, facility=facility),
        book.outcome(approved, order_date=ordered, decision_date=now, facility=facility),
        price * edit.quantity,
    )


def _asked(uow: UnitOfWork, row: ReviewRow, edit: Edit) -> Asked:
    proposal = cases.proposal_of(cases.proposal(uow, row.proposal_id or ""))
    line = cases.return_line(uow, proposal.line_id)
    return Asked(
        action=Action(row.action or Action.CREATE_RMA),
        account_id=cases.case(uow, row.case_id).account_id,
        requested_by=cases.proposal(uow, proposal.proposal_id).requested_by,
        order_number=proposal.order_number,
        line=proposal.line,
        quantity=edit.quantity,
        serials=proposal.serials[: edit.quantity],
        reason=edit.reason,
        resolution=edit.resolution,
        received_item_known=bool(line.received_sku or line.received_words),
    )


def _evidence(verdict: VerdictRow) -> Evidence:
    """What stood there when it was last decided; what nobody has said counts as none."""
    return Evidence(
        photos=_seen(verdict, "photos"),
        confidence_permille=_seen(verdict, "confidence_permille"),
        fraud_score_permille=_seen(verdict, "fraud_score_permille"),
        consent_given=True,
    )


def _seen(verdict: VerdictRow, fact: str) -> int:
    value = verdict.facts.get(fact)
    return value if isinstance(value, int) else 0

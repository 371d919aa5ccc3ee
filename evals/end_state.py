"""The end of a run, read from the databases: what was proposed and decided, and what came of it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.money import Money
from backhaul.domain.returns import RmaState
from backhaul.simulation.floor import Floor
from backhaul.store import cases, end_states, reviews, rmas
from backhaul.store.tables import ProposalRow, ReviewRow, VerdictRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from evals.played import EndState, FoundLine, Rule
from evals.scenario import Ending
from evals.watched import Reads

UNDECIDED = "undecided"
"""The outcome of a line that the guard has not looked at yet"""
_WITHDRAWN, _ASKED = "withdrawn", "asked"


def proposed_lines(
    store: Store, erp: ErpReads, thread_id: str, reads: Reads, *, by_itself: bool = False
) -> tuple[FoundLine, ...]:
    """Every line of a conversation that was proposed and not taken back, as the guard decided it last.

    `by_itself`: before a person had answered, as it stood at the end of the conversation.
    """
    with store.read() as uow:
        rows = [
            row
            for case in cases.cases_of_thread(uow, thread_id)
            for row in cases.proposals(uow, case_id=case.id)
        ]
        kept = [row for row in rows if row.state != _WITHDRAWN]
        decided = {_place(row) for row in kept if row.state != _ASKED}
        # What was asked for came, and the line was proposed again with it.
        last = [row for row in kept if row.state != _ASKED or _place(row) not in decided]
        return tuple(_line(uow, erp, row, reads, by_itself=by_itself) for row in last)


def _place(row: ProposalRow) -> tuple[str, int]:
    return row.order_number, row.order_line


def _line(uow: UnitOfWork, erp: ErpReads, row: ProposalRow, reads: Reads, *, by_itself: bool) -> FoundLine:
    verdict = _decided(uow, row, by_itself=by_itself)
    results: list[dict[str, Any]] = verdict.decision["results"] if verdict else []
    outcome = verdict.outcome if verdict else UNDECIDED
    rules = tuple(
        Rule(rule=one["rule"], effect=one["effect"], clause=one["clause"], message=one["message"])
        for one in results
        if one["status"] != "not_applicable"
    )
    decides = [one.rule for one in rules if one.effect == outcome != Outcome.PERMIT.value]
    claim = cases.claim(uow, row.claim_id)
    sold = erp.order_line(row.order_number, row.order_line)
    value = sold.unit_price * row.quantity if sold else Money(0)
    told = cases.return_line(uow, row.line_id)
    return FoundLine(
        order=row.order_number,
        line=row.order_line,
        quantity=row.quantity,
        reason=row.reason,
        resolution=row.resolution,
        action=row.action,
        serials=tuple(row.serials),
        received_sku=told.received_sku,
        outcome=outcome,
        decided_by=decides[0] if decides else None,
        rules=rules,
        value_minor=value.minor,
        currency=value.currency,
        facility=(verdict.command.get("facility_id") or None) if verdict else None,
        confidence_permille=claim.confidence_permille if claim else None,
        read_before=reads.had_seen(row.order_number, before=row.id),
    )


def _decided(uow: UnitOfWork, row: ProposalRow, *, by_itself: bool) -> VerdictRow | None:
    given = [one for one in cases.verdicts(uow, row.id) if one.action == row.action]
    answered = _answered(uow, row) if by_itself else []
    kept = [one for one in given if all(one.decided_at <= at for at in answered)]
    return kept[-1] if kept else None


def _answered(uow: UnitOfWork, row: ProposalRow) -> list[datetime]:
    """When people said yes or no to a proposal."""
    review = reviews.review_of_proposal(uow, row.id, Action(row.action))
    if review is None:
        return []
    said_yes = [one.given_at for one in reviews.approvals_of(uow, review)]
    return said_yes or ([review.decided_at] if review.decided_at else [])


def end_state(floor: Floor, thread_id: str, lines: Sequence[FoundLine], *, last_outcome: str) -> EndState:
    """What stands in the books now. `lines` are those at the end of the conversation itself."""
    with floor.store.read() as uow:
        held = cases.cases_of_thread(uow, thread_id)
        booked = [rma for case in held for rma in rmas.rmas_of_case(uow, case.id)]
        asked = {row.id: row for case in held for row in reviews.reviews_of_case(uow, case.id)}
        asked |= {row.id: row for row in reviews.open_reviews_of_thread(uow, thread_id)}
        effects = dict(sorted(end_states.confirmed(uow).items()))
        ending = _ending(lines, list(asked.values()), {rma.state for rma in booked}, last_outcome)
        found = EndState(
            ending=ending,
            lines=tuple(sorted(lines, key=lambda line: line.key)),
            effects=effects,
            reviews=tuple(_why(row) for row in asked.values()),
            credited_minor=end_states.credited(uow),
            leaks=end_states.leaking(uow),
            audit_fault=end_states.audit_fault(uow),
            digest="",
        )
        tags = end_states.audit_tags(uow)
    told = json.dumps([found.model_dump(mode="json"), tags], sort_keys=True)
    return found.model_copy(update={"digest": hashlib.sha256(told.encode()).hexdigest()})


def _ending(lines: Sequence[FoundLine], asked: Sequence[ReviewRow], rmas_are: set[str], last: str) -> Ending:
    if lines:
        is_cancelled = bool(rmas_are) and rmas_are == {RmaState.CANCELLED.value}
        return Ending.CANCELLED if is_cancelled else Ending.DECIDED
    if asked:
        return Ending.PERSON
    return Ending.OPEN if last in {"ask", "consent"} else Ending.INFORMED


def _why(row: ReviewRow) -> str:
    return f"{row.action or 'question'}: {row.why}"

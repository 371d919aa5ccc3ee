"""A case as the customer sees it, put together from its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from backhaul.connectors.ports import FREIGHT
from backhaul.domain.codes import Action
from backhaul.store import cases, conversation, notes, reviews, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.note_tables import ServiceNoteRow
from backhaul.store.tables import CaseRow, ProposalRow, ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.progress import Progress, credits_of, progress_of


@dataclass(frozen=True, slots=True)
class ReturnFound:
    """Where one return stands. `rma` is the number customers see; empty until the ERP gave one."""

    case: str
    thread: str
    rma: str
    rma_id: str
    state: str
    lines: tuple[str, ...]
    orders: tuple[str, ...]
    tracking_number: str = ""
    label_id: str = ""
    ship_by: date | None = None
    resolutions: tuple[str, ...] = ()
    """What was agreed for each line in exchange"""
    replacements: tuple[str, ...] = ()
    parcel: str = ""
    scanned_on: date | None = None
    """The day of the carrier's last word about the parcel"""
    review_due: date | None = None
    question: str = ""
    """What a reviewer wants to know from the customer"""
    progress: Progress | None = None
    """How far the goods have come since they arrived; None before anything did"""
    credits: tuple[str, ...] = ()
    """Posted credit memos"""


ELSEWHERE = "elsewhere"
"""The state of an RMA that another system opened and nobody has taken over or ended"""
KEPT = "kept"
"""The state of what was granted for goods that stay with the customer"""


def returns_of(uow: UnitOfWork, case: CaseRow, *, sees_amounts: bool) -> list[ReturnFound]:
    """What became of a case: its RMAs, goods that stay, what waits for a person, what is being decided."""
    lines = {row.id: row for row in cases.lines(uow, case.id)}
    proposals = {row.id: row for row in cases.proposals(uow, case_id=case.id)}
    undecided = [
        _not_yet(case, lines[row.line_id], "pending") for row in proposals.values() if row.state == "pending"
    ]
    open_reviews = [row for row in reviews.reviews_of_case(uow, case.id) if row.state in reviews.OPEN_STATES]
    note = notes.of_case(uow, case.id)
    # Nobody asked for a person: a note is read by one, and the customer does not know of it.
    waiting = [row for row in open_reviews if note is None or row.id != note.review_id]
    opened = [_elsewhere(uow, case, note)] if note and len(waiting) < len(open_reviews) else []
    in_review = [_in_review(case, row, proposals, lines) for row in waiting]
    kept = [
        replace(
            _not_yet(case, lines[row.line_id], KEPT),
            credits=credits_of(uow, [row.id], sees_amounts=sees_amounts),
        )
        for row in proposals.values()
        if row.state == "permitted" and row.action != Action.CREATE_RMA.value
    ]
    back = [_return_of(uow, case, row, sees_amounts=sees_amounts) for row in rmas.rmas_of_case(uow, case.id)]
    return back + kept + in_review + undecided + [one for one in opened if one.rma]


def _in_review(
    case: CaseRow, review: ReviewRow, proposals: Mapping[str, ProposalRow], lines: Mapping[str, ReturnLineRow]
) -> ReturnFound:
    proposal = proposals.get(review.proposal_id or "")
    line = lines[proposal.line_id] if proposal else None
    return replace(
        _not_yet(case, line, "review" if proposal else "person"),
        review_due=review.due_at.date(),
        question=(review.question or "") if reviews.awaits_answer(review) else "",
    )


def _elsewhere(uow: UnitOfWork, case: CaseRow, note: ServiceNoteRow) -> ReturnFound:
    """An RMA that another system opened, as it was taken in; without a number for a service note."""
    held = notes.items(uow, note.id)
    return ReturnFound(
        case=case.id,
        thread=case.thread_id,
        rma=(note.external_id or "") if note.kind == notes.OPEN_RMA else "",
        rma_id="",
        state=ELSEWHERE,
        lines=tuple(_words(row.quantity or 0, str(row.item["description"])) for row in held),
        orders=tuple(sorted({row.order_number for row in held if row.order_number})),
    )


def _not_yet(case: CaseRow, line: ReturnLineRow | None, state: str) -> ReturnFound:
    return ReturnFound(
        case=case.id,
        thread=case.thread_id,
        rma="",
        rma_id="",
        state=state,
        lines=(_words(line.quantity, line.description),) if line else (),
        orders=(line.order_number,) if line else (),
    )


def _return_of(uow: UnitOfWork, case: CaseRow, row: RmaRow, *, sees_amounts: bool) -> ReturnFound:
    label = rmas.live_label(uow, row.id)
    held = rmas.rma_lines(uow, row.id)
    progress = progress_of(uow, row, held)
    agreed = {line.id: line for line in cases.lines(uow, case.id)}
    return ReturnFound(
        case=case.id,
        thread=case.thread_id,
        rma=row.erp_number or "",
        rma_id=row.id,
        state=row.state,
        lines=tuple(_words(line.quantity, agreed[line.line_id].description) for line in held),
        orders=tuple(sorted({line.order_number for line in held})),
        tracking_number=label.tracking_number if label else "",
        label_id=label.id if label else "",
        ship_by=label.ship_by if label and label.service != FREIGHT else None,
        resolutions=tuple(agreed[line.line_id].resolution for line in held),
        replacements=tuple(
            f"{_words(sent.quantity, sent.sku)} on {sent.erp_number}"
            for sent in rmas.replacements(uow, row.id)
        ),
        parcel=row.parcel or "",
        scanned_on=_scanned_on(uow, case, row),
        progress=progress if progress.came else None,
        credits=credits_of(uow, [line.proposal_id for line in held], sees_amounts=sees_amounts),
    )


def _scanned_on(uow: UnitOfWork, case: CaseRow, row: RmaRow) -> date | None:
    if row.parcel is None:
        return None
    told = conversation.events_after(uow, case.thread_id, 0, ["parcel"])
    mine = [one.payload["at"] for one in told if one.payload["rma_id"] == row.id]
    return datetime.fromisoformat(mine[-1]).date() if mine else None


def _words(quantity: int, description: str) -> str:
    return f"{quantity} x {description}"

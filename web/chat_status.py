"""Where each line of a request stands, as the customer's page shows it: steps, what comes next, and when."""

from dataclasses import dataclass
from datetime import date

from backhaul.connectors.ports import FREIGHT
from backhaul.domain.codes import Action
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, reviews, rmas
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.tables import ProposalRow, ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.progress import Progress, credits_of, progress_of

STEPS = ("Requested", "Approved", "Label ready", "On its way", "Received", "Checked")
_STAYS = ("Requested", "Approved")
_LAST_STEP = {
    "credit": "Credited",
    "replacement": "Replaced",
    "repair": "In repair",
    "keep_with_allowance": "Credited",
}
"""The end, by what was agreed in exchange; it may come to another, and to "Settled" when nothing was given"""
_STEP_OF_RMA = {
    "authorised": 1,
    "issued": 1,
    "labelled": 2,
    "in_transit": 3,
    "received": 4,
    "closed": 4,
}
_PARCEL_WORDS = {
    "dropped_off": "The carrier has the parcel",
    "exception": "The carrier reports a delay; the parcel is on its way to us",
    "delivered": "The parcel has arrived and is not yet checked in",
}


@dataclass(frozen=True, slots=True)
class LineStatus:
    """Where one line of a request stands."""

    line: ReturnLineRow
    state: str
    """pending, permitted, denied, review, withdrawn, or read_back before anything was agreed"""
    rma: RmaRow | None
    label: LabelRow | None
    review: ReviewRow | None
    replacement: str | None
    credits: tuple[str, ...]
    """Posted credit memos"""
    steps: tuple[str, ...]
    step: int | None
    """Index into `steps`, or `None` when nothing follows"""
    next_words: str
    next_date: date | None


def case_status(uow: UnitOfWork, case_id: str, *, sees_amounts: bool) -> list[LineStatus]:
    """Every line of a case with what has become of it."""
    proposals = {row.line_id: row for row in cases.proposals(uow, case_id=case_id)}
    return [
        _line_status(uow, line, proposals[line.id], sees_amounts=sees_amounts)
        for line in cases.lines(uow, case_id)
        if line.id in proposals
    ]


def _line_status(
    uow: UnitOfWork, line: ReturnLineRow, proposal: ProposalRow, *, sees_amounts: bool
) -> LineStatus:
    rma = rmas.rma_of_proposal(uow, proposal.id)
    label = rmas.live_label(uow, rma.id) if rma else None
    review = reviews.review_of_request(uow, proposal)
    stays = proposal.action != Action.CREATE_RMA.value
    posted = credits_of(uow, [proposal.id], sees_amounts=sees_amounts)
    held = [one for one in rmas.rma_lines(uow, rma.id) if one.line_id == line.id] if rma else []
    progress = progress_of(uow, rma, held) if rma else None
    words, by = _next_step(proposal.state, rma, label, review, progress)
    if stays and proposal.state == "permitted":
        words = "Nothing; you keep the goods" if posted else "Your credit is being posted"
    sent = _replacement(uow, rma, line.id)
    step = _step(proposal.state, rma, progress, is_credited=bool(posted))
    before = _STAYS if stays else STEPS
    last = _LAST_STEP[line.resolution]
    if step == len(before):
        given = {"Replaced": sent, "In repair": progress and progress.repairs, "Credited": posted}
        last = last if given[last] else next((words for words, what in given.items() if what), "Settled")
    return LineStatus(
        line=line,
        state=proposal.state,
        rma=rma,
        label=label,
        review=review,
        replacement=sent,
        credits=posted,
        steps=(*before, last),
        step=step,
        next_words=words,
        next_date=by,
    )


def _step(state: str, rma: RmaRow | None, progress: Progress | None, *, is_credited: bool) -> int | None:
    """How far a line is. What the carrier has delivered is here, though the dock has yet to count it."""
    if rma is None:
        granted = len(_STAYS) if is_credited else 1
        return {"pending": 0, "review": 0, "permitted": granted}.get(state)
    if progress is not None and progress.came:
        is_done = not progress.awaited and progress.settled >= progress.came
        return len(STEPS) if is_done else 5 if progress.is_inspected else 4
    here = rma.state == "in_transit" and rma.parcel == ParcelStatus.DELIVERED.value
    return _STEP_OF_RMA["received"] if here else _STEP_OF_RMA.get(rma.state)


def _replacement(uow: UnitOfWork, rma: RmaRow | None, line_id: str) -> str | None:
    sent = rmas.replacements(uow, rma.id) if rma else ()
    found = next((row for row in sent if row.line_id == line_id), None)
    return (
        f"Order {found.erp_number} ships {found.ships_on:%a} {found.ships_on.day} {found.ships_on:%b}"
        if found
        else None
    )


def _next_step(
    state: str,
    rma: RmaRow | None,
    label: LabelRow | None,
    review: ReviewRow | None,
    progress: Progress | None,
) -> tuple[str, date | None]:
    """What happens next and by when, from what is recorded; nothing the record does not hold is promised."""
    if rma is not None and progress is not None:
        return _since_it_came(progress) or _next_of_rma(rma, label)
    if state == "review" and review is not None:
        if review.state == ReviewState.WAITING_FOR_CUSTOMER.value:
            return "Answer our question in the chat", None
        return "A colleague decides by", review.due_at.date()
    return {
        "pending": ("Being decided", None),
        "permitted": ("Your RMA is being issued", None),
        "asked": ("We need one more thing; the question is in the chat", None),
        "denied": ("Not accepted; the reason is in the chat", None),
        "withdrawn": ("Taken back by you", None),
    }.get(state, ("", None))


def _since_it_came(progress: Progress) -> tuple[str, date | None] | None:
    """What is promised for goods that came, or when the rest must come; a missed promise is called so."""
    if progress.promised_by is None:
        rest = f"{progress.came} came; send the other {progress.awaited} by"
        return (rest, progress.until) if progress.came and progress.awaited else None
    if progress.is_late:
        return "We are late, and are sorry; this was promised by", progress.promised_by
    doing = "Checked and being settled, expected" if progress.is_inspected else "Being checked; settled"
    return f"{doing} by", progress.promised_by


def _next_of_rma(rma: RmaRow, label: LabelRow | None) -> tuple[str, date | None]:
    if rma.parcel == ParcelStatus.REFUSED.value and rma.state == "labelled":
        return "Our dock did not take the parcel in; ask for a new label here", rma.return_by
    if rma.state == "labelled" and label is not None:
        words = "The driver comes on" if label.service == FREIGHT else "Hand the parcel in by"
        return words, label.ship_by
    return {
        "authorised": ("Your RMA is being issued", None),
        "issued": ("Your label is being made; send the goods by", rma.return_by),
        "in_transit": (_PARCEL_WORDS.get(rma.parcel or "", "The parcel is on its way to us"), None),
        "received": ("We have the goods and are checking them", None),
        "closed": ("Settled", None),
        "cancelled": ("Cancelled; nothing needs to be sent", None),
        "expired": ("Expired; write to us if you still want to send it", None),
    }.get(rma.state, ("", None))

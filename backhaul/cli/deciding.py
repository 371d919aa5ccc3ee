"""Decisions by terminal, through the same door as the desk's page: the same checks, the same records."""

import time
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.doors import WebSide
from backhaul.bootstrap.operator import operator_name
from backhaul.cli.acting import member_named
from backhaul.cli.proposing import show_verdict
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.domain.review_reasons import PLAIN
from backhaul.store import conversation, reviews, rmas, staff
from backhaul.store.house_tables import StaffRow
from backhaul.store.review_queue import Place
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web import desk_decide
from web.desk_decide import Typed
from web.desk_photos import PhotoShown
from web.desk_queue import TITLES
from web.desk_queue_view import first_items
from web.desk_view import CasePage, case_page
from web.numbers import Numbers
from web.who import Member, member_of
from web.world import Doors

_DECIDED_SECONDS = 90.0
"""A worker that has just started loads its reader before its first verdict."""
_NOT_YET = (
    "Your decision is kept. The worker has not acted on it yet; `backhaul case show` tells when it has."
)
_LOOK_SECONDS = 0.1
_LABEL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A case in the hands of somebody who may decide it, as it was shown to them."""

    page: CasePage
    who: Member
    newest_event: int
    newest_message: int

    @property
    def review(self) -> ReviewRow:
        return self.page.review


def desk_doors(side: WebSide) -> Doors:
    """What the desk's page works with."""
    blobs = stores.blob_store(side.settings)
    return Doors(
        settings=side.settings,
        desk=side.desk,
        conversation=side.conversation,
        notifier=outside.notifier(side.settings, side.store, blobs),
    )


def take_up(doors: Doors, id_: str, *, act: str, email: str | None, password: str | None) -> TakenUp:
    """Find the review and somebody who may act on it.

    Raises:
        NotFound: There is no such review or case, or no open review in it.
        NotAllowed: Nobody of that name may do this.
    """
    with doors.desk.store.read() as uow:
        row = _open_to_all(uow, id_)
        colleagues = [member_named(uow, email, password)] if email else _demo_people(uow)
        pages = [
            (member_of(one, ""), case_page(uow, doors, row.id, member_of(one, ""))) for one in colleagues
        ]
        said = conversation.messages(uow, row.thread_id)
        newest = conversation.newest_event_id(uow)
    able = [(who, page) for who, page in pages if who.on_desk and not (act == "approve" and page.why_not)]
    if not able:
        why = next((page.why_not for who, page in pages if who.on_desk), "")
        raise NotAllowed(why or "only a reviewer or an approver decides; name one with --as EMAIL")
    who, page = able[0]
    return TakenUp(page, who, newest, max((one.seq for one in said), default=0))


def _open_to_all(uow: UnitOfWork, id_: str) -> ReviewRow:
    """The review, unless it was drawn to be read before anything of it is shown."""
    row = _review(uow, id_)
    if reviews.waits_to_be_read(uow, row):
        raise NotAllowed(f"{row.id} is to be read blind: say first what you read in it, at /desk/{row.id}")
    return row


def _review(uow: UnitOfWork, id_: str) -> ReviewRow:
    """The review, or the one that a case waits for."""
    if not id_.upper().startswith("RC-"):
        return reviews.review(uow, id_.upper())
    of_case = reviews.reviews_of_case(uow, id_.upper())
    waiting = [row for row in of_case if row.state in reviews.OPEN_STATES] or list(of_case)
    if not waiting:
        raise NotFound("review of case", id_)
    if len(waiting) > 1:
        raise BadInput(f"case {id_} has several reviews, name one: {', '.join(row.id for row in waiting)}")
    return waiting[0]


def _demo_people(uow: UnitOfWork) -> list[StaffRow]:
    """Those who may do least come first: a reviewer decides what a reviewer can."""
    people = [row for row in staff.all_staff(uow) if row.demo and row.active]
    return sorted(people, key=lambda row: "reviewer" not in row.roles)


def decide(doors: Doors, case: TakenUp, *, act: str, note: str) -> None:
    """Post the decision to the desk, for the page that was shown; stale pages are refused there."""
    numbers, review = Numbers(), case.review
    with doors.desk.store.begin() as uow:
        actor = f"cli:{operator_name()} for {case.who.email}"
        uow.record(
            Tag.OPERATOR_SPOKE, actor=actor, subject=review.id, case_id=review.case_id, facts={"act": act}
        )
    if act == "approve":
        verdict = case.page.verdict
        digest = verdict.row.command_digest if verdict else ""
        plain = Typed(PLAIN, note, "")
        desk_decide.approve(review.id, doors, case.who, numbers, review.version, plain, digest)
        return
    # At the terminal the note says why; the codes of the page are numbered there, and need not be known here.
    door = desk_decide.reject if act == "reject" else desk_decide.ask
    door(review.id, doors, case.who, numbers, review.version, Typed("other", note, ""))


def what_followed(
    side: WebSide, case: TakenUp, *, act: str, patience_seconds: float = _DECIDED_SECONDS
) -> str:
    """Wait for the worker, have the customer told, and say what they were told."""
    deadline = time.monotonic() + patience_seconds
    while act != "ask" and not _settled(side, case):
        if time.monotonic() > deadline:
            return _NOT_YET
        time.sleep(_LOOK_SECONDS)
    gets_label = act == "approve" and not _is_later_effect(case.review)
    deadline = time.monotonic() + (_LABEL_SECONDS if gets_label else 0)
    while True:
        side.conversation.run_pending(case.review.thread_id)
        with side.store.read() as uow:
            review = reviews.review(uow, case.review.id)
            said = conversation.messages(uow, review.thread_id, after_seq=case.newest_message)
        labelled = any(row.meta.get("labels") for row in said)
        if labelled or time.monotonic() > deadline or review.state in reviews.OPEN_STATES:
            break
        time.sleep(_LOOK_SECONDS)
    words = [f"{review.id} is {review.state}.", *([review.marked] if review.marked else [])]
    told = [f"The customer was told:\n{row.body}" for row in said if row.author != "customer"]
    return "\n\n".join([*words, *told])


_ANSWERS = ("review_decided", "review_closed")
"""News that says what became of a review"""
_EFFECT_ANSWERS = (
    "replacement_ordered",
    "replacement_refused",
    "replacement_stuck",
    "rma_cancelled",
    "rma_expired",
    "rma_cancel_refused",
    "rma_ended",
)
"""News that says what became of a later effect of an RMA"""


def _settled(side: WebSide, case: TakenUp) -> bool:
    """Whether the worker has acted, or sent the review back to the desk."""
    with side.store.read() as uow:
        row = reviews.review(uow, case.review.id)
        news = conversation.events_after(uow, row.thread_id, case.newest_event, (*_ANSWERS, *_EFFECT_ANSWERS))
        rma = rmas.rma_of_proposal(uow, row.proposal_id) if row.proposal_id else None
    came_back = row.marked is not None and row.version > case.review.version + 1
    # A note that is closed tells nobody, and there is nothing for the worker to do.
    quietly = case.page.nobody_reads and row.proposal_id is None and row.state not in reviews.OPEN_STATES
    return (
        came_back
        or quietly
        or any(
            event.payload.get("review_id") == row.id
            if event.kind in _ANSWERS
            else _is_later_effect(row) and rma is not None and event.payload.get("rma_id") == rma.id
            for event in news
        )
    )


def _is_later_effect(row: ReviewRow) -> bool:
    return row.action not in {None, Action.CREATE_RMA.value}


def show_queue(console: Console, doors: Doors, shown: str) -> None:
    """The queue as a table."""
    if shown not in set(Place):
        raise BadInput(f"{shown} is none of {', '.join(Place)}", field="show")
    with doors.desk.store.read() as uow:
        items = first_items(uow, doors, Place(shown))
    table = Table(Column("review, case", no_wrap=True), "account", "what", box=None, header_style="dim")
    for heading in ("at stake", "due", "state"):
        table.add_column(heading, no_wrap=True)
    for item in items:
        row, line = item.review, item.line
        what = f"{line.quantity} x {line.sku}, {line.reason}" if line else row.why
        worth = f"{row.value_minor / 100:,.2f} {row.currency}"
        if item.to_read:
            what, worth = "say first what you read in it, at the desk", ""
        due = f"{row.due_at:%Y-%m-%d %H:%M}"
        cells = (f"{row.id}\n{row.case_id}", item.account_name, what, worth, due, row.state)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table if items else f"nothing under '{TITLES[Place(shown)]}'")


def show_case(console: Console, doors: Doors, id_: str) -> None:
    """One case, as an observer sees it."""
    observer = Member("", "", "", frozenset(), "")
    with doors.desk.store.read() as uow:
        page = case_page(uow, doors, _open_to_all(uow, id_).id, observer)
    show_page(console, TakenUp(page, observer, 0, 0))


def _photo_words(photo: PhotoShown) -> str:
    also = [f"the same picture is in {one.name} of {one.account_name}" for one in photo.elsewhere]
    return "; ".join([photo.row.unusable or photo.row.file_name, *also])


def show_page(console: Console, case: TakenUp) -> None:
    """Words, facts, verdict, approvals."""
    page, review = case.page, case.page.review
    account = page.erp.account.name if page.erp.account else page.case.account_id
    console.print(f"[bold]{review.id}[/]  {review.state}  case {review.case_id}  {escape(account)}")
    if page.line:
        line = page.line
        what = f"{line.quantity} x {line.description} ({line.sku}) from {line.order_number}/{line.order_line}"
        console.print(f"{what}: {line.reason}, wants {line.resolution}", markup=False)
    console.print(
        f"at stake {page.value}, due {review.due_at:%Y-%m-%d %H:%M} UTC. {review.why}", markup=False
    )
    if review.marked:
        console.print(review.marked, markup=False, style="yellow")
    for said in page.said:
        photos = "".join(f" [photo: {_photo_words(one)}]" for one in said.photos)
        console.print(f"  {said.row.author}: {said.row.body}{photos}", markup=False)
    if review.question:
        console.print(f"asked: {review.question}\nanswer: {review.answer or 'none yet'}", markup=False)
    if page.verdict:
        show_verdict(console, page.verdict)
        console.print(f"command {page.verdict.row.command_digest[:16]}")
    for approval, name in page.approvals:
        console.print(f"approved by {name} at {approval.given_at:%Y-%m-%d %H:%M} UTC", markup=False)

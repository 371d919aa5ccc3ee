"""A proposal without the agent: the same rows, the same guard, and everything it answered."""

import json
import time
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.turns import TurnLabel
from agent.wording import REASON_SENTENCES, REASON_WORDS, RESOLUTION_WORDS, pieces
from backhaul.bootstrap.doors import WebSide
from backhaul.bootstrap.operator import operator_name, speak_for, speaks_as
from backhaul.cli.turns import Prints, label_json
from backhaul.domain.codes import Condition, Outcome, Reason, Resolution
from backhaul.domain.errors import BadInput, NotFound
from backhaul.domain.orders import OrderLine
from backhaul.domain.returns import ReturnLine
from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.proposals import Agreed, LineRequest, Submitted, propose
from tools.reads import own_order
from web.desk_view import VerdictShown, shown_verdict
from web.policies_trace import RuleShown

READER = "operator"
_VERDICT_SECONDS = 90.0
"""A worker that has just started loads its reader before its first verdict."""
_LABEL_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_CERTAIN_PERMILLE = 1000
_COLOUR = {"permit": "green", "deny": "red", "escalate": "yellow", "ask": "yellow"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator wants proposed for a customer."""

    account_id: str
    order_number: str
    line: int
    quantity: int
    reason: Reason
    resolution: Resolution
    words: str
    serials: tuple[str, ...]
    received: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The return line, and how it is read back to the customer."""

    line: ReturnLine
    shown: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the proposal so far. Without a verdict it is still being decided."""

    thread_id: str
    case_id: str
    proposal_id: str
    verdict: VerdictShown | None
    review_id: str = ""
    rma: str = ""
    label: TurnLabel | None = None

    @property
    def outcome(self) -> str:
        return self.verdict.row.outcome if self.verdict else "pending"

    @property
    def is_complete(self) -> bool:
        """Whether nothing is owed any more: a permit owes a label."""
        return self.verdict is not None and (self.outcome != Outcome.PERMIT.value or self.label is not None)


def read_back(desk: Desk, asked: Asked) -> ReadBack:
    """Look the order line up.

    Raises:
        NotFound: The account, or such an order or line of it, does not exist.
        BadInput: Serial numbers are missing or are not those of the line.
    """
    account = desk.erp.account(asked.account_id)
    if account is None:
        raise NotFound("account", asked.account_id)
    order = own_order(desk, Speaker(asked.account_id, account.name, ""), asked.order_number)
    found = order.line(asked.line)
    if found is None:
        raise NotFound("order line", f"{asked.order_number}/{asked.line}")
    known = desk.erp.item(asked.received) if asked.received else None
    line = ReturnLine(
        line_id=desk.ids.new("RL"),
        case_id="",
        order_number=found.order_number,
        line=found.line,
        sku=found.sku,
        description=found.description,
        quantity=asked.quantity,
        reason=asked.reason,
        condition=Condition.NOT_STATED,
        resolution=asked.resolution,
        serials=_serials(found, asked),
        received_sku=known.sku if known else None,
        received_words=asked.received if asked.received and not known else None,
    )
    return ReadBack(line, _sentence(line))


def _serials(found: OrderLine, asked: Asked) -> tuple[str, ...]:
    if strangers := sorted(set(asked.serials) - set(found.serials)):
        raise BadInput(
            f"{', '.join(strangers)} was not sold on {asked.order_number}/{asked.line}", field="serial"
        )
    if not asked.serials and len(found.serials) == asked.quantity:
        return found.serials
    if found.serials and len(set(asked.serials)) != asked.quantity:
        raise BadInput(
            f"name {asked.quantity} of the serial numbers {', '.join(found.serials)} with --serial",
            field="serial",
        )
    return asked.serials


def _sentence(line: ReturnLine) -> str:
    goods = f"{pieces(line.quantity, line.description)} ({line.sku}) from {line.order_number}"
    serials = f", serial {', '.join(line.serials)}" if line.serials else ""
    return f"{goods}{serials}: {REASON_WORDS[line.reason]}. Wanted: {RESOLUTION_WORDS[line.resolution]}."


def submit(desk: Desk, asked: Asked, back: ReadBack) -> tuple[str, Submitted]:
    """Store conversation, case, claim, consent and proposal; the conversation, and what now waits."""
    user = operator_name()
    thread_id = speak_for(desk, account_id=asked.account_id, user=user, thread_id=None)
    requested_by = speaks_as(user, asked.account_id)
    words = asked.words or REASON_SENTENCES[asked.reason]
    with desk.store.begin() as uow:
        name = conversation.thread(uow, thread_id, lock=True).contact_name
        message_id = _kept(uow, desk, thread_id, words, requested_by)
    agreed = Agreed(
        shown=back.shown,
        digest=cases.consent_digest_of([back.line]),
        message_id=message_id,
        graph_thread=f"{thread_id}:1",
        attempt=0,
    )
    request = LineRequest(back.line, words, {"reason": asked.reason.value}, READER, _CERTAIN_PERMILLE)
    speaker = Speaker(asked.account_id, name, requested_by)
    return thread_id, propose(
        desk, speaker, thread_id=thread_id, case_id=None, requests=[request], agreed=agreed
    )


def _kept(uow: UnitOfWork, desk: Desk, thread_id: str, words: str, requested_by: str) -> str:
    """The customer's words as a message that the agent need not answer."""
    row = conversation.add_message(
        uow, desk.ids, thread_id, author="customer", body=words, meta={"actor": requested_by}
    )
    home = conversation.thread(uow, thread_id, lock=True)
    home.handled_seq = home.last_seq
    return row.id if row else ""


def answer(side: WebSide, submitted: tuple[str, Submitted]) -> Answer:
    """Wait for verdict, RMA and label, and have the conversation told."""
    thread_id, stored = submitted
    proposal_id = stored.proposals[0][0]
    began = time.monotonic()
    while True:
        with side.store.read() as uow:
            found = _so_far(uow, thread_id, stored.case_id, proposal_id)
        waited = time.monotonic() - began
        if found.is_complete or waited > (_LABEL_SECONDS if found.verdict else 0) + _VERDICT_SECONDS:
            break
        time.sleep(_LOOK_SECONDS)
    side.conversation.run_pending(thread_id)
    return found


def _so_far(uow: UnitOfWork, thread_id: str, case_id: str, proposal_id: str) -> Answer:
    verdict = cases.newest_verdict(uow, proposal_id)
    booked = rmas.rma_of_proposal(uow, proposal_id)
    label = rmas.live_label(uow, booked.id) if booked else None
    review = reviews.review_of_proposal(uow, proposal_id)
    number = (booked.erp_number or "") if booked else ""
    return Answer(
        thread_id,
        case_id,
        proposal_id,
        verdict=shown_verdict(verdict) if verdict else None,
        review_id=review.id if review else "",
        rma=number,
        label=TurnLabel(label.id, number, label.tracking_number, label.carrier, label.ship_by, label.pdf_blob)
        if label
        else None,
    )


def as_json(found: Answer, prints: Prints) -> str:
    """One line for programs."""
    verdict = found.verdict
    return json.dumps(
        {
            "thread": found.thread_id,
            "case": found.case_id,
            "proposal": found.proposal_id,
            "outcome": found.outcome,
            "bundle": verdict.row.bundle_hash if verdict else "",
            "message": verdict.row.message if verdict else "",
            "rules": [
                {"rule": rule.rule, "clause": rule.clause, "status": rule.status, "message": rule.message}
                for rule in ((*verdict.trace.speaking, *verdict.trace.passed) if verdict else ())
            ],
            "would_change": verdict.trace.would_change if verdict else "",
            "review": found.review_id,
            "rma": found.rma,
            "labels": [label_json(found.label, prints)] if found.label else [],
        },
        ensure_ascii=False,
    )


def show(console: Console, found: Answer, prints: Prints) -> None:
    """The verdict for people."""
    colour = _COLOUR.get(found.outcome, "yellow")
    console.print(
        f"[bold {colour}]{found.outcome}[/]  {found.case_id}  {found.proposal_id}  {found.thread_id}"
    )
    if found.verdict is None:
        console.print("No verdict yet. It is kept, and decided as soon as a worker runs.")
        return
    show_verdict(console, found.verdict)
    console.print(f"Decided under policy bundle {found.verdict.row.bundle_hash[:12]}")
    if found.review_id:
        console.print(f"Waits for a person: backhaul case show {found.review_id}")
    if found.rma:
        console.print(f"RMA {found.rma}")
    if found.label:
        label = found.label
        console.print(
            f"Label {label.carrier} {label.tracking_number}, hand in by {label.ship_by}", markup=False
        )
        console.print(str(prints.pdf(label)), markup=False, soft_wrap=True)


def show_verdict(console: Console, verdict: VerdictShown) -> None:
    """Words, rules with their clauses, and what would change the answer."""
    if verdict.row.message:
        console.print(verdict.row.message, markup=False)
    table = Table("rule", "clause", "status", "what it says", box=None, header_style="dim")
    for rule in (*verdict.trace.speaking, *verdict.trace.passed):
        table.add_row(*(escape(cell) for cell in (rule.rule, rule.clause, rule.status, _says(rule))))
    console.print(table)
    if verdict.trace.would_change:
        console.print(f"What would change the answer: {verdict.trace.would_change}", markup=False)


def _says(rule: RuleShown) -> str:
    return rule.message or rule.title

"""The nodes that speak or hand over: ask, read_back, propose, the two that wait, and the reply."""

from collections.abc import Sequence
from dataclasses import replace

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent import allowances, replies
from agent.read_back import no_replacement, shown_to_customer
from agent.state import (
    DraftLine,
    Question,
    TurnContext,
    TurnState,
    open_question,
    pack,
    pack_question,
    reply,
    unpack,
)
from backhaul.domain.codes import Action, Outcome, Reason, Resolution
from backhaul.store import cases
from tools import proposals
from tools.eligibility import Eligibility, check_eligibility, check_keeping
from tools.proposals import Agreed, LineRequest


def ask(state: TurnState) -> TurnState:
    """Put the one open question."""
    question = open_question(state)
    if question is None:
        return {}
    return {"spoken": replies.ask(question, unpack(state), lead=state.get("note", ""))}


def read_back(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Read the whole request back, fees included, and wait for an explicit yes to exactly this."""
    said = unpack(state)
    terms = [_on_terms(runtime.context, line) for line in said]
    draft = [line for line in terms if line.kept != Outcome.DENY.value]
    handed_over = [line for line in terms if line.kept == Outcome.DENY.value]
    told = allowances.to_a_person(runtime.context, handed_over) if handed_over else None
    if not draft:
        return {"spoken": told, "draft": [], "question": None, "consent": None}
    digest = digest_of(draft)
    changed = [
        no_replacement(now)
        for then, now in zip(said, terms, strict=True)
        if then.resolution != now.resolution
    ]
    lead = replies.joined(told["text"] if told else "", state.get("note", ""), *dict.fromkeys(changed))
    return {
        "draft": pack(draft),
        "spoken": replies.read_back(draft, digest=digest, lead=lead),
        "question": pack_question(Question("consent")),
        "shown": shown_to_customer(draft),
        "shown_digest": digest,
    }


def _on_terms(turn: TurnContext, line: DraftLine) -> DraftLine:
    """What the terms keep from a credit, and whether a replacement can be had: nobody agrees to what was not
    shown.

    Where the goods may come back but never lead to a replacement, a credit is read back in its place.
    """
    wish = Resolution(line.resolution)
    line = replace(line, fee_basis_points=0, freight_minor=0, replacement="", kept="")
    if wish is Resolution.KEEP_WITH_ALLOWANCE:
        keeping = _keeping(turn, line)
        return _less_fees(replace(line, kept=keeping.outcome), keeping)
    if wish is Resolution.CREDIT:
        return _credited(turn, line)
    if wish is not Resolution.REPLACEMENT:
        return line
    terms = _terms(turn, line, wish)
    deny = Outcome.DENY.value
    if terms.replacement != deny or terms.outcome == deny:
        return replace(line, replacement=terms.replacement or "")
    credit = _terms(turn, line, Resolution.CREDIT)
    if credit.outcome == deny:
        return replace(line, replacement=deny)
    return _less_fees(replace(line, resolution=Resolution.CREDIT.value), credit)


def _credited(turn: TurnContext, line: DraftLine) -> DraftLine:
    """A credit: without the goods where the policy permits that, else for goods that come back, less fees."""
    keeping = _keeping(turn, line)
    if keeping.outcome == Outcome.PERMIT.value:
        return _less_fees(replace(line, kept=keeping.outcome), keeping)
    return _less_fees(line, _terms(turn, line, Resolution.CREDIT))


def _keeping(turn: TurnContext, line: DraftLine) -> Eligibility:
    return check_keeping(
        turn.desk,
        turn.speaker,
        turn.thread_id,
        line.order_number,
        line.line,
        line.quantity,
        Reason(line.reason),
        Resolution(line.resolution),
    )


def _less_fees(line: DraftLine, terms: Eligibility) -> DraftLine:
    return replace(
        line,
        fee_basis_points=terms.restocking_basis_points or 0,
        freight_minor=terms.return_freight_minor or 0,
    )


def _terms(turn: TurnContext, line: DraftLine, wish: Resolution) -> Eligibility:
    return check_eligibility(
        turn.desk, turn.speaker, line.order_number, line.line, line.quantity, Reason(line.reason), wish
    )


def propose(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Hand the agreed lines to the worker. Running twice stores once: the bookmark and attempt are the
    key.
    """
    turn = runtime.context
    draft = unpack(state)
    consent = state.get("consent") or _consent_now(state)
    covered = [line for line in draft if line.waits_for] or draft
    submitted = proposals.propose(
        turn.desk,
        turn.speaker,
        thread_id=turn.thread_id,
        case_id=state.get("case_id") or None,
        requests=[_request(line) for line in covered],
        agreed=Agreed(
            shown=consent["shown"],
            digest=digest_of(covered),
            message_id=consent["message_id"],
            graph_thread=turn.graph_thread,
            attempt=state.get("attempt", 0),
        ),
    )
    return {
        "case_id": submitted.case_id,
        "consent": consent,
        "draft": pack([replace(line, waits_for="") for line in covered]),
        "question": None,
        "waiting": {"consent_id": submitted.consent_id, "proposals": [list(p) for p in submitted.proposals]},
    }


def must_read_back_again(state: TurnState) -> bool:
    """Whether what would be proposed is not what the customer saw."""
    if state.get("consent"):
        return False
    draft = unpack(state)
    return not draft or state.get("shown_digest") != digest_of(draft)


def await_verdict(state: TurnState) -> TurnState:
    """Wait for the worker. Nothing else may stand here: what precedes an interrupt runs again."""
    return {"news": interrupt({"waits_for": "group_decided", **state["waiting"]})}


def await_review(state: TurnState) -> TurnState:
    """Wait for a person's decision. Nothing else may stand here."""
    return {"news": interrupt({"waits_for": "review_decided", "reviews": state["reviews"]})}


def speak(state: TurnState) -> TurnState:
    """Last node: something is always said."""
    if state.get("spoken"):
        return {}
    return {"spoken": reply(replies.joined(replies.NOT_UNDERSTOOD, replies.WHAT_I_CAN_DO), "help")}


def _consent_now(state: TurnState) -> dict[str, str]:
    return {"shown": state["shown"], "message_id": state["message"]["id"]}


def digest_of(draft: Sequence[DraftLine]) -> str:
    """What a yes to these lines is bound to."""
    kept = [line.line_id for line in draft if line.kept]
    return cases.consent_digest_of([line.record("") for line in draft], kept)


def _request(line: DraftLine) -> LineRequest:
    return LineRequest(
        line=line.record(""),
        words=line.words,
        payload=line.said,
        reader=line.reader,
        confidence_permille=line.reason_permille,
        action=Action.RETURNLESS_REFUND if line.kept else Action.CREATE_RMA,
    )

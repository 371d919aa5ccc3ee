"""What the worker answered, told line by line: approved, with a person, refused and why, or a photo first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime

from agent import replies
from agent.dialogue import digest_of
from agent.photos_sent import told, why_no_evidence
from agent.questions import PERSON
from agent.state import (
    DraftLine,
    Question,
    ReplyOut,
    TurnContext,
    TurnState,
    pack,
    pack_question,
    reply,
    unpack,
)
from agent.wording import pieces, short
from backhaul.domain.codes import Action, Outcome

_EVIDENCE = {"photo", "serial", "received_item"}
_AMOUNT = re.compile(r"\d\.\d\d\b|\b(?:USD|CAD) ?\d|\d ?(?:USD|CAD|dollars)\b|\$")
_SENTENCES = re.compile(r"(?<=[.!?]) +")
Decided = Mapping[str, Any]


def done(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Something was approved, or a piece of evidence is asked for; nothing waits for a person."""
    return _told(state, runtime)


def refused(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Every line was refused: say why, by which clause, and what would change the answer."""
    return _told(state, runtime)


def park(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """At least one line waits for a person."""
    reviews = [one["review_id"] for one in state["news"]["proposals"] if one.get("review_id")]
    return {**_told(state, runtime), "reviews": reviews}


def reviewed(state: TurnState) -> TurnState:
    """A person decided one of the lines."""
    news = state["news"]
    left = [review for review in state.get("reviews", []) if review != news["review_id"]]
    return {"spoken": review_decided(news), "reviews": left, "question": None}


def after_verdict(state: TurnState) -> str:
    """Which of the three endings applies."""
    outcomes = {one["outcome"] for one in state["news"]["proposals"]}
    if Outcome.ESCALATE.value in outcomes:
        return "park"
    return "refused" if outcomes == {Outcome.DENY.value} else "done"


def _told(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    draft = unpack(state)
    news = discreet(state["news"]) if runtime.context.speaker.order_scope else state["news"]
    left = [
        replace(line, waits_for=kind)
        for line in draft
        for one in news["proposals"]
        if one["line_id"] == line.line_id and (kind := asked_for(one))
    ]
    question = Question(left[0].waits_for, 0) if left else None
    why = why_no_evidence(runtime.context) if any(line.waits_for == "photo" for line in left) else ""
    return {
        "spoken": group_decided(news, {line.line_id: line for line in draft}, no_evidence=why),
        "draft": pack(left),
        "question": pack_question(question),
        "attempt": state.get("attempt", 0) + 1,
        "shown_digest": digest_of(left),
        "consent": state.get("consent") if left else None,
    }


def discreet(news: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same news without sentences that show an amount: who proved only an order number sees no prices."""
    told = [
        {
            **one,
            "message": without_amounts(one["message"]),
            "would_change": without_amounts(one.get("would_change") or ""),
        }
        for one in news["proposals"]
    ]
    return {**news, "proposals": told}


def without_amounts(words: str) -> str:
    """The sentences that show no amount."""
    return " ".join(sentence for sentence in _SENTENCES.split(words) if not _AMOUNT.search(sentence))


def asked_for(decided: Decided) -> str:
    """The evidence an `ask` names; empty for other outcomes."""
    if decided["outcome"] != Outcome.ASK.value:
        return ""
    named = decided.get("asks_for") or []
    kinds = [named] if isinstance(named, str) else list(named)
    return next((kind for kind in kinds if kind in _EVIDENCE), "photo")


def group_decided(
    news: Mapping[str, Any], lines: Mapping[str, DraftLine], *, no_evidence: str = ""
) -> ReplyOut:
    """One paragraph for each line; RMA and label follow as news of their own. `no_evidence` is why the photos
    sent so far do not count.
    """
    parts = [_one(one, lines.get(one["line_id"]), no_evidence) for one in news["proposals"]]
    outcome = outcome_of(news["proposals"])
    asked = [asked_for(one) for one in news["proposals"] if asked_for(one)]
    more = {"asks_for": asked[0]} if asked else {}
    choices = [{"label": PERSON.label, "send": PERSON.send}] if outcome == "denied" or no_evidence else []
    return reply(
        "\n\n".join(parts), outcome, lines=[_line(one) for one in news["proposals"]], choices=choices, **more
    )


def outcome_of(decided: Sequence[Decided]) -> str:
    """The one word for the turn: what the customer must do comes first, then what is still open."""
    outcomes = {one["outcome"] for one in decided}
    for outcome, word in (("ask", "ask"), ("escalate", "review"), ("permit", "done")):
        if outcome in outcomes:
            return word
    return "denied"


def review_decided(news: Mapping[str, Any]) -> ReplyOut:
    """A person's decision, told once."""
    if news["decision"] == "approve" and news["outcome"] == Outcome.PERMIT.value:
        text = "Good news: a colleague has looked at your request and approved it."
        return reply(replies.joined(text, _what_follows(news)), "done")
    if news["decision"] == "approve":
        return reply(
            replies.joined(
                "A colleague approved your request, but it cannot go ahead as it stands.", news["message"]
            ),
            "denied" if news["outcome"] == Outcome.DENY.value else "review",
        )
    return reply(
        replies.joined(
            "A colleague has looked at your request and could not approve it.", news.get("message", "")
        ),
        "denied",
        choices=[{"label": PERSON.label, "send": PERSON.send}],
    )


def _what_follows(news: Mapping[str, Any]) -> str:
    if news.get("rma_id"):
        return ""
    keeps = news.get("action") in {Action.RETURNLESS_REFUND.value, Action.CREDIT_MEMO.value}
    return "You keep the goods, and your credit follows." if keeps else "The RMA number follows."


def _one(decided: Decided, line: DraftLine | None, no_evidence: str) -> str:
    goods = f"{pieces(line.quantity, short(line.description))} ({line.sku})" if line else ""
    what = f"{goods} from {line.order_number}" if line else "Your return"
    if decided["outcome"] == Outcome.PERMIT.value:
        return f"{what}: approved."
    if decided["outcome"] == Outcome.ESCALATE.value:
        return (
            f"{what}: a colleague decides this one. {decided['message']} "
            "You do not need to do anything; I will tell you here as soon as it is decided."
        )
    if decided["outcome"] == Outcome.ASK.value:
        kind = asked_for(decided)
        message = told(no_evidence) if no_evidence and kind == "photo" else decided["message"]
        return f"{what}: one thing is still missing. " + (
            replies.evidence(kind, line, message) if line else message
        )
    return f"{what}: I am sorry, this cannot be returned. {because(decided)}"


def because(decided: Decided) -> str:
    """Why something was refused: the rule's words, its clause, and what would change the answer."""
    clause = f" (clause {', '.join(decided['clauses'])})" if decided.get("clauses") else ""
    change = decided.get("would_change") or ""
    return f"{decided['message']}{clause}" + (f"\nWhat would change the answer: {change}" if change else "")


def _line(decided: Decided) -> dict[str, Any]:
    return {
        "line_id": decided["line_id"],
        "verdict": decided["outcome"],
        "rules": list(decided.get("rules") or []),
        "clauses": list(decided.get("clauses") or []),
        "rma_id": decided.get("rma_id"),
    }

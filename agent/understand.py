"""First node: the words become a claim, and the claim says where the turn is heading."""

import re

from langgraph.runtime import Runtime

from agent import answers, picked
from agent.afterwards import has_no_photo, wishes_again
from agent.asking_after import LABEL
from agent.faq import topic_of
from agent.leave_out import wants_nothing_else
from agent.photos_sent import why_no_evidence
from agent.purchases import purchases_of
from agent.state import (
    Choice,
    DraftLine,
    Question,
    TurnContext,
    TurnState,
    open_question,
    pack_question,
    unpack,
)
from agent.targets import EVERY_LINE
from agent.understanding.claim import Act, Claim
from agent.understanding.dialogue import is_question
from agent.understanding.wishes import resolution_in

ON = "look_up"
"""Heading of everything that adds to the request."""

_SEVERAL = 2
_FEW_WORDS = 3
"""An answer this short is one we did not understand rather than another subject."""

_LABEL_AGAIN = re.compile(
    r"\b(?:re-?print|print|re-?send|send|new|another|lost|need|again|e-?mail)\b.*\blabels?\b"
    r"|\blabels?\b.*\b(?:again|lost|re-?print|re-?send)\b"
    r"|^\W*(?:(?:can|could|may) (?:i|we|you) (?:get|have|give me) )?(?:the |my |our )?(?:return )?labels?"
    r"(?:,? please)?\W*$"
    r"|\blabels?\s+(?:for|of|to)\s+(?:number |no\.? |#)?\d{4,}\b"
)
_LABEL = re.compile(r"\blabels?\b")
_MANNERS = {Act.THANKS, Act.GREETING, Act.CONFIRM, Act.DECLINE}
_CANCEL = re.compile(
    r"\b(?:cancel\w*|call(?:ed)? off|withdraw\w*|revoke|undo|void|abort|never ?mind|keep (?:it|them|the)|"
    r"(?:don'?t|do not|no longer) (?:want|need) to (?:return|send))\b"
)
_WHERE = re.compile(
    r"\b(?:where(?:'s| is| are)?|what(?:'s| is) (?:happening|going on) with|what happened to|status of"
    r"|any news (?:on|of|about))"
    r"\s+(?:my|the|our)\s+(?:parcels?|packages?|returns?|rmas?|shipment|replacements?|credit|refund)\b"
)
_ABOUT_STATUS = re.compile(
    r"\b(?:returns?|rma|parcel|label|credit|refund|replacement|status|shipment|tracking|deci\w+)\b"
)
_FREE_WORDS = {"received", "received_item", "serial", "order", "item", "reason"}
_RECEIVED = {"received", "received_item"}
_LIKE_A_NUMBER = re.compile(r"\b[A-Z]{2,6}-[A-Z0-9]+(?:-[A-Z0-9]+)*\b")
"""An article that was never bought here, as somebody reads it off a bag"""
_YES_OR_NO = {"consent", "cancel", "reprint", "appeal"}
_REFUSED = {"refusal", "exception"}
_WHICH = {"order", "item", "serial"}
_FOR_THE_REQUEST = {Act.RETURN_REQUEST, Act.ANSWER, Act.CORRECTION}
_ASIDES = {
    Act.STATUS: "status",
    Act.QUESTION: "faq",
    Act.GREETING: "hello",
    Act.THANKS: "thanks",
    Act.OUT_OF_SCOPE: "out_of_scope",
    Act.REPORT_PHOTO: "photo",
}


def understand(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Read the message against what was bought."""
    turn = runtime.context
    message, question = state["message"], open_question(state)
    chosen = (
        answers.choice_taken(question, message["text"]) if question and question.kind == "target" else None
    )
    if question is not None and chosen is not None:
        # What was said before is now said of the line that was chosen.
        message = {**message, "text": question.about}
        question = _about_line(chosen)
    turn.heard.purchases = purchases_of(turn.desk, turn.speaker)
    if "picked" in message:
        turn.heard.claim = picked.read(turn, message)
        towards = ON if state["may_propose"] else "busy"
        return {"act": Act.RETURN_REQUEST.value, "note": "", "spoken": None, "next": towards}
    claim = turn.reader.read(
        message["text"], turn.heard.purchases, expecting=question.kind if question else None
    )
    turn.heard.claim = claim
    said: TurnState = {"act": claim.act.value, "note": "", "spoken": None}
    if chosen is not None:
        return {**said, "message": message, "question": pack_question(question), "next": ON}
    towards = heading(state, claim)
    elsewhere = towards in {ON, "out_of_scope", "unclear"} or (
        towards == "faq" and not topic_of(message["text"])
    )
    unbound = elsewhere and question is None and not unpack(state)
    if unbound and state["may_propose"] and wishes_again(turn, claim, message["text"]):
        towards = "wished"
    if towards == "propose" and message["photos"] and why_no_evidence(turn, message["id"]):
        towards = "no_evidence"
    return {**said, "next": towards}


def _about_line(chosen: Choice) -> Question:
    if chosen.value == EVERY_LINE:
        return Question("change", about=EVERY_LINE)
    return Question("change", int(chosen.value))


def heading(state: TurnState, claim: Claim) -> str:
    """Where the turn goes: on with the request, to the worker, or aside. Pure."""
    message, question, draft = state["message"], open_question(state), unpack(state)
    text = message["text"].strip()
    if (
        (question is None or question.kind not in _YES_OR_NO)
        and not claim.wants_person
        and (off := _called_off(claim, draft, text))
    ):
        return off
    if claim.act is Act.ASK_PERSON or (claim.wants_person and not claim.lines):
        return "person"
    if claim.language == "other" and claim.act not in {Act.CONFIRM, Act.DECLINE, Act.ANSWER}:
        return "not_english"
    if state.get("review_asks") and (towards := _to_the_reviewer(claim, text)):
        return towards
    if message["photos"] and any(line.waits_for == "photo" for line in draft):
        return "propose"
    if not text:
        return "photo" if message["photos"] else "unclear"
    if towards := _to_a_return(question, claim, text) or _shuts_out(state, draft, text):
        return towards
    if question is not None and question.kind == "photo" and has_no_photo(text):
        return "no_photo"
    if question is not None and (towards := _to_the_question(question, claim, text)):
        return towards
    return _by_subject(state, claim, text)


def _shuts_out(state: TurnState, draft: list[DraftLine], text: str) -> str:
    """Of a request for several things, "only the belts please" leaves the others out."""
    if len(draft) < _SEVERAL or not wants_nothing_else(text.lower()):
        return ""
    return ON if state["may_propose"] else "busy"


def _called_off(claim: Claim, draft: list[DraftLine], text: str) -> str:
    """Where calling something off leads; a change of mind with the change in it is a correction."""
    if not answers.calls_off(text) or claim.act is Act.STATUS:
        return ""
    if not draft or answers.rma_numbers(text):
        return "cancel"
    return "" if _says_what_else(claim) else "drop"


def _says_what_else(claim: Claim) -> bool:
    return any(line.quantity or line.all_of_them or line.sku or line.resolution for line in claim.lines)


def _to_the_reviewer(claim: Claim, text: str) -> str:
    """While a reviewer's question is open: an answer, a question back, or nothing to do with it."""
    if topic_of(text) not in {"", *_REFUSED} or (
        claim.act is Act.STATUS and _ABOUT_STATUS.search(text.lower())
    ):
        return ""
    return "asks_reviewer" if is_question(text.lower()) else "answer_review"


def _to_a_return(question: Question | None, claim: Claim, text: str) -> str:
    """Where a message leads that names a return on record and asks for none."""
    choosing = question is not None and question.kind == "which_return"
    if choosing or not answers.rma_numbers(text) or claim.act in _MANNERS:
        return ""
    if _LABEL.search(text.lower()):
        return "label"
    another = bool(claim.lines) and answers.asks_for_a_return(text)
    return "" if another or topic_of(text) not in {"", "wait"} else "status"


def _by_subject(state: TurnState, claim: Claim, text: str) -> str:
    """Where a message leads that answers no open question."""
    question, draft = open_question(state), unpack(state)
    if not draft and _LABEL_AGAIN.search(text.lower()) and not any(line.sku for line in claim.lines):
        return "label"
    topic = topic_of(text)
    if topic == "wait" or _WHERE.search(text.lower()):
        return "status"
    if topic in _REFUSED and state["may_propose"]:
        return "refused"
    if topic and claim.act not in _FOR_THE_REQUEST and topic not in _REFUSED:
        return "faq"
    if claim.act is Act.CANCEL_REQUEST and _CANCEL.search(text.lower()):
        return "drop" if draft else "cancel"
    if claim.act in {*_FOR_THE_REQUEST, Act.CANCEL_REQUEST} or (claim.lines and claim.act is not Act.STATUS):
        return ON if state["may_propose"] else "busy"
    asides = {Act.OUT_OF_SCOPE, Act.UNCLEAR}
    if not state["may_propose"] and resolution_in(text.lower()) and claim.act in asides:
        return "busy"
    if claim.act is Act.OUT_OF_SCOPE and question is not None and len(text.split()) <= _FEW_WORDS:
        return "again"
    if claim.act in {Act.CONFIRM, Act.DECLINE} and question is None and not draft:
        return "noted"
    return _ASIDES.get(claim.act) or _unclear(question, draft)


def _to_the_question(question: Question, claim: Claim, text: str) -> str:
    """Where an answer to the open question leads; empty when the message is about something else."""
    if answers.waits(text):
        return "in_a_moment"
    if answers.points_back(text):
        return "noted_already"
    if question.kind in _YES_OR_NO:
        return _to_yes_or_no(question.kind, claim, text)
    if question.kind == "which_return":
        return _to_which_return(question, text)
    if answers.gives_up(text) and not _says_what_else(claim):
        return "drop"
    if answers.choice_taken(question, text) or (question.kind not in _WHICH and answers.number_given(text)):
        return ON
    if question.kind in _RECEIVED and _LIKE_A_NUMBER.search(text):
        return ON
    listens = question.kind in _FREE_WORDS and claim.act in {Act.UNCLEAR, Act.CONFIRM, Act.DECLINE}
    return ON if listens and not answers.is_yes(text) else ""


def _to_which_return(question: Question, text: str) -> str:
    if answers.choice_taken(question, text):
        return "label_chosen" if question.about == LABEL else "cancel_chosen"
    if answers.is_no(text) or answers.gives_up(text):
        return "keep"
    return "again" if answers.is_yes(text) else ""


def _to_yes_or_no(kind: str, claim: Claim, text: str) -> str:
    if kind == "cancel" and answers.calls_off(text):
        return "cancel_now"
    if answers.agrees(text, claim):
        return {"consent": "propose", "cancel": "cancel_now", "reprint": "label", "appeal": "appeal"}[kind]
    if kind == "consent":
        if answers.number_given(text):
            return ON
        if answers.gives_up(text) and not _says_what_else(claim):
            return "drop"
        if answers.calls_off(text) and not _says_what_else(claim):
            return "cancel" if answers.rma_numbers(text) else "drop"
        if answers.is_bare_no(text):
            return "change"
        return "change" if not claim.lines and answers.is_no(text) and claim.act is not Act.CORRECTION else ""
    return "keep" if answers.is_no(text) or claim.act is Act.DECLINE else ""


def _unclear(question: Question | None, draft: list[DraftLine]) -> str:
    if question is not None and question.kind == "change":
        return ON
    return "again" if draft else "unclear"

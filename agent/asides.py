"""What is said beside the request: greetings, questions, status, a person, cancelling, a fresh label.

After an aside the open question is put again, so that the thread is never lost.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from langgraph.runtime import Runtime

from agent import afterwards, answers, asking_after, calling_off, faq, photos_sent, replies
from agent.handing_over import UNSETTLED, unsettled
from agent.questions import CLARIFYING, MOST_QUESTIONS, PERSON, repeated
from agent.state import (
    Question,
    ReplyOut,
    TurnContext,
    TurnState,
    open_question,
    pack_question,
    reply,
    unpack,
)
from agent.told_returns import label_cards, where
from agent.wording import day
from backhaul.store import reviews
from tools.reads import return_status
from tools.writes import answer_review, ask_person


def aside(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Answer beside the request."""
    turn = runtime.context
    topic = state["act"] if state["act"] in {"nothing_left", UNSETTLED} else state["next"]
    return _ASIDES[topic](state, turn)


def _hello(state: TurnState, turn: TurnContext) -> TurnState:
    name = turn.speaker.name.split(" ")[0]
    if open_question(state) is not None:
        return replies.then_ask(state, f"Hello {name}.")
    return {"spoken": reply(f"Hello {name}. {replies.WHAT_I_CAN_DO}", "help")}


def _thanks(state: TurnState, _turn: TurnContext) -> TurnState:
    return replies.then_ask(state, "You are welcome.")


def _in_a_moment(state: TurnState, _turn: TurnContext) -> TurnState:
    return replies.then_ask(state, "Take your time.")


def _noted_already(state: TurnState, _turn: TurnContext) -> TurnState:
    return replies.then_ask(state, "Thank you.")


def _question(state: TurnState, turn: TurnContext) -> TurnState:
    return replies.then_ask(state, faq.answer(faq.topic_of(state["message"]["text"]), turn, unpack(state)))


def _out_of_scope(state: TurnState, _turn: TurnContext) -> TurnState:
    if open_question(state) is not None:
        return replies.then_ask(state, replies.NOT_A_RETURN)
    return {"spoken": _with_person(replies.joined(replies.NOT_A_RETURN, replies.WHAT_I_CAN_DO))}


def _unclear(state: TurnState, _turn: TurnContext) -> TurnState:
    long = len(state["message"]["text"]) > _LONG
    return {
        "spoken": _with_person(
            replies.joined(
                replies.SHORTER if long else replies.NOT_UNDERSTOOD, "" if long else replies.WHAT_I_CAN_DO
            )
        )
    }


_LONG = 4_000
"""Characters of a message that nobody types by hand."""


def _again(state: TurnState, turn: TurnContext) -> TurnState:
    question = open_question(state)
    if question is None:
        return {"spoken": _with_person(replies.joined(replies.NOT_UNDERSTOOD, replies.WHAT_I_CAN_DO))}
    put = state.get("asked", 0) + (question.kind in CLARIFYING)
    if put > MOST_QUESTIONS:
        return {**unsettled({**state, "asked": put}, turn), "asked": put}
    draft = unpack(state)
    of_line = 0 <= question.line < len(draft)
    once_more = (
        repeated(question, draft[question.line]) if of_line else replace(question, times=question.times + 1)
    )
    # A yes was understood well enough; it only does not say which.
    lead = "" if answers.is_yes(state["message"]["text"]) else replies.NOT_UNDERSTOOD
    told = replies.then_ask({**state, "question": pack_question(once_more)}, lead)
    return {**told, "question": pack_question(once_more), "asked": put}


def _photo(state: TurnState, turn: TurnContext) -> TurnState:
    got = "Thank you, I have added the photo." if state["message"]["photos"] else _PHOTO_TO_COME
    if not state["message"]["photos"] and _NO_PHOTO.search(state["message"]["text"].lower()):
        got = _WITHOUT_PHOTO
    if state["message"]["photos"] and (why := photos_sent.why_no_evidence(turn, state["message"]["id"])):
        got = photos_sent.told(why)
    if open_question(state) is not None or state["message"]["photos"] == 0:
        return replies.then_ask(state, got)
    return {
        "spoken": reply(
            replies.joined(got, "Which item and order does it belong to, and what is wrong?"), "ask"
        )
    }


_PHOTO_TO_COME = "You can add a photo to your message."
_NO_PHOTO = re.compile(r"\b(?:no|can't|cannot|can not|don't have|do not have|without|not able|unable)\b")
_WITHOUT_PHOTO = (
    'Without a photo I cannot go on by myself. You can add one later, or say "talk to a person", '
    "and a colleague looks at it."
)


def _change(_state: TurnState, _turn: TurnContext) -> TurnState:
    question = Question("change")
    return {"spoken": replies.ask(question, ()), "question": pack_question(question)}


def _drop(_state: TurnState, _turn: TurnContext) -> TurnState:
    text = "All right, I have dropped that. Nothing was requested."
    return {"spoken": reply(text, "help"), "draft": [], "question": None, "consent": None, "asked": 0}


def _nothing_left(state: TurnState, turn: TurnContext) -> TurnState:
    """Nothing of what was named can be requested; the note says why."""
    note = state.get("note", "")
    live = [one for one in return_status(turn.desk, turn.speaker) if one.rma and one.rma in note]
    if live:
        question = Question("reprint", about=live[0].rma_id)
        text = replies.joined(note, where(live[0]), "Would you like its label again?")
        choices = [{"label": "Yes, the label again", "send": "yes"}, {"label": "No, thanks", "send": "no"}]
        told = reply(text, "help", choices=choices, labels=label_cards(live[:1]))
        return {"spoken": told, "question": pack_question(question), "draft": []}
    return {"spoken": _with_person(note or replies.WHAT_I_CAN_DO), "question": None, "draft": []}


def _busy(state: TurnState, turn: TurnContext) -> TurnState:
    """While something is undecided: a remark belongs to it, another return to another conversation."""
    waiting = [one for one in return_status(turn.desk, turn.speaker) if one.thread == turn.thread_id]
    told = "\n".join(where(one) for one in waiting if one.state in {"review", "pending"})
    claim = turn.heard.claim
    named = bool(claim and (claim.order_refs or any(line.sku for line in claim.lines)))
    text = (
        "Please start another return in a new conversation, so that the two do not get mixed up."
        if named or answers.asks_for_a_return(state["message"]["text"])
        else "The colleague who decides sees what you just wrote."
    )
    return {"spoken": reply(replies.joined(told, text), "review")}


def _person(_state: TurnState, turn: TurnContext) -> TurnState:
    asked = ask_person(
        turn.desk, turn.speaker, thread_id=turn.thread_id, why="The customer asked for a person."
    )
    text = (
        f"Of course. A colleague will answer you here by {day(asked.due_at.date())}. They can see "
        f"everything you wrote, "
        "so you need not repeat it. I stay here if you need something in the meantime."
    )
    due = f"A colleague answers by {day(asked.due_at.date())}"
    # In the reply, not in the state: the next request must not join this case.
    return {"spoken": reply(text, "review", next_step=due, asked_case=asked.case_id)}


def _not_english(_state: TurnState, turn: TurnContext) -> TurnState:
    """Words we cannot read go to a person; that English works here is said once, not with every message."""
    with turn.desk.store.read() as uow:
        waiting = [row for row in reviews.open_reviews_of_thread(uow, turn.thread_id) if not row.proposal_id]
    why = "The customer writes in a language that the assistant does not read."
    asked = ask_person(turn.desk, turn.speaker, thread_id=turn.thread_id, why=why)
    by = day(asked.due_at.date())
    text = (
        f"Thank you, the colleague who answers you here by {by} sees this as well."
        if waiting
        else f"I am sorry, I read English only. A colleague has your message and answers you here by {by}. "
        "If you can write it in English, I go on with it at once."
    )
    due = f"A colleague answers by {by}"
    return {"spoken": reply(text, "review", next_step=due, asked_case=asked.case_id)}


def _asks_reviewer(state: TurnState, turn: TurnContext) -> TurnState:
    """A question back to the reviewer: passed on as one, and the reviewer's own stays open."""
    questions = _passed_on(state, turn, asks_back=True)
    text = (
        "I have passed your question on to the colleague who is looking at your request; "
        "the answer comes here. "
        f"Theirs stays open, and you can answer it whenever you are able to:\n{questions}"
    )
    return {"spoken": reply(text, "review", asks_for="review")}


def _passed_on(state: TurnState, turn: TurnContext, *, asks_back: bool = False) -> str:
    """Hand the words to every reviewer who waits for some, and give what those had asked."""
    with turn.desk.store.read() as uow:
        waiting = reviews.open_reviews_of_thread(uow, turn.thread_id)
    words = state["message"]["text"].strip() or "(a photo)"
    asked = [
        f'"{row.question}"'
        for row in waiting
        if answer_review(turn.desk, turn.speaker, review_id=row.id, answer=words, asks_back=asks_back)
    ]
    return "\n".join(dict.fromkeys(asked))


def _answer_review(state: TurnState, turn: TurnContext) -> TurnState:
    _passed_on(state, turn)
    return {
        "spoken": reply(
            "Thank you. I have passed that on to the colleague who is looking at your request.", "review"
        )
    }


def _with_person(text: str) -> ReplyOut:
    return reply(text, "help", choices=[{"label": PERSON.label, "send": PERSON.send}])


_ASIDES: dict[str, Callable[[TurnState, TurnContext], TurnState]] = {
    "hello": _hello,
    "thanks": _thanks,
    "in_a_moment": _in_a_moment,
    "noted_already": _noted_already,
    "faq": _question,
    "out_of_scope": _out_of_scope,
    "unclear": _unclear,
    "again": _again,
    "photo": _photo,
    "no_evidence": photos_sent.no_evidence,
    "no_photo": afterwards.without_photo,
    "refused": afterwards.refused,
    "appeal": afterwards.appeal,
    "wished": afterwards.wished,
    "noted": afterwards.noted,
    "change": _change,
    "drop": _drop,
    "nothing_left": _nothing_left,
    UNSETTLED: unsettled,
    "busy": _busy,
    "status": asking_after.status,
    "person": _person,
    "not_english": _not_english,
    "answer_review": _answer_review,
    "asks_reviewer": _asks_reviewer,
    "cancel": calling_off.cancel,
    "cancel_chosen": calling_off.cancel_chosen,
    "cancel_now": calling_off.cancel_now,
    "keep": calling_off.keep,
    "label": asking_after.label,
    "label_chosen": asking_after.label_chosen,
}
TOPICS = frozenset(_ASIDES)
"""Headings that lead to this node."""

"""Photos that show nothing or were used before: said to the customer, with what can be done instead."""

from dataclasses import replace

from agent import replies
from agent.questions import PERSON
from agent.state import Question, TurnContext, TurnState, open_question, unpack
from backhaul.store import conversation

ANOTHER = "so it cannot count here. If there is no other one, a colleague can look at it instead."


def why_no_evidence(turn: TurnContext, message_id: str = "") -> str:
    """Why no photo counts, of one message or of the whole conversation; empty when one does or none came."""
    with turn.desk.store.read() as uow:
        sent = [
            row for row in conversation.attachments(uow, turn.thread_id) if message_id in {"", row.message_id}
        ]
        if any(row.unusable is None for row in sent):
            return ""
        return " ".join(dict.fromkeys(row.unusable for row in sent if row.unusable))


def no_evidence(state: TurnState, turn: TurnContext) -> TurnState:
    """Ask for another photo, and say why this one will not do."""
    why = why_no_evidence(turn, state["message"]["id"])
    question = open_question(state) or Question("photo", 0)
    return {"spoken": replies.ask(replace(question, choices=(PERSON,)), unpack(state), lead=told(why))}


def told(why: str) -> str:
    """The reason, what follows from it, and the way out."""
    return f"{why.removesuffix('.')}, {ANOTHER}"

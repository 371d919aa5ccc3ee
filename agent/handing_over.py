"""When three questions did not settle a request: a person goes on with it, and sees what is known so far."""

from agent import replies
from agent.questions import MOST_QUESTIONS
from agent.state import DraftLine, Question, TurnContext, TurnState, open_question, reply, unpack
from agent.wording import REASON_WORDS, RESOLUTION_WORDS, day, pieces
from backhaul.domain.codes import Reason, Resolution
from tools.writes import ask_person

UNSETTLED = "unsettled"
"""Heading of a request that has had its questions."""

_NOT_SETTLED = {
    "order": "which order line is meant",
    "item": "which order line is meant",
    "quantity": "how many pieces come back",
    "reason": "why the goods come back",
    "serial": "which serials come back",
    "received": "what came instead",
    "resolution": "what the customer wants in exchange",
    "target": "which of the items was meant",
}


def unsettled(state: TurnState, turn: TurnContext) -> TurnState:
    """Open a review with what is known and what is not, and tell the customer kindly.

    The draft stays as it is: whatever the customer still says is taken into it, and once it is complete it is
    read back as ever. No further question is put until then.
    """
    question, draft = open_question(state), unpack(state)
    why = _why(question, draft) if question else ""
    asked = ask_person(turn.desk, turn.speaker, thread_id=turn.thread_id, why=why)
    by = day(asked.due_at.date())
    text = _FIRST.format(by=by) if state["asked"] == MOST_QUESTIONS + 1 else _AGAIN.format(by=by)
    said = replies.joined(state.get("note", ""), text)
    due = f"A colleague answers by {by}"
    # In the reply, not in the state: the next request must not join this case.
    return {"spoken": reply(said, "review", next_step=due, asked_case=asked.case_id)}


_FIRST = (
    "I do not want to keep asking you. A colleague goes on from here and answers you by {by}; they see "
    "everything you wrote, so you need not repeat it. If something else comes to mind, just write it here."
)
_AGAIN = "Thank you, the colleague who answers you here by {by} sees this as well."


def _why(question: Question, draft: list[DraftLine]) -> str:
    known = "; ".join(part for line in draft if (part := _known(line)))
    told = f" Known so far: {known}." if known else ""
    return f"Three questions did not settle {_NOT_SETTLED[question.kind]}.{told}"


def _known(line: DraftLine) -> str:
    """What is settled of a line, in codes and numbers of the order; nothing that the customer wrote."""
    goods = f"{line.sku} of {line.key}" if line.key else f"one of {', '.join(line.candidates[:_FEW])}"
    parts = [
        (pieces(line.quantity, goods) if line.quantity else goods) if line.key or line.candidates else "",
        REASON_WORDS[Reason(line.reason)] if line.reason else "",
        RESOLUTION_WORDS[Resolution(line.resolution)] if line.resolution else "",
    ]
    return ", ".join(part for part in parts if part)


_FEW = 6

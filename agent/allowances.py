"""Allowances that no rule grants: for goods that the customer keeps, a person decides, without a proposal."""

from collections.abc import Sequence

from agent.state import DraftLine, ReplyOut, TurnContext, reply
from agent.wording import REASON_WORDS, day, listed, pieces, short
from backhaul.domain.codes import Reason
from tools.writes import ask_person


def to_a_person(turn: TurnContext, asked: Sequence[DraftLine]) -> ReplyOut:
    """Put the allowances before a colleague, and say so."""
    why = f"The customer keeps {listed([_why(line) for line in asked])} and wants an allowance."
    person = ask_person(turn.desk, turn.speaker, thread_id=turn.thread_id, why=why)
    by = day(person.due_at.date())
    goods = listed([pieces(line.quantity, short(line.description)) for line in asked])
    text = (
        f"You keep {goods}, and nothing is sent back. I cannot grant an allowance myself, so I have put your "
        f"words before a colleague, who answers you here by {by}. Nothing is promised yet."
    )
    return reply(text, "review", next_step=f"A colleague answers by {by}", asked_case=person.case_id)


def _why(line: DraftLine) -> str:
    goods = pieces(line.quantity, line.sku)
    return f"{goods} of {line.order_number}/{line.line} ({REASON_WORDS[Reason(line.reason)]})"

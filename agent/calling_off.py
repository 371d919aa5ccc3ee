"""Calling a return off: which RMA is meant, a read-back, a yes, then the worker. Never another account's."""

from collections.abc import Sequence

from agent import answers, replies
from agent.meant import meant
from agent.state import Choice, Question, TurnContext, TurnState, open_question, pack_question, reply
from agent.told_returns import ALL, ENDED, chosen_by_number, told
from agent.wording import day, listed
from backhaul.domain.errors import InvalidTransition, NotFound
from tools.reads import return_status
from tools.returns_found import ReturnFound
from tools.writes import ask_person, cancel_rma


def cancel(state: TurnState, turn: TurnContext) -> TurnState:
    """Find what is meant; ask which when several are open, else read it back."""
    live = _cancellable(turn)
    asked = meant(live, state["message"]["text"], turn)
    numbers = [name for name in asked.strange if name.startswith("RMA-")]
    if numbers and not asked.found:
        return {"spoken": reply(f"I see no open return {listed(numbers, 'or')} on your account.", "help")}
    found = asked.found or live
    if not found:
        return _nothing_issued(turn)
    return _which(found) if len(found) > 1 else _read_back(found)


def cancel_chosen(state: TurnState, turn: TurnContext) -> TurnState:
    """The customer said which of several."""
    question = open_question(state)
    taken = answers.choice_taken(question, state["message"]["text"]) if question else None
    live = _cancellable(turn)
    chosen = live if taken is None else [one for one in live if taken.value in {one.rma_id, ALL.value}]
    return _read_back(chosen) if chosen else _nothing_issued(turn)


def cancel_now(state: TurnState, turn: TurnContext) -> TurnState:
    """After the yes: hand each to the worker."""
    question = open_question(state)
    asked = question.about.split() if question else []
    refused = [rma_id for rma_id in asked if not _handed_over(turn, rma_id)]
    if len(refused) == len(asked):
        text = (
            "It cannot be cancelled any more, because the parcel is already on its way or the return "
            "has ended."
        )
        return {"spoken": reply(text, "help"), "question": None}
    text = (
        "I am cancelling it, and will confirm here once it is done. Please do not use its label any more."
        if len(asked) == 1
        else "I am cancelling them, and will confirm each here. Please do not use their labels any more."
    )
    return {"spoken": reply(text, "pending"), "question": None}


def keep(_state: TurnState, _turn: TurnContext) -> TurnState:
    """A no to the read-back."""
    return {"spoken": reply("All right, everything stays as it is.", "help"), "question": None}


def _handed_over(turn: TurnContext, rma_id: str) -> bool:
    try:
        cancel_rma(turn.desk, turn.speaker, rma_id)
    except (InvalidTransition, NotFound):
        return False
    return True


def _cancellable(turn: TurnContext) -> list[ReturnFound]:
    """Open RMAs of the account; who proved one order may touch only what holds nothing but that order."""
    scope = turn.speaker.order_scope
    own = [one for one in return_status(turn.desk, turn.speaker) if one.rma and one.rma_id]
    found = [one for one in own if one.state not in ENDED]
    return [one for one in found if scope is None or set(one.orders) <= {scope}]


def _which(live: Sequence[ReturnFound]) -> TurnState:
    question = Question("which_return", choices=(*map(chosen_by_number, live), ALL))
    return {"spoken": replies.ask(question, ()), "question": pack_question(question)}


def _read_back(live: Sequence[ReturnFound]) -> TurnState:
    yes = Choice("Yes, cancel it", "yes", listed([told(one) for one in live]))
    about = " ".join(one.rma_id for one in live)
    question = Question("cancel", choices=(yes, Choice("No, keep it", "no", "keep")), about=about)
    return {"spoken": replies.ask(question, ()), "question": pack_question(question)}


def _nothing_issued(turn: TurnContext) -> TurnState:
    """No RMA yet. What a person still decides is stopped by that person, who is told."""
    waiting = [
        one
        for one in return_status(turn.desk, turn.speaker)
        if one.state in {"review", "pending"} and one.thread == turn.thread_id
    ]
    if not waiting:
        return {"spoken": reply("I see no open return on your account that could be cancelled.", "help")}
    why = "The customer wants to cancel the request that is being decided."
    asked = ask_person(turn.desk, turn.speaker, thread_id=turn.thread_id, why=why)
    text = (
        f"Nothing is issued yet: {listed(waiting[0].lines)} is still with a colleague. I have told them that "
        f"you want to cancel it; they confirm here by {day(asked.due_at.date())}. Please send nothing."
    )
    return {"spoken": reply(text, "review"), "question": None}

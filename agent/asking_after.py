"""Asking after a return that stands: where it is, and its label once more. Never another account's."""

from collections.abc import Sequence

from agent import answers, replies
from agent.meant import meant
from agent.state import Question, TurnContext, TurnState, open_question, pack_question
from agent.told_returns import ALL, ENDED, chosen_by_number, hand_in_by, label_cards, left_out, told, where
from agent.wording import listed
from backhaul.domain.errors import InvalidTransition
from backhaul.domain.returns import RmaState
from tools.reads import return_status
from tools.returns_found import ReturnFound
from tools.writes import create_label

_SHOWN = 3
"""Returns told in one answer; more would not be read."""

_MOVED = frozenset({RmaState.IN_TRANSIT.value, RmaState.RECEIVED.value})
LABEL = "label"
"""What the question which return is meant is about, when it is its label that is wanted."""


def status(state: TurnState, turn: TurnContext) -> TurnState:
    """Where the returns stand that were asked after."""
    every = return_status(turn.desk, turn.speaker)
    asked = meant(every, state["message"]["text"], turn)
    found = asked.found if asked.named else _current(asked.found)
    unseen = f"I see no {_return_of(asked.strange)} on your account." if asked.strange else ""
    if not found:
        return replies.then_ask(state, unseen or "I see no return on your account yet.")
    lines = [unseen, *(where(one) for one in found[:_SHOWN]), left_out(found[_SHOWN:])]
    answered = replies.then_ask(state, "\n".join(line for line in lines if line))
    return _with_cards(answered, label_cards(found[:_SHOWN]))


def label(state: TurnState, turn: TurnContext) -> TurnState:
    """The label of the return that is meant; which one is asked when nothing tells one from another."""
    question = open_question(state)
    every = _issued(turn)
    if question is not None and question.kind == "reprint":
        agreed = [one for one in every if one.rma_id == question.about]
        return _handed_out(agreed, {**state, "question": None}, turn)
    asked = meant(every, state["message"]["text"], turn)
    unseen = f"I see no {_return_of(asked.strange)} on your account." if asked.strange else ""
    live = [one for one in asked.found if one.state not in ENDED | _MOVED]
    chosen = asked.found if asked.named else live
    if not chosen:
        return replies.then_ask(state, unseen or "I see no open RMA on your account that needs a label.")
    if len(chosen) > 1 and not asked.named and question is None:
        return _which(chosen)
    return _handed_out(chosen[:_SHOWN], state, turn, lead=unseen, rest=chosen[_SHOWN:])


def label_chosen(state: TurnState, turn: TurnContext) -> TurnState:
    """The customer said whose label of several is wanted."""
    question = open_question(state)
    taken = answers.choice_taken(question, state["message"]["text"]) if question else None
    wanted = taken.value if taken else ""
    chosen = [one for one in _issued(turn) if question and wanted in {one.rma_id, ALL.value}]
    offered = {choice.value for choice in question.choices} if question else set()
    return _handed_out([one for one in chosen if one.rma_id in offered], {**state, "question": None}, turn)


def _issued(turn: TurnContext) -> list[ReturnFound]:
    return [one for one in return_status(turn.desk, turn.speaker) if one.rma and one.rma_id]


def _current(found: Sequence[ReturnFound]) -> Sequence[ReturnFound]:
    return [one for one in found if one.state not in ENDED] or found


def _return_of(strange: Sequence[str]) -> str:
    """Such as "RMA-70212" or "return for SO-14945"."""
    orders = [name for name in strange if not name.startswith("RMA-")]
    numbers = [name for name in strange if name.startswith("RMA-")]
    return listed([*numbers, *([f"return for {listed(orders, 'or')}"] if orders else [])], "or")


def _which(live: Sequence[ReturnFound]) -> TurnState:
    question = Question("which_return", choices=(*map(chosen_by_number, live), ALL), about=LABEL)
    return {"spoken": replies.ask(question, ()), "question": pack_question(question)}


def _handed_out(
    chosen: Sequence[ReturnFound],
    state: TurnState,
    turn: TurnContext,
    *,
    lead: str = "",
    rest: Sequence[ReturnFound] = (),
) -> TurnState:
    """Each label with the goods it is for; what has moved or ended is told to need none.

    `rest` are more returns that were meant as well, and are only named.
    """
    lines = [*(_one_label(one, turn) for one in chosen), left_out(rest)]
    cards = label_cards([one for one in chosen if _usable(one)])
    outcome = "done" if cards else "pending" if any(_printable(one) for one in chosen) else "help"
    answered = replies.then_ask(
        state, replies.joined(lead, "\n".join(line for line in lines if line)), outcome
    )
    return _with_cards({**answered, "question": state.get("question")}, cards)


def _one_label(one: ReturnFound, turn: TurnContext) -> str:
    if _usable(one):
        head = f"Here is the label for {told(one)} again, tracking number {one.tracking_number}."
        return f"{head} {hand_in_by(one)}".strip()
    if not _printable(one):
        return f"{where(one)} It needs no label any more."
    try:
        create_label(turn.desk, turn.speaker, one.rma_id)
    except InvalidTransition:
        return f"{told(one)} is already on its way, so it needs no new label."
    place = (
        "here" if one.thread == turn.thread_id else "in the conversation in which you asked for that return"
    )
    return f"I am making a fresh label for {told(one)}; it appears {place}."


def _usable(one: ReturnFound) -> bool:
    return bool(one.label_id) and _printable(one)


def _printable(one: ReturnFound) -> bool:
    return one.state not in ENDED | _MOVED


def _with_cards(answered: TurnState, cards: Sequence[dict[str, str]]) -> TurnState:
    spoken = answered["spoken"]
    if spoken is None:
        return answered
    return {**answered, "spoken": {**spoken, "meta": {**spoken["meta"], "labels": list(cards)}}}

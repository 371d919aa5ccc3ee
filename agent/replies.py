"""What is said while a request is taken down. Every number, date and name in it comes from a record."""

from collections.abc import Sequence

from agent.questions import MOST_QUESTIONS, PERSON
from agent.read_back import card, read_back_line, shown_to_customer
from agent.state import (
    Choice,
    DraftLine,
    Question,
    ReplyOut,
    TurnState,
    open_question,
    reply,
    unpack,
)
from agent.wording import short

_FEW_SERIALS = 8
_TIRED_AFTER = 2
"""A question put more often than this comes with the offer of a person."""

WHAT_I_CAN_DO = (
    "I can start a return, tell you where one stands, print a label again or cancel a return. "
    "Tell me the order or PO number, what you want to send back, and why."
)
NOT_A_RETURN = "I look after returns only, so I cannot help with that here."
NOT_UNDERSTOOD = "Sorry, I did not understand that."
SHORTER = (
    "Sorry, I could not read all of that. A sentence or two is enough: which item, from which order, and why."
)
CALM = (
    "Sorry, something went wrong on our side. Your message is kept, nothing was lost, and I have asked a "
    "colleague "
    "to look at it. They will answer you here."
)


def ask(question: Question, draft: Sequence[DraftLine], *, lead: str = "") -> ReplyOut:
    """Put one question, with its buttons."""
    words = _WORDS[question.kind](draft[question.line] if question.line >= 0 else None, question)
    if question.times > 1 and PERSON not in question.choices and (hint := _HINTS.get(question.kind)):
        words = f"{words}\n{hint(draft[question.line] if question.line >= 0 else None, question)}"
    tired = question.times > _TIRED_AFTER and PERSON not in question.choices
    choices = (*question.choices, PERSON) if tired else question.choices
    return reply(
        joined(lead, words),
        "ask",
        choices=buttons(choices),
        asks_for=question.kind,
        cards=[card(line) for line in draft if line.order_number],
    )


def then_ask(state: TurnState, said: str, outcome: str = "help") -> TurnState:
    """Say something beside the request, and put the open question again."""
    question, draft = open_question(state), unpack(state)
    if question is None or state.get("asked", 0) > MOST_QUESTIONS:
        return {"spoken": reply(said, outcome)}
    if question.kind == "consent":
        return {"spoken": read_back(draft, digest=state["shown_digest"], lead=said)}
    return {"spoken": ask(question, draft, lead=said)}


def joined(*parts: str) -> str:
    """Paragraphs, without the empty ones."""
    return "\n\n".join(part for part in parts if part)


def buttons(choices: Sequence[Choice]) -> list[dict[str, str]]:
    """Choices as the page shows them."""
    return [{"label": choice.label, "send": choice.send} for choice in choices]


def read_back(draft: Sequence[DraftLine], *, digest: str, lead: str = "") -> ReplyOut:
    """Everything that would be requested, and the question whether it is right."""
    shown = shown_to_customer(draft)
    ending = "Is that right? I will send it off once you say yes."
    return reply(
        joined(lead, shown, ending),
        "consent",
        cards=[card(line) for line in draft],
        consent={"digest": digest, "lines": [read_back_line(line) for line in draft]},
        choices=[{"label": "Yes, that is right", "send": "yes"}, {"label": "Change something", "send": "no"}],
    )


def evidence(kind: str, line: DraftLine, message: str) -> str:
    """What policy still wants to see, in the words of the rule."""
    return joined(message, _WORDS[kind](line, Question(kind)))


def _order(line: DraftLine | None, question: Question) -> str:
    name = (line.item_words or line.sku_said) if line else ""
    if question.choices:
        what = _the(name) if name else "that"
        return f"I see {what} on more than one order. Which one is it?\n{_options(question)}"
    missing = f"I do not find {_the(name)} among your orders. " if name else ""
    return (
        f"{missing}Which order is it from? An order number, your PO number, a part number or a serial number "
        "will do."
    )


def _item(line: DraftLine | None, question: Question) -> str:
    where = line.order_ref or line.po_ref if line else ""
    asked = f"Which item on {where} is it?" if where else "Which item is it?"
    if question.choices:
        return f"{asked}\n{_options(question)}"
    return f"{asked} A part number or a few words will do."


def _options(question: Question) -> str:
    return "\n".join(f"- {choice.label}" for choice in question.choices)


def _quantity(line: DraftLine | None, question: Question) -> str:
    if line is None:
        return "How many pieces?"
    if line.quantity > line.returnable and question.times > 1:
        return (
            f"{line.returnable} is the most that can still come back of {_the(line.description)} on "
            f"{line.order_number}. Shall I put down {line.returnable}, or would you like a colleague to look "
            f"at it?"
        )
    if line.quantity > line.returnable:
        return (
            f"I see {line.returnable} of {_the(line.description)} on {line.order_number} that can still "
            f"come back, "
            f"not {line.quantity}. How many shall I put down?"
        )
    return f"How many of the {line.returnable} x {short(line.description)} would you like to send back?"


def _reason(line: DraftLine | None, _question: Question) -> str:
    return f"What is the reason for returning {_the(line.description if line else '')}?"


def _received(line: DraftLine | None, _question: Question) -> str:
    ordered = f" instead of {_the(line.description)}" if line else ""
    return f"What arrived{ordered}? The part number on its label, or a few words, is enough."


def _resolution(line: DraftLine | None, _question: Question) -> str:
    return (
        f"For {_the(line.description if line else '')}, would you like a replacement or a credit to your "
        f"account?"
    )


def _serial(line: DraftLine | None, _question: Question) -> str:
    if line is None:
        return "What is the serial number? It is on the type plate."
    shipped = f" We shipped {', '.join(line.unit_serials)}." if len(line.unit_serials) <= _FEW_SERIALS else ""
    if line.strange_serials:
        strange = f"I do not find serial {' and '.join(line.strange_serials)} on {line.order_number}."
        return f"{strange}{shipped} What does the type plate say?"
    if line.quantity == 1:
        return "What is the serial number? It is on the type plate."
    return (
        f"Which {line.quantity} serial numbers of {_the(line.description)} are coming back? "
        f"They are on the type plates.{shipped}"
    )


def _photo(line: DraftLine | None, _question: Question) -> str:
    what = _the(line.description) if line else "the item"
    return f"Please add a photo of {what} that shows it clearly, and I will go on at once."


def _change(_line: DraftLine | None, _question: Question) -> str:
    return (
        "What should I change? You can say, for example, another quantity, another reason or another order."
    )


def _consent(_line: DraftLine | None, _question: Question) -> str:
    return "Shall I send the request off as I read it back?"


def _cancel(_line: DraftLine | None, question: Question) -> str:
    return (
        f"Shall I cancel {question.choices[0].value}? "
        f"{'Their labels' if ' ' in question.about else 'Its label'} will then no longer work."
        if question.choices
        else ""
    )


def _appeal(_line: DraftLine | None, _question: Question) -> str:
    return "I cannot make an exception myself, but a colleague can look at it again. Shall I ask one for you?"


def _target(_line: DraftLine | None, question: Question) -> str:
    return f"Which of these do you mean?\n{_options(question)}"


def _which_return(_line: DraftLine | None, question: Question) -> str:
    asked = "Which label would you like?" if question.about == "label" else "Which return shall I cancel?"
    return f"{asked}\n{_options(question)}"


def _reprint(_line: DraftLine | None, _question: Question) -> str:
    return "Would you like a fresh label for it?"


def _count_hint(line: DraftLine | None, _question: Question) -> str:
    most = line.returnable if line else 0
    return f"A number from 1 to {most} tells me, or all {most}." if most > 1 else "A number tells me."


def _reason_hint(_line: DraftLine | None, question: Question) -> str:
    named = [choice.label[0].lower() + choice.label[1:] for choice in question.choices if choice.value != "?"]
    return f"For example: {'; '.join(named)}. Your own words are fine too."


_HINTS = {"quantity": _count_hint, "reason": _reason_hint}
"""What is added when a question is put again: what an answer to it looks like."""


def _the(name: str) -> str:
    return f"the {short(name)}" if name else "it"


_WORDS = {
    "order": _order,
    "item": _item,
    "quantity": _quantity,
    "reason": _reason,
    "received": _received,
    "received_item": _received,
    "resolution": _resolution,
    "serial": _serial,
    "photo": _photo,
    "change": _change,
    "consent": _consent,
    "cancel": _cancel,
    "appeal": _appeal,
    "which_return": _which_return,
    "target": _target,
    "reprint": _reprint,
}

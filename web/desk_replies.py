"""Texts to begin with when the customer is asked or told no, filled in with the facts of the case.

They are words to be read and changed before they are sent. What the facts do not say is left out rather than
guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.wording import pieces
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.review_reasons import REASONS, ReviewAct
from backhaul.store.tables import ReviewRow
from web.desk_view import CasePage
from web.pages import day, words

_ASK: Mapping[str, str] = {
    "photo": "Could you send us a photo of {goods}{from_order}? One of the whole piece and one of the label "
    "or the damage would help us to decide.",
    "serial": "Could you tell us the serial number of {goods}{from_order}? It is on the type plate.",
    "what_is_wrong": "What exactly happens with {goods}{from_order}, and since when? Error codes or a short "
    "description of how it is fitted help us to decide.",
    "condition": "Is {goods}{from_order} unused and in its original packing, and is the seal intact?",
    "which_line": "Which article do you mean? You bought {goods}{from_order}; please tell us whether it is "
    "this one, or the order number of the other.",
    "quantity": "How many pieces of {goods}{from_order} would you like to return? We read {quantity}.",
    "change": "We could take back {goods}{from_order} with this change: . Do you agree?",
}
_REJECT: Mapping[str, str] = {
    "outside_policy": "We cannot take back {goods}{from_order}{delivered}. {ground}",
    "not_as_claimed": "We cannot accept the return of {goods}{from_order} as {reason}: what we see does not "
    "bear that out. If you can show us more, write to us here and we look again.",
    "evidence_missing": "We asked for evidence about {goods}{from_order} and have not received it, so we "
    "cannot accept the return. Send it here and we look again.",
    "condition": "We cannot take back {goods}{from_order} in the condition described. Returns have to be "
    "complete and fit to be sold again.",
    "duplicate": "A return for {goods}{from_order} is already on record, so we do not open a second one.",
    "another_way": "As agreed with you, {goods}{from_order}: this is settled in another way, and no return "
    "is opened.",
    "suspected_abuse": "We cannot accept the return of {goods}{from_order}. If you have questions, reply "
    "here and a colleague answers.",
}
_CLOSE: Mapping[str, str] = {
    "handled_elsewhere": "A colleague is taking care of this with you; we close the conversation here.",
}
_TEXTS = {ReviewAct.ASK: _ASK, ReviewAct.REJECT: _REJECT, ReviewAct.CLOSE: _CLOSE}


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason to choose, with the number it is chosen by and the text it begins with."""

    code: str
    said: str
    number: int
    reply: str


@dataclass(frozen=True, slots=True)
class Act:
    """An act with its reasons, as a form shows it."""

    key: str
    choices: tuple[Choice, ...]
    chosen: str = ""
    note: str = ""


def act_of(act: ReviewAct, page: CasePage, *, reply: str = "") -> Act:
    """The reasons of an act with their texts. `reply` is `act.code` of the one that was asked for."""
    facts = _facts(page)
    texts = _TEXTS.get(act, {}) if act is ReviewAct.ASK or hears_of_a_no(page.review) else {}
    choices = tuple(
        Choice(code, told, number, _filled(texts.get(code, ""), facts))
        for number, (code, told) in enumerate(REASONS[act].items(), start=1)
    )
    wanted = next((one for one in choices if reply == f"{act.value}.{one.code}"), None)
    return Act(act.value, choices, wanted.code if wanted else "", wanted.reply if wanted else "")


_NOT_TOLD = frozenset({Action.MOVE_STOCK.value, Action.VENDOR_CLAIM.value})
"""What is between us, our stock and our suppliers"""


def hears_of_a_no(row: ReviewRow) -> bool:
    """Whether the customer is told when it is turned down: not of what only the desk has asked for."""
    return row.action not in _NOT_TOLD and not row.asked_by


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return " ".join(text.format_map(facts).split())


def _facts(page: CasePage) -> Mapping[str, str]:
    line, sold = page.line, page.erp.line
    if line is None:
        return dict.fromkeys(("from_order", "delivered", "ground", "quantity"), "") | {
            "goods": "the goods",
            "reason": "described",
        }
    delivered = sold.delivered_on if sold else None
    return {
        "goods": pieces(line.quantity, line.description),
        "from_order": f" from order {line.order_number}",
        "delivered": f", delivered on {day(delivered)}" if delivered else "",
        "ground": _ground(page),
        "quantity": str(line.quantity),
        "reason": words(line.reason),
    }


def _ground(page: CasePage) -> str:
    """What the policy tells customers, where it refuses by itself."""
    verdict = page.verdict
    return verdict.row.message if verdict and verdict.row.outcome == Outcome.DENY.value else ""

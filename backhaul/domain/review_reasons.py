"""Why a reviewer decides as they do: one closed list for each act on the desk.

A code is stored with the decision and stands in the audit log; the words beside it are for people of the
house only. What a customer reads is the note. A code is never reused for another meaning.
"""

from collections.abc import Mapping
from enum import StrEnum

from backhaul.domain.errors import BadInput


class ReviewAct(StrEnum):
    """What can be done with a review."""

    APPROVE = "approve"
    REJECT = "reject"
    CLOSE = "close"
    """Where there is nothing to refuse: a person was asked for"""
    CREDIT_INSTEAD = "credit_instead"
    """An exchange or a repair is turned down, and a credit asked for in its place"""
    ASK = "ask"
    EXPERT = "expert"


PLAIN = ""
"""An approval for no other reason than that what is on the page is right; nothing else may be plain"""

REASONS: Mapping[ReviewAct, Mapping[str, str]] = {
    ReviewAct.APPROVE: {
        "facts_checked": "Facts looked up beside this page",
        "goodwill": "Goodwill towards this customer",
        "evidence_enough": "Photos or words show it well enough",
        "our_mistake": "Our own mistake",
    },
    ReviewAct.REJECT: {
        "outside_policy": "Outside the policy",
        "not_as_claimed": "Not as the customer says",
        "evidence_missing": "Evidence asked for did not come",
        "condition": "The goods cannot be taken back as they are",
        "duplicate": "Asked for or credited already",
        "another_way": "Solved in another way",
        "suspected_abuse": "Suspected abuse",
        "other": "Another reason, in the note",
    },
    ReviewAct.CLOSE: {
        "answered": "Answered",
        "handled_elsewhere": "Dealt with elsewhere",
        "nothing_to_do": "Nothing to do",
        "other": "Another reason, in the note",
    },
    ReviewAct.CREDIT_INSTEAD: {
        "no_stock": "No piece left to send",
        "not_repairable": "Cannot be repaired",
        "customer_agreed": "Agreed with the customer",
        "other": "Another reason, in the note",
    },
    ReviewAct.ASK: {
        "photo": "A photo",
        "serial": "The serial number",
        "what_is_wrong": "What is wrong with it",
        "condition": "Condition and packing",
        "which_line": "Which article or order",
        "quantity": "How many pieces",
        "change": "Whether a change is agreed to",
        "other": "Something else, in the note",
    },
    ReviewAct.EXPERT: {
        "technical": "A technical question",
        "fraud": "A suspicion of fraud",
        "money": "Money: price, credit or terms",
        "dangerous_goods": "Dangerous goods",
        "policy": "What the policy means",
        "other": "Something else, in the note",
    },
}
"""Codes of each act with their words, in the order in which the desk offers and numbers them."""


def checked(act: ReviewAct, code: str) -> str:
    """The code, if the act knows it.

    Raises:
        BadInput: It is none of the act's, or is missing where only a plain approval may go without.
    """
    if code in REASONS[act] or (act is ReviewAct.APPROVE and code == PLAIN):
        return code
    raise BadInput("Choose a reason from the list.", field="reason")


def said(act: str, code: str | None) -> str:
    """The words of a stored code; empty for a plain approval."""
    known = REASONS.get(ReviewAct(act), {}) if act in set(ReviewAct) else {}
    return known.get(code or PLAIN, (code or "").replace("_", " "))

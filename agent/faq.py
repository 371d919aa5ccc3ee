"""Questions beside the request: answered from policy and records, never with a promise that nothing holds."""

import re
from datetime import timedelta

from agent.state import DraftLine, TurnContext
from agent.told_returns import where
from agent.wording import day, short
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.promises import SETTLED_WITHIN_BUSINESS_DAYS
from backhaul.store import conversation
from tools.eligibility import check_eligibility
from tools.reads import return_status

_TOPICS = {
    "credit": r"\b(?:credit|refund|money(?: back)?|reimburs\w+)\b.*\b(?:when|long|take|days?|soon|fast)\b"
    r"|\b(?:when|how (?:long|soon|fast))\b.*\b(?:credit\w*|refund\w*|money|paid back|reimburs\w+)\b",
    "drop_off": r"\b(?:where|which place)\b.*\b(?:drop|hand (?:it|them)? ?in|take "
    r"(?:it|them|the)|bring|post|ship it|send it)\b"
    r"|\bdrop[- ]?off\b|\bpick(?:ed)? ?(?:it|them)? ?up\b",
    "wait": r"\bhow "
    r"(?:long|soon)\b.*\b(?:that|this|it|decision|review|approval|answer)\b.*\btake\b|\bwhen (?:will|do) "
    r"(?:i|we) "
    r"(?:hear|know|get an answer)\b",
    "window": r"\b(?:return (?:window|period|policy|deadline)|how (?:long|many days)\b.*\b(?:return|send "
    r"back)|time limit|"
    r"(?:until|by) when\b.*\breturn)\b",
    "packaging": r"\b(?:original )?(?:packaging|package it|pack it|wrap it|which box|what box)\b",
    "cost": r"\b(?:who pays|pay (?:for )?(?:the )?(?:shipping|postage|freight)|return "
    r"shipping|restocking|fees?|cost me|free of charge)\b",
    "replacement": r"\b(?:when|how (?:long|soon|fast))\b.*\b(?:replacement|new one|right "
    r"(?:part|one|item))\b",
    "printer": r"\b(?:no|without a?|don'?t have a?) ?printer\b|\bqr\b",
    "refusal": r"^\W*(?:but |and |so )?why(?: not| is that"
    r"| was (?:it|that|this) (?:refused|denied|rejected|declined))?\W*$",
    "exception": r"\b(?:make|grant|allow|get|have|ask for|request|consider)\b[^.;!?]{0,20}\bexceptions?\b"
    r"|\bexception (?:this|just this) (?:time|once)\b|\breconsider\b|\bgood ?will\b|\b(?:unfair|not fair)\b"
    r"|\bbend the rules?\b|\bappeal\b|\b(?:anything|something|nothing) (?:else )?(?:you|that|one) can\b"
    r"|\b(?:can|could|would) (?:you|someone|anyone|a manager|a colleague) (?:please )?(?:look|review|check)\b"
    r"[^.;!?]{0,20}\b(?:again|once more|anyway)\b",
    "machine": r"\b(?:are you (?:a )?(?:bot|robot|human|real|person|machine|ai)|am i (?:talking|speaking) "
    r"to)\b",
}
_MOST_RETURNS = 3
_PATTERNS = {topic: re.compile(pattern) for topic, pattern in _TOPICS.items()}


def topic_of(text: str) -> str:
    """Which of the questions we have an answer to this is; empty for none."""
    said = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((topic for topic, pattern in _PATTERNS.items() if pattern.search(said)), "")


def answer(topic: str, turn: TurnContext, draft: list[DraftLine]) -> str:
    """The answer, from what is on record."""
    if topic == "drop_off":
        return _drop_offs(turn)
    if topic == "window":
        return _window(turn, draft)
    if topic == "credit":
        return _credit(turn)
    return PLAIN.get(topic, NO_ANSWER)


PLAIN = {
    "credit": "A credit is posted after our warehouse has received and checked the goods, within "
    f"{SETTLED_WITHIN_BUSINESS_DAYS} business days of their arrival; if something is in the way, you hear of "
    "it by then. I write to you here on the day it is posted, and it goes to your account with us.",
    "packaging": "Please pack the goods so that nothing can move, in the original box if you still have "
    "it, with the "
    "label on the outside and any older labels covered.",
    "cost": "The return label comes from us. If a fee applies to a return under your terms, you see it "
    "when I read the request back, before you agree to it.",
    "replacement": "When a replacement is approved, it gets an order of its own, and I tell you its "
    "number and the day it "
    "ships right here.",
    "printer": "You do not need a printer: with every label comes a QR code that the counter scans and "
    "prints for you.",
    "machine": "I am Backhaul, the returns assistant, a program. A person looks at whatever I am not sure "
    "about, and "
    'you can say "talk to a person" at any time.',
}
NO_ANSWER = 'I cannot answer that one. I can ask a colleague if you say "talk to a person".'


def _credit(turn: TurnContext) -> str:
    """How a credit comes about, and where those stand whose goods have arrived."""
    arrived = [one for one in return_status(turn.desk, turn.speaker) if one.progress or one.credits]
    return "\n".join([PLAIN["credit"], *(where(one) for one in arrived[:_MOST_RETURNS])])


def _drop_offs(turn: TurnContext) -> str:
    with turn.desk.store.read() as uow:
        labels = conversation.events_after(uow, turn.thread_id, 0, ["label_ready"])
    places = labels[-1].payload.get("drop_offs", []) if labels else []
    if not places:
        return "With your label I list the counters nearest to you where the parcel can be handed in."
    named = "\n".join(f"- {place['name']}, {place['street']}, {place['city']}" for place in places)
    return f"You can hand the parcel in here:\n{named}"


def _window(turn: TurnContext, draft: list[DraftLine]) -> str:
    line = next((line for line in draft if line.order_number), None)
    if line is None:
        return (
            "It depends on the kind of goods and on your terms. Tell me the order and the item, and I "
            "look it up."
        )
    reason = Reason(line.reason) if line.reason else Reason.NO_LONGER_NEEDED
    wish = Resolution(line.resolution) if line.resolution else Resolution.CREDIT
    found = check_eligibility(
        turn.desk, turn.speaker, line.order_number, line.line, line.quantity or 1, reason, wish
    )
    sold = turn.desk.erp.order_line(line.order_number, line.line)
    name = short(line.description)
    if found.window_days is None:
        return f"No return window applies to the {name}."
    if sold is None or sold.delivered_on is None:
        return f"The {name} can come back within {found.window_days} days of delivery."
    last = sold.delivered_on + timedelta(days=found.window_days)
    return (
        f"The {name} can come back within {found.window_days} days of delivery. It was delivered on "
        f"{day(sold.delivered_on)}, so the last day is {day(last)}."
    )

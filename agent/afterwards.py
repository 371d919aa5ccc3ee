"""What is said once something is decided: why not, an exception, the wish again, no photo to give."""

import re

from agent import replies
from agent.answers import asks_for_a_return
from agent.faq import NO_ANSWER, PLAIN
from agent.filling import CLEAR_ENOUGH_PERMILLE
from agent.questions import PERSON
from agent.state import Choice, Question, TurnContext, TurnState, open_question, pack_question, reply, unpack
from agent.told_returns import where
from agent.understanding.claim import Claim, ClaimLine
from agent.understanding.dialogue import is_question
from agent.understanding.wishes import resolution_in
from agent.verdicts import because, discreet
from agent.wording import RESOLUTION_WORDS, day, short
from backhaul.domain.codes import Outcome, Reason, Resolution
from backhaul.store import conversation
from tools.reads import return_status
from tools.writes import ask_person

_PICTURE = r"(?:photos?|photographs?|pictures?|pics?|images?|camera|cam|smartphone|phone|mobile|cell)"
_CANNOT = r"(?:can'?t|cannot|can not|could not|couldn'?t|unable to|not able to|no way to|impossible to)"
_HAVE_NOT = r"(?:(?:don'?t|do not|haven'?t|have not) (?:have|own|got)|haven'?t|have no|got no|without|no)"
_NO_PHOTO = re.compile(
    rf"\b{_HAVE_NOT} (?:\w+ ){{0,3}}{_PICTURE}\b"
    rf"|\b{_CANNOT} (?:\w+ ){{0,5}}(?:{_PICTURE}|(?:take|make|send|add|give you) (?:one|any|it|that))\b"
    rf"|\b{_PICTURE} (?:\w+ ){{0,2}}(?:broken?|dead|lost|stolen|gone|does ?n[o']t work|is not working)\b"
    rf"|^(?:(?:sorry|no|well|i'?m afraid|unfortunately)[\s,.]*)*(?:i |we )?"
    r"(?:can'?t|cannot|can not|(?:don'?t|do not) have (?:one|any)|have none|not possible|impossible)"
    rf"(?: (?:do )?(?:that|this|it))?(?:[\s,]*(?:sorry|unfortunately|i'?m afraid))?\W*$"
)
_LATER = re.compile(
    r"\b(?:later|tomorrow|tonight|soon|monday|next week|in a (?:moment|minute|bit)|not yet|until)\b"
)
_A_WISH = 8
"""Words of a remark such as "and what about the replacement?"."""


def has_no_photo(text: str) -> bool:
    """Says that there will be no photo: no camera, or no way to take one. Later is not never."""
    said = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip()
    return _NO_PHOTO.search(said) is not None and not _LATER.search(said) and not is_question(said)


def without_photo(state: TurnState, turn: TurnContext) -> TurnState:
    """The evidence cannot be had, so a person goes on from here."""
    missing = next((line for line in unpack(state) if line.waits_for == "photo"), None)
    goods = f" of the {short(missing.description)}" if missing else ""
    why = f"The customer cannot give the photo{goods} that was asked for."
    asked = ask_person(turn.desk, turn.speaker, thread_id=turn.thread_id, why=why)
    by = day(asked.due_at.date())
    text = (
        f"That is all right. I have told a colleague that there is no photo{goods}; they go on from here and "
        f"answer you by {by}. You need not repeat anything."
    )
    told = reply(text, "review", next_step=f"A colleague answers by {by}", asked_case=asked.case_id)
    return {"spoken": told, "draft": [], "question": None, "consent": None}


def refused(state: TurnState, turn: TurnContext) -> TurnState:
    """Why it was refused, once more, and the offer that a person looks at it."""
    why = _newest_refusal(turn)
    if not why or open_question(state) is not None:
        return replies.then_ask(state, why or NO_ANSWER)
    yes, no = Choice("Yes, ask a colleague", "yes", "yes"), Choice("No, thanks", "no", "no")
    question = Question("appeal", choices=(yes, no))
    return {"spoken": replies.ask(question, (), lead=why), "question": pack_question(question)}


def appeal(_state: TurnState, turn: TurnContext) -> TurnState:
    """A person looks at what was refused; whether they may make an exception is theirs to say."""
    why = "The customer asks for an exception from a refusal."
    asked = ask_person(turn.desk, turn.speaker, thread_id=turn.thread_id, why=why)
    by = day(asked.due_at.date())
    text = f"I have asked a colleague to look at it once more. They answer you here by {by}."
    told = reply(text, "review", next_step=f"A colleague answers by {by}", asked_case=asked.case_id)
    return {"spoken": told, "question": None}


def noted(_state: TurnState, _turn: TurnContext) -> TurnState:
    """A yes or no to nothing that was asked."""
    return {"spoken": reply("All right. Write here whenever there is something else.", "help")}


def wishes_again(turn: TurnContext, claim: Claim, text: str) -> bool:
    """Whether no more is said than what is wanted in exchange, in a conversation that has its return."""
    if len(text.split()) > _A_WISH or claim.order_refs or asks_for_a_return(text):
        return False
    said = text.lower()
    found = resolution_in(said)
    if found is None or (not is_question(said) and any(_says_why(line) for line in claim.lines)):
        return False
    wish = said[found[1][0] : found[1][1]]
    named = any(_names_goods(line, wish) for line in claim.lines)
    return not named and any(
        one.rma and one.thread == turn.thread_id for one in return_status(turn.desk, turn.speaker)
    )


def _names_goods(line: ClaimLine, wish: str) -> bool:
    """More than the words of the wish, such as the ones of "the new ones"."""
    told = set(line.item_words.split()) - set(wish.split())
    return bool(line.sku or line.serials or line.quantity or told)


def _says_why(line: ClaimLine) -> bool:
    clear = round(line.reason_confidence * 1000) >= CLEAR_ENOUGH_PERMILLE
    return clear and line.reason not in {None, Reason.OTHER}


def wished(state: TurnState, turn: TurnContext) -> TurnState:
    """What became of the wish: on its way, or not what was agreed, which a person would have to change."""
    found = resolution_in(state["message"]["text"].lower())
    wish = found[0] if found else Resolution.CREDIT
    here = [one for one in return_status(turn.desk, turn.speaker) if one.thread == turn.thread_id]
    agreed = [one for one in here if wish.value in one.resolutions or not one.rma]
    if any(one.rma for one in agreed):
        more = PLAIN["credit"] if wish is Resolution.CREDIT else ""
        return {"spoken": reply(replies.joined("\n".join(where(one) for one in agreed), more), "help")}
    one = next(one for one in here if one.rma)
    other = RESOLUTION_WORDS[Resolution(one.resolutions[0])]
    text = (
        f"{where(one)}\n\nIt was agreed with {other}, and I cannot change that afterwards. "
        "A colleague can look at it if you would like something else."
    )
    return {"spoken": reply(text, "help", choices=replies.buttons([PERSON]))}


def _newest_refusal(turn: TurnContext) -> str:
    """Why the newest decision of the conversation went against the customer; empty when it did not."""
    with turn.desk.store.read() as uow:
        decided = conversation.events_after(uow, turn.thread_id, 0, ["group_decided", "review_decided"])
    if not decided:
        return ""
    if decided[-1].kind == "review_decided":
        said = decided[-1].payload
        return str(said.get("message", "")) if said["outcome"] == Outcome.DENY.value else ""
    news = discreet(decided[-1].payload) if turn.speaker.order_scope else decided[-1].payload
    return "\n".join(because(one) for one in news["proposals"] if one["outcome"] == Outcome.DENY.value)

"""Reading an answer against the question that was put: a button, an ordinal, a number, a plain yes or no.
Pure.
"""

import re
from collections.abc import Sequence

from agent.state import Choice, Question
from agent.understanding.claim import Act, Claim
from agent.understanding.mentions import stem
from agent.understanding.numerals import count_of

_THANKS = (
    r"(?:many |much )?(?:thanks|thank you)(?: a lot| so much| very much)?"
    r"(?: for (?:your|the) (?:quick |kind )?(?:help|patience|reply|answer)| for looking into (?:this|it))?"
    r"|(?:much )?appreciated"
)
_YES_WORDS = (
    rf"{_THANKS}|"
    r"yes|yep|yeah|yup|ya|sure|ok|okay|alright|right|correct|confirm(?:ed)?|agreed?|i agree|i do|go "
    r"ahead|go for it|"
    r"please do|do it|please|perfect|great|good|fine|sounds good|"
    r"looks (?:good|right|fine|correct)(?: to (?:me|us))?|"
    r"that'?s (?:right|correct|fine|it|good|perfect)|that is (?:right|correct|fine)|all good|all "
    r"correct|submit(?: it)?|"
    r"send it(?: off)?|please proceed|proceed|absolutely|exactly|y"
)
_YES = re.compile(rf"(?:(?:{_YES_WORDS})[\s,.!;:-]*)+")
_BARE_POLITENESS = re.compile(rf"(?:(?:{_THANKS}|please|good|great)[\s,.!;:-]*)+")
_NO = re.compile(
    r"(?:no|nope|nah|not (?:quite|right|correct|yet|really)|that'?s (?:wrong|not right|not "
    r"correct)|wrong|don'?t|do not|stop|"
    r"hold on|wait|cancel(?: (?:it|that|this))?|never ?mind|forget it)\b"
)
_BARE_NO = re.compile(
    r"(?:(?:no|nope|nah|wrong|not (?:quite|right|correct)|that'?s (?:wrong|not right))[\s,.!]*)+"
)
_GIVE_UP = re.compile(
    r"\b(?:never ?mind|forget (?:it|the whole thing|about it)|cancel(?: (?:it|that|this|everything|the "
    r"request))?|stop|(?:leave|drop|scrap) (?:it|that|this)|changed (?:my|our) minds?|call (?:it|this) off|"
    r"let'?s not|(?:don'?t|do not)(?: (?:do (?:it|that)|bother))?(?=[\s,.!]*$))\b"
)
_UNKNOWN = re.compile(
    r"\b(?:(?:do(?:n'?t| not)|can(?:'?t|not| not)|could(?:n'?t| not)) (?:really |quite )?"
    r"(?:know|tell|say|see|remember)"
    r"|no (?:idea|clue)|dunno|not sure|unsure|haven'?t (?:looked|checked|opened)|(?:is|are) unknown)\b"
)
_WHAT_STANDS = r"(?:returns?|rmas?\b(?:[- ]?\d+)?|rma-\d+|pick-?up)"
_POINTING = (
    r"(?:(?:the|that|this|those|these|my|our|your|a|whole|entire|open|last|latest|previous|existing|first|second|both"
    r"|all|of|just|new|current|an)\s+)*"
)
_CALL_OFF = r"(?:cancel(?:l?ing)?|withdraw(?:ing)?|revoke|undo|void|abort|scrap|forget(?: about)?|drop|stop)"
_CALLS_OFF = re.compile(
    rf"\b{_CALL_OFF}\s+{_POINTING}(?:[\w-]+\s+)?{_WHAT_STANDS}\b"
    rf"|\b{_CALL_OFF}\s+(?:it|that|this|them|those|everything|the whole thing)\b"
    r"|\b(?:call|calling|called)\b[^.;!?\n]{0,30}\boff\b|\btake\b.{0,20}\breturn\b.{0,10}\b(?:away|out)\b"
    r"|\bchanged (?:my|our) minds?\b"
    r"|\b(?:don'?t|do not|no longer) (?:want|need|wish) to (?:return|send)\b"
)
_BY_OTHERS = re.compile(r"\b(?:is|are|was|were|been|being|got|gets)\s+(?:\w+\s+)?(?:called off|cancel+ed)\b")
"""Why goods come back, and no wish that they should not"""
_KEEPS_ON = re.compile(
    r"\b(?:don'?t|do not|not|never)\s+(?:\w+\s+)?(?:cancel|withdraw|void|call|drop|scrap|stop|forget)"
)
_RMA_NUMBER = re.compile(
    r"\b(?:rma|rga)(?:\s*(?:numbers?|nos?\.?|nr\.?|#))?[\s#:.-]{0,3}(\d{3,})\b"
    r"|\breturn\s*(?:number|no\.?|nr\.?|#)[\s#:.-]{0,3}(\d{3,})\b"
)
_ASKS_FOR_RETURN = re.compile(
    r"\b(?:return(?:ing)?|send(?:ing)? (?:\w+ ){0,4}back|take (?:\w+ ){0,4}back|new rma|another rma"
    r"|credit for|refund for)\b"
)
_HESITATES = re.compile(
    r"\b(?:no|not|don'?t|never|nothing|forget|cancel|stop|wait|hold|leave|drop|scrap|undo|but|except|instead|"
    r"actually|later|yet|unless|until|before|first|mind|ask|check|rather|sure\s+about)\b|n't\b"
)
"""Any of these beside a yes, and it is no longer a plain one: consent is never guessed."""
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
_NTH = re.compile(
    r"(?:the |number |no\.? |option |#)?(\d{1,2}|first|second|third|fourth|fifth|last)(?: one)?[.!)]?"
)
_REFUSES_OR_WANTS_ALL = re.compile(
    r"\b(?:no|not|neither|nor|none|except|but|both|all|each|every|everything|other|instead)\b|n't\b"
)
_PARTS = re.compile(r"[.,;:!?]\s+|\s-+\s|\bbut\b")
_WAITS = re.compile(
    r"\W*(?:(?:just |please )?(?:wait )?(?:one|a) (?:moment|second|sec|minute|min)|hang on|hold on"
    r"|bear with me|(?:i )?(?:have to|need to|let me) (?:just |quickly )?(?:look|check|see)"
    r"|give me a (?:moment|second|minute))\b[^?\d]{0,50}"
)
_POINTS_BACK = re.compile(
    r"\W*(?:(?:well|sorry|ok|so|and|yes|per tag|re)\W+)*(?:that|this|it)(?:'s| is) (?:just |all |exactly )?"
    r"(?:what|how|as) (?:it|they|we|i|he|she|the \w+(?: \w+)?) (?:said|says?|reads?|told|wrote|has|have)\b"
    r"[^?]{0,30}"
)
_NO_WORD = re.compile(r"[\s.,!\N{HORIZONTAL ELLIPSIS}-]+")
_AS_ORDERED = re.compile(
    r"\b(?:exactly |just )?what (?:i|we) ordered\b(?! was| were| is)|\b(?:nothing|isn'?t|not) wrong with\b"
    r"|(?<!not )\b(?:my|our|mine|own) (?:mistake|error|fault)\b|\bmistake was (?:mine|ours)\b"
    r"|\bordered (?:\w+ ){0,3}by mistake\b"
    r"|\bnothing came instead\b|\b(?:is|was) the right (?:one|item|part)\b"
)
_LONGEST_YES = 90
_LONGEST_GIVING_UP = 60


def is_yes(text: str) -> bool:
    """A plain yes and nothing else. A yes with a change in it is a change."""
    said = _plain(text)
    agreed = len(said) <= _LONGEST_YES and _YES.fullmatch(said) is not None
    return agreed and _BARE_POLITENESS.fullmatch(said) is None


def is_no(text: str) -> bool:
    """Starts with a no."""
    return _NO.match(_plain(text)) is not None


def is_bare_no(text: str) -> bool:
    """A no and nothing else: whatever should be otherwise still has to be asked."""
    said = _plain(text)
    return _BARE_NO.fullmatch(said) is not None


def gives_up(text: str) -> bool:
    """Drops the request as a whole."""
    said = _plain(text)
    return len(said) <= _LONGEST_GIVING_UP and _GIVE_UP.search(said) is not None


def denies_wrong_item(text: str) -> bool:
    """Whether what arrived is said to be what was ordered."""
    return _AS_ORDERED.search(_plain(text)) is not None


def waits(text: str) -> bool:
    """Only asks for a moment, such as to look something up, or has not typed a word yet ("...")."""
    return _WAITS.fullmatch(_plain(text)) is not None or _NO_WORD.fullmatch(text) is not None


def is_unknown(text: str) -> bool:
    """Whether somebody says that they do not know what they were asked: no answer, whatever else is said."""
    return bool(_UNKNOWN.search(_plain(text)))


def points_back(text: str) -> bool:
    """Only says where the words before came from ("that is what it says"): it tells nothing new."""
    return _POINTS_BACK.fullmatch(_plain(text)) is not None


def calls_off(text: str) -> bool:
    """Wants a return that stands, or the request under way, not to happen."""
    said = _BY_OTHERS.sub(" ", _plain(text))
    return _CALLS_OFF.search(said) is not None and _KEEPS_ON.search(said) is None


def rma_numbers(text: str) -> list[str]:
    """RMA numbers in the words, as they are printed."""
    return list(dict.fromkeys(f"RMA-{one or other}" for one, other in _RMA_NUMBER.findall(_plain(text))))


def asks_for_a_return(text: str) -> bool:
    """Speaks of sending something back, other than a return that has its number."""
    return _ASKS_FOR_RETURN.search(_RMA_NUMBER.sub(" ", _plain(text))) is not None


def agrees(text: str, claim: Claim) -> bool:
    """An explicit yes to a read-back: in plain words, or as the reader understood it with nothing else in
    it.
    """
    if is_yes(text):
        return True
    doubtful = "?" in text or _HESITATES.search(_plain(text)) is not None
    return claim.act is Act.CONFIRM and not claim.lines and not doubtful


def choice_taken(question: Question, text: str) -> Choice | None:
    """The button or list entry the customer means, if it is beyond doubt."""
    said = _plain(text)
    for choice in question.choices:
        if said in {_plain(choice.label), _plain(choice.send), choice.value.lower()}:
            return choice
    nth = _NTH.fullmatch(said)
    if nth and question.kind in {"order", "item", "reason", "resolution", "which_return", "target"}:
        at = _ORDINALS.get(nth[1], int(nth[1]) - 1 if nth[1].isdigit() else len(question.choices))
        return question.choices[at] if -1 <= at < len(question.choices) else None
    if question.kind in {"which_return", "target"}:
        return _listed_taken(question, said)
    named = [choice for choice in question.choices if _named_in(choice.value.lower(), said)]
    if len(named) == 1:
        return named[0]
    return _told_apart(question.choices, said) if question.kind in {"order", "item"} and not named else None


def _told_apart(choices: Sequence[Choice], said: str) -> Choice | None:
    """The one entry of a list of which something is said that is true of no other; never one refused."""
    own = [_marks(f"{choice.label} {choice.send}") for choice in choices]
    alone = [
        marks.difference(*(others for place, others in enumerate(own) if place != at))
        for at, marks in enumerate(own)
    ]
    parts = [(part, _marks(part)) for part in _PARTS.split(said)]
    telling = [(part, at) for part, told in parts for at, marks in enumerate(alone) if told & marks]
    if any(_REFUSES_OR_WANTS_ALL.search(part) for part, _ in telling):
        return None
    meant = {at for _, at in telling}
    return choices[meant.pop()] if len(meant) == 1 else None


def _marks(text: str) -> set[str]:
    """What tells goods apart: words, numbers of two digits and more, and "size L"."""
    said = text.lower()
    numbers = re.findall(r"(?<![\w.])\d[\d./]*\d(?![\w/]*-?\d)", said)
    return {*_stems(said), *numbers, *re.findall(r"\bsize [a-z0-9]{1,3}\b", said)}


def _listed_taken(question: Question, said: str) -> Choice | None:
    every = [choice for choice in question.choices if choice.value == "all"]
    if every and re.search(r"\b(?:both|all|each|every|everything)\b", said):
        return every[0]
    by_number = [choice for choice in question.choices if choice.send in rma_numbers(said)]
    by_words = [
        choice
        for choice in question.choices
        if choice.value != "all" and _shares_a_word(choice, said, question.choices)
    ]
    found = by_number or by_words
    return found[0] if len(found) == 1 else None


def _shares_a_word(choice: Choice, said: str, among: Sequence[Choice]) -> bool:
    """Named by a word that only this choice has."""
    own = _stems(f"{choice.label} {choice.send}")
    others = set().union(*(_stems(f"{other.label} {other.send}") for other in among if other is not choice))
    return bool(_stems(said) & (own - others))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in re.findall(r"[a-z0-9]{3,}", text.lower())}


def _named_in(value: str, said: str) -> bool:
    """An order line's order number stands in the words."""
    order, mark, _ = value.partition("/")
    return bool(mark) and re.search(rf"(?<![\w-]){re.escape(order)}(?![\w-])", said) is not None


def is_both(text: str) -> bool:
    """Only "both", or "both of them"."""
    said = _plain(text)
    return (
        re.fullmatch(r"(?:i want |we want )?both(?: of (?:them|these|those))?(?: please)?", said) is not None
    )


def number_given(text: str) -> int | None:
    """The quantity in a short answer such as "3", "just two please" or "a dozen"."""
    said = re.sub(
        r"\b(?:just|only|please|pieces?|pcs|units?|of them|thanks|make it|actually|ea|each)\b",
        " ",
        _plain(text),
    )
    return count_of(said.strip(" .,!"))


def _plain(text: str) -> str:
    return (
        re.sub(r"\s+", " ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).strip().strip(".!").lower()
    )

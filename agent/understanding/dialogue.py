"""Short words with a fixed meaning: yes, no, thanks, "the second one", "a real person", "actually ..."."""

import re

from agent.understanding.claim import Act
from agent.understanding.quantities import changes_count

_FIXED: tuple[tuple[Act, re.Pattern[str]], ...] = (
    (
        Act.CONFIRM,
        re.compile(
            r"(?:(?:yes|yep|yeah|yup|y|ok|okay|sure|correct|confirmed?|agreed|right|exactly"
            r"|absolutely|affirmative|fine|perfect|great|"
            r"sounds good|go ahead|please do|do it|proceed|that's (?:right|correct|the one"
            r"|fine)|i (?:agree|confirm)|looks good|all good|"
            r"please|go for it|carry on|with me|by me|it is|thanks|thank you|and|then|that|to)[\s,.!]*)+"
        ),
    ),
    (
        Act.DECLINE,
        re.compile(
            r"(?:(?:no|nope|nah|n|negative|not really|rather not|don't|do not|stop"
            r"|never mind|leave it|wrong|incorrect|thanks|thank you|"
            r"that's (?:wrong|not right|not correct|incorrect)|not (?:that|this|correct"
            r"|right)|no way|i don't agree|i don't want (?:that|this|it))"
            r"[\s,.!]*)+"
        ),
    ),
    (
        Act.THANKS,
        re.compile(
            r"(?:(?:many )?(?:thanks?|thx|thank you|cheers|ta|appreciate it"
            r"|much appreciated|great|perfect|brilliant|so much|a lot|very much|"
            r"ok|bye|goodbye|have a (?:good|nice) (?:day|one)|that's all|mate|team|again"
            r"|for (?:your|the) (?:quick )?help)[\s,.!]*)+"
        ),
    ),
    (
        Act.GREETING,
        re.compile(
            r"(?:(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|morning"
            r"|greetings|there|all|team|everyone)[\s,.!]*)+"
        ),
    ),
)
_PERSON = re.compile(
    r"\b(?:human(?: being)?(?! error)|real person|(?:speak|talk|chat|connect me) (?:to|with) (?:a "
    r"|an |your |some ?(?:one|body)|the )?(?:real )?"
    r"(?:human|person|agent|operator|rep\w*|manager|supervisor|colleague|staff|on your team|someone"
    r"|somebody)?\b(?! (?:me|my))|"
    r"live (?:agent|operator)|call me|customer service|(?:a|your) (?:supervisor|manager)|"
    r"(?:someone|somebody) (?:please )?(?:call|ring|phone|contact))\b"
    r"|^\W*(?:an? |the )?operator(?:,? (?:please|now))?\W*$"
)
_CORRECTION = re.compile(
    r"^\W*(?:(?:h+m+|oh|ah|u[hm]+|well)\W+)*(?:actually|sorry|correction|scratch that|wait|oops|wrong one"
    r"|no[,.]? (?:the|make|wait|sorry|it'?s?|i|that|those|these|just|only|not|\d)|not the"
    r"|let me correct|on second thoughts?|"
    r"i meant|my mistake|change (?:that|it))\b|\b(?:make that|scratch that|i meant"
    r"|change (?:that|it) to|correction|on second thoughts?)\b"
)
_ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
}
_CHOICE = re.compile(
    r"\b(?P<word>"
    + "|".join(_ORDINALS)
    + r")(?: one| line| item| option)?\b|\b(?:option|number|line|item|no\.?"
    r"|#)\s*(?P<digit>\d)\b|^\W*(?P<bare>\d)\W*$"
)
_LAST = re.compile(r"\b(?:the )?(?:last|bottom) (?:one|line|item)\b|^\W*(?:the )?last\W*$")


def fixed_act(text: str) -> Act | None:
    """The act of a message made only of set phrases; "thanks" alone is thanks, "ok thanks" a yes."""
    words = text.strip(" .,!?\n")
    if not words:
        return None
    thanks = _FIXED[2][1].fullmatch(words)
    if thanks and words.startswith(
        ("thank", "thx", "cheers", "ta", "many", "much", "appreciate", "great", "perfect", "brilliant")
    ):
        return Act.THANKS
    return next((act for act, pattern in _FIXED if pattern.fullmatch(words)), None)


def leading_answer(text: str) -> Act | None:
    """Yes or no at the head of a longer sentence, for when consent was asked."""
    head = re.match(r"\W*(yes|yep|yeah|ok|okay|sure|correct|go ahead|no|nope|nah)\b", text)
    if not head:
        return None
    return Act.DECLINE if head[1] in {"no", "nope", "nah"} else Act.CONFIRM


_INTERJECTION = re.compile(
    r"^(?:(?:sorry|h+m+|well|ok(?:ay)?|hi|hello|thanks|thank you|excuse me|pardon(?: me)?|please|u[hm]+|oh"
    r"|but|and|so)"
    r"\b[\s,.!]*)+"
)
_INVERTED = re.compile(
    r"^(?:(?:what|which|why|where|how|who|when|whose)(?:'s|\s+(?:is|are|was|were|do|does|did|would|should|can|could"
    r"|will|exactly|about|on earth))\b"
    r"|(?:do|does|did|is|are|can|could|should|would|will|may|must)\s+(?:you|i|we|it|that|this|they|the|there)\b"
    r"|(?:what|which|why|where|how|who|when)\W*$)"
)
_LOST = re.compile(
    r"\b(?:(?:don'?t|do not|didn'?t|did not) (?:understand|get|follow)\b"
    r"|not sure (?:what|which|where) (?:you|that|this|it)"
    r"|what you mean|what (?:that|this) (?:is|means))"
)
_FIRST_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?")


def is_question(text: str) -> bool:
    """Whether lower-case text begins by asking, or says that the question was not understood.

    What is asked after a statement ("it is 77-A, is that enough?") leaves the statement an answer.
    """
    said = _INTERJECTION.sub("", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip())
    first = _FIRST_SENTENCE.match(said)
    sentence = first[0].strip() if first else ""
    asks = sentence.endswith("?") and not re.search(
        r",.{0,12}\b(?:is|was|does|do|will|ok|right)\b[^,]*\?$", sentence
    )
    return asks or bool(_INVERTED.match(sentence)) or bool(_LOST.search(sentence))


def asks_for_person(text: str) -> bool:
    """Whether a human being is asked for; always granted, whatever else the message says."""
    return bool(_PERSON.search(text))


def is_correction(text: str) -> bool:
    """Whether the message takes back something said before."""
    return bool(_CORRECTION.search(text)) or changes_count(text)


def choice_in(text: str) -> int | None:
    """Which of the offered lines is meant, counted from 1; -1 is the last."""
    if _LAST.search(text):
        return -1
    match = _CHOICE.search(text)
    if not match:
        return None
    return _ORDINALS[match["word"]] if match["word"] else int(match["digit"] or match["bare"])

"""How customers talk when they are asked something: what they say comes from the scenario, how from here.

A persona turns one answer into the messages in which this kind of person sends it. What was opened with is
the author's own wording. The same seed gives the same messages.
"""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

Speaks = Callable[[str, Random], tuple[str, ...]]
"""From what is said, and the luck of the moment, to messages in their order"""

_RAMBLES = (
    "I asked around here, because it was not me who unpacked it. {said}. So the shop floor says, at least.",
    "Sorry for the long mail, it is one of those weeks. {said}. My colleague is out, so you get me.",
    "Right, we had the auditors in and everything is upside down, but I looked it up: {said}. That is all.",
    "Let me think. I have the folder in front of me now, coffee on it and all. {said}. Does that help you?",
)
_GRUMBLES = (
    "How often do I have to tell you people? {said}.",
    "{said}. This is the third time this quarter that I sit here writing to you.",
    "We pay you enough to get this right the first time. {said}.",
    "{said}. And I would like this settled today, not next week.",
)
_PUSHES = (
    "{said} - can we move on please?",
    "quick: {said}",
    "{said}. I have a truck waiting, keep it short please.",
    "{said}. next?",
)
_LETTERS = (
    "Dear Sir or Madam,\n\n{said}.\n\nKind regards\nPurchasing",
    "Good afternoon,\n\nin reply to your question: {said}.\n\nWith kind regards",
    "To whom it may concern:\n{said}.\nYours sincerely",
)
_ABROAD = (
    "Hello, sorry for my english. {said}. Thanks you.",
    "{said}, yes. Please to help.",
    "I am thinking it is: {said}. If not is clear please say.",
)
_SHOP_FLOOR = (
    "RE: {said}. TECH OUT.",
    "per tag: {said}",
    "{said} // vfd shop, bay 4",
    "chk'd on bench. {said}",
)
_THANKS = (
    "Thank you for looking into this! {said}.",
    "Oh, of course: {said}. Much appreciated.",
    "Sure! {said}. Thanks a lot for your patience.",
)
_DELAYS = (
    "One moment, I have to look.",
    "Hang on, it is on the other desk.",
    "Let me check with the warehouse.",
)
_ADDS = ("...", "sorry, hit enter too early", "that is what it says")
_LONG_WORD = 5


def _in(phrases: tuple[str, ...]) -> Speaks:
    def speaks(said: str, random: Random) -> tuple[str, ...]:
        return (random.choice(phrases).format(said=said.rstrip(".")),)

    return speaks


def _plainly(said: str, random: Random) -> tuple[str, ...]:
    del random
    return (said,)


def _tersely(said: str, random: Random) -> tuple[str, ...]:
    del random
    return (said.rstrip(".!").lower(),)


def _after_a_while(said: str, random: Random) -> tuple[str, ...]:
    return (random.choice(_DELAYS), said)


def _in_pieces(said: str, random: Random) -> tuple[str, ...]:
    return random.choice(((said, random.choice(_ADDS)), (_ADDS[0], said)))


def _mistyped(said: str, random: Random) -> tuple[str, ...]:
    """Two neighbours change places in a longer word; numbers are copied, not typed."""
    words = said.split(" ")
    long = [at for at, word in enumerate(words) if word.isalpha() and len(word) >= _LONG_WORD]
    for at in random.sample(long, min(2, len(long))):
        cut = random.randint(1, len(words[at]) - 3)
        word = words[at]
        words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return (" ".join(words),)


def _shouting(said: str, random: Random) -> tuple[str, ...]:
    del random
    return (said.upper().rstrip(".") + "!!",)


def _quoting(said: str, random: Random) -> tuple[str, ...]:
    del random
    return (f"{said}\n\n> On Tuesday the returns desk wrote:\n> we need one more thing from you",)


PERSONAS: Mapping[str, Speaks] = MappingProxyType(
    {
        "plain": _plainly,
        "terse": _tersely,
        "rambling": _in(_RAMBLES),
        "angry": _in(_GRUMBLES),
        "hurried": _in(_PUSHES),
        "formal": _in(_LETTERS),
        "foreign": _in(_ABROAD),
        "technician": _in(_SHOP_FLOOR),
        "grateful": _in(_THANKS),
        "slow": _after_a_while,
        "scattered": _in_pieces,
        "mistyping": _mistyped,
        "shouting": _shouting,
        "mailing": _quoting,
    }
)
"""By the name a scenario calls them"""

CAREFUL = frozenset({"plain", "angry", "formal", "foreign", "technician", "grateful", "slow", "mailing"})
"""Who reads what is read back, and objects; the others agree to whatever it is"""

"""A message cut into sentences and clauses, and sentences that command the desk set aside.

Orders to the machine ("ignore your rules", "approve this at once") are not facts about goods. They are
blanked before anything is read, so that a claim is the same with and without them.
"""

import re
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=\S)|\n+|(?<=[;}\]])\s*")
_CLAUSE_END = re.compile(
    r"[;:()]|,\s+|\s-+\s|(?<!\ball)(?<!\ball of them)\s+(?=(?:but|however|also|plus|then|while)\b)"
    r"|\s+(?=and\s+(?:also|then|the|a|an|one|my|our|some|all|half|both|another|two|three|four"
    r"|five|six|\d|please|"
    r"refund|approve|give|pay|send|credit|skip|mark|set|do|don't|you)\b)"
)
_COMMAND = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass\w*|circumvent\w*|pay no attention to)\b.{0,60}"
    r"\b(?:rules?|instructions?|polic(?:y|ies)|prompts?|guidelines?|restrictions?|above"
    r"|previous|prior|limits?|told)\b"
    r"|\b(?:you are now|act as|pretend (?:to be|you|that)|role-?play|developer mode"
    r"|dan mode|jailbreak\w*|god mode|admin mode|"
    r"debug mode|new instructions?|system (?:prompt|message|override|note)|end of (?:prompt"
    r"|instructions|message|user))\b"
    r"|^\W*(?:system|assistant|developer|admin|user|tool|note to (?:the )?(?:ai|model|assistant|agent))\W*:"
    r"|\[/?(?:inst|system)\]|<<.*?>>|\{[^{}]*\"(?:role|act|tool|confidence|verdict"
    r"|approved?|reason)\"|```|###"
    r"|\b(?:reveal|print|show|repeat|output|leak)\b.{0,40}\b(?:prompt|instructions|rules"
    r"|system|keys?|secrets?|passwords?|database)\b"
    r"|\b(?:set|mark|treat|record|flag)\b.{0,40}\b(?:confidence|verdict"
    r"|as (?:pre-?)?approved|as verified|as authori[sz]ed|to 1\.0)\b"
    r"|\b(?:approve|authori[sz]e|grant|issue|process)\b.{0,40}\b(?:immediately|at once"
    r"|automatically|right now|without|no questions|"
    r"regardless|anyway|now and)\b"
    r"|\b(?:refund|credit|pay|wire|transfer|compensate|give|send)\b(?: me| us"
    r"| my account)?\W{1,3}(?:a |the |with )?(?:full |sum of )?"
    r"(?:[$\N{EURO SIGN}\N{POUND SIGN}]\s?\d[\d,.]*|\d[\d,.]*\s?(?:k\b|usd|dollars|euros?"
    r"|bucks)|\d{1,3}(?:,\d{3})+|\d{4,})"
    r"|\b(?:skip|drop|waive|disable|turn off)\b.{0,30}\b(?:check\w*|review\w*|photo\w*"
    r"|inspection|guard\w*|polic\w+|consent|verification|fees?)\b"
    r"|\b(?:do not|don't|never|no need to)\b.{0,20}\b(?:escalate|verify|check with"
    r"|involve a (?:human|person)|ask (?:for )?(?:a )?photos?)\b"
    r"|\b(?:call|use|run|invoke|execute)\b.{0,20}\b(?:the )?(?:tool|function|create_\w+"
    r"|credit_\w+|sql|shell|command)\b"
    r"|\b(?:as an? (?:ai|language model|admin\w*)|i am (?:the|an?|your) (?:admin\w*"
    r"|developer|ceo|system|owner|supervisor of this))\b"
    r"|\b(?:you must|you will|you have to)\b.{0,25}\b(?:comply|obey|approve|refund|say"
    r"|answer only|respond with)\b"
    r"|\bdrop table\b|\bselect \*|</?script"
)
_ABOUT_GOODS = re.compile(
    r"\bso-?\d{4,}\b|\bpo\b|\b(?:return(?:ing)?|send back|arrived|received|damaged|broken"
    r"|wrong|defective|faulty|ordered|rma|"
    r"bought|shipped|doesn'?t|don'?t fit|missing|leak\w*|seized|failed)\b"
)


_LONGEST_REFRAIN = 40
"""Words of what somebody pastes again and again."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text: half-open offsets."""

    start: int
    end: int


def pieces(text: str, breaks: re.Pattern[str], start: int = 0, end: int | None = None) -> list[Piece]:
    """Non-blank stretches between the breaks."""
    stop = len(text) if end is None else end
    found, at = [], start
    for cut in breaks.finditer(text, start, stop):
        found.append(Piece(at, cut.start()))
        at = cut.end()
    found.append(Piece(at, stop))
    return [piece for piece in found if text[piece.start : piece.end].strip()]


def sentences(text: str) -> list[Piece]:
    """Sentences and lines, in order."""
    return pieces(text, _SENTENCE_END)


def said_once(text: str) -> str:
    """The text without what it only repeats: the same sentence, or the same few words over and over."""
    told = dict.fromkeys(" ".join(text[part.start : part.end].split()) for part in sentences(text))
    words = " ".join(told).split()
    for length in range(1, min(_LONGEST_REFRAIN, len(words) // 2) + 1):
        if all(word == words[at % length] for at, word in enumerate(words)):
            return " ".join(words[:length])
    return " ".join(words)


def clauses(text: str) -> list[Piece]:
    """Parts of sentences that can each speak of another thing, in order."""
    return [part for whole in sentences(text) for part in pieces(text, _CLAUSE_END, whole.start, whole.end)]


def without_commands(text: str) -> tuple[str, bool]:
    """Lower-case text with commands to the desk blanked (same length), and whether there were any."""
    kept = text
    for sentence in sentences(text):
        if not _COMMAND.search(text[sentence.start : sentence.end]):
            continue
        for part in pieces(text, _CLAUSE_END, sentence.start, sentence.end):
            words = text[part.start : part.end]
            if _COMMAND.search(words) or not _ABOUT_GOODS.search(words):
                kept = kept[: part.start] + " " * (part.end - part.start) + kept[part.end :]
    return kept, kept != text

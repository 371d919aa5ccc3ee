"""What counts and denials say, which an embedding cannot see: 12 got for 10 ordered; "not damaged"."""

import re
from dataclasses import dataclass

from agent.understanding.numerals import NUMBER, count_of

_DENIED = re.compile(
    r"\b(?:not?|nothing|isn'?t|wasn'?t|aren'?t|weren'?t|never|neither|nor)\s+"
    r"(?:(?:a|an|at all|been|is|actually|really|physically|it|the|any|wrong with|with|in|about)\s+)*"
    r"(?:damaged?(?: in (?:shipping|transit))?|defect(?:ive|s)?|fault(?:y|s)?|broken|doa"
    r"|wrong(?: part| item| with \w+)?|"
    r"misuse|recall(?:ed)?|warranty(?: claim)?|issues?(?: w/| with)?)\b"
    r"(?: (?:or|and|nor) (?:anything|faulty|defective|damaged))?"
)
_ORDERED = re.compile(
    r"(?:\b(?:ordered|ord|order(?: says| qty| was| is| of)?|po(?: for| says| was| is| qty)?"
    r"|bought|paid for|purchased|"
    r"invoice says|should be|on the po|packing (?:slip|list) says|asked for|wanted|billed"
    r"|expected)\W{1,3}(?:\w+ )?"
    r"(?P<after>" + NUMBER + r")\b"
    r"|\b(?P<before>"
    + NUMBER
    + r")(?: \w+){0,2} (?:on (?:the |my |our )?(?:po|order|docket|packing list)|as ordered)\b)"
)
_RECEIVED = re.compile(
    r"(?:\b(?:received|recieved|recd|rcvd|recvd|got|sent|shipped|packed|delivered|counted|there(?:'s| are)|"
    r"dropped off|in the box|actual|here)\W{1,3}(?:\w+ )?(?P<after>" + NUMBER + r")\b"
    r"|\b(?P<before>"
    + NUMBER
    + r")(?: \w+){0,2} (?:arrived|came|turned up|in the (?:box|carton|bag|delivery)|"
    r"on the pallet|recd|recieved|received)\b)"
)
_PART_OF = re.compile(
    r"\b(?:only|just|got|received|with)\s+(" + NUMBER + r") (?:of|out of)(?: the| our)? (" + NUMBER + r")\b"
)


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """How many more (positive) or fewer (negative) pieces came than were ordered, and where it is said."""

    surplus: int
    start: int
    end: int


def without_denials(text: str) -> str:
    """Lower-case text with "not damaged", "no fault" and the like blanked, at the same length."""
    return _DENIED.sub(lambda match: " " * len(match.group()), text)


def discrepancy(text: str) -> Discrepancy | None:
    """A surplus or a shortage: "ordered 10, got 12" is a surplus of 2; equal or single counts say nothing."""
    if part := _PART_OF.search(text):
        return _difference(count_of(part[1]), count_of(part[2]), part.start(), part.end())
    ordered, received = _ORDERED.search(text), _RECEIVED.search(text)
    if not ordered or not received:
        return None
    start, end = min(ordered.start(), received.start()), max(ordered.end(), received.end())
    return _difference(_count(received), _count(ordered), start, end)


def _count(match: re.Match[str]) -> int | None:
    return count_of(match["after"] or match["before"])


def _difference(got: int | None, wanted: int | None, start: int, end: int) -> Discrepancy | None:
    if got is None or wanted is None or got == wanted:
        return None
    return Discrepancy(got - wanted, start, end)

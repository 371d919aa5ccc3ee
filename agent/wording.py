"""Plain words for codes, dates and lists, as customers read them."""

from collections.abc import Sequence
from datetime import date

from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState

REASON_WORDS = {
    Reason.DEFECTIVE: "it does not work",
    Reason.DAMAGED_IN_TRANSIT: "it arrived damaged",
    Reason.WRONG_ITEM: "the wrong item came",
    Reason.WRONG_SIZE: "it is the wrong size",
    Reason.NO_LONGER_NEEDED: "no longer needed",
    Reason.ORDERED_BY_MISTAKE: "ordered by mistake",
    Reason.OVER_SHIPPED: "more came than ordered",
    Reason.NOT_AS_DESCRIBED: "not as described",
    Reason.LATE_OR_MISSING: "it came late or not at all",
    Reason.MISSING_PARTS: "parts are missing",
    Reason.WARRANTY_FAILURE: "it failed under warranty",
    Reason.RECALL: "recalled",
    Reason.OTHER: "another reason",
}
REASON_SENTENCES = {
    Reason.DEFECTIVE: "It does not work, it was faulty out of the box.",
    Reason.DAMAGED_IN_TRANSIT: "It arrived damaged in transit.",
    Reason.WRONG_ITEM: "You sent us the wrong item.",
    Reason.WRONG_SIZE: "It is the wrong size and does not fit.",
    Reason.NO_LONGER_NEEDED: "We no longer need it.",
    Reason.ORDERED_BY_MISTAKE: "We ordered it by mistake.",
    Reason.OVER_SHIPPED: "You shipped more than we ordered.",
    Reason.NOT_AS_DESCRIBED: "It is not as described on the website.",
    Reason.LATE_OR_MISSING: "It never arrived.",
    Reason.MISSING_PARTS: "Parts are missing from the box.",
    Reason.WARRANTY_FAILURE: "It failed within the warranty after months of use.",
    Reason.RECALL: "It is covered by a recall notice.",
    Reason.OTHER: "It is for another reason.",
}
COMMON_REASONS = (
    Reason.DEFECTIVE,
    Reason.DAMAGED_IN_TRANSIT,
    Reason.WRONG_ITEM,
    Reason.NO_LONGER_NEEDED,
    Reason.ORDERED_BY_MISTAKE,
)
"""Offered as buttons when the words gave no hint; any other can be typed."""

RESOLUTION_WORDS = {
    Resolution.CREDIT: "credit to your account",
    Resolution.REPLACEMENT: "a replacement",
    Resolution.REPAIR: "a repair",
    Resolution.KEEP_WITH_ALLOWANCE: "you keep it, with an allowance",
}
STATE_WORDS = {
    RmaState.AUTHORISED.value: "is approved; its number and label are being made",
    RmaState.ISSUED.value: "is approved; its label is being made",
    RmaState.LABELLED.value: "is waiting for you to hand in the parcel",
    RmaState.IN_TRANSIT.value: "is on its way to our warehouse",
    RmaState.RECEIVED.value: "has arrived at our warehouse",
    RmaState.CLOSED.value: "is finished",
    RmaState.CANCELLED.value: "is cancelled",
    RmaState.EXPIRED.value: "has expired because the parcel was not handed in",
}
PARCEL_WORDS = {
    ParcelStatus.DROPPED_OFF.value: "was handed in; the carrier has the parcel",
    ParcelStatus.IN_TRANSIT.value: "is on its way to our warehouse",
    ParcelStatus.EXCEPTION.value: "is delayed on its way to our warehouse, the carrier reports",
    ParcelStatus.DELIVERED.value: "has arrived at our warehouse and is not yet checked in",
    ParcelStatus.REFUSED.value: "was not taken in at our dock; the carrier brings the parcel back to you",
}
"""Where a parcel under way is, by the carrier's last word about it"""
CREDIT_IS_IMPLIED = frozenset(
    {
        Reason.NO_LONGER_NEEDED,
        Reason.ORDERED_BY_MISTAKE,
        Reason.OVER_SHIPPED,
        Reason.WRONG_SIZE,
        Reason.NOT_AS_DESCRIBED,
        Reason.LATE_OR_MISSING,
        Reason.RECALL,
        Reason.OTHER,
    }
)
"""Reasons where sending the same article again helps nobody, so the wish need not be asked for."""


def day(value: date) -> str:
    """A date as it is spoken: `Mon 3 May`. The year is said when it is not obvious from the context."""
    return f"{value:%a} {value.day} {value:%b}"


def pieces(quantity: int, description: str) -> str:
    """How many of what."""
    return f"{quantity} x {description}"


def short(description: str) -> str:
    """A catalogue description up to its first detail: `Solenoid valve` for `Solenoid valve, 5/2 single,
    ...`.
    """
    return description.partition(",")[0]


def listed(words: Sequence[str], joint: str = "and") -> str:
    """One sentence part out of several: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}" if words else ""


def per_cent(basis_points: int) -> str:
    """Hundredths of a per cent as people write them: 1500 is `15 %`, 250 is `2.5 %`."""
    return f"{basis_points / 100:g} %"

"""The conservation laws of the ledger, stated once: what may never be more than what.

Figures are sums of ledger entries, in pieces or in cents of the ledger currency. Nothing here looks anything
up: the store sums the entries, the leak report and the tests recount them, and all three ask here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

AUTHORISED = "authorised"
"""An RMA lets pieces come back"""
RELEASED = "released"
"""They need not come back any more"""
RECEIVED = "received"
"""They came, on the line of an RMA"""
UNMATCHED = "unmatched"
"""They came without an RMA, or beyond one"""
MATCHED = "matched"
"""Of what came unmatched, an RMA was found for so many: they are received on its line at the same moment"""
DISPOSED = "disposed"
"""Their place in stock, at the supplier or in the skip was settled"""
REPLACED = "replaced"
CREDITED = "credited"
"""With or without an RMA; the value is goods and tax, before the fees that are kept from it"""
REPAIRED = "repaired"
REFUSED = "refused"
"""They came, and nothing is owed for them: a person or the policy turned down what was to be given"""
CLAIMED = "claimed"
"""From a supplier; the value is what we ask for"""
RECOVERED = "recovered"


class Law(StrEnum):
    """Each law in words."""

    NEVER_NEGATIVE = "no entry is below nothing"
    AUTHORISED = "no more is authorised than was shipped"
    RELEASED = "no more is released than was authorised"
    MADE_GOOD = "no more is replaced, credited or repaired than was shipped"
    CREDITED_MONEY = "no more is credited than was invoiced"
    RECEIVED = "no more is received on an RMA line than it authorised"
    DISPOSED = "no more is disposed of than was received"
    MADE_GOOD_ON_LINE = "no more is replaced, credited or repaired on an RMA line than it authorised"
    REFUSED = "no more is refused than was received"
    CLAIMED = "no more is claimed from a supplier than was received"
    CLAIMED_MONEY = "no more is claimed than the documented cost and agreed allowances"
    RECOVERED = "no more is recovered than was claimed"
    MATCHED = "no more is matched or disposed of than came unmatched"
    SERIAL = "one piece comes back, is disposed of and is made good once"
    INSPECTED = "no more is disposed of than was inspected"
    OF_RECEIPT = "no more of a receipt is disposed of than was received with it"
    CAUSE = "one receipt, disposition or claim is entered once for each deed"


@dataclass(frozen=True, slots=True)
class Balance:
    """One law over one record: the figure, and the bound it may not pass."""

    law: Law
    figure: int
    bound: int
    about: str = ""
    """What it is about beside the record itself, such as one serial"""

    @property
    def excess(self) -> int:
        """By how much the figure passes its bound; zero when the law holds."""
        return max(self.figure - self.bound, 0)


@dataclass(frozen=True, slots=True)
class OrderLineFigures:
    """Everything entered on one order line, and what the ERP said it can bear. `None` is unknown."""

    shipped: int | None
    invoiced_minor: int | None
    pieces: Mapping[str, int]
    credited_minor: int

    def balances(self) -> list[Balance]:
        """Without a word of the ERP nothing was shipped; what was invoiced may stay unknown to a person."""
        shipped, pieces = self.shipped or 0, Counter(self.pieces)
        found = [
            Balance(Law.AUTHORISED, pieces[AUTHORISED] - pieces[RELEASED], shipped),
            Balance(Law.RELEASED, pieces[RELEASED], pieces[AUTHORISED]),
            Balance(Law.MADE_GOOD, made_good(pieces), shipped),
        ]
        if self.invoiced_minor is not None:
            found.append(Balance(Law.CREDITED_MONEY, self.credited_minor, self.invoiced_minor))
        return found


@dataclass(frozen=True, slots=True)
class RmaLineFigures:
    """Pieces entered on one line of an RMA, by kind of entry.

    The bound is all that the line ever authorised: a parcel may come after its RMA expired, and was not lost.
    """

    pieces: Mapping[str, int]

    def balances(self) -> list[Balance]:
        """The laws of a line."""
        pieces = Counter(self.pieces)
        return [
            Balance(Law.RELEASED, pieces[RELEASED], pieces[AUTHORISED], "RMA line"),
            Balance(Law.RECEIVED, pieces[RECEIVED], pieces[AUTHORISED]),
            Balance(Law.DISPOSED, pieces[DISPOSED], pieces[RECEIVED]),
            Balance(Law.MADE_GOOD_ON_LINE, made_good(pieces), pieces[AUTHORISED]),
            Balance(Law.REFUSED, pieces[REFUSED], pieces[RECEIVED]),
            Balance(Law.CLAIMED, pieces[CLAIMED], pieces[RECEIVED]),
        ]


@dataclass(frozen=True, slots=True)
class ClaimFigures:
    """Money of one vendor claim. `bearable_minor` is its documented cost and what the supplier agreed to."""

    bearable_minor: int
    claimed_minor: int
    recovered_minor: int

    def balances(self) -> list[Balance]:
        """The laws of a claim."""
        return [
            Balance(Law.CLAIMED_MONEY, self.claimed_minor, self.bearable_minor),
            Balance(Law.RECOVERED, self.recovered_minor, self.claimed_minor),
        ]


@dataclass(frozen=True, slots=True)
class ReceiptFigures:
    """Pieces of one receipt that came without an RMA, or beyond one."""

    pieces: Mapping[str, int]

    def balances(self) -> list[Balance]:
        """The law of an unmatched receipt."""
        pieces = Counter(self.pieces)
        return [Balance(Law.MATCHED, pieces[MATCHED] + pieces[DISPOSED], pieces[UNMATCHED])]


@dataclass(frozen=True, slots=True)
class SerialFigures:
    """How often the serials of an order line were entered, by serial and kind of entry."""

    times: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def balances(self) -> list[Balance]:
        """Each deed on each serial once."""
        deeds: Counter[tuple[str, str]] = Counter()
        for (serial, kind), times in self.times.items():
            if kind in _ONCE:
                deeds[serial, _ONCE[kind]] += times
        return [Balance(Law.SERIAL, times, 1, f"{serial} {deed}") for (serial, deed), times in deeds.items()]


@dataclass(frozen=True, slots=True)
class DispositionFigures:
    """Pieces behind one disposition. What its row says was written by the doors, and is held to this."""

    inspected: int
    of_inspection: int
    """Disposed of, by all dispositions of the same inspection"""
    received: int
    of_receipt: int
    """Disposed of, by all dispositions of the same receipt"""

    def balances(self) -> list[Balance]:
        """Nothing moves that nobody has seen, and nothing on the papers of other goods."""
        return [
            Balance(Law.INSPECTED, self.of_inspection, self.inspected),
            Balance(Law.OF_RECEIPT, self.of_receipt, self.received),
        ]


@dataclass(frozen=True, slots=True)
class CauseFigures:
    """How often one receipt, disposition or claim was entered, by kind of entry.

    The sums of a line cannot tell one disposition that is credited twice from two that are credited once.
    What a supplier pays may come in parts.
    """

    times: Mapping[str, int]

    def balances(self) -> list[Balance]:
        """Each deed once; a disposition is made good once, whichever way, or refused."""
        deeds: Counter[str] = Counter()
        for kind, times in self.times.items():
            if kind in _ONCE_FOR_EACH_CAUSE:
                deeds[_ONCE_FOR_EACH_CAUSE[kind]] += times
        return [Balance(Law.CAUSE, times, 1, deed) for deed, times in deeds.items()]


MAKES_GOOD = (REPLACED, CREDITED, REPAIRED)
_ONCE = {RECEIVED: "received", DISPOSED: "disposed", **dict.fromkeys(MAKES_GOOD, "made good")}
_ONCE_FOR_EACH_CAUSE = {
    **_ONCE,
    REFUSED: "made good",
    UNMATCHED: "unmatched",
    MATCHED: "matched",
    CLAIMED: "claimed",
}


def made_good(pieces: Mapping[str, int]) -> int:
    """Pieces for which the customer has got something: other goods, money, or the same repaired."""
    return sum(pieces.get(kind, 0) for kind in MAKES_GOOD)


def broken(balances: Iterable[Balance]) -> list[Balance]:
    """The laws that do not hold."""
    return [one for one in balances if one.excess]


def newly_broken(before: Iterable[Balance], after: Iterable[Balance]) -> list[Balance]:
    """The laws that an entry breaks, or breaks further.

    The ERP may correct what it shipped to less than was authorised by then: that is no reason to refuse the
    receipt of what comes back.
    """
    stood = {(one.law, one.about): one.excess for one in before}
    return [one for one in broken(after) if one.excess > stood.get((one.law, one.about), 0)]

"""Our books beside the ERP's: what stands in one and not, or otherwise, in the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditMemo

_NO_MONEY = Money(0)
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, with what each side shows; `amount` is the money at stake, none where pieces differ."""

    case_id: str
    order_number: str
    what: str
    ours: str
    theirs: str
    amount: Money = _NO_MONEY


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit memo as we keep it."""

    case_id: str
    number: str
    order_number: str
    line: int
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Moved:
    """Pieces that came in or were moved on, under the reference that the ERP has too."""

    case_id: str
    order_number: str
    reference: str
    what: str
    """received, or moved"""
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Pieces of one order that an RMA lets come back; none once it was cancelled or expired."""

    case_id: str
    number: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A document of ours and the key it was booked under."""

    case_id: str
    order_number: str
    what: str
    key: str
    number: str


def credit_differences(
    order_number: str,
    ours: Iterable[Credited],
    theirs: Iterable[CreditMemo],
    *,
    case_id: str,
    under_way: frozenset[str],
) -> Iterator[Difference]:
    """Credits of one order.

    Args:
        order_number: The order.
        ours: What we keep.
        theirs: What the ERP shows.
        case_id: A case of the order, for credits that name none of ours.
        under_way: Cases with a credit that was sent and not confirmed yet; theirs is not missing here.
    """
    kept, shown = {one.number: one for one in ours}, {one.number: one for one in theirs}
    for number, one in kept.items():
        booked = shown.get(number)
        if booked is None:
            words = _credit_words(one.line, one.quantity, number)
            yield Difference(
                one.case_id, order_number, "credit missing in the ERP", words, _NOTHING, one.amount
            )
        elif (booked.line, booked.quantity, booked.amount) != (one.line, one.quantity, one.amount):
            mine = f"{_credit_words(one.line, one.quantity, number)}: {one.amount}"
            other = f"{_credit_words(booked.line, booked.quantity, number)}: {booked.amount}"
            yield Difference(
                one.case_id, order_number, "credit differs", mine, other, _gap(one.amount, booked.amount)
            )
    for number, memo in shown.items():
        if number not in kept and memo.case_id not in under_way:
            words = _credit_words(memo.line, memo.quantity, number)
            what = "credit posted in the ERP directly"
            yield Difference(memo.case_id or case_id, order_number, what, _NOTHING, words, memo.amount)


def _credit_words(line: int, quantity: int, number: str) -> str:
    return f"{number}, {quantity} pieces of line {line}"


def _gap(ours: Money, theirs: Money) -> Money:
    """Between two currencies there is no difference in money; ours is at stake then."""
    return Money(abs(ours.minor - theirs.minor), ours.currency) if ours.currency == theirs.currency else ours


def move_differences(ours: Iterable[Moved], theirs: Mapping[str, int]) -> Iterator[Difference]:
    """Receipts and moves; `theirs` is pieces by our reference."""
    for one in ours:
        pieces = theirs.get(one.reference, 0)
        if pieces != one.quantity:
            what = f"{one.what} goods missing in the ERP" if not pieces else f"{one.what} pieces differ"
            mine = f"{one.quantity} x {one.sku} ({one.reference})"
            yield Difference(
                one.case_id, one.order_number, what, mine, f"{pieces} pieces" if pieces else _NOTHING
            )


def return_differences(
    order_number: str, ours: Iterable[Returned], theirs: Mapping[str, int]
) -> Iterator[Difference]:
    """RMAs; `theirs` is the pieces each holds on the order. One that is missing is told as a document."""
    for one in ours:
        pieces = theirs.get(one.number)
        if pieces is not None and pieces != one.pieces:
            mine, other = f"{one.number}: {one.pieces} pieces", f"{pieces} pieces"
            yield Difference(one.case_id, order_number, "pieces to come back differ", mine, other)


def booking_differences(ours: Iterable[Booked], theirs: Mapping[str, str]) -> Iterator[Difference]:
    """Other documents; `theirs` is the number that the ERP shows, by key."""
    for one in ours:
        shown = theirs.get(one.key, "")
        if shown != one.number:
            what = f"{one.what} missing in the ERP" if not shown else f"{one.what} differs"
            yield Difference(one.case_id, one.order_number, what, one.number, shown or _NOTHING)

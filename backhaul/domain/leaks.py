"""Authorised = received = made good: where the books of a return do not close, in pieces, money and words.

What is still under way is a difference too, and no leak yet: it is one when the return has ended, or when
nothing has moved for too long.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backhaul.domain.ledger_laws import Balance, Law, RmaLineFigures, broken, made_good


class LeakKind(StrEnum):
    """What is missing, in words."""

    NOT_AUTHORISED = "stands on an RMA that the ledger never authorised"
    NEVER_CAME = "authorised, never came and was not released"
    ENDED_BUT_RECEIVED = "came though the authorisation had ended"
    NOT_ENTERED = "counted and booked at the dock, and not in the ledger"
    NOT_COUNTED = "received in the ledger, and nobody counted it"
    NOT_DISPOSED = "received, and nothing became of it"
    MOVED_UNSETTLED = "moved in stock, and nobody had settled on it"
    SETTLED_UNMOVED = "settled and posted, and not in the ledger"
    NOT_MADE_GOOD = "received, and the customer got nothing for it"
    CREDITED_NOT_BACK = "credited, and the goods never came back"
    REPLACED_NOT_BACK = "replaced, and the goods never came back"
    ABOVE_PRICE = "credited above what was paid for the pieces"
    NOT_POSTED = "credited in the ledger, and no credit memo was posted"
    POSTED_UNENTERED = "a credit memo was posted that the ledger does not know"
    POSTED_MORE = "posted with more money than was entered"
    POSTED_LESS = "posted with less money than was entered"
    NOT_ORDERED = "replaced or repaired in the ledger, and no order was placed"
    NOT_CLAIMED = "sent back to the supplier, and not claimed"
    NOT_RECOVERED = "the supplier gave its credit, and it was not entered"
    RECOVERED_MORE = "recovered in the ledger, and the supplier gave less"
    UNMATCHED = "came without an RMA or beyond one, and nobody knows whose it is"
    LAW = "breaks a law of the ledger"


@dataclass(frozen=True, slots=True)
class Leak:
    """One difference. `value_minor` is in cents of the ledger currency; zero where money cannot be told."""

    kind: LeakKind
    case_id: str
    about: str
    """The RMA line, order line or receipt"""
    pieces: int
    value_minor: int
    under_way: bool = False
    """Not lost yet: something is still to come"""
    law: str = ""

    def __str__(self) -> str:
        """A line of the report."""
        goods = f"{self.pieces} {'piece' if self.pieces == 1 else 'pieces'} "
        return f"{goods if self.pieces else ''}{self.kind.value}{f': {self.law}' if self.law else ''}"


@dataclass(frozen=True, slots=True)
class LineBooks:
    """All there is about one line of an RMA. Pieces, and cents of the ledger currency."""

    case_id: str
    rma_line_id: str
    authorised_on_paper: int
    """Of the RMA line itself"""
    pieces: Mapping[str, int]
    """Ledger entries by kind"""
    cents: Mapping[str, int]
    counted: int
    """Booked receipts"""
    settled: int
    """Posted dispositions"""
    to_vendor: int
    """Of these, sent back to the supplier"""
    packets: int
    """Pieces in vendor claims, filed or not"""
    owes_nothing: int
    """Received pieces that go back to the customer, or for which what was wished was refused"""
    ordered: int
    """Pieces whose replacement or repair was ordered, or is under way"""
    memo_pieces: int
    memo_goods_minor: int | None
    memo_minor: int | None
    """Goods alone, and with tax, before fees; None when they are in another currency"""
    posting: int
    """Pieces whose credit has passed the gateway and is not answered yet"""
    paid_minor: int | None
    """What the customer was invoiced for a whole line, and its pieces; None when the ERP could not tell"""
    shipped: int
    supplier_gave_minor: int
    ended: bool
    """Closed, cancelled or expired"""
    called_off: bool
    """Cancelled or expired: what comes all the same is made good only when a person says so"""
    quiet: bool
    """Nothing has moved for longer than anybody needs"""
    overdue: bool
    """The goods should have been back long ago"""

    def of(self, *kinds: str) -> int:
        """Pieces entered under these kinds."""
        return sum(self.pieces.get(kind, 0) for kind in kinds)

    def worth(self, pieces: int) -> int:
        """Their share of the authorised value."""
        whole = self.of("authorised")
        return self.cents.get("authorised", 0) * max(pieces, 0) // whole if whole else 0


_Found = Iterator[Leak]


def leaks_of(books: LineBooks) -> list[Leak]:
    """Every difference of one RMA line; none when authorised, received and made good are the same."""
    return [leak for look in _LOOKS for leak in look(books)]


def _leak(books: LineBooks, kind: LeakKind, pieces: int, value: int, *, surely: bool = True) -> _Found:
    if pieces > 0:
        yield Leak(kind, books.case_id, books.rma_line_id, pieces, value, under_way=not surely)


def _money_leak(books: LineBooks, kind: LeakKind, value: int) -> _Found:
    if value > 0:
        yield Leak(kind, books.case_id, books.rma_line_id, 0, value)


def _authorised(books: LineBooks) -> _Found:
    let_in, released, came = books.of("authorised"), books.of("released"), books.of("received")
    on_paper = books.authorised_on_paper - let_in
    yield from _leak(books, LeakKind.NOT_AUTHORISED, on_paper, 0)
    ended_early = min(came - (let_in - released), released)
    if books.called_off:
        # Late goods that a person decided about are in order.
        ended_early = min(ended_early, came - made_good(books.pieces) - books.owes_nothing)
    yield from _leak(books, LeakKind.ENDED_BUT_RECEIVED, ended_early, books.worth(ended_early))
    awaited = let_in - released - came
    surely = books.ended or books.overdue
    yield from _leak(books, LeakKind.NEVER_CAME, awaited, books.worth(awaited), surely=surely)


def _received(books: LineBooks) -> _Found:
    came, disposed = books.of("received"), books.of("disposed")
    yield from _leak(books, LeakKind.NOT_ENTERED, books.counted - came, books.worth(books.counted - came))
    yield from _leak(books, LeakKind.NOT_COUNTED, came - books.counted, books.worth(came - books.counted))
    left = came - disposed
    surely = books.ended or books.quiet
    yield from _leak(books, LeakKind.NOT_DISPOSED, left, books.worth(left), surely=surely)
    unsettled = disposed - books.settled
    yield from _leak(books, LeakKind.MOVED_UNSETTLED, unsettled, books.worth(unsettled), surely=surely)
    yield from _leak(books, LeakKind.SETTLED_UNMOVED, -unsettled, books.worth(-unsettled))


def _made_good(books: LineBooks) -> _Found:
    owed = books.of("received") - made_good(books.pieces) - books.owes_nothing
    surely = books.ended or books.quiet
    yield from _leak(books, LeakKind.NOT_MADE_GOOD, owed, books.worth(owed), surely=surely)
    sent, credited = books.of("replaced"), books.of("credited")
    missing = max(sent + credited - books.of("received"), 0)
    surely = books.ended or books.overdue
    for kind, leak, given in (
        ("replaced", LeakKind.REPLACED_NOT_BACK, min(missing, sent)),
        ("credited", LeakKind.CREDITED_NOT_BACK, max(missing - sent, 0)),
    ):
        whole = books.of(kind)
        value = books.cents.get(kind, 0) * given // whole if whole else 0
        yield from _leak(books, leak, given, value, surely=surely)


def _ordered(books: LineBooks) -> _Found:
    unordered = books.of("replaced", "repaired") - books.ordered
    yield from _leak(books, LeakKind.NOT_ORDERED, unordered, books.worth(unordered))


def _money(books: LineBooks) -> _Found:
    credited, cents = books.of("credited"), books.cents.get("credited", 0)
    yield from _leak(books, LeakKind.NOT_POSTED, credited - books.memo_pieces - books.posting, cents)
    yield from _leak(books, LeakKind.POSTED_UNENTERED, books.memo_pieces - credited, books.memo_minor or 0)
    more = books.memo_minor - cents if books.memo_minor is not None and books.memo_pieces == credited else 0
    yield from _money_leak(books, LeakKind.POSTED_MORE, more)
    yield from _money_leak(books, LeakKind.POSTED_LESS, -more)
    yield from _money_leak(books, LeakKind.ABOVE_PRICE, _above_price(books, credited, cents))


def _above_price(books: LineBooks, credited: int, cents: int) -> int:
    """Against what was invoiced; where that is unknown, goods against the price they were authorised at."""
    if books.paid_minor is not None and books.shipped:
        fair = -(-books.paid_minor * credited // books.shipped)
        # Taxes are rounded on running totals: a cent may fall to one piece or to the next.
        return cents - fair if cents - fair > credited else 0
    return max((books.memo_goods_minor or 0) - books.worth(books.memo_pieces), 0)


def _supplier(books: LineBooks) -> _Found:
    unclaimed = books.to_vendor - books.packets
    value = books.worth(unclaimed)
    yield from _leak(books, LeakKind.NOT_CLAIMED, unclaimed, value, surely=books.quiet)
    short = books.supplier_gave_minor - books.cents.get("recovered", 0)
    yield from _money_leak(books, LeakKind.NOT_RECOVERED, short)
    yield from _money_leak(books, LeakKind.RECOVERED_MORE, -short)


def _laws(books: LineBooks) -> _Found:
    yield from lawless(RmaLineFigures(books.pieces).balances(), books.case_id, books.rma_line_id)


def lawless(balances: Iterable[Balance], case_id: str, about: str) -> _Found:
    """Laws that the rows break, whoever wrote them."""
    for one in broken(balances):
        pieces, value = (0, one.excess) if one.law in _IN_CENTS else (one.excess, 0)
        yield Leak(LeakKind.LAW, case_id, about, pieces, value, law=one.law.value)


_IN_CENTS = {Law.CREDITED_MONEY, Law.CLAIMED_MONEY, Law.RECOVERED}
_LOOKS: tuple[Callable[[LineBooks], _Found], ...] = (
    _authorised,
    _received,
    _made_good,
    _ordered,
    _money,
    _supplier,
    _laws,
)

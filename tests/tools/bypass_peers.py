"""Peers of the house under attack that believe all: an ERP, a carrier, a dock, a post, a reader of reasons.

They check nothing and count every call: whatever reaches them has happened. So a mistake of the guard is
never hidden by a peer that would have refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.ports import (
    BookedRma,
    CarrierLabel,
    DropOff,
    LabelRequest,
    Letter,
    Rate,
    ReplacementRequest,
    ReturnNotice,
    RmaLineRequest,
    RmaRequest,
)
from backhaul.domain.codes import Reason
from backhaul.domain.money import Money
from backhaul.domain.orders import Order, OrderLine
from backhaul.domain.receiving import ParcelEvent
from backhaul.domain.settlement import Replacement

Place = tuple[str, int]
"""Order number and line"""


@dataclass(frozen=True, slots=True)
class Told:
    """One call that changed something outside."""

    act: str
    key: str
    request: Any
    document: str


@dataclass
class CredulousErp:
    """An ERP that books whatever it is told, as often as it is told."""

    books: EmbeddedErpReads
    today: date
    lines: dict[Place, OrderLine] = field(default_factory=dict)
    """Order lines as they are by now; those that nobody touched stand in the books"""
    booked: list[BookedRma] = field(default_factory=list)
    by_key: dict[str, BookedRma] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        """Everything that nobody changes here is read from the demo distributor's books, once."""
        return _remembered(self.books, name)

    def order(self, number: str) -> Order | None:
        found = _remembered(self.books, "order")(number)
        if found is None:
            return None
        return replace(found, lines=tuple(self.lines.get((number, line.line), line) for line in found.lines))

    def order_line(self, number: str, line: int) -> OrderLine | None:
        order = self.order(number)
        return order.line(line) if order else None

    def returns_on(self, order_number: str) -> Sequence[BookedRma]:
        before = _remembered(self.books, "returns_on")(order_number)
        return (*before, *(one for one in self.booked if one.lines[0].order_number == order_number))

    def rma_by_key(self, key: str) -> BookedRma | None:
        return self.by_key.get(key)

    def create_rma(self, request: RmaRequest, *, key: str) -> BookedRma:
        booked = self._book(request.reference, request.account_id, request.facility_id, request.lines)
        self.by_key[key] = booked
        self.told.append(Told("create_rma", key, request, booked.number))
        return booked

    def cancel_rma(self, number: str, *, key: str) -> BookedRma:
        at, found = next((at, one) for at, one in enumerate(self.booked) if one.number == number)
        self.booked[at] = replace(found, cancelled=True)
        for line in found.lines:
            self._move(line, -line.quantity)
        self.told.append(Told("cancel_rma", key, number, number))
        return self.booked[at]

    def order_replacement(self, request: ReplacementRequest, *, key: str) -> Replacement:
        number = f"SO-R{len(self.told)}"
        self.told.append(Told("replacement", key, request, number))
        return Replacement(number, request.reference, request.sku, request.quantity, self.today)

    def clerk_books(self, account_id: str, line: RmaLineRequest) -> None:
        """Somebody books a return in the ERP directly."""
        self._book(f"DESK-{len(self.booked)}", account_id, "CMH1", (line,))

    def clerk_reprices(self, place: Place, price: Money) -> None:
        """Somebody corrects the price of a line."""
        line = self.order_line(*place)
        assert line is not None
        self.lines[place] = replace(line, unit_price=price)

    def _book(
        self, reference: str, account_id: str, facility_id: str, lines: tuple[RmaLineRequest, ...]
    ) -> BookedRma:
        number = f"RMA-{70_001 + len(self.booked)}"
        booked = BookedRma(
            number, reference, account_id, facility_id, self.today, cancelled=False, lines=lines
        )
        self.booked.append(booked)
        for line in lines:
            self._move(line, line.quantity)
        return booked

    def _move(self, line: RmaLineRequest, pieces: int) -> None:
        sold = self.order_line(line.order_number, line.line)
        assert sold is not None
        moved = replace(sold, quantity_returned=sold.quantity_returned + pieces)
        self.lines[line.order_number, line.line] = moved


_READ: dict[tuple[Any, ...], Any] = {}


def _remembered(books: EmbeddedErpReads, name: str) -> Any:
    def read(*args: Any) -> Any:
        asked = (id(books), name, *args)
        if asked not in _READ:
            _READ[asked] = getattr(books, name)(*args)
        return _READ[asked]

    return read


@dataclass
class CredulousCarrier:
    """Sells and voids labels to whoever asks."""

    name: str = "credulous"
    told: list[Told] = field(default_factory=list)

    def rates(self, request: LabelRequest) -> Sequence[Rate]:
        del request
        return (Rate(self.name, "ground", Money(900), 3),)

    def drop_offs(self, postal_code: str) -> Sequence[DropOff]:
        del postal_code
        return ()

    def buy_label(self, request: LabelRequest, *, key: str) -> CarrierLabel:
        number = f"TRK{len(self.told)}"
        self.told.append(Told("create_label", key, request, number))
        return CarrierLabel(self.name, "ground", number, "s", "d", Money(900), b"p", b"i", b"z", b"q")

    def label_by_key(self, key: str) -> CarrierLabel | None:
        del key
        return None

    def void_label(self, tracking_number: str, *, key: str) -> None:
        self.told.append(Told("void_label", key, tracking_number, tracking_number))

    def events(self, *, after: str | None = None) -> Sequence[ParcelEvent]:
        del after
        return ()


class OpenDock:
    """Takes every announcement."""

    def announce(self, notice: ReturnNotice, *, key: str) -> None: ...
    def withdraw(self, reference: str, *, key: str) -> None: ...
    def expected(self, facility_id: str) -> Sequence[ReturnNotice]:
        del facility_id
        return ()


class NoSupplier:
    """Gives every request the same number."""

    def request_return(self, supplier_id: str, sku: str, quantity: int, *, key: str) -> str:
        del sku, quantity, key
        return f"{supplier_id}-R1"


class NoPost:
    """Letters go nowhere."""

    def send(self, letter: Letter, *, key: str) -> None: ...


class NoBlobs:
    """Prints are not looked at here."""

    def put(self, content: bytes) -> str:
        return content.decode()

    def get(self, key: str) -> bytes:
        return key.encode()


class HearsMumbling:
    """Is sure of every reason, unless the words say `mumble`."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del reason
        return 300 if "mumble" in words else 950

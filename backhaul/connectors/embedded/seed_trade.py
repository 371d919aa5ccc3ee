"""Two years of the demo distributor's trade: who ordered what, how it was shipped, billed, paid, returned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from backhaul.connectors.embedded.seed_books import Books, SoldLine, SoldOrder
from backhaul.connectors.embedded.seed_data import (
    AccountSheet,
    ArticleSheet,
    StagedOrderSheet,
    StoryOrderSheet,
    accounts,
    articles,
    facilities,
    staged_orders_sheet,
    story_sheet,
)
from backhaul.domain.codes import ProductClass, Reason, Region, Resolution, Tier
from backhaul.domain.errors import BadInput
from backhaul.domain.money import Money

FIRST_ORDER = 10_001
LAST_ORDER = 15_200
HISTORY_DAYS = 730

_NET_DAYS = {Tier.STANDARD: 30, Tier.SILVER: 30, Tier.GOLD: 45, Tier.PLATINUM: 60}
_PRICE_BASIS_POINTS = {Tier.STANDARD: 9800, Tier.SILVER: 9500, Tier.GOLD: 9200, Tier.PLATINUM: 8800}
_CAD_BASIS_POINTS = 13_700
"""What a Canadian account pays per US dollar of list price, as its price list was fixed."""

_PIECES = (
    (1_500, (4, 6, 10, 12, 20, 24, 48)),
    (6_000, (2, 3, 4, 6, 8, 10, 20)),
    (25_000, (1, 2, 2, 3, 4, 6)),
)
_PIECES_OF_DEAR_GOODS = (1, 1, 1, 2, 2, 3)
"""Usual order quantities by list price in minor units, up to the amount in front."""

_LINE_COUNTS, _LINE_COUNT_WEIGHTS = (1, 2, 3, 4, 5, 6), (30, 28, 20, 12, 6, 4)
_FAVOURITE_CLASSES = 3
_FAVOURITE_WEIGHT = 5
_PART_SHIPPED, _RETURNED, _CANCELLED = 0.12, 0.045, 0.08
_PAID_IN_FULL, _PAID_SHORT, _PAID_EARLY = 0.93, 0.97, 0.15
_HELD_ACCOUNTS_PAY = 0.6
_SATURDAY = 5

_RETURN_REASONS = (
    Reason.NO_LONGER_NEEDED,
    Reason.ORDERED_BY_MISTAKE,
    Reason.WRONG_ITEM,
    Reason.DEFECTIVE,
    Reason.DAMAGED_IN_TRANSIT,
    Reason.WRONG_SIZE,
    Reason.NOT_AS_DESCRIBED,
)
_RETURN_REASON_WEIGHTS = (28, 16, 16, 18, 12, 6, 4)
_WANT_THE_SAME = {Reason.WRONG_ITEM, Reason.DEFECTIVE, Reason.DAMAGED_IN_TRANSIT}


@dataclass(frozen=True, slots=True)
class Span:
    """How much trade there was: numbers of the first and the last order, and the days between them.

    `returned` is the share of orders with a return in the books already, `stock` how many times as much as
    usual lies on the shelves.
    """

    first_order: int = FIRST_ORDER
    last_order: int = LAST_ORDER
    days: int = HISTORY_DAYS
    returned: float = _RETURNED
    stock: int = 1


@dataclass(slots=True)
class Trade:
    """Writes the history into the books; the same day and seed give the same history."""

    books: Books
    today: date
    random: Random
    span: Span = field(default_factory=Span)

    def write(self) -> None:
        """Every order from the first to the last number, stories at theirs."""
        told = {sheet.number: sheet for sheet in story_sheet().orders}
        staged = {sheet.number: sheet for sheet in staged_orders_sheet().orders}
        customers = {sheet.account_id: _Customer(sheet, self.random) for sheet in accounts()}
        shares = [customer.sheet.weight for customer in customers.values()]
        for serial in range(self.span.first_order, self.span.last_order + 1):
            number = f"SO-{serial}"
            if number in told:
                self._tell(told[number], customers[told[number].account])
            else:
                (customer,) = self.random.choices(list(customers.values()), shares)
                # Chance draws also where a staged order takes its place: all the others stay as they are.
                trade = replace(self, books=Books()) if number in staged else self
                trade.draw(number, self._ordered_on(serial), customer)
            if number in staged:
                self._tell(staged[number], customers[staged[number].account])
        self.books.close(self.span.last_order)

    def tell(self, orders: Sequence[StoryOrderSheet], *, last_order: int) -> None:
        """Nothing but these orders. BadInput for an account or an article that there is not."""
        sheets = {sheet.account_id: sheet for sheet in accounts()}
        for told in orders:
            if told.account not in sheets:
                raise BadInput(
                    f"{told.number}: the distributor has no account {told.account}", field="account"
                )
            self._tell(told, _Customer(sheets[told.account], self.random))
        self.books.close(last_order)

    def _ordered_on(self, serial: int) -> date:
        span = self.span
        orders = span.last_order - span.first_order
        days_ago = (span.last_order - serial) * span.days // orders
        day = self.today - timedelta(days=days_ago)
        return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))

    def draw(self, number: str, ordered_on: date, customer: "_Customer") -> None:
        """An order as chance wants it, and what became of it."""
        sold = SoldOrder(customer.sheet, number, ordered_on, [])
        (line_count,) = self.random.choices(_LINE_COUNTS, _LINE_COUNT_WEIGHTS)
        for position, article in enumerate(customer.choose(line_count), start=1):
            quantity = self.random.choice(_usual_pieces(article.list_price))
            sold.lines.append(_line(number, position, article, quantity, customer.price(article)))
        self.books.order(sold, customer.next_po(ordered_on))
        for pieces, shipped_on in self._departures(sold):
            if shipped_on <= self.today:
                self._deliver(sold, pieces, shipped_on, customer)
        if self.random.random() < self.span.returned:
            self._return(sold, customer)

    def _departures(self, sold: SoldOrder) -> Iterator[tuple[dict[int, int], date]]:
        first_on = sold.ordered_on + timedelta(days=self.random.choice((1, 1, 1, 2, 3)))
        everything = {line.row["line"]: line.pieces_open for line in sold.lines}
        if self.random.random() >= _PART_SHIPPED or sum(everything.values()) == 1:
            yield everything, first_on
            return
        late = self.random.choice([line for line, pieces in everything.items() if pieces > 1] or [1])
        kept_back = max(1, everything[late] // 2)
        first = everything | {late: everything[late] - kept_back}
        yield {line: pieces for line, pieces in first.items() if pieces}, first_on
        yield {late: kept_back}, first_on + timedelta(days=self.random.randint(4, 12))

    def _deliver(
        self, sold: SoldOrder, pieces: dict[int, int], shipped_on: date, customer: "_Customer"
    ) -> None:
        arrival = shipped_on + timedelta(days=self.random.randint(2, 5))
        delivered_on = arrival if arrival <= self.today else None
        self.books.ship(
            sold,
            pieces,
            facility_id=customer.facility_id,
            shipped_on=shipped_on,
            delivered_on=delivered_on,
        )
        self._bill(sold, pieces, shipped_on)

    def _bill(self, sold: SoldOrder, pieces: dict[int, int], issued_on: date) -> None:
        days = _NET_DAYS[sold.account.tier]
        number, total = self.books.bill(sold, pieces, issued_on, days=days)
        received_on = issued_on + timedelta(days=days + self.random.randint(-6, 12))
        luck = self.random.random()
        if sold.account.prepays:
            self.books.pay(number, total, issued_on)
            return
        if received_on > self.today:
            early_on = issued_on + timedelta(days=5)
            if luck < _PAID_EARLY and early_on <= self.today:
                self.books.pay(number, total, early_on)
            return
        if sold.account.credit_hold and luck > _HELD_ACCOUNTS_PAY:
            return
        if luck < _PAID_IN_FULL:
            self.books.pay(number, total, received_on)
        elif luck < _PAID_SHORT:
            self.books.pay(number, total - Money(total).share(800).minor, received_on)

    def _return(self, sold: SoldOrder, customer: "_Customer") -> None:
        line = self.random.choice(sold.lines)
        shipped = line.row["quantity_shipped"]
        if line.delivered_on is None or shipped == 0:
            return
        booked_on = line.delivered_on + timedelta(days=self.random.randint(2, 24))
        if booked_on > self.today:
            return
        (reason,) = self.random.choices(_RETURN_REASONS, _RETURN_REASON_WEIGHTS)
        self.books.take_back(
            sold,
            line,
            self.random.randint(1, shipped),
            booked_on=booked_on,
            reason=reason,
            resolution=Resolution.REPLACEMENT if reason in _WANT_THE_SAME else Resolution.CREDIT,
            facility_id=customer.facility_id,
            cancelled=self.random.random() < _CANCELLED,
        )

    def _tell(self, told: StoryOrderSheet, customer: "_Customer") -> None:
        sold = SoldOrder(customer.sheet, told.number, self._ago(told.ordered), [])
        by_sku = {article.sku: article for article in articles()}
        for position, sheet in enumerate(told.lines, start=1):
            price = Money.of(sheet.price, customer.sheet.currency)
            if sheet.sku not in by_sku:
                raise BadInput(f"{told.number}: the distributor has no article {sheet.sku}", field="sku")
            line = _line(told.number, position, by_sku[sheet.sku], sheet.quantity, price)
            line.serials.extend(sheet.serials)
            line.lot, line.traceable = sheet.lot, not sheet.untraceable
            line.bought_on = None if sheet.bought is None else self._ago(sheet.bought)
            sold.lines.append(line)
        self.books.order(sold, told.po)
        self._deliver_story(told, sold, customer)
        for returned in told.returned:
            self.books.take_back(
                sold,
                sold.lines[returned.line - 1],
                returned.quantity,
                booked_on=self._ago(returned.booked),
                reason=returned.reason,
                resolution=returned.resolution,
                facility_id=customer.facility_id,
                cancelled=False,
            )

    def _deliver_story(self, told: StoryOrderSheet, sold: SoldOrder, customer: "_Customer") -> None:
        parts = [
            (
                part.pieces,
                self._ago(part.shipped),
                None if part.delivered is None else self._ago(part.delivered),
            )
            for part in told.shipments
        ]
        if told.delivered is not None:
            everything = {line.row["line"]: line.pieces_open for line in sold.lines}
            parts.append((everything, self._ago(told.ordered - 1), self._ago(told.delivered)))
        for pieces, shipped_on, delivered_on in parts:
            self.books.ship(
                sold,
                pieces,
                facility_id=customer.facility_id,
                shipped_on=shipped_on,
                delivered_on=delivered_on,
            )
            if isinstance(told, StagedOrderSheet):
                self._bill_staged(told, sold, pieces, shipped_on)
            else:
                self._bill(sold, pieces, shipped_on)

    def _bill_staged(
        self, told: StagedOrderSheet, sold: SoldOrder, pieces: dict[int, int], issued_on: date
    ) -> None:
        number, total = self.books.bill(sold, pieces, issued_on, days=_NET_DAYS[sold.account.tier])
        if sold.account.prepays:
            self.books.pay(number, total, issued_on)
        elif told.paid is not None:
            paid_on, withheld = self._ago(told.paid), Money(0, sold.account.currency)
            if told.withheld is not None:
                withheld = Money.of(told.withheld.amount, sold.account.currency)
                self.books.withhold(sold, number, withheld, told.withheld.reason, paid_on)
            self.books.pay(number, total - withheld.minor, paid_on)

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)


class _Customer:
    """An account's habits: what it buys, where it is served from, how it numbers its orders."""

    def __init__(self, sheet: AccountSheet, random: Random) -> None:
        self.sheet, self._random = sheet, random
        self.facility_id = _serving(sheet.region)
        self._next = random.randint(1_000, 6_000)
        favourites = random.sample(list(ProductClass), _FAVOURITE_CLASSES)
        self._weights = [
            (_FAVOURITE_WEIGHT if article.family.product_class in favourites else 1)
            / article.list_price.minor**0.5
            for article in articles()
        ]

    def choose(self, line_count: int) -> list[ArticleSheet]:
        """Different articles, the cheap ones more often."""
        chosen = self._random.choices(articles(), self._weights, k=line_count)
        return list(dict.fromkeys(chosen))

    def price(self, article: ArticleSheet) -> Money:
        """The account's net price of one piece."""
        net = article.list_price.share(_PRICE_BASIS_POINTS[self.sheet.tier])
        if self.sheet.currency == net.currency:
            return net
        return Money(net.share(_CAD_BASIS_POINTS).minor, self.sheet.currency)

    def next_po(self, ordered_on: date) -> str:
        """The customer's own number for its next order."""
        self._next += self._random.randint(1, 7)
        numbers = {
            "yy": f"{ordered_on:%y}",
            "yyyy": f"{ordered_on:%Y}",
            "n4": f"{self._next:04d}",
            "n5": f"{30_000 + self._next:05d}",
            "n6": f"{600_000 + 3 * self._next:06d}",
            "n7": f"{1_800_000 + 7 * self._next:07d}",
        }
        return self.sheet.po_style.format(**numbers)


def _serving(region: Region) -> str:
    return next(sheet.facility_id for sheet in facilities() if region.value in sheet.serves.split())


def _usual_pieces(list_price: Money) -> tuple[int, ...]:
    return next((pieces for limit, pieces in _PIECES if list_price.minor <= limit), _PIECES_OF_DEAR_GOODS)


def _line(number: str, position: int, article: ArticleSheet, quantity: int, price: Money) -> SoldLine:
    row = {
        "order_number": number,
        "line": position,
        "sku": article.sku,
        "description": article.description,
        "quantity_ordered": quantity,
        "quantity_shipped": 0,
        "quantity_returned": 0,
        "unit_price_minor": price.minor,
    }
    return SoldLine(article, row)

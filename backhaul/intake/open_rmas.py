"""Returns that were opened in another system, when a distributor begins with Backhaul.

They become cases on record with a review, one for each RMA. They are no RMAs of ours: what lets goods in,
and what the ledger counts, is a permit that the guard issued on live facts, and nobody issued one for them.
A person takes one over, by asking for it on the customer's behalf, or closes it once it has ended elsewhere.
Until then customers are told where it stands, and its pieces are not offered for another return.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from agent.wording import REASON_WORDS, pieces
from backhaul.domain.clock import today
from backhaul.domain.codes import Condition, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.orders import Order, OrderLine
from backhaul.intake.accounts import Accounts, Named
from backhaul.intake.entering import Outcome, Ready, State, cleaned, duplicate, enter
from backhaul.intake.items import NotedItem, value_of
from backhaul.intake.problems import BadRow
from backhaul.intake.values import count_of, day_of
from backhaul.store import notes
from backhaul.store.conversation import Speaker
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk

_CERTAIN_PERMILLE = 1_000
READER = "spreadsheet"
_ALSO_CALLED = {
    "doa": Reason.DEFECTIVE,
    "faulty": Reason.DEFECTIVE,
    "broken": Reason.DEFECTIVE,
    "damaged": Reason.DAMAGED_IN_TRANSIT,
    "freight damage": Reason.DAMAGED_IN_TRANSIT,
    "wrong part": Reason.WRONG_ITEM,
    "mis-ship": Reason.WRONG_ITEM,
    "misship": Reason.WRONG_ITEM,
    "not needed": Reason.NO_LONGER_NEEDED,
    "overage": Reason.OVER_SHIPPED,
    "overship": Reason.OVER_SHIPPED,
    "warranty": Reason.WARRANTY_FAILURE,
    "short": Reason.MISSING_PARTS,
}


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One line of an open RMA: pieces of one order line."""

    number: str
    account_id: str
    order: Order
    line: OrderLine
    quantity: int
    reason: Reason | None
    said: str
    """The reason as it was written"""
    authorised_on: date | None
    serials: tuple[str, ...]

    @property
    def key(self) -> str:
        """The order line, as printed."""
        return f"{self.line.order_number}/{self.line.line}"


@dataclass(slots=True)
class OpenRmasIntake:
    """Takes open RMAs in, each in a transaction of its own."""

    desk: Desk
    actor: str
    accounts: Accounts
    _in_erp: dict[str, frozenset[str]] = field(default_factory=dict)

    def read(self, values: Mapping[str, str]) -> OpenLine:
        """One row, held against the ERP.

        Raises:
            BadRow: A field is missing, or the ERP knows no such line, or not so many pieces were shipped.
        """
        given = {name: cleaned(value) for name, value in values.items()}
        number = _needed(given, "number", "give the RMA number it has in the other system")
        order = self._order(given)
        line = _line(order, given)
        quantity = count_of(given.get("quantity", ""), "quantity")
        if quantity > line.quantity_shipped:
            raise BadRow(
                f"{quantity} are more than the {line.quantity_shipped} shipped on {order.number}/{line.line}",
                field="quantity",
                to_do="give the pieces that are still to come back",
            )
        authorised_on = day_of(given.get("authorised_on", ""), "authorised_on")
        if authorised_on and authorised_on > today(self.desk.clock):
            raise BadRow(f"{authorised_on} is still to come", field="authorised_on", to_do="mend the date")
        return OpenLine(
            number=number,
            account_id=order.account_id,
            order=order,
            line=line,
            quantity=quantity,
            reason=_reason(given.get("reason", "")),
            said=given.get("reason", ""),
            authorised_on=authorised_on,
            serials=_serials(line, quantity, given.get("serial", "")),
        )

    def take(self, lines: Sequence[OpenLine]) -> list[Outcome]:
        """Take one RMA in with all its lines; an outcome for each of them.

        A line that is in already is a duplicate; lines that were not, such as mended ones, open a case of
        their own under the same number.
        """
        number = lines[0].number
        in_erp = {line.key: self._is_in_erp(number, line.order.number) for line in lines}
        with self.desk.store.begin() as uow:
            notes.one_at_a_time(uow)
            told = self._known(uow, number)
            fresh = {line.key: line for line in reversed(lines) if line.key not in told}
            if fresh:
                own = [line for line in lines if fresh.get(line.key) is line]
                told |= dict.fromkeys(fresh, replace(self._enter(uow, own, in_erp), items=1))
        return [
            _twin(line, told[line.key])
            if line.key in fresh and fresh[line.key] is not line
            else told[line.key]
            for line in lines
        ]

    def _known(self, uow: UnitOfWork, number: str) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for row in notes.of_number(uow, notes.OPEN_RMA, number):
            said = duplicate(row, f"RMA {number} was taken in before")
            found |= {f"{item.order_number}/{item.order_line}": said for item in notes.items(uow, row.id)}
        return found

    def _enter(self, uow: UnitOfWork, lines: Sequence[OpenLine], in_erp: Mapping[str, bool]) -> Outcome:
        first = lines[0]
        items = tuple(self._item(line) for line in lines)
        noted_on = min((line.authorised_on for line in lines if line.authorised_on), default=None)
        known = all(in_erp[line.key] for line in lines)
        counted = "the ERP counts its pieces" if known else "the ERP does not know it"
        ready = Ready(
            kind=notes.OPEN_RMA,
            speaker=Speaker(first.account_id, f"RMA {first.number}", self.actor),
            body="\n".join([f"RMA {first.number}, open in another system.", *map(_told, lines)]),
            author="system",
            noted_on=noted_on or today(self.desk.clock),
            external_id=first.number,
            why=f"RMA {first.number} is open elsewhere, {counted}: take it over, or close it",
            items=items,
            value=sum((value_of(self.desk.erp, item) for item in items), Money(0)),
        )
        return enter(uow, self.desk, ready)

    def _item(self, line: OpenLine) -> NotedItem:
        lacks = [] if line.reason else ["reason"]
        if line.line.serials and len(line.serials) != line.quantity:
            lacks.append("serial")
        return NotedItem(
            line_id=self.desk.ids.new("RL"),
            words=line.line.description,
            order_number=line.order.number,
            line=line.line.line,
            sku=line.line.sku,
            description=line.line.description,
            quantity=line.quantity,
            returnable=line.line.quantity_returnable,
            serials=line.serials,
            reason=line.reason.value if line.reason else "",
            reason_permille=_CERTAIN_PERMILLE if line.reason else 0,
            resolution=Resolution.CREDIT.value,
            condition=Condition.NOT_STATED.value,
            lacks=tuple(lacks),
            reader=READER,
            said={
                "order_ref": line.order.number,
                "quantity": line.quantity,
                "reason": line.said,
                "spans": {},
            },
        )

    def _order(self, given: Mapping[str, str]) -> Order:
        number = _needed(given, "order", "give our order number that the goods were sold on")
        account_id = self.accounts.of(Named(account=given.get("account", ""), order=number), "")
        order = self.desk.erp.order(number) or self.desk.erp.order(number.upper())
        if order is None or order.account_id != account_id:
            raise BadRow(f"no order {number}", field="order", to_do="give our order number as on the invoice")
        return order

    def _is_in_erp(self, number: str, order: str) -> bool:
        """Whether the ERP itself has the RMA, so that its pieces are no longer returnable there."""
        if order not in self._in_erp:
            booked = self.desk.erp.returns_on(order)
            self._in_erp[order] = frozenset(one.number.upper() for one in booked if not one.cancelled)
        return number.upper() in self._in_erp[order]


def _twin(line: OpenLine, of: Outcome) -> Outcome:
    why = f"{line.key} stands twice under RMA {line.number}"
    return Outcome(State.DUPLICATE, why, case_id=of.case_id, review_id=of.review_id, account_id=of.account_id)


def _needed(given: Mapping[str, str], name: str, to_do: str) -> str:
    if not given.get(name):
        raise BadRow(f"{name} is missing", field=name, to_do=to_do)
    return given[name]


def _line(order: Order, given: Mapping[str, str]) -> OrderLine:
    """The order line by its number, or by an article that stands on one line only."""
    number, sku = given.get("line", ""), given.get("sku", "").upper()
    if number:
        found = order.line(int(number)) if number.isascii() and number.isdigit() else None
        if found is None or (sku and found.sku.upper() != sku):
            raise BadRow(
                f"{order.number} has no line {number}" + (f" with {sku}" if sku and found else ""),
                field="line",
                to_do=f"its lines are {_lines_told(order)}",
            )
        return found
    fitting = [line for line in order.lines if sku in {"", line.sku.upper()}]
    if len(fitting) == 1:
        return fitting[0]
    raise BadRow(
        f"{sku or 'it'} is on {len(fitting)} lines of {order.number}"
        if fitting
        else f"{sku} is not on {order.number}",
        field="sku" if sku else "line",
        to_do=f"name the line; there are {_lines_told(order)}",
    )


def _lines_told(order: Order) -> str:
    return ", ".join(f"{line.line} {line.sku}" for line in order.lines)


def _serials(line: OrderLine, quantity: int, written: str) -> tuple[str, ...]:
    given = tuple(
        dict.fromkeys(part.strip() for part in written.replace(";", ",").split(",") if part.strip())
    )
    strange = [serial for serial in given if serial not in line.serials]
    if strange:
        raise BadRow(
            f"{', '.join(strange)} was not sold on {line.order_number}/{line.line}",
            field="serial",
            to_do=f"its serials are {', '.join(line.serials)}" if line.serials else "leave the serial out",
        )
    if len(given) > quantity:
        raise BadRow(
            f"{len(given)} serials for {quantity} pieces", field="serial", to_do="one for each piece"
        )
    return given if given or quantity != len(line.serials) else line.serials


def _reason(written: str) -> Reason | None:
    """The reason by its code, our words for it, or what other systems call it; else `None`."""
    said = " ".join(written.casefold().replace("_", " ").split())
    by_code = {reason.value.replace("_", " "): reason for reason in Reason}
    by_words = {words: reason for reason, words in REASON_WORDS.items()}
    return by_code.get(said) or by_words.get(said) or _ALSO_CALLED.get(said)


def _told(line: OpenLine) -> str:
    goods = f"{pieces(line.quantity, line.line.description)} ({line.line.sku}) from {line.key}"
    serials = f", serial {', '.join(line.serials)}" if line.serials else ""
    since = f", authorised {line.authorised_on.isoformat()}" if line.authorised_on else ""
    return f"{goods}{serials}{since}: {line.said or 'no reason given'}"

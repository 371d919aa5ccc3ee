"""The tables of the finance page: each is shown as HTML and given out as CSV from the same cells."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditGoesTo, Deduction
from backhaul.store import finance, leaks, reconcile
from backhaul.store.money_tables import CreditMemoRow
from backhaul.store.unit_of_work import UnitOfWork
from web.finance_deductions import what_is_possible
from web.pages import day, words
from web.policies_words import capital
from web.who import Member
from web.world import Doors

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would calculate a cell that begins so"""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table; `href` leads to what is behind it."""

    text: str
    href: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with their headings; `empty` says what it means that there are none."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    empty: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks, at what, and how far back."""

    doors: Doors
    uow: UnitOfWork
    who: Member
    days: int
    everything: bool
    """Also what is only under way"""
    most: int | None = None
    """Credits at most; a page shows the newest, a file has all"""


def _money(amount: Money) -> Cell:
    return Cell(str(amount), is_number=True)


def _number(value: int) -> Cell:
    return Cell(str(value), is_number=True)


def _case(asked: Asked, case_id: str) -> Cell:
    """A case has no page of its own: its latest review is where it is looked at, by whoever may."""
    review_id = finance.latest_review(asked.uow, case_id) if case_id and asked.who.on_desk else None
    return Cell(case_id or "none", href=f"/desk/{review_id}" if review_id else "")


def _credits(asked: Asked) -> Table:
    rows = finance.credits_since(asked.uow, days=asked.days, limit=asked.most)
    columns = ("Credit", "Posted", "Case", "Order", "Pieces", "Goods", "Tax", "Fees", "Credited", "Went to")
    return Table(columns, [_credit(asked, row) for row in rows], "No credit was posted in this time.")


def _credit(asked: Asked, row: CreditMemoRow) -> tuple[Cell, ...]:
    def money(minor: int) -> Cell:
        return _money(Money(minor, row.currency))

    return (
        Cell(row.erp_number),
        Cell(day(row.posted_on)),
        _case(asked, row.case_id),
        Cell(f"{row.order_number}/{row.order_line}"),
        _number(row.quantity),
        money(row.goods_minor),
        money(row.tax_minor),
        money(row.restocking_fee_minor + row.return_freight_minor),
        money(row.amount_minor),
        Cell("; ".join(_share(row, one) for one in row.shares)),
    )


def _share(row: CreditMemoRow, share: Mapping[str, object]) -> str:
    place = words(share["goes_to"])
    reference = f" {share['reference']}" if share["reference"] else ""
    return f"{place}{reference} {finance.share_amount(share, row.currency)}"


def _totals(asked: Asked) -> Table:
    sums = finance.totals(finance.credits_since(asked.uow, days=asked.days))
    places = [one.value for one in CreditGoesTo]
    columns = (
        "Currency",
        "Credits",
        "Goods",
        "Tax",
        "Fees",
        "Credited",
        *(capital(words(one)) for one in places),
    )
    rows = [
        (
            Cell(currency),
            _number(one.credits),
            *(
                _money(Money(minor, currency))
                for minor in (one.goods_minor, one.tax_minor, one.fees_minor, one.amount_minor)
            ),
            *(_money(Money(one.went_to[place], currency)) for place in places),
        )
        for currency, one in sorted(sums.items())
    ]
    return Table(columns, rows, "No credit was posted in this time.")


def _waiting(asked: Asked) -> Table:
    columns = ("Review", "Case", "Amount", "Due", "Why it waits", "Who may approve it")
    rows = [
        (
            Cell(one.review.id, href=f"/desk/{one.review.id}" if asked.who.on_desk else ""),
            Cell(one.review.case_id),
            _money(Money(one.review.value_minor, one.review.currency)),
            Cell(day(one.review.due_at)),
            Cell(one.review.why),
            Cell(_who_may(asked.who, one)),
        )
        for one in finance.credits_that_wait(asked.uow)
    ]
    return Table(columns, rows, "No credit waits for a person.")


def _who_may(who: Member, one: finance.Waiting) -> str:
    """Who authorised may not credit; the policy says so, and the page says it before anybody clicks."""
    let_in = f"{one.authorised_by_name} let these goods in" if one.authorised_by else ""
    if one.authorised_by == who.user_id:
        return "Not you: you let these goods in, and who authorised may not credit."
    if not who.on_desk:
        reason = f"; {let_in} and may not" if let_in else ""
        return f"An approver on the desk{reason}."
    return f"You, on the desk. {let_in}, and may not." if let_in else "You, on the desk."


def _deductions(asked: Asked) -> Table:
    columns = ("Deduction", "Account", "Invoice", "Taken", "Reason", "Open", "What it matches")
    rows = [
        (
            Cell(one.deduction_id),
            Cell(name),
            Cell(one.invoice_number),
            Cell(day(one.taken_on)),
            Cell(capital(words(one.reason))),
            _money(one.amount),
            Cell(what_is_possible(asked.doors.desk.erp, asked.uow, one)),
        )
        for name, one in _open_deductions(asked.doors)
    ]
    return Table(columns, rows, "No customer has paid short without a credit for it.")


def _open_deductions(doors: Doors) -> Iterator[tuple[str, Deduction]]:
    erp = doors.desk.erp
    for account in erp.accounts():
        for one in erp.deductions(account.account_id):
            yield account.name, one


def _leaks(asked: Asked) -> Table:
    columns = ("Case", "About", "What", "Worth", "State")
    found = leaks.leaks(asked.uow)
    rows = [
        (
            _case(asked, one.case_id),
            Cell(one.about),
            Cell(str(one)),
            _money(Money(one.value_minor)),
            Cell("Under way" if one.under_way else "Leak"),
        )
        for one in found
        if asked.everything or not one.under_way
    ]
    return Table(columns, rows, "What was authorised, received and made good is the same everywhere.")


def _reconciliation(asked: Asked) -> Table:
    columns = ("Day", "Case", "Order", "What", "Ours", "Theirs", "Amount")
    rows = [
        (
            Cell(day(row.day)),
            _case(asked, str(one["case_id"])),
            Cell(str(one["order_number"])),
            Cell(capital(str(one["what"]))),
            Cell(str(one["ours"])),
            Cell(str(one["theirs"])),
            _money(Money(int(one["amount_minor"]), str(one["currency"]))),
        )
        for row in reconcile.latest(asked.uow, limit=1)
        for one in row.differences
    ]
    return Table(columns, rows, _compared(asked.uow))


def _compared(uow: UnitOfWork) -> str:
    for row in reconcile.latest(uow, limit=1):
        return f"{row.compared} orders were compared on {day(row.day)}: our books and the ERP's are the same."
    return "The books were not compared yet; the worker does it once every business day."


TABLES: Mapping[str, tuple[str, Callable[[Asked], Table]]] = {
    "credits": ("Credits posted", _credits),
    "totals": ("Totals", _totals),
    "waiting": ("Waiting for a person", _waiting),
    "deductions": ("Deductions", _deductions),
    "leaks": ("Leaks", _leaks),
    "reconciliation": ("Reconciliation", _reconciliation),
}
"""Every table by its name in the address"""


def as_csv(table: Table, *, is_simulated: bool = False) -> str:
    """The same cells for a spreadsheet, with nothing in them that it would calculate.

    Each row of a simulated house says that it is simulated: rows are copied out of their file.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*table.columns, *(["Simulated"] if is_simulated else [])])
    for row in table.rows:
        writer.writerow([*(_harmless(cell) for cell in row), *(["yes"] if is_simulated else [])])
    return out.getvalue()


def _harmless(cell: Cell) -> str:
    return f"'{cell.text}" if cell.text.startswith(_FORMULA) and not cell.is_number else cell.text

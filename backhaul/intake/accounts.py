"""Whose note it is: by account, contact, order or serial where the record names them, else by its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from backhaul.connectors.ports import ErpReads
from backhaul.domain.orders import Order
from backhaul.intake.problems import BadRow

_NUMBER = re.compile(r"\b(?=[A-Za-z0-9-]{0,39}\d)[A-Za-z0-9][A-Za-z0-9-]{3,38}[A-Za-z0-9]\b")
"""What could be an order or a serial: a digit in it, five characters or more"""
_MOST_NUMBERS = 20


@dataclass(frozen=True, slots=True)
class Named:
    """What a record says beside its words; empty means that it does not."""

    account: str = ""
    contact: str = ""
    order: str = ""
    serial: str = ""


@dataclass(slots=True)
class Accounts:
    """Looks accounts up. Names of accounts are read once: a file may hold thousands of notes."""

    erp: ErpReads
    _by_name: dict[str, set[str]] = field(default_factory=dict)

    def of(self, named: Named, words: str) -> str:
        """The one account that all of it points to.

        Raises:
            BadRow: It points to none or to several, or names what the ERP does not know.
        """
        found = dict(self._by_record(named))
        if len(set(found.values())) > 1:
            told = ", ".join(f"{what} says {account}" for what, account in found.items())
            raise BadRow(
                f"it is of more than one account: {told}",
                field=next(iter(found)),
                to_do="leave only what belongs to the account that the note is about",
            )
        return next(iter(found.values()), "") or self._by_words(words)

    def _by_record(self, named: Named) -> Iterator[tuple[str, str]]:
        if named.account:
            yield "account", self._named(named.account)
        if named.contact:
            yield "contact", self._contact(named.contact)
        if named.order:
            yield "order", self._order(named.order).account_id
        if named.serial and (owner := self._of_serial(named.serial)):
            yield "serial", owner
        elif named.serial and not (named.account or named.contact or named.order):
            raise BadRow(
                f"no serial {named.serial} was sold by us",
                field="serial",
                to_do="check the number on the plate, or name the account or the order",
            )

    def _named(self, account: str) -> str:
        known = self.erp.account(account) or self.erp.account(account.upper())
        if known is not None:
            return known.account_id
        if not self._by_name:
            for one in self.erp.accounts():
                self._by_name.setdefault(_folded(one.name), set()).add(one.account_id)
        fitting = sorted(self._by_name.get(_folded(account), ()))
        if len(fitting) == 1:
            return fitting[0]
        raise BadRow(
            f"no account {account}" if not fitting else f"{account} may be {' or '.join(fitting)}",
            field="account",
            to_do="give the account number as the ERP has it, such as A-1001",
        )

    def _contact(self, contact: str) -> str:
        known = self.erp.contact_by_email(contact) if "@" in contact else None
        if known is None:
            raise BadRow(
                "the ERP knows no such contact",
                field="contact",
                to_do="give the e-mail address that the ERP has of the contact, or the account number",
            )
        return known.account_id

    def _order(self, number: str) -> Order:
        known = self.erp.order(number) or self.erp.order(number.upper())
        if known is None:
            raise BadRow(
                f"no order {number}",
                field="order",
                to_do="give our order number as on the invoice; a customer's PO number goes into the note",
            )
        return known

    def _of_serial(self, serial: str) -> str:
        unit = self.erp.unit(serial) or self.erp.unit(serial.upper())
        sold = self.erp.order(unit.order_number) if unit and unit.order_number else None
        return sold.account_id if sold else ""

    def _by_words(self, words: str) -> str:
        """The account of the orders and serials that the words themselves name."""
        numbers = list(dict.fromkeys(match[0].upper() for match in _NUMBER.finditer(words)))[:_MOST_NUMBERS]
        found = {owner for number in numbers if (owner := self._owner(number))}
        if len(found) == 1:
            return found.pop()
        raise BadRow(
            "it names orders or serials of several accounts" if found else "nothing says whose note it is",
            field="account",
            to_do="name the account, or an order or serial of it",
        )

    def _owner(self, number: str) -> str:
        order = self.erp.order(number)
        return order.account_id if order else self._of_serial(number)


@dataclass(slots=True)
class OneAccount(Accounts):
    """For a sender who speaks for one account: of all others nothing is told, not even that they exist."""

    only: str = ""

    def of(self, named: Named, words: str) -> str:
        """The account, unless something says that the note is another's.

        Raises:
            BadRow: It is not that account's, or names what the ERP does not know.
        """
        try:
            found = Accounts.of(self, replace(named, account=named.account or self.only), words)
        except BadRow:
            found = ""
        if found != self.only:
            raise BadRow(
                "this is not of your account, or nobody knows it",
                field="account",
                to_do="check the order, the serial and the contact, or leave them to the words of the note",
            )
        return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())

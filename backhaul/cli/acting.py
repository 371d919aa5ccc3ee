"""Who acts at the terminal, and the database they act on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.settings import Settings

if TYPE_CHECKING:
    from backhaul.store.house_tables import StaffRow
    from backhaul.store.unit_of_work import Store, UnitOfWork

_NO_MATCH = "that address and password do not fit together"


@contextmanager
def open_ready_store(settings: Settings) -> "Iterator[Store]":
    """The database of a home, which is migrated and seeded first when it needs that."""
    from backhaul.bootstrap import stores
    from backhaul.bootstrap.setup import ensure_ready

    ensure_ready(settings)
    store = stores.open_store(settings)
    try:
        yield store
    finally:
        store.close()


def password_for(settings: Settings, email: str | None, *, from_stdin: bool) -> str | None:
    """The password of whoever acts; demo asks for none, because it is printed there anyway.

    Raises:
        BadInput: Outside demo nobody was named.
    """
    if settings.demo:
        return None
    if email is None:
        raise BadInput("say who decides with --as EMAIL; four eyes need two names", field="as")
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(f"Password of {email}", hide_input=True, err=True))


def member_named(uow: "UnitOfWork", email: str, password: str | None) -> "StaffRow":
    """The member of staff with that address. Without a password, as in demo, the address is enough.

    Raises:
        NotAllowed: The password is another one.
        NotFound: Nobody of that address works here.
    """
    from pwdlib import PasswordHash

    from backhaul.store import staff

    row = staff.staff_by_email(uow, email)
    if password is not None and (
        row is None or not PasswordHash.recommended().verify(password, row.password_hash)
    ):
        raise NotAllowed(_NO_MATCH)
    if row is None or not staff.may_enter(row, demo=password is None):
        raise NotFound("active member of staff", email)
    return row

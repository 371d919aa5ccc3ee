"""The second look at corrections by terminal, and forgetting what a customer taught."""

import json

from rich.console import Console

from backhaul.bootstrap.forgetting import forget_what_was_taught
from backhaul.cli.acting import member_named, open_ready_store, password_for
from backhaul.domain.errors import NotFound
from backhaul.domain.release import SHORT
from backhaul.settings import Settings
from backhaul.store import cases, corrections, reader_heads
from backhaul.store.reader_tables import CorrectionRow


def list_noted(console: Console, *, as_json: bool) -> None:
    """What waits for a second look, oldest first."""
    with open_ready_store(Settings()) as store, store.read() as uow:
        rows = corrections.in_state(uow, corrections.NOTED)
    for row in rows:
        if as_json:
            console.print(json.dumps(_plain(row), ensure_ascii=False), markup=False)
        else:
            console.print(
                f"{row.id}  {row.noted_at:%Y-%m-%d}, {row.source}: read as {_words(row.reason_read)}, says "
                f"{_words(row.reason_right)}\n  {row.words}",
                markup=False,
            )
    if not as_json:
        console.print(f"{len(rows)} for a second look", markup=False)


def _plain(row: CorrectionRow) -> dict[str, str]:
    names = ("id", "case_id", "source", "reason_read", "reason_right", "noted_by", "words")
    return {name: getattr(row, name) for name in names}


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def confirm(console: Console, correction_id: str, email: str, *, password_stdin: bool) -> None:
    """See `corrections.confirm` for what is refused."""
    settings = Settings()
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store, store.begin() as uow:
        who = member_named(uow, email, password)
        row = corrections.confirm(uow, correction_id, by=who.id)
        waiting = len(corrections.in_state(uow, corrections.CONFIRMED))
    console.print(
        f"{row.id} is an exemplar of {_words(row.reason_right)}; {waiting} confirmed in all\n"
        "next: backhaul reader train",
        markup=False,
    )


def dismiss(console: Console, correction_id: str, email: str, *, password_stdin: bool) -> None:
    """See `corrections.dismiss` for what is refused."""
    settings = Settings()
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store, store.begin() as uow:
        row = corrections.dismiss(uow, correction_id, by=member_named(uow, email, password).id)
    console.print(f"{row.id} is dismissed, and its words are erased", markup=False)


def forget(console: Console, account_id: str, email: str, *, password_stdin: bool) -> None:
    """See `forgetting.forget_what_was_taught`.

    Raises:
        NotFound: There is no case of such an account.
        NotAllowed: They may not.
    """
    settings = Settings()
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store:
        with store.begin() as uow:
            who = member_named(uow, email, password)
            reader_heads.check_may(uow, who.id)
            if not cases.cases_of_account(uow, account_id, limit=1):
                raise NotFound("account with a case", account_id)
            before = reader_heads.in_use(uow)
        gone = forget_what_was_taught(settings, store, account_id, by=who.id)
    console.print(f"what {account_id} taught is erased, and {len(gone)} trained heads with it", markup=False)
    if before in gone:
        console.print(
            f"{before[:SHORT]} was in use: the shipped heads read from now on\n"
            "to learn again what the others taught: backhaul reader train",
            markup=False,
        )

"""What every notifier behind the port must do: the mail server, and the mailbox that keeps copies."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from backhaul.bootstrap.mailbox import Mailbox
from backhaul.connectors.notify import SmtpNotifier
from backhaul.connectors.ports import Letter, Notifier
from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store import staff
from backhaul.store.blobs import FileBlobStore
from backhaul.store.database import open_engine
from backhaul.store.unit_of_work import Store
from tests.connectors.test_notify import LETTER, MailServer

Arrived = tuple[str, str, tuple[bytes, ...]]
"""Recipient, subject, attachments"""


@dataclass(frozen=True, slots=True)
class NotifierUnderTest:
    """A notifier, and where its letters arrive."""

    notifier: Notifier
    arrived: Callable[[], Sequence[Arrived]]


@pytest.fixture
def by_mail(tmp_path: Path) -> Iterator[NotifierUnderTest]:
    with MailServer() as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        notifier = SmtpNotifier(server.server_address_for(), tmp_path / "sent.db")
        yield NotifierUnderTest(notifier, lambda: [read(one) for one in server.letters])
        server.shutdown()
        serving.join()


def read(one: Any) -> Arrived:
    files = tuple(part.get_payload(decode=True) for part in one.iter_attachments())
    return one["To"], one["Subject"], files


@pytest.fixture
def store(sqlite_database_url: str) -> Iterator[Store]:
    opened = Store(open_engine(sqlite_database_url), SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def in_mailbox(store: Store, tmp_path: Path) -> NotifierUnderTest:
    blobs = FileBlobStore(tmp_path / "blobs")

    def arrived() -> Sequence[Arrived]:
        with store.read() as uow:
            rows = staff.letters(uow)
        return [
            (row.recipient, row.subject, tuple(blobs.get(file["blob"]) for file in row.attachments))
            for row in rows
        ]

    return NotifierUnderTest(Mailbox(store, blobs), arrived)


@pytest.fixture(params=["by_mail", "in_mailbox"])
def under_test(request: pytest.FixtureRequest) -> NotifierUnderTest:
    system = request.getfixturevalue(request.param)
    assert isinstance(system, NotifierUnderTest)
    return system


class TestNotifier:
    def test_a_letter_arrives_with_what_is_attached(self, under_test: NotifierUnderTest) -> None:
        under_test.notifier.send(LETTER, key="k1")

        assert under_test.arrived() == [(LETTER.to, LETTER.subject, (b"%PDF-1.7 label",))]

    def test_one_key_is_sent_once(self, under_test: NotifierUnderTest) -> None:
        under_test.notifier.send(LETTER, key="k1")
        under_test.notifier.send(LETTER, key="k1")

        assert len(under_test.arrived()) == 1

    def test_each_key_is_a_letter_of_its_own(self, under_test: NotifierUnderTest) -> None:
        under_test.notifier.send(LETTER, key="k1")
        under_test.notifier.send(replace(LETTER, subject="Your return RA-2"), key="k2")

        assert sorted(subject for _, subject, _ in under_test.arrived()) == [
            "Your return RA-1",
            "Your return RA-2",
        ]


class Away:
    """A mail server that cannot be reached."""

    def send(self, _letter: Letter, *, key: str) -> None:
        raise ConnectorUnavailable("mail server", f"no answer for {key}")


def test_a_copy_is_kept_only_of_what_was_passed_on(store: Store, tmp_path: Path) -> None:
    mailbox = Mailbox(store, FileBlobStore(tmp_path / "blobs"), Away())

    with pytest.raises(ConnectorUnavailable):
        mailbox.send(LETTER, key="k1")

    with store.read() as uow:
        assert staff.letters(uow) == []

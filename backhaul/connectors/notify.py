"""Letters by e-mail: an SMTP server sends them, a small file remembers which went out."""

import smtplib
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from backhaul.connectors.ports import Letter
from backhaul.domain.canonical import digest
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable

PEER = "mail server"

_BUSY_TIMEOUT_SECONDS = 30.0
_PERMANENT = range(500, 600)
"""Reply codes after which repeating does not help (RFC 5321, section 4.2.1)."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in. With `starttls` an unencrypted server is refused."""

    host: str
    port: int
    sender: str
    starttls: bool
    username: str | None = None
    password: str | None = None
    timeout_seconds: float = 20.0


class SmtpNotifier:
    """`Notifier` over SMTP.

    A key that went out is not sent again. When the server took a letter and this process died before it
    noted so, the letter goes out once more, under the same Message-ID, by which mail programs know the copy.
    """

    def __init__(self, server: SmtpServer, sent: Path, *, trust: ssl.SSLContext | None = None) -> None:
        self._server, self._sent = server, sent
        self._trust = trust or ssl.create_default_context()
        sent.parent.mkdir(parents=True, exist_ok=True)
        with self._noting() as notes:
            notes.execute("CREATE TABLE IF NOT EXISTS sent (key TEXT PRIMARY KEY, letter_hash TEXT NOT NULL)")

    def send(self, letter: Letter, *, key: str) -> None:
        """Hand the letter to the server, unless this key went out before.

        Raises:
            ConnectorRejected: the server refuses letter, recipient or sign-in for good, the key stands for
                another letter, or address or subject hold a line break.
            ConnectorUnavailable: no answer in time, no encryption, or a refusal for now.
        """
        letter_hash = _hash_of(letter)
        with self._noting() as notes:
            known = notes.execute("SELECT letter_hash FROM sent WHERE key = ?", (key,)).fetchone()
        if known is None:
            self._deliver(_message(letter, self._server.sender, key))
            with self._noting() as notes:
                notes.execute("INSERT OR IGNORE INTO sent VALUES (?, ?)", (key, letter_hash))
        elif known[0] != letter_hash:
            raise ConnectorRejected(PEER, f"key {key} already stands for another letter")

    def _deliver(self, message: EmailMessage) -> None:
        server = self._server
        try:
            with smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds) as connection:
                if server.starttls:
                    connection.starttls(context=self._trust)
                if server.username is not None:
                    connection.login(server.username, server.password or "")
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = min(code for code, _ in error.recipients.values())
            raise _refusal(code, "recipient") from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, "letter") from error
        except (smtplib.SMTPException, OSError) as error:
            raise ConnectorUnavailable(
                PEER, f"{server.host}:{server.port} took no letter ({type(error).__name__})"
            ) from error

    @contextmanager
    def _noting(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._sent, timeout=_BUSY_TIMEOUT_SECONDS)) as notes, notes:
                yield notes
        except sqlite3.OperationalError as error:
            raise ConnectorUnavailable(PEER, f"the file of sent letters does not answer ({error})") from error


def _refusal(code: int, what: str) -> ConnectorRejected | ConnectorUnavailable:
    # The server's own words may repeat the address, which has no place in a log.
    if code in _PERMANENT:
        return ConnectorRejected(PEER, f"the server refuses the {what} for good (code {code})")
    return ConnectorUnavailable(PEER, f"the server refuses the {what} for now (code {code})")


def _message(letter: Letter, sender: str, key: str) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    except ValueError as error:
        raise ConnectorRejected(PEER, "address or subject of the letter hold a line break") from error
    message["Message-ID"] = f"<{digest(key)[:32]}@{sender.rpartition('@')[2]}>"
    message.set_content(letter.body)
    for name, media_type, content in letter.attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def _hash_of(letter: Letter) -> str:
    attachments = [(name, media_type, content.hex()) for name, media_type, content in letter.attachments]
    return digest((letter.to, letter.subject, letter.body, attachments))

"""Letters over SMTP, against a mail server that speaks the real protocol on the loopback."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from backhaul.connectors.notify import SmtpNotifier, SmtpServer
from backhaul.connectors.ports import Letter
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable

LETTER = Letter(
    to="dana.whitfield@harbormechanical.example",
    subject="Your return RA-1",
    body="The label is attached. Größe und Menge wie besprochen.\n",
    attachments=(("label.pdf", "application/pdf", b"%PDF-1.7 label"),),
)


class MailServer(socketserver.ThreadingTCPServer):
    """Takes letters as RFC 5321 says; `recipient_reply` is what it answers to RCPT TO."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.letters: list[EmailMessage] = []
        self.recipient_reply = "250 recipient accepted"
        self.is_mute = False
        self.tls: ssl.SSLContext | None = None
        self.encrypted = 0
        self.closing = threading.Event()

    def server_address_for(self, *, starttls: bool = False, timeout_seconds: float = 5.0) -> SmtpServer:
        return SmtpServer(
            host="127.0.0.1",
            port=self.server_address[1],
            sender="returns@halden.example",
            starttls=starttls,
            timeout_seconds=timeout_seconds,
        )


class Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if self.server.is_mute:
            self.server.closing.wait(10)
            return
        self.say("220 mail.halden.example ready")
        self.converse()

    def converse(self) -> None:
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                self.server.letters.append(self.read_letter())
                self.say("250 taken")
            elif verb == b"RCPT":
                self.say(self.server.recipient_reply)
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            elif verb == b"STAR" and self.server.tls:
                self.say("220 begin")
                self.encrypt(self.server.tls)
                return
            else:
                self.say(
                    "250-mail.halden.example\r\n250 STARTTLS"
                    if self.server.tls
                    else "250 mail.halden.example"
                )

    def encrypt(self, context: ssl.SSLContext) -> None:
        try:
            with context.wrap_socket(self.connection, server_side=True) as connection:
                self.server.encrypted += 1
                with connection.makefile("rb") as self.rfile, connection.makefile("wb") as self.wfile:
                    self.converse()
        except ssl.SSLError:
            return  # the other side did not trust our certificate

    def say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())
        self.wfile.flush()

    def read_letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.halden.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "mail.pem"
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return tmp_path / "sent.db"


def test_a_letter_arrives_with_its_words_and_its_label(mail_server: MailServer, sent: Path) -> None:
    SmtpNotifier(mail_server.server_address_for(), sent).send(LETTER, key="k1")

    (letter,) = mail_server.letters
    body, attachment = letter.get_body(), next(letter.iter_attachments())
    assert (letter["To"], letter["From"], letter["Subject"]) == (
        LETTER.to,
        "returns@halden.example",
        LETTER.subject,
    )
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == LETTER.body
    assert attachment.get_filename() == "label.pdf"
    assert attachment.get_content() == b"%PDF-1.7 label"


def test_the_same_key_is_sent_once_also_after_a_restart(mail_server: MailServer, sent: Path) -> None:
    for _ in range(2):
        SmtpNotifier(mail_server.server_address_for(), sent).send(LETTER, key="k1")
    SmtpNotifier(mail_server.server_address_for(), sent).send(LETTER, key="k2")

    assert len(mail_server.letters) == 2
    assert len({letter["Message-ID"] for letter in mail_server.letters}) == 2


def test_another_letter_under_the_same_key_is_rejected(mail_server: MailServer, sent: Path) -> None:
    notifier = SmtpNotifier(mail_server.server_address_for(), sent)
    notifier.send(LETTER, key="k1")

    with pytest.raises(ConnectorRejected, match="another letter"):
        notifier.send(Letter(LETTER.to, "Something else", LETTER.body), key="k1")


def test_a_letter_refused_for_now_can_be_sent_later_under_its_key(
    mail_server: MailServer, sent: Path
) -> None:
    notifier = SmtpNotifier(mail_server.server_address_for(), sent)
    mail_server.recipient_reply = "451 try again later"
    with pytest.raises(ConnectorUnavailable, match="for now"):
        notifier.send(LETTER, key="k1")
    mail_server.recipient_reply = "250 recipient accepted"

    notifier.send(LETTER, key="k1")

    assert len(mail_server.letters) == 1


def test_a_refusal_for_good_is_a_rejection_that_does_not_repeat_the_address(
    mail_server: MailServer, sent: Path
) -> None:
    mail_server.recipient_reply = f"550 no such mailbox {LETTER.to}"

    with pytest.raises(ConnectorRejected, match="recipient for good") as refused:
        SmtpNotifier(mail_server.server_address_for(), sent).send(LETTER, key="k1")

    assert LETTER.to not in str(refused.value)


def test_a_server_without_encryption_is_refused_where_encryption_is_asked(
    mail_server: MailServer, sent: Path
) -> None:
    with pytest.raises(ConnectorUnavailable, match="took no letter"):
        SmtpNotifier(mail_server.server_address_for(starttls=True), sent).send(LETTER, key="k1")

    assert mail_server.letters == []


def test_where_encryption_is_asked_the_letter_travels_encrypted(
    mail_server: MailServer, certificate: Path, sent: Path
) -> None:
    mail_server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mail_server.tls.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=certificate)

    SmtpNotifier(mail_server.server_address_for(starttls=True), sent, trust=trust).send(LETTER, key="k1")

    assert (mail_server.encrypted, len(mail_server.letters)) == (1, 1)


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_letter(
    mail_server: MailServer, certificate: Path, sent: Path
) -> None:
    mail_server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mail_server.tls.load_cert_chain(certificate)

    with pytest.raises(ConnectorUnavailable, match="SSLCertVerificationError"):
        SmtpNotifier(mail_server.server_address_for(starttls=True), sent).send(LETTER, key="k1")

    assert mail_server.letters == []


def test_a_server_that_says_nothing_is_given_up_in_time(mail_server: MailServer, sent: Path) -> None:
    mail_server.is_mute = True

    with pytest.raises(ConnectorUnavailable, match="took no letter"):
        SmtpNotifier(mail_server.server_address_for(timeout_seconds=0.2), sent).send(LETTER, key="k1")


def test_a_server_that_is_away_is_unavailable(sent: Path) -> None:
    gone = MailServer()
    address = gone.server_address_for()
    gone.server_close()

    with pytest.raises(ConnectorUnavailable, match="ConnectionRefusedError"):
        SmtpNotifier(address, sent).send(LETTER, key="k1")


def test_a_line_break_cannot_smuggle_a_second_recipient_in(mail_server: MailServer, sent: Path) -> None:
    with pytest.raises(ConnectorRejected, match="line break"):
        SmtpNotifier(mail_server.server_address_for(), sent).send(
            Letter("dana@harbormechanical.example\nBcc: other@elsewhere.example", "Hello", "Hello"), key="k1"
        )

    assert mail_server.letters == []

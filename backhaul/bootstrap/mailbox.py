"""Letters kept in our own database: the demo's mailbox page, and a record of what was sent by SMTP."""

from dataclasses import dataclass, replace

from backhaul.connectors.ports import Letter, Notifier
from backhaul.store.blobs import BlobStore
from backhaul.store.house_tables import LetterRow
from backhaul.store.staff import letter as letter_by_key
from backhaul.store.unit_of_work import Store, in_turn


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A notifier that keeps every letter, and passes it on first when there is somebody to pass it to."""

    store: Store
    blobs: BlobStore
    onward: Notifier | None = None
    is_simulated: bool = False

    def send(self, letter: Letter, *, key: str) -> None:
        """Send once per key; a letter that could not be passed on is not kept, so that it is tried again."""
        with self.store.read() as uow:
            if letter_by_key(uow, key) is not None:
                return
        if self.is_simulated:
            letter = _marked(letter)
        if self.onward is not None:
            self.onward.send(letter, key=key)
        files = [
            {"file_name": name, "media_type": media_type, "blob": self.blobs.put(content)}
            for name, media_type, content in letter.attachments
        ]
        with self.store.begin() as uow:
            in_turn(uow, f"letter:{key}")
            if letter_by_key(uow, key) is None:
                uow.session.add(
                    LetterRow(
                        key=key,
                        recipient=letter.to,
                        subject=letter.subject,
                        body=letter.body,
                        attachments=files,
                        created_at=uow.clock.now(),
                    )
                )


def _marked(letter: Letter) -> Letter:
    said = "Simulated: no customer, parcel or payment behind this letter is real."
    return replace(letter, subject=f"[Simulated] {letter.subject}", body=f"{said}\n\n{letter.body}")

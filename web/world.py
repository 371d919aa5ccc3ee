"""What the doors are handed. Bootstrap and cli fill it; nothing in `web` chooses a real thing itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from backhaul.connectors.ports import Notifier
from backhaul.settings import Settings
from backhaul.store.conversation import Photo
from tools.desk import Desk

if TYPE_CHECKING:
    from agent.reader import Reader


class Talk(Protocol):
    """The agent's front: keeps what is said, and answers it."""

    def post(
        self,
        thread_id: str,
        text: str,
        *,
        photos: Sequence[Photo] = (),
        author: str = "customer",
        dedupe_key: str | None = None,
        actor: str | None = None,
        picked: Mapping[str, Any] | None = None,
    ) -> int: ...

    def run_pending(self, thread_id: str) -> Sequence[object]:
        """Answer what is unanswered, in order; empty while another holder answers."""
        ...

    def warm_up(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody the demo can be played as. Staff have no `account_id`."""

    key: str
    name: str
    email: str
    about: str
    role: str
    """customer, reviewer, approver, dock, policy owner, finance or auditor"""
    account_id: str | None = None
    account_name: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A playable story: who plays it, how it begins, and what is to be seen."""

    key: str
    title: str
    persona: str
    """Key of the persona who plays it"""
    first_message: str
    watch_for: str


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything the web application may touch."""

    settings: Settings
    desk: Desk
    conversation: Talk
    notifier: Notifier
    """Sends one-time codes; in demo it fills the mailbox page."""
    personas: Sequence[Persona] = ()
    stories: Sequence[Story] = ()
    next_day: Callable[[date], None] | None = None
    """Moves the business clock on from a day, unless it has moved, and lets the day's events happen; demo."""
    operator_key: SecretStr = field(default_factory=lambda: SecretStr(""))
    """Bearer key of the command line's door; empty closes it."""
    link_key: SecretStr = field(default_factory=lambda: SecretStr(""))
    """What links to suppliers are checked with; empty closes their page."""
    reader: "Callable[[], Reader] | None" = None
    """What reads service notes, loaded at the first call; without one nobody can send any."""
    prove_home: Callable[[str], str] | None = None
    """Answers a nonce so that the command line knows this server's home as its own; made from the key."""

"""Talking for a customer: through the running server of this home, or with the web side in this process."""

import base64
import hmac
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from pydantic import SecretStr, TypeAdapter

from agent.turns import Turn
from backhaul.bootstrap import stores
from backhaul.bootstrap.doors import WebSide
from backhaul.bootstrap.operator import home_proof, operator_key, operator_name, speak_for, speaks_as
from backhaul.cli.house import open_house
from backhaul.cli.turns import Prints, owed, told
from backhaul.domain.errors import BackhaulError, BadInput, NotFound
from backhaul.settings import Settings
from backhaul.store import conversation
from backhaul.store.tables import MessageRow
from backhaul.store.unit_of_work import Store
from web import photos

FOLLOW_UP_SECONDS = 10.0
"""How long a turn that was answered with "being decided" waits for what was decided."""
COLD_FOLLOW_UP_SECONDS = 45.0
"""The same when the worker may have just started: it loads its reader before its first verdict."""
_LOOK_SECONDS = 0.2
_RECOGNISE_SECONDS = 2.0
_ANSWER_SECONDS = 180.0
"""A turn may have to load the reader first."""
_SOMEBODY_ELSE_SECONDS = 30.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where to call a server that listens everywhere
_REPLY = re.compile(r"reply-(\d+)")
_TURNS = TypeAdapter(list[Turn])


@dataclass(frozen=True, slots=True)
class SentFile:
    """A photo to send; `line` is the n-th line of the request that it shows."""

    file_name: str
    content: bytes
    line: int | None


def sent_file(given: str) -> SentFile:
    """Read `N:FILE` or `FILE`. Raises BadInput when it cannot be read."""
    number, colon, name = given.partition(":")
    numbered = bool(colon) and number.isdigit()
    path = Path(name if numbered else given)
    try:
        with path.open("rb") as file:
            content = file.read(photos.MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"photo {path} cannot be read: {error.strerror}", field="photo") from error
    return SentFile(path.name, content, int(number) if numbered else None)


class Door(Protocol):
    """Where messages are handed in."""

    def say(self, text: str, files: Sequence[SentFile]) -> tuple[str, list[Turn]]:
        """Hand in a message; the conversation and the turns that answered something."""
        ...

    def look(self, thread_id: str) -> None:
        """Have news that came since turned into words."""
        ...


@dataclass(slots=True)
class ServerDoor:
    """The running server of this home."""

    address: str
    key: SecretStr
    account_id: str
    user: str
    thread_id: str | None

    def say(self, text: str, files: Sequence[SentFile]) -> tuple[str, list[Turn]]:
        sent = [
            {
                "file_name": one.file_name,
                "content_base64": base64.b64encode(one.content).decode(),
                "line": one.line,
            }
            for one in files
        ]
        body = {"account": self.account_id, "user": self.user, "thread": self.thread_id, "photos": sent}
        answer = self._post("/cli/chat", {**body, "messages": [text]})
        self.thread_id = str(answer["thread"])
        return self.thread_id, _TURNS.validate_python(answer["turns"])

    def look(self, thread_id: str) -> None:
        self._post(f"/cli/threads/{thread_id}/turns", None)

    def _post(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        try:
            answer = httpx.post(
                self.address + path, json=body, headers=headers, timeout=_ANSWER_SECONDS, trust_env=False
            )
        except httpx.HTTPError as error:
            raise BackhaulError(
                f"the server at {self.address} did not answer ({error}); what was said is kept"
            ) from error
        found: dict[str, Any] = answer.json()
        if answer.is_error:
            raise BackhaulError(str(found.get("detail") or found))
        return found


@dataclass(slots=True)
class HouseDoor:
    """The web side in this process."""

    side: WebSide
    account_id: str
    user: str
    thread_id: str | None
    _opened: bool = False

    def say(self, text: str, files: Sequence[SentFile]) -> tuple[str, list[Turn]]:
        talk, desk = self.side.conversation, self.side.desk
        if not self._opened:
            self.thread_id = speak_for(
                desk, account_id=self.account_id, user=self.user, thread_id=self.thread_id
            )
            self._opened = True
        thread_id = str(self.thread_id)
        kept = [photos.keep(desk, thread_id, one.file_name, one.content, line_hint=one.line) for one in files]
        seq = talk.post(thread_id, text, photos=kept, actor=speaks_as(self.user, self.account_id))
        turns = talk.run_pending(thread_id)
        deadline = time.monotonic() + _SOMEBODY_ELSE_SECONDS
        while not self._answered(thread_id, seq) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
            turns += talk.run_pending(thread_id)
        return thread_id, turns

    def look(self, thread_id: str) -> None:
        self.side.conversation.run_pending(thread_id)

    def _answered(self, thread_id: str, seq: int) -> bool:
        with self.side.store.read() as uow:
            return conversation.thread(uow, thread_id).handled_seq >= seq


@dataclass(slots=True)
class Talk:
    """A conversation held from the terminal. What the agent said by itself meanwhile is shown too."""

    door: Door
    store: Store
    prints: Prints
    thread_id: str | None
    patience_seconds: float
    _shown: int = field(default=0)

    def __post_init__(self) -> None:
        if self.thread_id is not None:
            with self.store.read() as uow:
                said = conversation.messages(uow, self.thread_id)
            self._shown = max((row.seq for row in said if _answers(row)), default=0)

    def say(self, text: str, files: Sequence[SentFile] = ()) -> Iterator[Turn]:
        """Say something; news that came before it, and then the answer with what belongs to it."""
        self.thread_id, turns = self.door.say(text, files)
        by_message = {turn.seq: turn for turn in turns}
        rows = self._unseen()
        if not any(_answers(row) for row in rows):
            yield Turn(self.thread_id, 0, "Your message is kept and will be answered.", "pending")
        for position, row in enumerate(rows):
            turn = by_message.get(_answers(row)) or self._turn([row])
            last = position == len(rows) - 1
            yield self._complete(turn, row) if last and owed(turn) else turn

    def news(self) -> Iterator[Turn]:
        """What the agent said by itself since."""
        if self.thread_id is None:
            return
        self.door.look(self.thread_id)
        for row in self._unseen():
            yield self._turn([row])

    def _complete(self, turn: Turn, answer: MessageRow) -> Turn:
        """Wait a little for the rest: a verdict, a label."""
        rows = [answer]
        deadline = time.monotonic() + self.patience_seconds
        while owed(turn) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
            self.door.look(turn.thread)
            rows += self._unseen()
            turn = self._turn(rows)
        return turn

    def _turn(self, rows: Sequence[MessageRow]) -> Turn:
        with self.store.read() as uow:
            return told(uow, rows[0].thread_id, rows)

    def _unseen(self) -> list[MessageRow]:
        if self.thread_id is None:
            return []
        with self.store.read() as uow:
            said = conversation.messages(uow, self.thread_id, after_seq=self._shown)
        self._shown = max((row.seq for row in said), default=self._shown)
        return [row for row in said if row.author != "customer"]


def _answers(row: MessageRow) -> int:
    """Number of the customer's message that this one answers; 0 when it is news."""
    found = _REPLY.fullmatch(row.dedupe_key or "")
    return int(found[1]) if found else 0


@contextmanager
def open_talk(settings: Settings, *, account_id: str, thread_id: str | None) -> Iterator[Talk]:
    """A conversation for an account, new or gone on with.

    Raises:
        NotAllowed: This is no demo, and there is no operator key that the user may read.
    """
    key, user = operator_key(settings), operator_name()
    address = server_address(settings)
    with ExitStack() as open_things:
        if is_our_server(address, key):
            store = stores.open_store(settings, web=True)
            open_things.callback(store.close)
            door: Door = ServerDoor(address, key, account_id, user, thread_id)
            patience = FOLLOW_UP_SECONDS
        else:
            house = open_things.enter_context(open_house(settings))
            store, door = house.side.store, HouseDoor(house.side, account_id, user, thread_id)
            patience = COLD_FOLLOW_UP_SECONDS
            house.side.conversation.warm_up()
            house.wait_for_worker()
        if thread_id is not None:
            _check_whose(store, thread_id, account_id)
        yield Talk(door, store, prints_of(settings), thread_id, patience)


def server_address(settings: Settings) -> str:
    """Where the running server of this home would answer."""
    return f"http://{_EVERYWHERE.get(settings.host, settings.host)}:{settings.port}"


def prints_of(settings: Settings) -> Prints:
    """The folder of printable labels of a home."""
    return Prints(settings.home / "labels", stores.blob_store(settings))


def _check_whose(store: Store, thread_id: str, account_id: str) -> None:
    with store.read() as uow:
        if conversation.thread(uow, thread_id).account_id != account_id:
            raise NotFound("conversation", thread_id)


def is_our_server(address: str, key: SecretStr) -> bool:
    """Whether a server answers there that holds the key of this home. The key is not sent to find out."""
    nonce = secrets.token_hex(16)
    try:
        answer = httpx.get(
            f"{address}/cli/home", params={"nonce": nonce}, timeout=_RECOGNISE_SECONDS, trust_env=False
        )
        proof = answer.json()["proof"] if answer.is_success else ""
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False
    return hmac.compare_digest(str(proof), home_proof(key, nonce))

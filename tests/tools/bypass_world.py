"""The world that the bypass machine attacks: the real guard, gateway and workflows, and credulous peers.

The ERP and the carrier here check nothing and count every call: whatever reaches them has happened. So a
mistake of the guard is never hidden by a peer that would have refused.
"""

import json
import shutil
from collections import deque
from collections.abc import Coroutine, Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.ports import (
    BookedRma,
    CarrierLabel,
    DropOff,
    LabelRequest,
    Letter,
    Rate,
    ReplacementRequest,
    ReturnNotice,
    RmaLineRequest,
    RmaRequest,
)
from backhaul.domain.clock import Ids, MovedClock
from backhaul.domain.codes import Reason, Role
from backhaul.domain.errors import BackhaulError
from backhaul.domain.money import Money
from backhaul.domain.orders import Order, OrderLine
from backhaul.domain.receiving import ParcelEvent
from backhaul.domain.settlement import Replacement
from backhaul.store import ledger, staff
from backhaul.store.database import open_engine, sqlite_url
from backhaul.store.unit_of_work import Store, UnitOfWork
from backhaul.workflows.catalogue import WORKFLOWS
from backhaul.workflows.world import WorkerWorld
from policies.book import PolicyBook
from tools.guard import Guard
from tools.permits import Signer

Place = tuple[str, int]
"""Order number and line"""

SIGNER = Signer("worker-key", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer("worker-key", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
"""Somebody else's key under the name of the worker's"""

PEOPLE = {
    "arne": (Role.APPROVER,),
    "rita": (Role.REVIEWER,),
    "dora": (Role.INSPECTOR,),
    "olga": (Role.AUDITOR,),
}
"""Members of staff by the first part of their address; only the first two may approve."""


@dataclass(frozen=True, slots=True)
class Told:
    """One call that changed something outside."""

    act: str
    key: str
    request: Any
    document: str


@dataclass
class CredulousErp:
    """An ERP that books whatever it is told, as often as it is told."""

    books: EmbeddedErpReads
    today: date
    lines: dict[Place, OrderLine] = field(default_factory=dict)
    """Order lines as they are by now; those that nobody touched stand in the books"""
    booked: list[BookedRma] = field(default_factory=list)
    by_key: dict[str, BookedRma] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        """Everything that nobody changes here is read from the demo distributor's books, once."""
        return _remembered(self.books, name)

    def order(self, number: str) -> Order | None:
        found = _remembered(self.books, "order")(number)
        if found is None:
            return None
        return replace(found, lines=tuple(self.lines.get((number, line.line), line) for line in found.lines))

    def order_line(self, number: str, line: int) -> OrderLine | None:
        order = self.order(number)
        return order.line(line) if order else None

    def returns_on(self, order_number: str) -> Sequence[BookedRma]:
        before = _remembered(self.books, "returns_on")(order_number)
        return (*before, *(one for one in self.booked if one.lines[0].order_number == order_number))

    def rma_by_key(self, key: str) -> BookedRma | None:
        return self.by_key.get(key)

    def create_rma(self, request: RmaRequest, *, key: str) -> BookedRma:
        booked = self._book(request.reference, request.account_id, request.facility_id, request.lines)
        self.by_key[key] = booked
        self.told.append(Told("create_rma", key, request, booked.number))
        return booked

    def cancel_rma(self, number: str, *, key: str) -> BookedRma:
        at, found = next((at, one) for at, one in enumerate(self.booked) if one.number == number)
        self.booked[at] = replace(found, cancelled=True)
        for line in found.lines:
            self._move(line, -line.quantity)
        self.told.append(Told("cancel_rma", key, number, number))
        return self.booked[at]

    def order_replacement(self, request: ReplacementRequest, *, key: str) -> Replacement:
        number = f"SO-R{len(self.told)}"
        self.told.append(Told("replacement", key, request, number))
        return Replacement(number, request.reference, request.sku, request.quantity, self.today)

    def clerk_books(self, account_id: str, line: RmaLineRequest) -> None:
        """Somebody books a return in the ERP directly."""
        self._book(f"DESK-{len(self.booked)}", account_id, "CMH1", (line,))

    def clerk_reprices(self, place: Place, price: Money) -> None:
        """Somebody corrects the price of a line."""
        line = self.order_line(*place)
        assert line is not None
        self.lines[place] = replace(line, unit_price=price)

    def _book(
        self, reference: str, account_id: str, facility_id: str, lines: tuple[RmaLineRequest, ...]
    ) -> BookedRma:
        number = f"RMA-{70_001 + len(self.booked)}"
        booked = BookedRma(
            number, reference, account_id, facility_id, self.today, cancelled=False, lines=lines
        )
        self.booked.append(booked)
        for line in lines:
            self._move(line, line.quantity)
        return booked

    def _move(self, line: RmaLineRequest, pieces: int) -> None:
        sold = self.order_line(line.order_number, line.line)
        assert sold is not None
        moved = replace(sold, quantity_returned=sold.quantity_returned + pieces)
        self.lines[line.order_number, line.line] = moved


_READ: dict[tuple[Any, ...], Any] = {}


def _remembered(books: EmbeddedErpReads, name: str) -> Any:
    def read(*args: Any) -> Any:
        asked = (id(books), name, *args)
        if asked not in _READ:
            _READ[asked] = getattr(books, name)(*args)
        return _READ[asked]

    return read


@dataclass
class CredulousCarrier:
    """Sells and voids labels to whoever asks."""

    name: str = "credulous"
    told: list[Told] = field(default_factory=list)

    def rates(self, request: LabelRequest) -> Sequence[Rate]:
        del request
        return (Rate(self.name, "ground", Money(900), 3),)

    def drop_offs(self, postal_code: str) -> Sequence[DropOff]:
        del postal_code
        return ()

    def buy_label(self, request: LabelRequest, *, key: str) -> CarrierLabel:
        number = f"TRK{len(self.told)}"
        self.told.append(Told("create_label", key, request, number))
        return CarrierLabel(self.name, "ground", number, "s", "d", Money(900), b"p", b"i", b"z", b"q")

    def label_by_key(self, key: str) -> CarrierLabel | None:
        del key
        return None

    def void_label(self, tracking_number: str, *, key: str) -> None:
        self.told.append(Told("void_label", key, tracking_number, tracking_number))

    def events(self, *, after: str | None = None) -> Sequence[ParcelEvent]:
        del after
        return ()


class OpenDock:
    """Takes every announcement."""

    def announce(self, notice: ReturnNotice, *, key: str) -> None: ...
    def withdraw(self, reference: str, *, key: str) -> None: ...
    def expected(self, facility_id: str) -> Sequence[ReturnNotice]:
        del facility_id
        return ()


class NoPost:
    """Letters go nowhere."""

    def send(self, letter: Letter, *, key: str) -> None: ...


class NoBlobs:
    """Prints are not looked at here."""

    def put(self, content: bytes) -> str:
        return content.decode()

    def get(self, key: str) -> bytes:
        return key.encode()


class HearsMumbling:
    """Is sure of every reason, unless the words say `mumble`."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del reason
        return 300 if "mumble" in words else 950


class _Pause:
    """Where a workflow can be held between two steps."""


class _Step:
    def __init__(self, deed: Any, args: Sequence[Any]) -> None:
        self.deed, self.args = deed, args

    def __await__(self) -> Generator[Any, Any, Any]:
        yield _Pause()
        return json.loads(json.dumps(self.deed(*self.args)))


class _Wait:
    def __init__(self, topic: str) -> None:
        self.topic = topic

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self)


class _SteppedRunner:
    def step(self, name: str, deed: Any, *args: Any) -> _Step:
        del name
        return _Step(deed, args)

    def wait(self, topic: str, *, seconds: float) -> _Wait:
        del seconds
        return _Wait(topic)


@dataclass
class Work:
    """A workflow that was started, and what it waits for: nothing but its turn, or a message on a topic."""

    workflow_id: str
    steps: Coroutine[Any, Any, Any]
    topic: str | None = None
    mail: deque[Any] = field(default_factory=deque)

    @property
    def can_go_on(self) -> bool:
        return self.topic is None or bool(self.mail)


@dataclass
class SteppingEngine:
    """Runs the real workflows one step at a time, in whatever order the machine likes."""

    world: WorkerWorld | None = None
    work: dict[str, Work] = field(default_factory=dict)
    ended: dict[str, Any] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        uow.after_commit.append(lambda: self._begin(workflow, workflow_id, list(args)))

    def send(self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: Any, key: str) -> None:
        uow.after_commit.append(lambda: self._deliver(workflow_id, topic, message, key))

    def _begin(self, workflow: str, workflow_id: str, args: list[Any]) -> None:
        if workflow_id not in self._seen:
            self._seen.add(workflow_id)
            self.work[workflow_id] = Work(
                workflow_id, WORKFLOWS[workflow](_SteppedRunner(), self.world, *args)
            )  # type: ignore[arg-type]

    def _deliver(self, workflow_id: str, topic: str, message: Any, key: str) -> None:
        if key not in self._seen and topic == "return" and workflow_id in self.work:
            self._seen.add(key)
            self.work[workflow_id].mail.append(message)

    def ready(self) -> list[Work]:
        return [work for work in self.work.values() if work.can_go_on]

    def advance(self, work: Work) -> None:
        """Do the next step of a workflow; one that fails ends, as the durable engine ends it."""
        message = work.mail.popleft() if work.topic else None
        try:
            stopped = work.steps.send(message)
            if isinstance(stopped, _Pause):
                stopped = work.steps.send(None)
            while isinstance(stopped, _Wait) and work.mail:
                stopped = work.steps.send(work.mail.popleft())
            work.topic = stopped.topic if isinstance(stopped, _Wait) else None
        except StopIteration as done:
            self.ended[work.workflow_id] = done.value
            del self.work[work.workflow_id]
        except (BackhaulError, sa.exc.IntegrityError) as error:
            self.ended[work.workflow_id] = error
            del self.work[work.workflow_id]

    def close(self) -> None:
        for work in self.work.values():
            work.steps.close()


@dataclass
class InForce:
    """The editions that can be published, and the one that is in force."""

    books: dict[str, PolicyBook]
    edition: str = "shipped"

    def book(self) -> PolicyBook:
        return self.books[self.edition]


@dataclass(frozen=True)
class Stage:
    """One house under attack, with everything its attacker and its judge can see."""

    store: Store
    clock: MovedClock
    erp: CredulousErp
    carrier: CredulousCarrier
    engine: SteppingEngine
    world: WorkerWorld
    ids: Ids
    staff: dict[str, str]
    """Staff ids by first name"""
    policy: InForce
    path: Path
    """The database, for those who read it without our help"""

    def close(self) -> None:
        self.engine.close()
        self.store.close()


@dataclass(frozen=True)
class Props:
    """What all houses of a run share. One engine, so that no statement is compiled anew for each house."""

    template: Path
    path: Path
    store: Store
    clock: MovedClock
    erp: EmbeddedErpReads
    books: dict[str, PolicyBook]
    staff: dict[str, str]


def set_up(template: Path, erp: EmbeddedErpReads, books: dict[str, PolicyBook]) -> Props:
    """Put staff and the worker's key into an empty database, to be copied for every house."""
    clock = MovedClock(_noon())
    store, ids = _open(template, clock), Ids(1)
    with store.begin() as uow:
        ledger.publish_key(uow, SIGNER.key_id, SIGNER.public_hex)
        people = {name: _hire(uow, ids, name, roles) for name, roles in PEOPLE.items()}
    store.close()  # whoever closes last moves the log into the file
    path = template.with_name("house.db")
    return Props(template, path, _open(path, clock), clock, erp, books, people)


def _hire(uow: UnitOfWork, ids: Ids, name: str, roles: Sequence[Role]) -> str:
    email = f"{name}@halden.example"
    return staff.add_staff(uow, ids, email=email, name=name, roles=roles, password_hash="-", actor="test").id


def _noon() -> datetime:
    """The seeded books are dated back from today."""
    return datetime.combine(datetime.now(UTC).date(), time(12, tzinfo=UTC))


def raise_stage(props: Props) -> Stage:
    """A fresh house in the place of the one before."""
    for old in props.path.parent.glob(f"{props.path.name}*"):
        old.unlink()
    shutil.copyfile(props.template, props.path)
    clock, store = props.clock, props.store
    clock.at = _noon()
    ids, engine = Ids(7), SteppingEngine()
    erp, carrier = CredulousErp(props.erp, clock.now().date()), CredulousCarrier()
    in_force = InForce(props.books)
    guard = Guard(
        store=store,
        erp=erp,
        book=in_force.book,
        scorer=HearsMumbling(),
        signer=SIGNER,
        ids=ids,
        permit_seconds=60,
    )
    engine.world = WorkerWorld(
        store=store,
        guard=guard,
        erp=erp,
        erp_writes=erp,
        carriers=(carrier,),
        warehouse=OpenDock(),
        notifier=NoPost(),
        blobs=NoBlobs(),
        starter=engine,
        clock=clock,
        ids=ids,
        public_url="",
    )
    return Stage(store, clock, erp, carrier, engine, engine.world, ids, props.staff, in_force, props.path)


def _open(path: Path, clock: MovedClock) -> Store:
    engine = open_engine(sqlite_url(path), pool_size=2)
    # A house under attack may lose its data with the machine: no step waits for the disk.
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return Store(engine, clock)

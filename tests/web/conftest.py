"""The doors on a real store and the seeded ERP; only the agent is a stand-in, saying what a test tells it."""

import base64
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.erp_schema import create_erp
from backhaul.connectors.embedded.seed import seed_erp
from backhaul.connectors.embedded.stories import stories
from backhaul.connectors.embedded.supplier import EmbeddedSupplierDesk
from backhaul.connectors.ports import ErpReads, Letter
from backhaul.domain.clock import Ids
from backhaul.domain.codes import Action, Condition, Reason, Resolution, Role
from backhaul.domain.returns import Proposal, ReturnLine
from backhaul.settings import Settings
from backhaul.store import cases, heartbeat, ledger, reviews, staff
from backhaul.store import conversation as talk
from backhaul.store.blobs import FileBlobStore
from backhaul.store.business_clock import BusinessClock, next_day
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.database import open_engine
from backhaul.store.house_tables import LetterRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from backhaul.workflows.decide import decide_group, decide_review
from backhaul.workflows.world import WorkerWorld
from policies.book import PolicyBook
from tests.web.browser_fixtures import books, dora, people, sitting  # noqa: F401 - for every browser test
from tools.desk import Desk
from tools.guard import Guard
from tools.permits import load_signer
from web.app import create_app
from web.world import Doors, Persona, Story

LINK_KEY = SecretStr("link key of the tests")
PASSWORD = "a password of the tests"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes.").decode()
DOCUMENTS = Path(__file__).parents[2] / "policies" / "documents"
STAFF = {
    "reviewer": ("rita@halden.example", "Rita Alvarez", Role.REVIEWER),
    "approver": ("arne@halden.example", "Arne Lindqvist", Role.APPROVER),
    "dock": ("dora@halden.example", "Dora Kimani", Role.INSPECTOR),
    "finance": ("fiona@halden.example", "Fiona Marsh", Role.FINANCE),
    "auditor": ("olga@halden.example", "Olga Brandt", Role.AUDITOR),
    "policy owner": ("petra@halden.example", "Petra Novak", Role.POLICY_OWNER),
    "admin": ("ada@halden.example", "Ada Winter", Role.ADMIN),
}


@dataclass
class Post:
    """Keeps letters where the mailbox page finds them."""

    store: Store

    def send(self, letter: Letter, *, key: str) -> None:
        with self.store.begin() as uow:
            uow.session.add(
                LetterRow(
                    key=key,
                    recipient=letter.to,
                    subject=letter.subject,
                    body=letter.body,
                    attachments=[],
                    created_at=uow.clock.now(),
                )
            )


@dataclass
class ToldAgent:
    """Says to each message what the test put down for it, through the same rows as the real agent."""

    store: Store
    ids: Ids
    says: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def post(
        self,
        thread_id: str,
        text: str,
        *,
        photos: Sequence[Photo] = (),
        author: str = "customer",
        dedupe_key: str | None = None,
        actor: str | None = None,
        picked: Any = None,
    ) -> int:
        with self.store.begin() as uow:
            row = talk.add_message(
                uow,
                self.ids,
                thread_id,
                author=author,
                body=text,
                meta={name: what for name, what in (("actor", actor), ("picked", picked)) if what},
                dedupe_key=dedupe_key,
                photos=photos,
            )
            return row.seq if row else talk.thread(uow, thread_id).last_seq

    def run_pending(self, thread_id: str) -> list[object]:
        turns: list[object] = []
        with self.store.begin() as uow:
            home = talk.thread(uow, thread_id, lock=True)
            said = talk.messages(uow, thread_id, after_seq=home.handled_seq)
            for message in (row for row in said if row.author == "customer"):
                body, meta = self.says.pop(0) if self.says else (f"You said: {message.body}", {})
                talk.add_message(uow, self.ids, thread_id, author="agent", body=body, meta=meta)
                home.handled_seq = message.seq
                turns.append({"thread": thread_id, "reply": body, "outcome": meta.get("outcome", "help")})
            for event in talk.events_after(uow, thread_id, home.consumed_event, ("review_asked",)):
                talk.add_message(
                    uow,
                    self.ids,
                    thread_id,
                    author="agent",
                    body=event.payload["question"],
                    dedupe_key=f"asked-{event.id}",
                )
                home.consumed_event = event.id
        return turns

    def warm_up(self) -> None:
        """Nothing to load."""


class SureReader:
    """Scores every reason the same, so that a test does not depend on a model."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del words, reason
        return 950


@dataclass
class Later:
    """Keeps what the desk starts in the worker until the test lets the worker act."""

    started: list[tuple[str, str, list[Any]]] = field(default_factory=list)

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        uow.after_commit.append(lambda: self.started.append((workflow, workflow_id, list(args))))

    def send(self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: Any, key: str) -> None:
        del uow, workflow_id, topic, message, key
        raise AssertionError("the doors send nothing to workflows yet")


@dataclass
class House:
    """A whole desk behind the doors, and how a test acts in it."""

    doors: Doors
    agent: ToldAgent
    worker: WorkerWorld
    later: Later

    @property
    def store(self) -> Store:
        return self.doors.desk.store

    @property
    def erp(self) -> ErpReads:
        return self.doors.desk.erp

    def beat(self) -> None:
        with self.store.begin() as uow:
            heartbeat.beat(uow, "worker-1", bundle_hash="x", policy_problem=None)

    def review(
        self,
        order_number: str = "SO-15093",
        line: int = 1,
        quantity: int = 2,
        *,
        words: str = "The project was cancelled. Please take back both drives from SO-15093.",
        requested_by: str = "",
    ) -> str:
        """A request that policy sends to a person; the id of its review."""
        proposal = self.decided(order_number, line, quantity, words, requested_by)
        with self.store.read() as uow:
            found = cases.proposal(uow, proposal)
            assert found.state == "review", found.state
            opened = reviews.review_of_proposal(uow, proposal)
            assert opened is not None
        return opened.id

    def permit(self, order_number: str, line: int, quantity: int, *, words: str) -> str:
        """A request that policy permits; the id of its case."""
        proposal = self.decided(order_number, line, quantity, words, "")
        with self.store.read() as uow:
            found = cases.proposal(uow, proposal)
            assert found.state != "review", found.state
        return found.case_id

    def decided(self, order_number: str, line: int, quantity: int, words: str, requested_by: str) -> str:
        order = self.erp.order(order_number)
        assert order is not None
        contact = self.erp.contacts(order.account_id)[0]
        speaker = Speaker(order.account_id, contact.name, requested_by or f"contact:{contact.contact_id}")
        proposal = self._proposal(speaker, order_number, line, quantity, words)
        decide_group(self.worker, proposal)
        return proposal

    def _proposal(self, speaker: Speaker, order_number: str, number: int, quantity: int, words: str) -> str:
        desk = self.doors.desk
        sold = desk.erp.order_line(order_number, number)
        assert sold is not None
        with self.store.begin() as uow:
            thread = talk.open_thread(uow, desk.ids, speaker, channel="web")
            message = talk.add_message(uow, desk.ids, thread.id, author="customer", body=words)
            assert message is not None
            thread.handled_seq = message.seq
            case = cases.open_case(
                uow, desk.ids, thread_id=thread.id, account_id=speaker.account_id, actor=speaker.requested_by
            )
            line = ReturnLine(
                line_id=desk.ids.new("RL"),
                case_id=case.id,
                order_number=order_number,
                line=number,
                sku=sold.sku,
                description=sold.description,
                quantity=quantity,
                reason=Reason.NO_LONGER_NEEDED,
                condition=Condition.UNOPENED,
                resolution=Resolution.CREDIT,
                serials=sold.serials[:quantity],
            )
            row = cases.add_line(uow, line, position=1)
            at = words.find(order_number)
            spans = {"order_ref": [[at, at + len(order_number)]]} if at >= 0 else {}
            claim = cases.add_claim(
                uow,
                desk.ids,
                line=row,
                words=words,
                payload={"spans": spans},
                reader="offline",
                confidence_permille=930,
            )
            consent = cases.add_consent(
                uow,
                desk.ids,
                case_id=case.id,
                consent_digest=cases.consent_digest_of([line]),
                shown=f"{quantity} x {sold.description}",
                message_id=message.id,
                given_by=speaker.requested_by,
                graph_thread="",
            )
            proposal = Proposal(
                proposal_id=desk.ids.new("PR"),
                case_id=case.id,
                line_id=line.line_id,
                action=Action.CREATE_RMA,
                order_number=order_number,
                line=number,
                quantity=quantity,
                serials=line.serials,
                reason=line.reason,
                resolution=line.resolution,
                claim_id=claim.id,
                consent_id=consent.id,
            )
            return cases.add_proposal(uow, proposal, requested_by=speaker.requested_by).id

    def worker_acts(self) -> None:
        """The worker does what was started."""
        for workflow, _, args in self.later.started:
            if workflow == "resume-review":
                decide_review(self.worker, args[0])
        self.later.started.clear()


@cache
def policy_book() -> PolicyBook:
    """The shipped documents; checking them once is enough for all tests."""
    return PolicyBook.load({path.name: path.read_text("utf-8") for path in DOCUMENTS.glob("*.yaml")})


@cache
def hashed_password() -> str:
    """A hash that costs nothing: those of real people are slow on purpose, and signing in reads it as any."""
    return PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)]).hash(PASSWORD)


def build_house(home: Path, database_url: str, **changed: Any) -> House:
    """Everything in one folder; the ERP is already there."""
    engine = open_engine(database_url)
    clock = BusinessClock(engine, movable=True)
    store = Store(engine, clock)
    # The test client speaks plain HTTP, over which secure cookies do not come back.
    secure = changed.pop("secure_cookies", False)
    settings = Settings(
        home=home,
        demo=changed.pop("demo", True),
        secure_cookies=secure,
        carrier_webhook_secrets={"overland-parcel": SecretStr(WEBHOOK_SECRET)},
    )
    later, ids, erp = Later(), Ids(), EmbeddedErpReads(settings.erp_path)
    book = policy_book()
    blobs = FileBlobStore(home / "blobs")
    desk = Desk(store, erp, clock, ids, blobs, lambda: book, later)
    signer = load_signer(home / "worker")
    with store.begin() as uow:
        ledger.publish_key(uow, signer.key_id, signer.public_hex)
    guard = Guard(store, erp, lambda: book, SureReader(), signer, ids, settings.permit_seconds)
    agent, post = ToldAgent(store, ids), Post(store)
    worker = WorkerWorld(
        store=store,
        guard=guard,
        erp=erp,
        erp_writes=None,  # type: ignore[arg-type]  # nothing is permitted in these tests
        carriers=(),
        warehouse=None,  # type: ignore[arg-type]  # the same
        supplier_desk=EmbeddedSupplierDesk(home / "supplier.db", erp),
        notifier=post,
        blobs=blobs,
        starter=later,
        clock=clock,
        ids=ids,
        public_url="http://127.0.0.1:8000",
        link_key=LINK_KEY,
    )
    doors = Doors(
        settings=settings,
        desk=desk,
        conversation=agent,
        notifier=post,
        personas=_personas(erp),
        stories=_stories(),
        next_day=lambda since: _advance(store, since),
        operator_key=SecretStr("operator key of the tests"),
        prove_home=lambda nonce: f"proof of {nonce}",
        link_key=LINK_KEY,
        **changed,
    )
    return House(doors, agent, worker, later)


def _advance(store: Store, since: date) -> None:
    with store.begin() as uow:
        next_day(uow, since=since, actor="demo:start-page")


def _personas(erp: ErpReads) -> list[Persona]:
    told = {one.contact_id: one for one in stories()}
    customers = []
    for one in told.values():
        account = erp.account(one.account_id)
        contact = next(
            person for person in erp.contacts(one.account_id) if person.contact_id == one.contact_id
        )
        assert account is not None
        about = f"Buys for a {account.tier} account in {account.ship_to.city}, {account.ship_to.state}."
        customers.append(
            Persona(
                one.contact_id, contact.name, contact.email, about, "customer", one.account_id, account.name
            )
        )
    about_staff = {
        "reviewer": "Decides what is not certain: sees the words, the facts and the rules.",
        "approver": "Gives the second yes where the policy wants two people, and decides like a reviewer.",
        "dock": "Works at the dock and sees what is expected to arrive.",
    }
    return customers + [
        Persona(role, STAFF[role][1], STAFF[role][0], about, role) for role, about in about_staff.items()
    ]


def _stories() -> list[Story]:
    return [Story(one.story_id, one.title, one.contact_id, one.message, one.story) for one in stories()]


def add_people(store: Store) -> None:
    with store.begin() as uow:
        for email, name, role in STAFF.values():
            staff.add_staff(
                uow,
                Ids(),
                email=email,
                name=name,
                roles=[role],
                password_hash=hashed_password(),
                actor="test",
                demo=True,
            )


@pytest.fixture(scope="session")
def seeded_erp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("erp") / "erp.db"
    create_erp(path)
    seed_erp(path, datetime.now(UTC).date())
    return path


@pytest.fixture
def make_house(tmp_path: Path, seeded_erp: Path) -> Iterator[Any]:
    """A house on a given database, with whatever differs from the demo."""
    made: list[House] = []

    def make(database_url: str, **changed: Any) -> House:
        shutil.copyfile(seeded_erp, tmp_path / "erp.db")
        house = build_house(tmp_path, database_url, **changed)
        add_people(house.store)
        house.beat()
        made.append(house)
        return house

    yield make
    for house in made:
        house.store.close()
        house.erp.close()  # type: ignore[attr-defined]


@pytest.fixture
def house(make_house: Any, sqlite_database_url: str) -> House:
    made: House = make_house(sqlite_database_url)
    return made


class Visitor:
    """Somebody with a browser that has no scripts: opens pages, fills in their forms."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.token = ""

    def opens(self, path: str) -> Response:
        page = self.client.get(path)
        found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
        self.token = found[1] if found else self.token
        return page

    def sends(self, path: str, files: Any = None, headers: Any = None, **fields: Any) -> Response:
        return self.client.post(path, data={"token": self.token, **fields}, files=files, headers=headers)

    def plays(self, story: str) -> Response:
        self.opens("/")
        return self.sees(self.sends(f"/demo/stories/{story}"))

    def is_staff(self, role: str) -> Response:
        self.opens("/staff/sign-in")
        return self.sees(self.sends("/staff/sign-in", email=STAFF[role][0], password=PASSWORD))

    def is_customer(self, persona: str) -> Response:
        self.opens("/")
        return self.sees(self.sends(f"/demo/personas/{persona}"))

    def sees(self, page: Response) -> Response:
        """Take the token of the page one was sent on to."""
        found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
        self.token = found[1] if found else self.token
        return page


@pytest.fixture
def at_the_doors_of() -> Iterator[Any]:
    """A browser at the doors of any house."""
    with ExitStack() as stack:

        def come(house: House) -> Visitor:
            app = create_app(house.doors)
            return Visitor(stack.enter_context(TestClient(app, base_url="http://127.0.0.1:8000")))

        yield come


@pytest.fixture
def visitor(house: House, at_the_doors_of: Any) -> Visitor:
    come: Visitor = at_the_doors_of(house)
    return come


@pytest.fixture
def another(house: House, at_the_doors_of: Any) -> Visitor:
    """A second browser at the same doors."""
    come: Visitor = at_the_doors_of(house)
    return come

"""A real house in which something of every kind has happened, and its doors: for whoever tries to get in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from backhaul.domain.codes import Reason
from backhaul.store import cases, heartbeat, reviews, staff
from backhaul.store import conversation as talk
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.house_tables import LetterRow
from backhaul.store.tables import AttachmentRow, ReviewRow, ThreadRow, VerdictRow
from tests.claims import a_photo, approved, goes_back, letters, token_of
from tests.house import SPEAKER, House
from tests.learning import noted, quick_house
from tests.web.conftest import Visitor, add_people
from tests.web.rights import Row
from web.shield import new_secret
from web.who import COOKIES, machine_now, session_id_of
from web.world import Doors

OWNER = Speaker("A-1010", "Dana Whitfield", "contact:C-1010-2")
COLLEAGUE = Speaker("A-1010", "Sam Whitfield", "contact:C-1010-1")
STRANGER = SPEAKER


class Silent:
    """Keeps what is said; nobody answers it."""

    def __init__(self, house: House) -> None:
        self.house = house

    def post(self, thread_id: str, text: str, *, photos: Sequence[Photo] = (), **_: Any) -> int:
        with self.house.store.begin() as uow:
            row = talk.add_message(
                uow, self.house.desk.ids, thread_id, author="customer", body=text, photos=photos
            )
            assert row is not None
            return row.seq

    def run_pending(self, thread_id: str) -> Sequence[object]:
        del thread_id
        return ()

    def warm_up(self) -> None:
        """Nothing to load."""


@dataclass(frozen=True, slots=True)
class LivedIn:
    """The house, its doors, and an id of every kind, as they stand in the paths of the doors."""

    house: House
    doors: Doors
    ids: dict[str, str]


@pytest.fixture(scope="module")
def lived_in(
    tmp_path_factory: pytest.TempPathFactory, seeded_home: Path, reader_cache: Path
) -> Iterator[LivedIn]:
    """Goods went back to their maker and the claim is with it; another request waits for a person."""
    for house in quick_house(seeded_home, reader_cache, tmp_path_factory.mktemp("lived")):
        add_people(house.store)
        ids = _happened(house)
        doors = Doors(
            settings=house.settings.model_copy(update={"secure_cookies": False}),
            desk=house.desk,
            conversation=Silent(house),
            notifier=house.world.notifier,
            link_key=house.world.link_key,
            operator_key=SecretStr("operator key of the tests"),
        )
        yield LivedIn(house, doors, ids)


def _happened(house: House) -> dict[str, str]:
    claim = approved(house, goes_back(house).id)
    link = token_of(letters(house, claim.id)[-1])
    sold = house.world.erp.order_line("SO-15093", 1)
    assert sold is not None
    waiting = house.propose(
        "SO-15093", 1, 2, Reason.NO_LONGER_NEEDED, words="Take both back, please.", serials=sold.serials[:2]
    )
    correction = noted(house, "the belts squeal all day long", Reason.OTHER, Reason.DEFECTIVE)
    with house.store.begin() as uow:
        heartbeat.beat(uow, "worker-1", bundle_hash="x", policy_problem=None)
        proposal = cases.proposals(uow, consent_id=waiting.consent_id)[0]
        review = reviews.review_of_proposal(uow, proposal.id)
        assert review is not None, proposal.state
        reviews.ask_customer(uow, review, question="Are they unopened?", user_id="somebody")
        thread = _first(uow, ThreadRow, account_id=OWNER.account_id).id
        photo = Photo(house.desk.blobs.put(a_photo()), "plate.jpg", "image/jpeg", 1, None, None, ())
        for one in (thread, review.thread_id):
            talk.add_message(
                uow, house.desk.ids, one, author="customer", body="See the photo.", photos=[photo]
            )
        rma = _first(uow, RmaRow, account_id=OWNER.account_id).id
        return {
            "thread_id": thread,
            "attachment_id": _first(uow, AttachmentRow, thread_id=thread).id,
            "label_id": _first(uow, LabelRow, rma_id=rma).id,
            "kind": "pdf",
            "review_id": review.id,
            "rma_id": rma,
            "receipt_id": _first(uow, ReceiptRow, rma_id=rma).id,
            "inspection_id": uow.session.scalars(sa.select(InspectionRow.id)).first() or "",
            "claim_id": claim.id,
            "token": link,
            "correction_id": correction,
            "verdict_id": _first(uow, VerdictRow, proposal_id=proposal.id).id,
            "key": uow.session.scalars(sa.select(LetterRow.key)).first() or "",
            "table": "window_days",
            "name": "credits",
            "position": "0",
        }


def _first(uow: Any, table: Any, **where: str) -> Any:
    return uow.session.scalars(sa.select(table).filter_by(**where)).first()


def every_review(house: House) -> list[str]:
    with house.store.read() as uow:
        return list(uow.session.scalars(sa.select(ReviewRow.id)))


def customer(visitor: Visitor, lived: LivedIn, who: Speaker) -> Visitor:
    """Signed in as a customer, as the sign-in does it once it knows who it is."""
    secret = new_secret()
    claimant = staff.Claimant(
        "customer", who.requested_by.partition(":")[2], who.name, who.account_id, who.order_scope
    )
    with lived.house.store.begin() as uow:
        staff.open_session(
            uow,
            claimant,
            session_id=session_id_of(secret),
            now=machine_now(),
            lasts=timedelta(hours=1),
        )
    visitor.client.cookies.set(COOKIES["customer"], secret)
    visitor.opens("/chat")
    return visitor


STAFF_IN_TURN = ("reviewer", "admin", "policy owner", "auditor", "finance")
"""Together they get in everywhere"""


@pytest.fixture
def let_in(door: Any) -> Any:
    """For a row of the matrix somebody who gets in there, each of them signed in once."""
    known: dict[str, Visitor] = {}

    def come(row: Row, who: Speaker = OWNER) -> Visitor:
        name = next((one for one in STAFF_IN_TURN if one in row.roles), "")
        if row.kind == "customer":
            name = "customer"
        if name not in known:
            known[name] = door(who if name == "customer" else name)
        return known[name]

    return come


@pytest.fixture
def door(lived_in: LivedIn, at_the_doors_of: Any) -> Any:
    """A browser at the doors of that house: of a customer, of staff by their role, or of nobody."""

    def come(who: Speaker | str = "") -> Visitor:
        visitor: Visitor = at_the_doors_of(SimpleNamespace(doors=lived_in.doors))
        if isinstance(who, Speaker):
            return customer(visitor, lived_in, who)
        if who:
            visitor.is_staff(who)
        return visitor

    return come

"""What people outside and inside do with a return, each as the pages and peers do it: by command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.domain.codes import Action, Condition, Reason, Resolution
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import ReturnLine
from backhaul.simulation.floor import Floor
from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.tables import ReviewRow
from backhaul.workflows.parcels import take_parcel_events
from tools import proposals
from tools.proposals import Agreed, LineRequest

READER = "script"
"""Who read the words, on record: nobody did, the claim was written with them"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants done with pieces of one order line, and the words for it."""

    speaker: Speaker
    order_number: str
    line: int
    quantity: int
    reason: Reason
    words: str
    resolution: Resolution = Resolution.CREDIT
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    """Lots that stand on the goods; the customer does not name them"""
    received_sku: str | None = None
    received_words: str | None = None
    keeps: bool = False
    """The goods stay with the customer"""
    confidence_permille: int = 1_000
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A case and its one proposal."""

    case_id: str
    thread_id: str
    proposal_id: str


def asks(floor: Floor, wish: Wish) -> Begun:
    """The customer writes, agrees to what was read back, and the worker decides.

    The words go to the guard's second reading; the claim itself was not read from them.
    """
    with floor.store.begin() as uow:
        thread = conversation.open_thread(uow, floor.desk.ids, wish.speaker, channel=floor.channel)
        said = conversation.add_message(
            uow, floor.desk.ids, thread.id, author="customer", body=wish.words, photos=wish.photos
        )
        # Nobody waits for an answer of the agent: the read-back and the yes are part of the script.
        thread.handled_seq = thread.last_seq
    line = return_line(floor, wish)
    kept = [line.line_id] if wish.keeps else []
    agreed = Agreed(wish.words, cases.consent_digest_of([line], kept), said.id if said else "", "", 0)
    request = LineRequest(
        line=line,
        words=wish.words,
        payload={},
        reader=READER,
        confidence_permille=wish.confidence_permille,
        action=Action.RETURNLESS_REFUND if wish.keeps else Action.CREATE_RMA,
    )
    sent = proposals.propose(
        floor.desk, wish.speaker, thread_id=thread.id, case_id=None, requests=[request], agreed=agreed
    )
    return Begun(sent.case_id, thread.id, sent.proposals[0][0])


def return_line(floor: Floor, wish: Wish) -> ReturnLine:
    """What a customer wants, as a line of a case; what was sold is looked up."""
    sold = floor.desk.erp.order_line(wish.order_number, wish.line)
    return ReturnLine(
        line_id=floor.desk.ids.new("RL"),
        case_id="",
        order_number=wish.order_number,
        line=wish.line,
        sku=sold.sku if sold else "",
        description=sold.description if sold else "",
        quantity=wish.quantity,
        reason=wish.reason,
        condition=Condition.NOT_STATED,
        resolution=wish.resolution,
        serials=wish.serials,
        received_sku=wish.received_sku,
        received_words=wish.received_words,
    )


def rma_of(floor: Floor, begun: Begun) -> RmaRow | None:
    """The RMA that the proposal led to, or `None`."""
    with floor.store.read() as uow:
        return rmas.rma_of_proposal(uow, begun.proposal_id)


def waiting(floor: Floor, case_id: str) -> Sequence[ReviewRow]:
    """Reviews of a case that wait for a person, oldest first."""
    with floor.store.read() as uow:
        found = reviews.reviews_of_case(uow, case_id)
    return [row for row in found if row.state in reviews.OPEN_STATES]


def decides(floor: Floor, review_id: str, email: str, *, yes: bool, note: str) -> None:
    """Somebody at the desk says yes to the newest command, or no, and the worker goes on."""
    who = floor.person(email)
    with floor.store.begin() as uow:
        row = reviews.at_version(uow, review_id, reviews.review(uow, review_id).version, event="decision")
        verdict = reviews.newest_verdict(uow, row)
        if yes and verdict is not None:
            command = verdict.command_digest
            reviews.approve(uow, floor.desk.ids, row, user_id=who, command_digest=command, note=note)
        else:
            reviews.reject(uow, row, user_id=who, note=note)
        again = f"resume-{review_id}-{row.version}"
        floor.engine.start(uow, workflow="resume-review", workflow_id=again, args=[review_id])


def cancels(floor: Floor, rma: RmaRow, speaker: Speaker) -> None:
    """The customer keeps the goods after all."""
    with floor.store.begin() as uow:
        floor.engine.start(
            uow,
            workflow="cancel-rma",
            workflow_id=f"cancel-{rma.id}",
            args=[rma.id, speaker.requested_by],
        )


def scanned(floor: Floor, rma: RmaRow, *statuses: ParcelStatus, at: datetime, place: str = "") -> bool:
    """The carrier scans the parcel, and the worker hears of it; False where nothing has a label."""
    label = label_of(floor, rma)
    carrier = _carrier_of(floor, label)
    if label is None or carrier is None:
        return False
    for status in statuses:
        carrier.report(label.tracking_number, status, at=at, place=place)
    take_parcel_events(floor.world)
    return True


def label_of(floor: Floor, rma: RmaRow) -> LabelRow | None:
    """The label in use, or `None`."""
    with floor.store.read() as uow:
        return rmas.live_label(uow, rma.id)


def _carrier_of(floor: Floor, label: LabelRow | None) -> EmbeddedCarrier | None:
    return next((one for one in floor.carriers if label and one.name == label.carrier), None)

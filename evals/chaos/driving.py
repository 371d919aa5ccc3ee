"""One case from the customer's yes to its end: what people do, each as soon as they can."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeVar

from backhaul.connectors import webhooks
from backhaul.domain.codes import Condition
from backhaul.domain.receiving import DISPOSITION_PREFIX, RECEIPT_PREFIX, Finding, ReceiptKind
from backhaul.domain.returns import ReturnLine
from backhaul.store import cases, conversation, dock, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from evals.chaos.faults import Fault
from evals.chaos.ground import Ground
from evals.chaos.kinds import End, Kind
from evals.chaos.notebook import Doom
from evals.chaos.trade import Goods
from tools import proposals
from tools.proposals import Agreed, LineRequest

_CERTAIN_PERMILLE = 1_000
Found = TypeVar("Found")
Pauses = Generator[None, None, None]
"""Yields whenever there is nothing to do yet"""


@dataclass(slots=True)
class Case:
    """A case that is driven, and what is in store for it."""

    kind: Kind
    goods: Goods
    doom: Doom
    case_id: str = ""
    dispositions: list[str] = field(default_factory=list)
    waits_for: str = "nothing yet"
    ended: bool = False

    @property
    def speaker(self) -> Speaker:
        """Who speaks for the account."""
        return Speaker(self.goods.account_id, "Customer", f"contact:{self.goods.contact_id}")


def carry(ground: Ground, case: Case) -> Pauses:
    """Drive a case to its end. It never gives up: that is for who calls it."""
    _propose(ground, case)
    rma = yield from _until(case, "the RMA", lambda: ground.rma_of(case.case_id))
    label = yield from _until(case, "the label", lambda: _label(ground, rma))
    if case.kind.reprinted:
        label = yield from _print_again(ground, case, rma, label)
    if case.kind.ends is End.CANCELLED:
        ground.start("cancel-rma", f"cancel-{rma.id}", rma.id, case.speaker.requested_by)
    for pieces in case.kind.parcels:
        yield from _bring_back(ground, case, rma, label, pieces)
    yield from _until(case, f"{case.kind.ends.value}", lambda: _has_ended(ground, case) or None)
    case.ended = True


def _until(case: Case, what: str, look: Callable[[], Found | None]) -> Generator[None, None, Found]:
    case.waits_for = what
    while (found := look()) is None:
        yield
    return found


def _propose(ground: Ground, case: Case) -> None:
    """Store the conversation, the yes and the proposal, as the agent does."""
    desk, kind = ground.desk, case.kind
    with desk.store.begin() as uow:
        thread = conversation.open_thread(uow, desk.ids, case.speaker, channel="chat").id
        said = conversation.add_message(uow, desk.ids, thread, author="customer", body=kind.words)
        case.case_id = proposals.open_case_for(uow, desk, case.speaker, thread)
    ground.notes.doom(case.case_id, case.doom)
    sold = desk.erp.order_line(case.goods.order_number, 1)
    line = ReturnLine(
        line_id=desk.ids.new("RL"),
        case_id=case.case_id,
        order_number=case.goods.order_number,
        line=1,
        sku=case.goods.sku,
        description=sold.description if sold else "",
        quantity=kind.quantity,
        reason=kind.reason,
        condition=Condition.NOT_STATED,
        resolution=kind.resolution,
        serials=case.goods.serials,
    )
    agreed = Agreed(kind.words, cases.consent_digest_of([line]), said.id if said else "", "", 0)
    asked = LineRequest(line, kind.words, {}, "chaos", _CERTAIN_PERMILLE)
    proposals.propose(
        desk, case.speaker, thread_id=thread, case_id=case.case_id, requests=[asked], agreed=agreed
    )


def _label(ground: Ground, rma: RmaRow) -> LabelRow | None:
    return next(iter(ground.labels_of(rma.id)), None)


def _print_again(ground: Ground, case: Case, rma: RmaRow, first: LabelRow) -> Generator[None, None, LabelRow]:
    """The customer lost the label: another one, and the first is void."""
    ground.start("reprint-label", f"reprint-{rma.id}", rma.id, case.speaker.requested_by)

    def replaced() -> LabelRow | None:
        usable = ground.labels_of(rma.id)
        return usable[0] if len(usable) == 1 and usable[0].id != first.id else None

    return (yield from _until(case, "the second label", replaced))


def _bring_back(ground: Ground, case: Case, rma: RmaRow, label: LabelRow, pieces: int) -> Pauses:
    """One parcel: scans, count, inspection and disposition."""
    receipt_id = ground.desk.ids.new(RECEIPT_PREFIX)
    if not case.dispositions:
        _travel(ground, case, rma, label)
    with ground.store.begin() as uow:
        line = rmas.rma_lines(uow, rma.id)[0]
        dock.count(
            uow,
            dock.Counted(
                receipt_id=receipt_id,
                kind=ReceiptKind.EXPECTED,
                facility_id=rma.facility_id,
                counted_by=ground.inspector,
                rma_id=rma.id,
                rma_line_id=line.id,
                tracking_number=label.tracking_number,
                sku=case.goods.sku,
                quantity=pieces,
                serials=case.goods.serials,
            ),
        )
        ground.starter.start(uow, workflow="receive", workflow_id=f"receive-{receipt_id}", args=[receipt_id])
    came = yield from _until(case, "the receipt in the ERP", lambda: _booked(ground, receipt_id))
    _settle(ground, case, came)
    yield from _until(case, "what is owed", lambda: _settled(ground, case.dispositions[-1]) or None)


def _travel(ground: Ground, case: Case, rma: RmaRow, label: LabelRow) -> None:
    """The parcel moves; a carrier in disorder tells of it backwards and twice, besides being asked."""
    scans = ground.deliver(label)
    if case.doom.fault is not Fault.REORDER:
        return
    for place, scan in enumerate([*reversed(scans), *scans]):
        name = f"told-{rma.id}:{place}"
        ground.start("carrier-event", name, webhooks.slug(label.carrier), scan)


def _booked(ground: Ground, receipt_id: str) -> ReceiptRow | None:
    with ground.store.read() as uow:
        row = dock.receipt(uow, receipt_id)
    return row if row.erp_number else None


def _settle(ground: Ground, case: Case, came: ReceiptRow) -> None:
    """The inspector finds what the customer said, and settles on a disposition."""
    chosen, ids = case.kind.disposition, ground.desk.ids
    with ground.store.begin() as uow:
        seen = dock.inspect(
            uow,
            dock.Inspected(
                inspection_id=ids.new("IN"),
                receipt_id=came.id,
                quantity=came.quantity,
                serials=tuple(came.serials),
                grade=case.kind.grade,
                finding=Finding.CONFIRMED,
                seal_intact=True,
                inspected_by=ground.inspector,
            ),
        )
        row = dock.settle_on(
            uow, dock.SettledOn(ids.new(DISPOSITION_PREFIX), seen.id, chosen, chosen, {}, ground.inspector)
        )
        ground.starter.start(uow, workflow="dispose", workflow_id=f"dispose-{row.id}", args=[row.id])
    case.dispositions.append(row.id)


def _settled(ground: Ground, disposition_id: str) -> bool:
    with ground.store.read() as uow:
        return dock.disposition(uow, disposition_id).settled_at is not None


def _has_ended(ground: Ground, case: Case) -> bool:
    rma = ground.rma_of(case.case_id)
    return rma is not None and rma.state == case.kind.ends.value

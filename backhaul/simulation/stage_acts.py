"""One step of a return of the plan, turned into the act of whoever does it."""

from dataclasses import dataclass

from agent.inbox import keep
from backhaul.connectors.embedded.staged import StagedOrder
from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import Disposition, ReceiptKind
from backhaul.simulation import acts, dock_acts, pictures
from backhaul.simulation.acts import Begun, Wish
from backhaul.simulation.dock_acts import Came, Found
from backhaul.simulation.floor import Floor
from backhaul.simulation.stage_plan import (
    AnswerSheet,
    AskSheet,
    CountSheet,
    DecideSheet,
    InspectSheet,
    ReturnSheet,
    StepSheet,
)
from backhaul.store import conversation
from backhaul.store.claims import Said
from backhaul.store.conversation import Speaker
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaRow

DOCK = "dora.dock@halden.example"
_UNANNOUNCED_AT = "CMH1"
_NOTE = "Looked at, and it is in order."


@dataclass(slots=True)
class Played:
    """One return of the plan, as far as it has come."""

    sheet: ReturnSheet
    order: StagedOrder
    begun: Begun | None = None
    receipt: ReceiptRow | None = None
    seen: InspectionRow | None = None


def play(floor: Floor, one: Played, step: StepSheet) -> None:
    """Do what the step says.

    Raises:
        NotFound: Nothing came before that the step could go on from; the plan is wrong.
    """
    if step.say:
        _say(floor, one)
    if step.ask:
        _ask(floor, one, step.ask)
    if step.scan:
        acts.scanned(floor, _rma(floor, one), step.scan, at=floor.clock.now())
    if step.count:
        _count(floor, one, step.count)
    if step.inspect:
        _inspect(floor, one, step.inspect)
    if step.settle:
        _settle(floor, one, step.settle)
    if step.decide:
        _decide(floor, one, step.decide)
    if step.answer:
        _answer(floor, one, step.answer)
    if step.cancel:
        acts.cancels(floor, _rma(floor, one), _speaker(floor, one))


def _speaker(floor: Floor, one: Played) -> Speaker:
    contacts = floor.desk.erp.contacts(one.order.account_id)
    name = next((known.name for known in contacts if known.contact_id == one.order.contact_id), "")
    return Speaker(one.order.account_id, name, f"contact:{one.order.contact_id}")


def _rma(floor: Floor, one: Played) -> RmaRow:
    found = acts.rma_of(floor, one.begun) if one.begun else None
    if found is None:
        raise NotFound("RMA of the staged return", one.order.key)
    return found


def _say(floor: Floor, one: Played) -> None:
    """Only said: the agent reads it, and asks for the customer's yes."""
    with floor.store.begin() as uow:
        thread = conversation.open_thread(uow, floor.desk.ids, _speaker(floor, one), channel=floor.channel).id
    keep(floor.desk, thread, one.sheet.words)


def _ask(floor: Floor, one: Played, asked: AskSheet) -> None:
    wish = Wish(
        speaker=_speaker(floor, one),
        order_number=one.order.order_number,
        line=1,
        quantity=asked.quantity,
        reason=asked.reason,
        words=one.sheet.words,
        resolution=asked.resolution,
        serials=one.order.serials,
        keeps=asked.keeps,
        photos=pictures.photos(floor, one.order.key, asked.photos),
    )
    one.begun = acts.asks(floor, wish)


def _count(floor: Floor, one: Played, counted: CountSheet) -> None:
    announced = counted.kind is not ReceiptKind.UNANNOUNCED
    rma = _rma(floor, one) if announced else None
    label = acts.label_of(floor, rma) if rma else None
    came = Came(
        quantity=counted.quantity,
        kind=counted.kind,
        sku=counted.sku or ("" if announced else one.order.sku),
        serials=counted.serials or (one.order.serials if counted.quantity else ()),
        lots=counted.lots,
        photos=pictures.blobs(floor, f"dock {one.order.key}", counted.photos),
        note=counted.note,
    )
    tracking = label.tracking_number if label else ""
    one.receipt = dock_acts.counts(floor, DOCK, rma, came, facility_id=_UNANNOUNCED_AT, tracking=tracking)


def _inspect(floor: Floor, one: Played, looked: InspectSheet) -> None:
    if one.receipt is None:
        raise NotFound("receipt of the staged return", one.order.key)
    reason = looked.found_reason.value if looked.found_reason else None
    found = Found(looked.grade, looked.finding, reason, looked.seal_intact)
    one.seen = dock_acts.inspects(floor, DOCK, one.receipt, found)


def _settle(floor: Floor, one: Played, chosen: Disposition) -> None:
    if one.seen is None:
        raise NotFound("inspection of the staged return", one.order.key)
    dock_acts.settles(floor, DOCK, one.seen, chosen)


def _decide(floor: Floor, one: Played, decided: DecideSheet) -> None:
    case_id = one.begun.case_id if one.begun else ""
    found = [row for row in acts.waiting(floor, case_id) if row.action == decided.action.value]
    if not found:
        raise NotFound(f"review of {decided.action.value} of the staged return", one.order.key)
    acts.decides(floor, found[0].id, decided.by, yes=decided.approve, note=_NOTE)


def _answer(floor: Floor, one: Played, answer: AnswerSheet) -> None:
    claims = dock_acts.claims_of(floor, _rma(floor, one))
    if not claims:
        raise NotFound("vendor claim of the staged return", one.order.key)
    dock_acts.supplier_says(floor, claims[0].id, Said(answer.says, None, answer.note))

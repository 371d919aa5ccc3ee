"""How one return of the simulated world goes: what happens next, and how many days later.

A life is a generator. It acts on the floor and then says for how many days nothing happens to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from backhaul.domain.claims import Answer, ClaimState
from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.receiving import Disposition, Finding, Grade, ParcelStatus, ReceiptKind, ReceiptState
from backhaul.domain.returns import RmaState
from backhaul.simulation import acts, dock_acts
from backhaul.simulation.acts import Begun, Wish
from backhaul.simulation.dock_acts import Came, Found
from backhaul.simulation.floor import Floor
from backhaul.simulation.luck import World
from backhaul.simulation.wishes import BROKEN
from backhaul.store.claims import Said
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow

Life = Iterator[float]
REVIEWER, APPROVER = "rita.reviewer@halden.example", "arne.approver@halden.example"
DOCK = "dora.dock@halden.example"
_MOST_ROUNDS = 6
"""Times that one return is put before the desk in a row; what comes back oftener is left lying"""
_LONGER_THAN_ANY_RETURN_DAYS = 36.0
_NOTES = {True: "In order.", False: "Not on these terms."}


@dataclass(frozen=True, slots=True)
class Cast:
    """Where it plays, in which world, and the luck of this one return."""

    floor: Floor
    world: World
    random: Random

    def happens(self, share: float) -> bool:
        """Draw once."""
        return self.random.random() < share


def life(cast: Cast, wish: Wish) -> Life:
    """From the customer's message to the end of it."""
    floor, world = cast.floor, cast.world
    begun = acts.asks(floor, wish)
    yield from _desk(cast, begun)
    rma = acts.rma_of(floor, begun)
    # Who was sent a replacement first keeps to it.
    bound = wish.resolution is Resolution.REPLACEMENT
    if rma is None:
        return
    if not bound and cast.happens(world.never_sends):
        yield from _never_comes(cast, begun)
        return
    yield world.days_to_hand_in.draw(cast.random)
    if not bound and cast.happens(world.cancels):
        acts.cancels(floor, rma, wish.speaker)
        yield from _desk(cast, begun)
        return
    if not acts.scanned(floor, rma, ParcelStatus.DROPPED_OFF, at=floor.clock.now()):
        yield from _never_comes(cast, begun)
        return
    yield world.days_on_the_way.draw(cast.random)
    acts.scanned(floor, rma, ParcelStatus.DELIVERED, at=floor.clock.now())
    yield world.days_to_count.draw(cast.random)
    yield from _at_the_dock(cast, wish, begun, rma)


def _never_comes(cast: Cast, begun: Begun) -> Life:
    """It expires; where the guard wants a person for that, the desk has it before it."""
    yield _LONGER_THAN_ANY_RETURN_DAYS
    yield from _desk(cast, begun, always=True)


def _at_the_dock(cast: Cast, wish: Wish, begun: Begun, rma: RmaRow) -> Life:
    receipt = dock_acts.counts(cast.floor, DOCK, rma, _came(cast, wish))
    if receipt.state != ReceiptState.BOOKED.value:
        yield from _desk(cast, begun)
        return
    yield cast.world.days_to_inspect.draw(cast.random)
    seen = _inspect(cast, wish, receipt)
    yield from _desk(cast, begun)
    if _was_refused(cast, rma):
        # The desk did not want it there: the inspector says scrap, and this time it stays.
        yield cast.world.days_to_inspect.draw(cast.random)
        dock_acts.settles(cast.floor, DOCK, seen, Disposition.SCRAP)
        yield from _desk(cast, begun, always=True)
    yield from _supplier(cast, begun, rma)


def _came(cast: Cast, wish: Wish) -> Came:
    world, pieces = cast.world, wish.quantity
    if cast.happens(world.refused_at_the_dock):
        return Came(0, ReceiptKind.REFUSED, note="the carton is torn open")
    if cast.happens(world.empty_box):
        return Came(0, ReceiptKind.EMPTY_BOX)
    if cast.happens(world.wrong_article):
        return Came(pieces, ReceiptKind.WRONG_ITEM, sku="GLV-CUT5-L")
    if wish.serials and cast.happens(world.wrong_serial):
        return Came(1, ReceiptKind.WRONG_SERIAL, serials=(f"{wish.serials[0]}X",))
    # Who was sent a replacement first sends all of it back; anything else is a debt, and a person's matter.
    if pieces > 1 and wish.resolution is not Resolution.REPLACEMENT and cast.happens(world.one_piece_short):
        return Came(pieces - 1, sku=wish.received_sku or "", serials=wish.serials[1:], lots=wish.lots)
    more = not wish.serials and cast.happens(world.one_piece_more)
    return Came(pieces + more, sku=wish.received_sku or "", serials=wish.serials, lots=wish.lots)


def _was_refused(cast: Cast, rma: RmaRow) -> bool:
    found = dock_acts.dispositions_of(cast.floor, rma)
    return bool(found) and all(one.state == "refused" for one in found)


def _inspect(cast: Cast, wish: Wish, receipt: ReceiptRow) -> InspectionRow:
    broken = wish.reason in BROKEN
    credit = wish.resolution is Resolution.CREDIT
    differs = broken and credit and cast.happens(cast.world.not_as_said)
    grade = cast.world.grade(cast.random, broken=broken and not differs)
    found = Found(
        grade=grade,
        finding=Finding.DIFFERS if differs else Finding.CONFIRMED,
        found_reason=Reason.NO_LONGER_NEEDED.value if differs else None,
        seal_intact=cast.world.is_sealed(cast.random, grade),
    )
    seen = dock_acts.inspects(cast.floor, DOCK, receipt, found)
    overrides = grade is not Grade.A and cast.happens(cast.world.overrides)
    chosen = Disposition.SCRAP if overrides else None
    if wish.resolution is Resolution.REPAIR:
        chosen = Disposition.REPAIR
    dock_acts.settles(cast.floor, DOCK, seen, chosen)
    return seen


def _desk(cast: Cast, begun: Begun, *, always: bool = False) -> Life:
    """Whatever of the case waits for a person is decided, each after a while."""
    for _ in range(_MOST_ROUNDS):
        if not acts.waiting(cast.floor, begun.case_id):
            return
        yield cast.world.days_to_decide.draw(cast.random)
        for row in acts.waiting(cast.floor, begun.case_id)[:1]:
            yes = row.action is not None and (always or not cast.happens(cast.world.says_no))
            acts.decides(cast.floor, row.id, _who(row), yes=yes, note=_NOTES[yes])


def _who(row: ReviewRow) -> str:
    """Who let the goods in gives no money for them; what came back for a second yes goes to the other one."""
    lets_in = row.action == Action.CREATE_RMA.value
    again = row.marked is not None
    return REVIEWER if lets_in is not again else APPROVER


def _supplier(cast: Cast, begun: Begun, rma: RmaRow) -> Life:
    for claim in dock_acts.claims_of(cast.floor, rma):
        if claim.state != ClaimState.FILED.value or cast.happens(cast.world.never_answers):
            continue
        yield cast.world.days_to_answer.draw(cast.random)
        dock_acts.supplier_says(cast.floor, claim.id, _said(cast, claim.cost_minor + claim.allowance_minor))
        yield from _desk(cast, begun)


def _said(cast: Cast, asked_minor: int) -> Said:
    if cast.happens(cast.world.asks_first):
        return Said(Answer.MORE_INFORMATION, None, "Please send us a picture of the name plate.")
    if not cast.happens(cast.world.pays):
        return Said(Answer.DENY, None, "We find no fault of ours.")
    part = cast.happens(cast.world.pays_in_part) and asked_minor > 1
    return Said(Answer.APPROVE, asked_minor // 2 if part else None)


def is_over(rma: RmaRow) -> bool:
    """Nothing more is to come of it."""
    return rma.state in {RmaState.CLOSED.value, RmaState.CANCELLED.value, RmaState.EXPIRED.value}

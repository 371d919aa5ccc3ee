"""Is what a scenario calls right true? Asked of its world and of the policies, before anything is played.

The gold lines are proposed in the scenario's world, just as they stand, and the guard decides on them on the
live facts of that world. A gold that the guard does not bear out is an error and never a pass.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Outcome
from backhaul.domain.errors import BackhaulError
from backhaul.domain.orders import OrderLine
from backhaul.simulation.months import NoSecondReading
from backhaul.store import conversation
from backhaul.store.conversation import Speaker
from evals import pictures
from evals.end_state import proposed_lines
from evals.personas import PERSONAS
from evals.played import FoundLine
from evals.proposing import propose, wanted_of
from evals.scenario import GoldLine, Saying, Scenario
from evals.worlds import CHANNEL, Stage, set_up

_WORDS = "As written down by the author of the scenario."
_READER = "gold"


class BrokenGold(BackhaulError):
    """A scenario says what its world or the policies do not bear out. `faults` are told line by line."""

    code = "broken_gold"

    def __init__(self, scenario_id: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{scenario_id}: " + "; ".join(faults))


def check(scenario: Scenario, *, policies: Path | None = None) -> None:
    """Hold a scenario against its world and the policies.

    Raises:
        BrokenGold: Something in it is not so; every fault is named, with what is true instead.
    """
    faults = list(_of_the_script(scenario))
    try:
        answering = scenario.world.model_copy(update={"faults": ()})
        with set_up(answering, policies=policies, scorer=NoSecondReading()) as stage:
            faults += _of_the_world(stage, scenario)
            if not faults and scenario.gold.lines:
                faults += _of_the_policies(stage, scenario)
    except BackhaulError as error:
        faults.append(str(error))
    if faults:
        raise BrokenGold(scenario.id, faults)


def _of_the_script(scenario: Scenario) -> Iterator[str]:
    if scenario.customer.persona not in PERSONAS:
        yield f"there is no persona {scenario.customer.persona}; there are {', '.join(sorted(PERSONAS))}"
    keys = [line.key for line in scenario.gold.lines]
    yield from (f"gold has {key} twice" for key in sorted({key for key in keys if keys.count(key) > 1}))


def _of_the_world(stage: Stage, scenario: Scenario) -> Iterator[str]:
    erp = stage.floor.desk.erp
    contacts = {one.contact_id for one in erp.contacts(scenario.account_id)}
    if scenario.customer.contact not in contacts:
        yield f"{scenario.account_id} has no contact {scenario.customer.contact}; it has {sorted(contacts)}"
    for line in scenario.gold.lines:
        sold = erp.order_line(line.order, line.line)
        order = erp.order(line.order)
        if sold is None or order is None:
            yield f"gold names {line.key}, which the world has not"
        elif order.account_id != scenario.account_id and line.outcome is not Outcome.DENY:
            yield f"{line.key} belongs to {order.account_id}"
        else:
            yield from _of_a_line(erp, line, sold)


def _of_a_line(erp: ErpReads, line: GoldLine, sold: OrderLine) -> Iterator[str]:
    if line.quantity > sold.quantity_shipped and line.outcome is not Outcome.DENY:
        yield f"{line.key}: {line.quantity} come back of {sold.quantity_shipped} shipped"
    value = sold.unit_price * line.quantity
    if line.money != value:
        yield f"{line.key}: {line.quantity} pieces are worth {value}, gold says {line.money}"
    if line.received_sku is not None and erp.item(line.received_sku) is None:
        yield f"{line.key}: there is no article {line.received_sku} that could have arrived"
    strange = set(line.serials) - set(sold.serials)
    if strange and line.outcome is not Outcome.DENY:
        yield f"{line.key}: serials {sorted(strange)} were never shipped on it, but {sorted(sold.serials)}"


def _of_the_policies(stage: Stage, scenario: Scenario) -> Iterator[str]:
    found = {line.key: line for line in _decided(stage, scenario)}
    for gold in scenario.gold.lines:
        line = found[gold.key]
        given = f"{line.outcome} by {line.decided_by}" if line.decided_by else line.outcome
        wanted = f"{gold.outcome} by {gold.rule}" if gold.rule else gold.outcome.value
        if given != wanted:
            others = [f"{rule.rule}: {rule.message}" for rule in line.rules if rule.effect != "permit"]
            why = "; ".join(others) or "all rules are met"
            yield f"{gold.key}: the policies say {given}, gold says {wanted} ({why})"
        if gold.facility and line.facility != gold.facility:
            yield f"{gold.key}: goes to {line.facility}, gold says {gold.facility}"


def _decided(stage: Stage, scenario: Scenario) -> tuple[FoundLine, ...]:
    floor = stage.floor
    speaker = Speaker(scenario.account_id, "", f"contact:{scenario.customer.contact}")
    sent = [photo for said in _with_photos(scenario) for photo in pictures.photos(floor, said)]
    with floor.store.begin() as uow:
        thread = conversation.open_thread(uow, floor.desk.ids, speaker, channel=CHANNEL)
        message = conversation.add_message(
            uow, floor.desk.ids, thread.id, author="customer", body=_WORDS, photos=sent
        )
        thread.handled_seq = thread.last_seq
        thread_id = thread.id
    propose(
        floor,
        speaker,
        [wanted_of(gold) for gold in scenario.gold.lines],
        thread_id=thread_id,
        message_id=message.id if message else "",
        words=_WORDS,
        by=_READER,
    )
    return proposed_lines(floor.store, floor.desk.erp, thread_id, stage.reads)


def _with_photos(scenario: Scenario) -> Iterator[Saying]:
    """The photos this customer has, each picture once."""
    customer = scenario.customer
    ways = [*customer.says, *customer.knows.values(), *(later.says for later in customer.later)]
    seen: set[str] = set()
    for said in (way[0] for way in ways):
        fresh = tuple(name for name in said.photos if name not in seen)
        seen.update(fresh)
        if fresh:
            yield said.model_copy(update={"photos": fresh})

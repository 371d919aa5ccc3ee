"""What others than the customer do after the conversation: reviewers, carrier, dock, and time itself."""

from datetime import timedelta

from backhaul.domain.receiving import Finding, Grade, ParcelStatus
from backhaul.simulation import acts, dock_acts
from backhaul.simulation.dock_acts import Came, Found
from backhaul.simulation.floor import Floor
from backhaul.store import cases, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.workflows.sweep import tick
from evals.played import Exchange
from evals.scenario import Deed, Step

STAFF = {
    "reviewer": "rita.reviewer@halden.example",
    "approver": "arne.approver@halden.example",
    "finance": "fay.finance@halden.example",
    "dock": "dora.dock@halden.example",
}


def act(floor: Floor, thread_id: str, step: Step) -> Exchange:
    """Do one step; where there is nothing to do it on, that is what is told."""
    does = {
        Deed.APPROVE: lambda: _decide(floor, thread_id, step, yes=True),
        Deed.REJECT: lambda: _decide(floor, thread_id, step, yes=False),
        Deed.DAYS: lambda: _wait(floor, step.days),
        Deed.SCAN: lambda: _scan(floor, thread_id, step),
        Deed.RECEIVE: lambda: _receive(floor, thread_id, step),
    }
    return Exchange(who=step.who, text=does[step.does](), outcome=step.does.value)


def _decide(floor: Floor, thread_id: str, step: Step, *, yes: bool) -> str:
    with floor.store.read() as uow:
        held = [case.id for case in cases.cases_of_thread(uow, thread_id)]
    waiting = [row for case_id in held for row in acts.waiting(floor, case_id)]
    if not waiting:
        return "nothing waits for a decision"
    acts.decides(floor, waiting[0].id, STAFF[step.who], yes=yes, note=step.note)
    return step.note


def _wait(floor: Floor, days: int) -> str:
    for _ in range(days):
        floor.clock.at += timedelta(days=1)
        tick(floor.world)
    return f"{days} days pass"


def _scan(floor: Floor, thread_id: str, step: Step) -> str:
    status, now = ParcelStatus(step.status), floor.clock.now()
    done = [acts.scanned(floor, rma, status, at=now, place=step.place) for rma in _rmas(floor, thread_id)]
    return f"scan {step.status} of {sum(done)} parcels"


def _receive(floor: Floor, thread_id: str, step: Step) -> str:
    told = []
    for rma in _rmas(floor, thread_id):
        with floor.store.read() as uow:
            (line,) = rmas.rma_lines(uow, rma.id)
            units = tuple(cases.proposal(uow, line.proposal_id).serials)
        pieces = line.quantity if step.pieces is None else step.pieces
        receipt = dock_acts.counts(floor, STAFF["dock"], rma, Came(pieces, serials=units[:pieces]))
        found = Found(Grade(step.grade), Finding(step.finding), step.found_reason)
        seen = dock_acts.inspects(floor, STAFF["dock"], receipt, found)
        dock_acts.settles(floor, STAFF["dock"], seen)
        told.append(f"{pieces} of {line.sku} received, grade {step.grade}, {step.finding}")
    return "; ".join(told) or "nothing is announced"


def _rmas(floor: Floor, thread_id: str) -> list[RmaRow]:
    with floor.store.read() as uow:
        held = cases.cases_of_thread(uow, thread_id)
        return [rma for case in held for rma in rmas.rmas_of_case(uow, case.id) if not rmas.has_ended(rma)]

"""Advice on where the goods of a request would go at what cost, made beside decisions, never before one.

Carriers are asked for quotes outside any transaction and after the verdict, so that nobody waits for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backhaul.connectors.ports import LabelRequest
from backhaul.domain.clock import today
from backhaul.domain.codes import Action, Tier
from backhaul.domain.errors import ConnectorError
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.receiving import Disposition
from backhaul.domain.trade import Address, Facility, Item
from backhaul.store import cases, dock_load, facility_advice
from backhaul.store.tables import ProposalRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.world import WorkerWorld
from policies.facts import Facts
from tools.disposition_history import forecast_for
from tools.facility_advice import Advice, Building, Dock, Goods, advise
from tools.recovery_figures import shipped_figures
from tools.review_worth import day_of_waiting

_AT_ONCE = 5
_PERMILLE = 1_000
_ROUTE, _BENCH = "route", "bench"
"""Tables of the policy: by which way goods go, and where their class is tested"""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request for an RMA with what was known of it when it was judged."""

    review_id: str
    account_id: str
    proposal: ProposalRow
    verdict: VerdictRow
    repaired: float
    """The share of such goods that is repaired: the chance that a bench is needed where no rule says so"""


def advise_all(world: WorkerWorld) -> int:
    """Advise on a few open reviews; how many. A carrier that does not answer quotes nothing."""
    with world.store.read() as uow:
        rows = facility_advice.without_advice(uow, limit=_AT_ONCE)
        found = [_request(uow, row.id, row.proposal_id or "") for row in rows]
        docks = _docks(uow, world.erp.facilities()) if rows else {}
    for row, request in zip(rows, found, strict=True):
        advice = _advice(world, request, docks) if request else None
        with world.store.begin() as uow:
            facility_advice.keep(uow, row.id, advice.record() if advice else {})
    return len(rows)


def _request(uow: UnitOfWork, review_id: str, proposal_id: str) -> _Request | None:
    proposal = cases.proposal(uow, proposal_id)
    verdict = cases.newest_verdict(uow, proposal_id, Action.CREATE_RMA)
    if verdict is None:
        return None
    expected = forecast_for(uow, proposal.line_id, verdict.facts)
    return _Request(
        review_id=review_id,
        account_id=cases.case(uow, proposal.case_id).account_id,
        proposal=proposal,
        verdict=verdict,
        repaired=expected.shares[Disposition.REPAIR] if expected else 0.0,
    )


def _docks(uow: UnitOfWork, facilities: Sequence[Facility]) -> dict[str, Dock]:
    let_in, arrived = dock_load.let_in(uow), dock_load.arrived(uow)
    moved_on, a_day = dock_load.moved_on(uow), dock_load.settled_a_day(uow)
    return {
        one.facility_id: Dock(
            to_come=max(let_in.get(one.facility_id, 0) - arrived.get(one.facility_id, 0), 0),
            lying=max(arrived.get(one.facility_id, 0) - moved_on.get(one.facility_id, 0), 0),
            room=one.quarantine_pieces,
            settled_a_day=a_day.get(one.facility_id),
        )
        for one in facilities
    }


def _advice(world: WorkerWorld, request: _Request, docks: Mapping[str, Dock]) -> Advice | None:
    account = world.erp.account(request.account_id)
    line = world.erp.order_line(request.proposal.order_number, request.proposal.order_line)
    item = world.erp.item(line.sku) if line else None
    if account is None or item is None or not request.verdict.facility:
        return None
    bench_id, is_sent_to_bench = _bench(world, request.verdict)
    facilities = {one.facility_id: one for one in world.erp.facilities()}
    bench, pieces, day = facilities.get(bench_id), request.proposal.quantity, today(world.clock)
    buildings = [
        Building(
            one.facility_id,
            one.name,
            _quote(world, account.ship_to, one.address, item, pieces, day),
            _to_bench(world, one, bench, item, pieces),
            docks[one.facility_id],
        )
        for one in facilities.values()
    ]
    goods = Goods(
        pieces=pieces,
        cost_usd_minor=item.cost.minor * pieces,
        bench_permille=_PERMILLE if is_sent_to_bench else round(request.repaired * _PERMILLE),
        lying_basis_points_a_day=shipped_figures().holding_basis_points_a_day.values,
        waiting_usd_minor_a_day=day_of_waiting(Tier(account.tier)),
    )
    return advise(goods, buildings, request.verdict.facility)


def _to_bench(
    world: WorkerWorld, start: Facility, bench: Facility | None, item: Item, pieces: int
) -> int | None:
    if bench is None or start.facility_id == bench.facility_id:
        return None if bench is None else 0
    return _quote(world, start.address, bench.address, item, pieces, today(world.clock))


def _bench(world: WorkerWorld, verdict: VerdictRow) -> tuple[str, bool]:
    """The building that tests the class, and whether the policy says that these goods are tested."""
    facts, day = Facts.from_record(verdict.facts), today(world.clock)
    cells = world.guard.book().cells(
        [_ROUTE, _BENCH], facts, order_date=verdict.order_date or day, decision_date=day
    )
    return str(cells.get(_BENCH, "")), cells.get(_ROUTE) == _BENCH


def _quote(
    world: WorkerWorld, start: Address, end: Address, item: Item, pieces: int, day: date
) -> int | None:
    """The cheapest label in cents of the ledger currency; `None` where no carrier quotes one."""
    request = LabelRequest(
        reference="quote",
        ship_from=start,
        ship_to=end,
        weight_grams=max(item.weight_grams * pieces, 1),
        ship_by=day,
        hazmat=item.hazmat,
        pieces=pieces,
    )
    for carrier in world.carriers:
        try:
            rates = carrier.rates(request)
        except ConnectorError:
            continue
        in_ledger = [one.cost.minor for one in rates if one.cost.currency == LEDGER_CURRENCY]
        if in_ledger:
            return min(in_ledger)
    return None

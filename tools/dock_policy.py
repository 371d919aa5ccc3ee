"""What the policy would say to each disposition of inspected pieces, asked before anybody chooses.

The worker asks again with the facts of its own moment; this is for the page, and permits nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store import cases
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.facts import Asked, Evidence, gather, look_up
from tools.goods import Goods
from tools.permitted_dispositions import permitted_by

Permitted = Callable[[Disposition], str | None]


@dataclass(frozen=True, slots=True)
class OnTheBench:
    """Inspected pieces of a line of an RMA that have no disposition yet."""

    receipt: ReceiptRow
    seen: InspectionRow
    line: RmaLineRow
    quantity: int
    serials: tuple[str, ...]


class Answers(Protocol):
    """What may be given to `dispositions.propose`."""

    def __call__(self, *, approved: bool) -> Permitted:
        """With `approved`, what a person may approve counts as permitted."""
        ...


def asked_of_policy(uow: UnitOfWork, desk: Desk, bench: OnTheBench) -> Answers:
    """Look the facts up once, for as many dispositions as are asked about.

    Raises:
        ConnectorUnavailable: The ERP did not answer.
        PolicyError: There are no documents to ask.
    """
    asked = _asked(uow, bench)
    found = look_up(desk.erp, asked)
    case_id = cases.proposal(uow, bench.line.proposal_id).case_id
    evidence = Evidence(consent_given=True)
    facts = gather(uow, asked, found, evidence, case_id=case_id, rma_id=bench.line.rma_id)
    today, book = uow.clock.now().date(), desk.policies()

    def permitted(*, approved: bool) -> Permitted:
        return permitted_by(
            book,
            facts,
            unit_cost=found.unit_cost,
            order_date=found.order.ordered_on if found.order else today,
            decision_date=today,
            facility_id=bench.receipt.facility_id,
            approved=approved,
        )

    return permitted


def _asked(uow: UnitOfWork, bench: OnTheBench) -> Asked:
    proposal = cases.proposal(uow, bench.line.proposal_id)
    goods = _goods(bench)
    return Asked(
        action=Action.MOVE_STOCK,
        account_id=cases.case(uow, proposal.case_id).account_id,
        requested_by=proposal.requested_by,
        order_number=bench.line.order_number,
        line=bench.line.order_line,
        quantity=bench.quantity,
        serials=bench.serials,
        reason=goods.found_reason or Reason(proposal.reason),
        resolution=Resolution(proposal.resolution),
        by_the_process=True,
        goods=goods,
    )


def _goods(bench: OnTheBench) -> Goods:
    return Goods(
        subject="",
        rma_line_id=bench.line.id,
        facility_id=bench.receipt.facility_id,
        sku=bench.receipt.sku,
        quantity=bench.quantity,
        serials=bench.serials,
        grade=Grade(bench.seen.grade),
        finding=Finding(bench.seen.finding),
        found_reason=Reason(bench.seen.found_reason) if bench.seen.found_reason else None,
        seal_intact=bench.seen.seal_intact is True,
        disposition=Disposition.NONE,
        claimed=Money(0, LEDGER_CURRENCY),
    )

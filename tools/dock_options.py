"""What the policy says about every disposition of pieces on the bench, for the page that proposes one."""

from collections.abc import Callable

from backhaul.domain.codes import Action
from backhaul.domain.receiving import Disposition
from backhaul.store import cases, dock, rmas
from tools.desk import Desk
from tools.facts import Asked, Evidence, gather, look_up
from tools.goods import inspected
from tools.permitted_dispositions import permitted_by


def permitted_on_bench(
    desk: Desk, inspection_id: str, *, approved: bool = False
) -> Callable[[Disposition], str | None]:
    """For `dispositions.propose`: `None` where the policy permits it for these pieces, else why not.

    The facts are looked up once, as the guard will look them up again when somebody has settled on one. With
    `approved`, what a person may approve counts as permitted.

    Raises:
        NotFound: There is no such inspection, or its goods belong to no RMA yet.
        ConnectorUnavailable: The ERP did not answer.
    """
    with desk.store.read() as uow:
        seen = dock.inspection(uow, inspection_id)
        line = rmas.rma_line(uow, dock.receipt(uow, seen.receipt_id).rma_line_id or "")
        proposal, goods = cases.proposal(uow, line.proposal_id), inspected(uow, seen, line)
        case_id, account_id = proposal.case_id, cases.case(uow, proposal.case_id).account_id
        said = cases.proposal_of(proposal)
    asked = Asked(
        action=Action.MOVE_STOCK,
        account_id=account_id,
        requested_by=proposal.requested_by,
        order_number=line.order_number,
        line=line.order_line,
        quantity=goods.quantity,
        serials=goods.serials,
        reason=goods.found_reason or said.reason,
        resolution=said.resolution,
        by_the_process=True,
        goods=goods,
    )
    found, today = look_up(desk.erp, asked), desk.clock.now().date()
    with desk.store.read() as uow:
        facts = gather(uow, asked, found, Evidence(), case_id=case_id, rma_id=line.rma_id)
    return permitted_by(
        desk.policies(),
        facts,
        unit_cost=found.unit_cost,
        order_date=found.order.ordered_on if found.order else today,
        decision_date=today,
        facility_id=goods.facility_id,
        approved=approved,
    )

"""The command that a verdict is about, built from what was looked up and from the figures of the policy."""

from collections.abc import Mapping

from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition
from backhaul.domain.returns import Command
from backhaul.store import ledger
from backhaul.store.credited import credited_on
from backhaul.store.unit_of_work import UnitOfWork
from policies.syntax import Word
from tools.billed import CREDITS
from tools.dock_facts import valuation_of
from tools.facts import Asked, ErpFacts
from tools.goods import OF_WHAT_ARRIVED, line_of_proposal


def command_of(
    uow: UnitOfWork,
    asked: Asked,
    found: ErpFacts,
    outputs: Mapping[str, Word | None],
    *,
    case_id: str,
    proposal_id: str,
    subject: str,
) -> Command:
    """Put a command together. Amounts are in the order's currency, what a claim asks for in the ledger's."""
    line, goods = found.line, asked.goods
    value = line.unit_price * asked.quantity if line else Money(0)
    fee, days, facility = (outputs.get(name) for name in ("restocking_bps", "ship_within_days", "facility"))
    moved = valuation_of(asked.action, asked.resolution, goods, found.unit_cost)
    arrived = goods if asked.action in OF_WHAT_ARRIVED else None
    return Command(
        action=asked.action,
        case_id=case_id,
        account_id=asked.account_id,
        order_number=asked.order_number,
        line=asked.line,
        sku=arrived.sku if arrived else line.sku if line else "",
        quantity=asked.quantity,
        serials=asked.serials,
        reason=asked.reason,
        resolution=asked.resolution,
        facility_id=facility if isinstance(facility, str) else goods.facility_id if goods else "",
        value=value,
        restocking_fee=value.share(fee) if isinstance(fee, int) else Money(0, value.currency),
        return_freight=_freight(uow, asked.action, found, outputs, proposal_id),
        ship_within_days=days if isinstance(days, int) else 0,
        requester=asked.requested_by,
        subject=subject,
        tax=_tax(uow, asked, found, value.currency),
        disposition=goods.disposition if goods else Disposition.NONE,
        grade=goods.grade if goods else None,
        claimed=goods.claimed if goods else Money(0),
        book_value=moved.book_value if moved else Money(0),
        write_down=moved.write_down if moved else Money(0),
    )


def _freight(
    uow: UnitOfWork, action: Action, found: ErpFacts, outputs: Mapping[str, Word | None], proposal_id: str
) -> Money:
    """The return label is charged once for each line of an RMA, with its first credit.

    The policy says dollars; an order in another currency keeps as much of its own, by the rate of its day.
    """
    freight = outputs.get("return_freight_usd_minor")
    line = line_of_proposal(uow, proposal_id) if action is Action.CREDIT_MEMO else None
    charged = line is not None and ledger.on_rma_line(uow, line.id)[ledger.CREDITED] > 0
    kept = Money(freight) if isinstance(freight, int) and not charged else Money(0)
    abroad = found.rate is not None and found.rate.currency != kept.currency
    return found.rate.from_ledger_currency(kept) if found.rate and abroad and kept.minor else kept


def _tax(uow: UnitOfWork, asked: Asked, found: ErpFacts, currency: str) -> Money:
    """The part of the invoiced tax that belongs to these pieces; nothing for what is no credit."""
    if asked.action not in CREDITS:
        return Money(0, currency)
    before = found.billed.pieces_credited(credited_on(uow, asked.order_number, asked.line))
    return found.billed.tax_of(asked.quantity, before=before) or Money(0, currency)

"""What can be done about a deduction: which credit would cover it, and what has to happen first."""

from backhaul.connectors.ports import ErpReads
from backhaul.domain.settlement import Deduction
from backhaul.store import finance
from backhaul.store.unit_of_work import UnitOfWork


def what_is_possible(erp: ErpReads, uow: UnitOfWork, deduction: Deduction) -> str:
    """In words. The ERP covers deductions first when a credit is posted, so nothing is matched by hand.

    A credit comes only from a case that the policy permits: there is no button that grants one for the money
    that a customer kept.
    """
    orders = erp.find_orders(deduction.account_id, deduction.invoice_number)
    if not orders:
        return f"Invoice {deduction.invoice_number} belongs to no order of the account; ask the customer."
    number = orders[0].number
    waiting = [one for one in finance.credits_that_wait(uow) if one.order_number == number]
    if waiting:
        ids = ", ".join(one.review.id for one in waiting)
        return f"A credit on {number} waits for a person ({ids}); once posted, it covers this first."
    under_way = finance.cases_on_order(uow, number)
    if under_way:
        cases = ", ".join(under_way)
        return f"{cases} on {number}: a credit that comes of it covers this first, up to its amount."
    return (
        f"No case on {number}: nothing can be credited yet, and it stays owed. The customer, or somebody "
        "for them, asks in the chat, also for a credit without goods; the policy decides."
    )

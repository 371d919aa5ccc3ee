"""What the policy would say before anything is asked for: may goods come back, may they stay and be refunded.

Like every read, an order of another account does not exist here, and no price is shown.
"""

from dataclasses import dataclass, replace

from backhaul.domain.clock import today
from backhaul.domain.codes import Action, Outcome, Reason, Resolution
from backhaul.domain.orders import Order
from backhaul.store import conversation
from backhaul.store.conversation import Speaker
from policies.decision import PolicyDecision, RuleResult, Status
from policies.facts import Facts
from policies.model import AskFor
from tools.desk import Desk
from tools.facts import Asked, Evidence, gather, look_up
from tools.marks import reads
from tools.reads import own_order

_PLENTY = 9
"""Photos, as if the customer had sent all that could be asked for"""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the policy would say. `window_days` counts from delivery; `None` when no window applies.

    `restocking_basis_points` is the fee kept from a credit, in hundredths of a per cent of its value; `None`
    when the ERP cannot tell what it depends on. `return_freight_minor`, in cents of the ledger currency, is
    kept for the label. `replacement` is the outcome for sending the right goods before the others are back;
    `None` when no replacement is wanted.
    """

    outcome: str
    messages: tuple[str, ...]
    clauses: tuple[str, ...]
    would_change: str
    window_days: int | None
    restocking_basis_points: int | None
    return_freight_minor: int | None
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A decision that binds nobody, with what it rests on."""

    order: Order
    facts: Facts
    facility: str | None
    decision: PolicyDecision


@reads
def check_eligibility(
    desk: Desk, speaker: Speaker, order: str, line: int, quantity: int, reason: Reason, resolution: Resolution
) -> Eligibility:
    """Say whether one order line may be returned under the policy of today, and by which clauses.

    Call it before telling a customer what to expect. It decides nothing and promises nothing: photos,
    serials, the words of the customer and other returns are weighed only when the request is made. Raises
    NotFound for an order the customer does not have.

    Args:
        order: Order number as printed on the invoice, e.g. `SO-10442`.
        line: Line number on that order, counting from 1.
        quantity: Pieces to send back.
        reason: Why, e.g. `no_longer_needed`.
        resolution: What the customer wants, `credit` or `replacement`.
    """
    asked = _asked(speaker, order, line, quantity, reason, resolution)
    weighed = _weigh(desk, speaker, asked, photos=1)
    sent_first: Outcome | None = None
    if resolution is Resolution.REPLACEMENT:
        sent_first = desk.policies().outcome(
            once_authorised(weighed.facts),
            order_date=weighed.order.ordered_on,
            decision_date=today(desk.clock),
            facility=weighed.facility,
        )
    return _told(weighed.decision, replacement=sent_first.value if sent_first else None)


@reads
def check_keeping(
    desk: Desk,
    speaker: Speaker,
    thread_id: str,
    order: str,
    line: int,
    quantity: int,
    reason: Reason,
    resolution: Resolution,
) -> Eligibility:
    """Say whether one order line may be refunded while the goods stay with the customer.

    Call it when a credit or an allowance is wanted, before the request is read back. For a credit, photos
    count as far as the conversation has them; those that the reason calls for in any case, and those of goods
    that the customer wants to keep, are taken as if they were there, because they are asked for when the
    request is made. It decides nothing and promises nothing. Raises NotFound for an order the customer does
    not have.

    Args:
        thread_id: Conversation, e.g. `TH-7KQ2M9XA4B6C`.
        order: Order number as printed on the invoice, e.g. `SO-10442`.
        line: Line number on that order, counting from 1.
        quantity: Pieces that would stay.
        reason: Why, e.g. `missing_parts`.
        resolution: What the customer wants, `credit` or `keep_with_allowance`.
    """
    asked = _asked(speaker, order, line, quantity, reason, resolution)
    with desk.store.read() as uow:
        sent = {row.blob for row in conversation.attachments(uow, thread_id) if row.unusable is None}
    back = _weigh(desk, speaker, asked, photos=len(sent))
    are_asked_for = AskFor.PHOTO in back.decision.asks_for or resolution is Resolution.KEEP_WITH_ALLOWANCE
    photos = _PLENTY if are_asked_for else len(sent)
    stays = replace(asked, action=Action.RETURNLESS_REFUND)
    return _told(_weigh(desk, speaker, stays, photos=photos).decision)


def _asked(
    speaker: Speaker, order: str, line: int, quantity: int, reason: Reason, resolution: Resolution
) -> Asked:
    return Asked(
        action=Action.CREATE_RMA,
        account_id=speaker.account_id,
        requested_by=speaker.requested_by,
        order_number=order,
        line=line,
        quantity=quantity,
        serials=(),
        reason=reason,
        resolution=resolution,
        received_item_known=True,
    )


def _weigh(desk: Desk, speaker: Speaker, asked: Asked, *, photos: int) -> _Weighed:
    order = own_order(desk, speaker, asked.order_number)
    known = look_up(desk.erp, asked)
    evidence = Evidence(photos=photos, confidence_permille=1_000, consent_given=True)
    with desk.store.read() as uow:
        facts = gather(uow, asked, known, evidence, case_id=None)
    book, ordered, now = desk.policies(), order.ordered_on, today(desk.clock)
    facility = book.routed(facts, order_date=ordered, decision_date=now)
    decision = book.decide(facts, order_date=ordered, decision_date=now, facility=facility)
    return _Weighed(order, facts, facility, decision)


def _told(decision: PolicyDecision, *, replacement: str | None = None) -> Eligibility:
    answer = decision.for_customer()
    return Eligibility(
        outcome=answer.outcome.value,
        messages=tuple(one.message for one in answer.reasons),
        clauses=tuple(one.clause for one in answer.reasons if one.clause),
        would_change=answer.would_change or "",
        window_days=next((days for one in decision.results if (days := _window_days(one)) is not None), None),
        restocking_basis_points=_number(decision, "restocking_bps"),
        return_freight_minor=_number(decision, "return_freight_usd_minor"),
        replacement=replacement,
    )


def _number(decision: PolicyDecision, output: str) -> int | None:
    value = decision.outputs.get(output)
    return value if isinstance(value, int) else None


def once_authorised(facts: Facts) -> Facts:
    """The same facts when the workflow asks for the replacement: the RMA is there and holds these pieces with
    the serial numbers that they need.
    """
    record = facts.record()
    before = record.get("quantity_already_authorised")
    changed: dict[str, object] = {
        "action": Action.REPLACEMENT.value,
        "requester_kind": "system",
        "rma_open": True,
        "quantity_on_rma": facts.quantity,
        "open_rmas_on_case": 1,
    }
    if isinstance(before, int):
        changed["quantity_already_authorised"] = before + facts.quantity
    if record.get("serial_tracked"):
        changed |= {"serials_given": facts.quantity, "serials_matching": facts.quantity}
    return Facts.from_record({**record, **changed})


def _window_days(result: RuleResult) -> int | None:
    """Days of the return window, if this rule weighed one: from its tables, or from the contract."""
    inputs = {one.name: one.value for one in result.inputs}
    if result.status not in {Status.PASSED, Status.FAILED} or "days_since_delivery" not in inputs:
        return None
    cells = {one.table: one.value for one in result.cells}
    named = [cells.get("window_days"), cells.get("region_extra_days")]
    days = [value for value in named if isinstance(value, int)]
    contract = inputs.get("contract_window_days")
    if days:
        return sum(days)
    return contract if isinstance(contract, int) and contract >= 0 else None

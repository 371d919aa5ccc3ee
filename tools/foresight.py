"""What the policy would say to each way in which a request may be meant, as long as that is not settled.

It serves to find the question that settles most. Nothing of it is shown to anybody, and nothing is decided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from backhaul.domain.clock import today
from backhaul.domain.codes import Action, Outcome, Reason, Resolution
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.store import conversation
from backhaul.store.conversation import Speaker
from policies.book import PolicyBook
from policies.facts import Facts
from tools.desk import Desk
from tools.eligibility import once_authorised
from tools.facts import Asked, Evidence, gather, look_up
from tools.marks import reads
from tools.reads import own_order


@dataclass(frozen=True, slots=True)
class OrderedGoods:
    """The order line that is spoken of, and the serials that were given so far."""

    order: str
    line: int
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which a request may be meant. `confidence_permille` is that of the reason, as policy reads
    it.
    """

    quantity: int
    reason: Reason
    resolution: Resolution
    confidence_permille: int = 1_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would come of one reading; two that are equal make no difference to anybody.

    `effect` is what the customer would get: a resolution, or nothing where it is refused. `usd_minor` is what
    that is worth in cents of the ledger currency, less what is kept from a credit; `None` when the price is
    unknown.
    """

    outcome: Outcome
    stopped_by: tuple[str, ...]
    effect: str
    usd_minor: int | None


@reads
def foresee(
    desk: Desk, speaker: Speaker, thread_id: str, goods: OrderedGoods, readings: Iterable[Reading]
) -> Mapping[Reading, Outlook]:
    """Hold every reading against the policy of today; what does not depend on it is looked up once.

    Photos count as far as the conversation has them. Serials and what arrived instead are taken as known,
    because they are asked for in any case. Whether goods may stay with the customer is left to the read-back.
    Raises NotFound for an order the customer does not have.

    Args:
        desk: Reads, store and policies.
        speaker: Whose order it must be.
        thread_id: Conversation, e.g. `TH-7KQ2M9XA4B6C`.
        goods: The order line.
        readings: Quantity, reason and wish; each is weighed once.
    """
    order = own_order(desk, speaker, goods.order)
    record = _record(desk, speaker, thread_id, goods)
    rules = _Rules(desk.policies(), order.ordered_on, today(desk.clock))
    return {reading: _outlook(rules, record, reading) for reading in dict.fromkeys(readings)}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the rules say to one set of facts, with the building whose overlays held."""

    outcome: Outcome
    stopped_by: tuple[str, ...]
    kept: Mapping[str, object]
    facility: str | None


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of the day, as they hold for an order of its day."""

    book: PolicyBook
    ordered: date
    decided: date

    def asked(self, facts: Facts) -> _Answer:
        """Whether the goods may come back, and what is kept from a credit for them."""
        ordered, decided = self.ordered, self.decided
        routed = self.book.figures(facts, order_date=ordered, decision_date=decided).get("facility")
        facility = routed if isinstance(routed, str) else None
        outcome, stopped_by = self.book.failing(
            facts, order_date=ordered, decision_date=decided, facility=facility
        )
        kept = self.book.figures(facts, order_date=ordered, decision_date=decided, facility=facility)
        return _Answer(outcome, stopped_by, kept, facility)

    def sent(self, facts: Facts, facility: str | None) -> Outcome:
        """Whether the replacement may be sent once the return is authorised."""
        return self.book.outcome(
            once_authorised(facts), order_date=self.ordered, decision_date=self.decided, facility=facility
        )


def _record(desk: Desk, speaker: Speaker, thread_id: str, goods: OrderedGoods) -> dict[str, object]:
    """The facts of the order line, with a request for one piece that the readings put in their own terms."""
    asked = Asked(
        action=Action.CREATE_RMA,
        account_id=speaker.account_id,
        requested_by=speaker.requested_by,
        order_number=goods.order,
        line=goods.line,
        quantity=1,
        serials=goods.serials,
        reason=Reason.OTHER,
        resolution=Resolution.CREDIT,
        received_item_known=True,
    )
    known = look_up(desk.erp, asked)
    with desk.store.read() as uow:
        photos = {row.blob for row in conversation.attachments(uow, thread_id) if row.unusable is None}
        evidence = Evidence(photos=len(photos), confidence_permille=1_000, consent_given=True)
        return dict(gather(uow, asked, known, evidence, case_id=None).record())


def _outlook(rules: _Rules, record: Mapping[str, object], reading: Reading) -> Outlook:
    facts = _in_terms_of(reading, record)
    wish, answer = reading.resolution, rules.asked(facts)
    if answer.outcome is Outcome.DENY:
        return Outlook(answer.outcome, answer.stopped_by, "", 0)
    if wish is Resolution.REPLACEMENT and rules.sent(facts, answer.facility) is Outcome.DENY:
        # The read-back puts a credit in its place.
        wish = Resolution.CREDIT
        answer = rules.asked(_in_terms_of(replace(reading, resolution=wish), record))
    worth = _worth(record, reading.quantity, answer.kept)
    return Outlook(answer.outcome, answer.stopped_by, wish.value, worth)


def _in_terms_of(reading: Reading, record: Mapping[str, object]) -> Facts:
    said: dict[str, object] = {
        "reason": reading.reason.value,
        "resolution": reading.resolution.value,
        "quantity": reading.quantity,
        "confidence_permille": reading.confidence_permille,
    }
    if record.get("serial_tracked"):
        said |= {"serials_given": reading.quantity, "serials_matching": reading.quantity}
    return Facts.from_record({**record, **said})


def _worth(record: Mapping[str, object], quantity: int, kept: Mapping[str, object]) -> int | None:
    """Value of the pieces less restocking fee and return freight; both are zero unless a credit is wanted."""
    price = record.get("unit_price_usd_minor")
    if not isinstance(price, int):
        return None
    fee, freight = kept.get("restocking_bps"), kept.get("return_freight_usd_minor")
    value = Money(price * quantity, LEDGER_CURRENCY)
    less = value.share(fee).minor if isinstance(fee, int) else 0
    return value.minor - less - (freight if isinstance(freight, int) else 0)

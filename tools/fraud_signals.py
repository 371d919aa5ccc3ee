"""The fraud score of a request with its reasons, from what the house has on record at that moment.

It is worked out in the guard's transaction. What cannot be looked at gives no points and is named as unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from backhaul.domain.clock import today
from backhaul.domain.codes import Action, Reason
from backhaul.domain.orders import OrderLine, Shipment
from backhaul.store import conversation, fraud_history, photo_looks
from backhaul.store.fraud_history import EarlierRequest, Habit
from backhaul.store.signal_tables import FraudScoreRow
from backhaul.store.tables import VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from tools import fraud_findings as finding
from tools.fraud_findings import Counted, Delivery, Earlier, FraudFinding, Peers

DELIVERY_DOUBTED = {Reason.LATE_OR_MISSING, Reason.DAMAGED_IN_TRANSIT}
"""Reasons that the carrier can speak to: shipments are looked up for no other"""
_ASKS_FOR_MONEY = {Action.CREATE_RMA, Action.RETURNLESS_REFUND}
_SHARED = {"address": "delivery address", "phone": "telephone number", "email": "contact"}
_PER_CENT = 100


@dataclass(frozen=True, slots=True)
class Suspect:
    """The request that is looked at."""

    proposal_id: str
    account_id: str
    thread_id: str
    order_number: str
    order_line: int
    action: Action
    reason: Reason
    serials: tuple[str, ...]
    line: OrderLine | None
    shipments: Sequence[Shipment] | None
    """Of the order; None where nobody asked for them"""
    amounts: Mapping[str, tuple[int, int]]
    """Amount and limit of the policy by the name of the limit, in cents of the ledger currency"""


@dataclass(frozen=True, slots=True)
class FraudScore:
    """The score in permille with its findings; `unknown` says in sentences what could not be looked at."""

    score_permille: int
    findings: tuple[FraudFinding, ...]
    unknown: tuple[str, ...]
    near_limit: str
    """The limit that the amount lies just under; empty for none"""

    def kept(self, uow: UnitOfWork, verdict: VerdictRow, account_id: str) -> None:
        """Keep it beside the verdict that was given on it."""
        fraud_history.add_score(
            uow,
            FraudScoreRow(
                verdict_id=verdict.id,
                proposal_id=verdict.proposal_id,
                account_id=account_id,
                score_permille=self.score_permille,
                findings=[asdict(one) for one in self.findings],
                unknown=list(self.unknown),
                near_limit=self.near_limit,
                scored_at=uow.clock.now(),
            ),
        )


def fraud_score(uow: UnitOfWork, suspect: Suspect) -> FraudScore:
    """Look at everything on record, and remember the serials for those that come later."""
    day = today(uow.clock)
    limit = next((name for name, (amount, most) in suspect.amounts.items() if finding.near(amount, most)), "")
    looked: list[FraudFinding | str] = [
        *_habits(uow, suspect),
        *_serials(uow, suspect),
        *_carrier(uow, suspect, day),
        *_photos(uow, suspect),
        *_limits(uow, suspect, limit),
    ]
    fraud_history.note_serials(uow, suspect.serials, suspect.proposal_id)
    found = tuple(one for one in looked if isinstance(one, FraudFinding))
    unknown = tuple(one for one in looked if isinstance(one, str))
    return FraudScore(finding.combined(found), found, unknown, limit)


def _habits(uow: UnitOfWork, suspect: Suspect) -> Iterator[FraudFinding | str]:
    habit = fraud_history.habit(uow, suspect.account_id)
    others = [_counted(one) for one in fraud_history.peers(uow, habit)] if habit else []
    peers = Peers.of(others)
    if habit is None or peers is None:
        yield "How often accounts of this tier return is not known yet: not counted, or too few of them do."
        return
    rate = finding.return_rate(_counted(habit), peers, habit.tier)
    if rate is not None:
        yield rate
    # Each thing in common is looked at; the one that shows most stands for all, since they say the same.
    shared = [
        found
        for (kind, _mark), ids in fraud_history.tied_accounts(uow, suspect.account_id).items()
        if (found := _tied(uow, habit, ids, peers, _SHARED[kind])) is not None
    ]
    yield from sorted(shared, key=lambda one: (-one.points, one.sentence))[:1]


def _tied(
    uow: UnitOfWork, habit: Habit, account_ids: Sequence[str], peers: Peers, shared: str
) -> FraudFinding | None:
    others = [_counted(one) for one in fraud_history.habits(uow, account_ids)]
    return finding.cluster(_counted(habit), others, peers, shared)


def _counted(habit: Habit) -> Counted:
    return Counted(habit.bought, habit.returned)


def _serials(uow: UnitOfWork, suspect: Suspect) -> Iterator[FraudFinding]:
    asked_before = fraud_history.earlier_requests(uow, suspect.serials, suspect.proposal_id)
    sold_here = set(suspect.line.serials) if suspect.line else set()
    for serial in dict.fromkeys(suspect.serials):
        earlier = [_earlier(one, suspect) for one in asked_before if one.serial == serial]
        found = finding.serial_seen(earlier, sold_on_this_line=serial in sold_here)
        if found is not None:
            yield found


def _earlier(one: EarlierRequest, suspect: Suspect) -> Earlier:
    return Earlier(
        serial=one.serial,
        same_account=one.account_id == suspect.account_id,
        same_line=(one.order_number, one.order_line) == (suspect.order_number, suspect.order_line),
        let_in=one.let_in,
        closed=one.closed,
        on=one.asked_at.date(),
    )


def _carrier(uow: UnitOfWork, suspect: Suspect, day: date) -> Iterator[FraudFinding | str]:
    if suspect.reason not in DELIVERY_DOUBTED:
        return
    deliveries = [
        Delivery(one.delivered_on, fraud_history.last_scan(uow, one.tracking_number))
        for one in suspect.shipments or ()
        if any(line.order_line == suspect.order_line for line in one.lines)
    ]
    before = fraud_history.found_before(uow, suspect.account_id, suspect.proposal_id, "CARRIER-SAYS")
    found = finding.not_as_carrier_says(suspect.reason.value, deliveries, day, before)
    if found is not None:
        yield found
    elif not deliveries:
        yield "The ERP knows of no delivery of this order line."
    elif suspect.reason is Reason.DAMAGED_IN_TRANSIT and not all(one.last_scan for one in deliveries):
        yield "The carrier told nothing of the parcel, so whether it noted a damage is unknown."


def _photos(uow: UnitOfWork, suspect: Suspect) -> Iterator[FraudFinding]:
    alike = photo_looks.alike_elsewhere(uow, suspect.thread_id)
    seen: set[str] = set()
    for photo in conversation.attachments(uow, suspect.thread_id):
        if photo.blob in seen:
            continue
        seen.add(photo.blob)
        others = photo_looks.same_or_alike(uow, photo, alike.get(photo.id, {}))
        # To send a photo again for the same order is to ask again, and no pretence.
        elsewhere = [one for one in others if not _is_same_order(uow, suspect, one.other_thread)]
        if elsewhere:
            worst = min(elsewhere, key=lambda one: (one.other_account == suspect.account_id, one.sent_at))
            yield finding.photo_seen(
                same_account=worst.other_account == suspect.account_id,
                bits_apart=worst.bits_apart,
                day=worst.sent_at.date(),
                times=len({one.other_thread for one in elsewhere}),
            )


def _is_same_order(uow: UnitOfWork, suspect: Suspect, thread_id: str) -> bool:
    return suspect.order_number in fraud_history.orders_of_thread(uow, thread_id)


def _limits(uow: UnitOfWork, suspect: Suspect, limit: str) -> Iterator[FraudFinding]:
    if not limit or suspect.action not in _ASKS_FOR_MONEY:
        return
    requests, near = fraud_history.near_limits(uow, suspect.account_id, suspect.proposal_id)
    amount, most = suspect.amounts[limit]
    found = finding.under_limits(near + 1, requests + 1, limit, f"{_PER_CENT * amount // most} %")
    if found is not None:
        yield found

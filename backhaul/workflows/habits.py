"""What accounts and reviews usually do, counted once a business day for the signals that compare with it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from backhaul.domain.canonical import digest
from backhaul.domain.trade import Account, Contact
from backhaul.store import fraud_history, review_habits
from backhaul.store.fraud_history import HABIT_DAYS, Habit, Tie
from backhaul.workflows.world import WorkerWorld

DUE = "habits"
_MOST_ORDERS = 2_000
_FEWEST_DIGITS = 7


def count(world: WorkerWorld, day: date) -> None:
    """Count anew what the half year up to that day brought.

    Raises:
        ConnectorUnavailable: The ERP did not answer; what was counted before stays.
    """
    since = day - timedelta(days=HABIT_DAYS)
    accounts = world.erp.accounts()
    bought = {one.account_id: _lines_bought(world, one, since) for one in accounts}
    ties = {tie for one in accounts for tie in _ties(one, world.erp.contacts(one.account_id))}
    with world.store.begin() as uow:
        returned = fraud_history.lines_asked_for(uow, since=_start_of(since), before=_start_of(day))
        counted = [
            Habit(
                one.account_id,
                one.tier.value,
                bought[one.account_id],
                returned.get(one.account_id, 0),
                day,
            )
            for one in accounts
        ]
        fraud_history.put_habits(
            uow, counted, sorted(ties, key=lambda tie: (tie.kind, tie.mark, tie.account_id))
        )
        review_habits.count(uow, day, since=_start_of(since))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _lines_bought(world: WorkerWorld, account: Account, since: date) -> int:
    orders = world.erp.orders_of(account.account_id, since=since, limit=_MOST_ORDERS)
    return sum(line.quantity_shipped > 0 for order in orders for line in order.lines)


def _ties(account: Account, contacts: Sequence[Contact]) -> list[Tie]:
    """Digests only: equal ones are found, and no address or number can be read."""
    place = account.ship_to
    found = [("address", f"{place.street} {place.postal_code} {place.state}")]
    for one in contacts:
        digits = "".join(filter(str.isdigit, one.phone))
        found += [("phone", digits)] if len(digits) >= _FEWEST_DIGITS else []
        found += [("email", one.email)] if one.email else []
    return [Tie(kind, digest([kind, _plain(value)]), account.account_id) for kind, value in found]


def _plain(value: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in value.casefold()).split())

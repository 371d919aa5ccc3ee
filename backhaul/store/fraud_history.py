"""What the books hold that a fraud score is worked out from. Every look goes by an index."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.house_tables import EventCursorRow, StrayParcelRow
from backhaul.store.signal_tables import (
    AccountHabitRow,
    AccountTieRow,
    FraudScoreRow,
    SerialAskedRow,
)
from backhaul.store.tables import CaseRow, ProposalRow, ReturnLineRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there

HABIT_DAYS = 182
"""Half a year: purchases and returns of an account are counted over it"""
_HABIT_OF = sa.select(AccountHabitRow).where(AccountHabitRow.account_id == sa.bindparam("account_id"))
_LINES_SINCE = (
    sa.select(sa.func.count())
    .select_from(CaseRow)
    .join(ReturnLineRow, ReturnLineRow.case_id == CaseRow.id)
    .where(CaseRow.account_id == sa.bindparam("account_id"), CaseRow.opened_at >= sa.bindparam("since"))
)
_EARLIER = (
    sa.select(
        SerialAskedRow.serial,
        CaseRow.account_id,
        ProposalRow.order_number,
        ProposalRow.order_line,
        RmaRow.id.is_not(None).label("let_in"),
        RmaRow.closed_at.is_not(None).label("closed"),
        ProposalRow.created_at,
    )
    .join(ProposalRow, ProposalRow.id == SerialAskedRow.proposal_id)
    .join(CaseRow, CaseRow.id == ProposalRow.case_id)
    .outerjoin(RmaLineRow, RmaLineRow.proposal_id == ProposalRow.id)
    .outerjoin(RmaRow, RmaRow.id == RmaLineRow.rma_id)
    .where(
        SerialAskedRow.serial.in_(sa.bindparam("serials", expanding=True)),
        SerialAskedRow.proposal_id != sa.bindparam("proposal_id"),
    )
    .order_by(ProposalRow.created_at, ProposalRow.id)
)
_OF_ACCOUNT = sa.select(FraudScoreRow.proposal_id, FraudScoreRow.findings).where(
    FraudScoreRow.account_id == sa.bindparam("account_id"),
    FraudScoreRow.scored_at >= sa.bindparam("since"),
    FraudScoreRow.proposal_id != sa.bindparam("proposal_id"),
)
_IS_NEAR = sa.case((FraudScoreRow.near_limit != "", FraudScoreRow.proposal_id))
_NEAR_LIMITS = _OF_ACCOUNT.with_only_columns(
    sa.func.count(FraudScoreRow.proposal_id.distinct()), sa.func.count(_IS_NEAR.distinct())
)
_MINE, _THEIRS = aliased(AccountTieRow), aliased(AccountTieRow)
_TIED = (
    sa.select(_THEIRS.kind, _THEIRS.mark, _THEIRS.account_id)
    .join(_MINE, sa.and_(_MINE.kind == _THEIRS.kind, _MINE.mark == _THEIRS.mark))
    .where(_MINE.account_id == sa.bindparam("account_id"), _THEIRS.account_id != sa.bindparam("account_id"))
)


@dataclass(frozen=True, slots=True)
class Habit:
    """Order lines that an account bought in the half year up to `as_of`, and those it asked to return."""

    account_id: str
    tier: str
    bought: int
    returned: int
    as_of: date


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """A former request to return a serial. `closed`: its return ended with the goods here and made good."""

    serial: str
    account_id: str
    order_number: str
    order_line: int
    let_in: bool
    closed: bool
    asked_at: datetime


def habit(uow: UnitOfWork, account_id: str) -> Habit | None:
    """As last counted, with the requests since; `None` for an account that was not counted yet."""
    row = uow.session.scalars(_HABIT_OF, {"account_id": account_id}).first()
    if row is None:
        return None
    since = datetime.combine(row.as_of, datetime.min.time(), uow.clock.now().tzinfo)
    later = uow.session.scalar(_LINES_SINCE, {"account_id": account_id, "since": since}) or 0
    return Habit(row.account_id, row.tier, row.lines_bought, row.lines_returned + later, row.as_of)


def peers(uow: UnitOfWork, habit_of: Habit) -> list[Habit]:
    """The other accounts of its tier that bought something."""
    query = sa.select(AccountHabitRow).where(
        AccountHabitRow.tier == habit_of.tier,
        AccountHabitRow.account_id != habit_of.account_id,
        AccountHabitRow.lines_bought > 0,
    )
    return [_habit(row) for row in uow.session.scalars(query.order_by(AccountHabitRow.account_id))]


def _habit(row: AccountHabitRow) -> Habit:
    return Habit(row.account_id, row.tier, row.lines_bought, row.lines_returned, row.as_of)


def tied_accounts(uow: UnitOfWork, account_id: str) -> dict[tuple[str, str], list[str]]:
    """The other accounts with the same delivery address, telephone or e-mail, by what they have in common."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind, mark, other in uow.session.execute(_TIED, {"account_id": account_id}):
        found.setdefault((kind, mark), []).append(other)
    return found


def habits(uow: UnitOfWork, account_ids: Collection[str]) -> list[Habit]:
    """As last counted, for those that were counted."""
    query = sa.select(AccountHabitRow).where(AccountHabitRow.account_id.in_(account_ids))
    return [_habit(row) for row in uow.session.scalars(query.order_by(AccountHabitRow.account_id))]


def earlier_requests(uow: UnitOfWork, serials: Sequence[str], proposal_id: str) -> list[EarlierRequest]:
    """Former requests to return any of these serials, oldest first."""
    if not serials:
        return []
    wanted = {"serials": list(serials), "proposal_id": proposal_id}
    return [EarlierRequest(*row) for row in uow.session.execute(_EARLIER, wanted)]


def note_serials(uow: UnitOfWork, serials: Sequence[str], proposal_id: str) -> None:
    """Remember that these serials were asked for; twice changes nothing."""
    for serial in dict.fromkeys(serials):
        uow.session.execute(
            insert_unless_there(uow, SerialAskedRow).values(serial=serial, proposal_id=proposal_id)
        )


def near_limits(uow: UnitOfWork, account_id: str, proposal_id: str) -> tuple[int, int]:
    """Of an account's other requests in the half year: how many, and how many just under a limit."""
    wanted = {
        "account_id": account_id,
        "since": uow.clock.now() - timedelta(days=HABIT_DAYS),
        "proposal_id": proposal_id,
    }
    requests, near = uow.session.execute(_NEAR_LIMITS, wanted).one()
    return requests, near


def found_before(uow: UnitOfWork, account_id: str, proposal_id: str, code: str) -> int:
    """Of how many other requests of the account in the half year this finding was made."""
    wanted = {
        "account_id": account_id,
        "since": uow.clock.now() - timedelta(days=HABIT_DAYS),
        "proposal_id": proposal_id,
    }
    rows = uow.session.execute(_OF_ACCOUNT, wanted)
    return len({row.proposal_id for row in rows if code in {one["code"] for one in row.findings}})


def last_scan(uow: UnitOfWork, tracking_number: str) -> str | None:
    """What a carrier last told of a parcel that left our house, if it told us anything."""
    for source in uow.session.scalars(sa.select(EventCursorRow.source).order_by(EventCursorRow.source)):
        row = uow.session.get(StrayParcelRow, (source, tracking_number))
        if row is not None and row.parcel is not None:
            return row.parcel
    return None


def orders_of_thread(uow: UnitOfWork, thread_id: str) -> set[str]:
    """Numbers of the orders that a conversation asked to return something of."""
    query = sa.select(ReturnLineRow.order_number).join(CaseRow, CaseRow.id == ReturnLineRow.case_id)
    return set(uow.session.scalars(query.where(CaseRow.thread_id == thread_id)))


def add_score(uow: UnitOfWork, row: FraudScoreRow) -> None:
    """Keep the score behind a verdict."""
    uow.session.add(row)


def score_of(uow: UnitOfWork, verdict_id: str) -> FraudScoreRow | None:
    """The score behind a verdict; `None` for one from before scores were kept."""
    return uow.session.get(FraudScoreRow, verdict_id)


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that an account may have in common with another; `mark` is a digest."""

    kind: str
    mark: str
    account_id: str


def put_habits(uow: UnitOfWork, counted: Sequence[Habit], ties: Sequence[Tie]) -> None:
    """Replace what was counted before. Accounts that the ERP no longer has are forgotten.

    Of two workers that count at once one waits, and then leaves what the other has put there.
    """
    uow.session.execute(sa.delete(AccountHabitRow))
    uow.session.execute(sa.delete(AccountTieRow))
    rows = [
        {
            "account_id": one.account_id,
            "tier": one.tier,
            "lines_bought": one.bought,
            "lines_returned": one.returned,
            "as_of": one.as_of,
        }
        for one in counted
    ]
    if rows:
        uow.session.execute(insert_unless_there(uow, AccountHabitRow), rows)
    if ties:
        uow.session.execute(insert_unless_there(uow, AccountTieRow), [asdict(one) for one in ties])


def lines_asked_for(uow: UnitOfWork, *, since: datetime, before: datetime) -> dict[str, int]:
    """Return lines by account, of cases opened between the two moments."""
    query = (
        sa.select(CaseRow.account_id, sa.func.count())
        .join(ReturnLineRow, ReturnLineRow.case_id == CaseRow.id)
        .where(CaseRow.opened_at >= since, CaseRow.opened_at < before)
        .group_by(CaseRow.account_id)
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}

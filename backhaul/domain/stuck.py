"""What counts as stuck: how long each stage may take, whose it is, and what may safely be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backhaul.domain.codes import Role

_SATURDAY = 5


class StuckStage(StrEnum):
    """Where something can stand still."""

    NO_LABEL = "no_label"
    LABEL_UNUSED = "label_unused"
    CARRIER_SILENT = "carrier_silent"
    NOT_RECEIVED = "not_received"
    NOT_BOOKED = "not_booked"
    NOT_INSPECTED = "not_inspected"
    NOT_SETTLED_ON = "not_settled_on"
    DISPOSITION_WAITS = "disposition_waits"
    NOT_MADE_GOOD = "not_made_good"
    NOT_CLOSED = "not_closed"
    NO_PAPERS = "no_papers"
    CLAIM_WAITS = "claim_waits"
    REVIEW_LATE = "review_late"
    COMMAND_UNANSWERED = "command_unanswered"
    COMMAND_UNKNOWN = "command_unknown"
    COMMAND_REJECTED = "command_rejected"
    WORK_BROKEN = "work_broken"


class StuckDeed(StrEnum):
    """What a person may do about it. Every one is safe to ask for twice."""

    RETRY = "retry"
    """Send the same command again under the same key: what was done before is found, not done twice"""
    RESUME = "resume"
    """Go on with a workflow from the step that failed"""
    REISSUE = "reissue"
    """Send a rejected command under a new key, because somebody knows that it was not done"""
    HAND_OVER = "hand_over"
    """Put it before a reviewer"""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a stage may take before somebody looks, and who looks first."""

    title: str
    owner: Role
    business_days: int = 0
    minutes: int = 0
    """For what machines do: they need no weekend"""

    def before(self, now: datetime) -> datetime:
        """What began before this moment is stuck."""
        return _business_days_ago(now, self.business_days) - timedelta(minutes=self.minutes)


def _business_days_ago(now: datetime, days: int) -> datetime:
    """The same time of an earlier day; a weekend counts for nothing, public holidays are not known here."""
    moment = now
    while days > 0:
        moment -= timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return moment


LIMITS: Mapping[StuckStage, Limit] = {
    StuckStage.NO_LABEL: Limit("Issued without a label", Role.REVIEWER, business_days=1),
    StuckStage.LABEL_UNUSED: Limit("Label unused, its end is near", Role.REVIEWER, business_days=2),
    StuckStage.CARRIER_SILENT: Limit("No scan of a parcel under way", Role.REVIEWER, business_days=5),
    StuckStage.NOT_RECEIVED: Limit("Delivered, not received", Role.INSPECTOR, business_days=2),
    StuckStage.NOT_BOOKED: Limit("Counted, not booked", Role.ADMIN, minutes=60),
    StuckStage.NOT_INSPECTED: Limit("Received, not inspected", Role.INSPECTOR, business_days=2),
    StuckStage.NOT_SETTLED_ON: Limit("Inspected, no disposition", Role.INSPECTOR, business_days=2),
    StuckStage.DISPOSITION_WAITS: Limit("Disposition not decided", Role.REVIEWER, business_days=2),
    StuckStage.NOT_MADE_GOOD: Limit("Settled, customer not made good", Role.REVIEWER, business_days=2),
    StuckStage.NOT_CLOSED: Limit("All settled, not closed", Role.ADMIN, minutes=60),
    StuckStage.NO_PAPERS: Limit("Goods held or without papers", Role.INSPECTOR, business_days=2),
    StuckStage.CLAIM_WAITS: Limit("Supplier claim not filed", Role.FINANCE, business_days=3),
    StuckStage.REVIEW_LATE: Limit("Review past its deadline", Role.REVIEWER),
    StuckStage.COMMAND_UNANSWERED: Limit("Command without an answer", Role.ADMIN, minutes=15),
    StuckStage.COMMAND_UNKNOWN: Limit("Outcome of a command unknown", Role.REVIEWER),
    StuckStage.COMMAND_REJECTED: Limit("Command rejected", Role.REVIEWER),
    StuckStage.WORK_BROKEN: Limit("Work broke off", Role.ADMIN),
}
"""The one table of limits. LABEL_UNUSED counts back from the last day to hand the parcel in."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Something that stands still: what, whose, since when, what happened, and what may be done.

    `subject` is the id of the RMA, receipt, command or workflow that it is about.
    """

    stage: StuckStage
    subject: str
    case_id: str | None
    since: datetime
    what: str
    deeds: tuple[StuckDeed, ...] = ()
    with_person: bool = False
    page: str = ""
    """Where it can be looked at, as a path of the doors"""

    @property
    def title(self) -> str:
        """The stage in words."""
        return LIMITS[self.stage].title

    @property
    def owner(self) -> Role:
        """Who looks first."""
        return LIMITS[self.stage].owner

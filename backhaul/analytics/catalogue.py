"""The catalogue of figures: every one with its definition and owner, in the order in which they are shown."""

from collections.abc import Mapping, Sequence

from backhaul.analytics.catalogue_goods import GOODS, RECOVERY
from backhaul.analytics.kpis import Kpi, Look, Unit
from backhaul.domain.limbo import ENDED, Stage
from backhaul.store import insight_desk, insight_flow, limbo
from backhaul.store.insight_facts import Fact as _Fact
from backhaul.store.insight_facts import Facts, Listed, Queried
from backhaul.store.leaks import leaks
from backhaul.store.stuck import stuck

_DESK, _WAREHOUSE, _FINANCE = "Returns desk", "Warehouse", "Finance"

STAGES = {
    Stage.NO_LABEL: "Let in, no label yet",
    Stage.WITH_CUSTOMER: "With the customer, label sent",
    Stage.ON_THE_WAY: "With the carrier",
    Stage.DELIVERED: "Delivered, not counted",
    Stage.REST: "Rest of a return, still to come",
    Stage.ADVANCED: "Made good before receipt, goods to come",
    Stage.TO_INSPECT: "In quarantine, to be inspected",
    Stage.TO_SETTLE: "Inspected, its place not settled",
    Stage.TO_MAKE_GOOD: "Place settled, customer waits",
    Stage.UNACCOUNTED: "Return ended, pieces not accounted for",
    Stage.CREDITED: "Credited",
    Stage.REPLACED: "Replaced",
    Stage.REPAIRED: "Repaired",
    Stage.NOTHING_OWED: "Came, and nothing is owed",
    Stage.RELEASED: "Need not come back any more",
}
"""Every stage in words"""

CASH = Kpi(
    key="cash",
    name="Cash in limbo",
    definition=(
        "The authorised value of all goods on RMAs, by where each piece stands; in limbo is what has "
        "neither been made good nor released."
    ),
    owner=_FINANCE,
    unit=Unit.MONEY,
    noun="RMA lines",
    parts=("Stage",),
    facts=lambda look: limbo.Limbo(look.uow),
    order=tuple(one.value for one in Stage),
    says={stage.value: words for stage, words in STAGES.items()},
    is_now=True,
    adds_up=frozenset(one.value for one in Stage if one not in ENDED),
)


def _stuck(look: Look) -> Facts:
    now = look.now
    return Listed(
        [
            _Fact(
                one.case_id or "", one.subject, one.stage.value, (now - one.since).total_seconds(), one.since
            )
            for one in stuck(look.uow)
        ]
    )


def _leaks(look: Look) -> Facts:
    return Listed(
        [
            _Fact(one.case_id, one.about, one.kind.value, one.value_minor)
            for one in leaks(look.uow)
            if not one.under_way
        ]
    )


MONEY = (
    CASH,
    Kpi(
        key="asked",
        name="Asked for, not let in yet",
        definition="The value of requests that wait for a person and are in no ledger yet; in USD only.",
        owner=_DESK,
        unit=Unit.MONEY,
        noun="reviews",
        parts=("Asked for",),
        facts=lambda look: Queried(look.uow, insight_desk.asked_for()),
        is_now=True,
    ),
    Kpi(
        key="credits",
        name="Credits, posted and under way",
        definition="What the ledger credited, goods and tax before fees, by how far the credit memo is.",
        owner=_FINANCE,
        unit=Unit.MONEY,
        noun="credits",
        parts=("Credit memo",),
        facts=lambda look: Queried(look.uow, limbo.credits_by_command(), look.since),
        says={
            "confirmed": "Posted in the ERP",
            "sent": "Sent, not answered yet",
            "intended": "To be sent",
            "unknown": "May be posted or not",
            "rejected": "Rejected by the ERP",
            "not_sent": "No command to be found",
        },
    ),
    Kpi(
        key="claims",
        name="Asked back from suppliers",
        definition="What the ledger claims from suppliers: what came back, and the rest by state of claim.",
        owner="Purchasing",
        unit=Unit.MONEY,
        noun="claims",
        parts=("Claim",),
        facts=lambda look: Queried(look.uow, limbo.claims_by_state(), look.since),
        says={"recovered": "Recovered", "paid_short": "Not paid, of claims that were credited"},
    ),
    Kpi(
        key="leakage",
        name="Leakage",
        definition=(
            "Pieces and money that the books of returns cannot account for once they have ended, "
            "at their authorised value."
        ),
        owner=_FINANCE,
        unit=Unit.MONEY,
        noun="leaks",
        parts=("What",),
        facts=_leaks,
        is_now=True,
        quick=False,
    ),
)

FLOW = (
    Kpi(
        key="cycle-time",
        name="Cycle time",
        definition="From the customer's yes to the close of the return, for returns closed in the period.",
        owner=_DESK,
        unit=Unit.TIME,
        noun="returns",
        parts=("Facility",),
        facts=lambda look: Queried(look.uow, insight_flow.cycle_time(), look.since),
    ),
    Kpi(
        key="stage-time",
        name="Cycle time by stage",
        definition="How long each stage of a return took, for stages that ended in the period.",
        owner=_WAREHOUSE,
        unit=Unit.TIME,
        noun="stages",
        parts=("Stage", "Facility"),
        facts=lambda look: Queried(look.uow, insight_flow.stage_time(), look.since),
        order=insight_flow.STAGES,
        quick=False,
        one_after_another=True,
        says={
            "decision": "Decision, from the yes",
            "label": "Label",
            "parcel": "Parcel to our dock",
            "counting": "Waiting to be counted",
            "inspection": "Waiting to be inspected",
            "settling": "Settling on a place",
            "making_good": "Making good",
        },
    ),
    Kpi(
        key="days-to-credit",
        name="Days to credit",
        definition="From the count of the goods to their credit; without goods, from the request.",
        owner=_FINANCE,
        unit=Unit.TIME,
        noun="credits",
        parts=("Facility",),
        facts=lambda look: Queried(look.uow, insight_flow.days_to_credit(), look.since),
        says={"no_goods": "Without goods"},
    ),
    Kpi(
        key="first-answer",
        name="First answer",
        definition="From the first message of a conversation to the first answer of ours, whoever gave it.",
        owner=_DESK,
        unit=Unit.TIME,
        noun="conversations",
        parts=("Channel",),
        facts=lambda look: Queried(look.uow, insight_flow.first_answer(), look.since),
    ),
    Kpi(
        key="stuck",
        name="Stuck",
        definition="What stands still for longer than its stage may take; at most 200 of each stage.",
        owner=_DESK,
        unit=Unit.NUMBER,
        noun="stuck",
        parts=("Stage",),
        facts=_stuck,
        is_now=True,
    ),
)

PEOPLE = (
    Kpi(
        key="touchless",
        name="Touchless rate",
        definition="The share of decided requests on which no person had to look at any step.",
        owner="Policy owners",
        unit=Unit.SHARE,
        noun="requests",
        parts=("Reason",),
        facts=lambda look: Queried(look.uow, insight_desk.touchless(), look.since),
    ),
    Kpi(
        key="escalations",
        name="Escalations",
        definition="Reviews opened in the period, by the effect that waited and the rule behind it.",
        owner="Policy owners",
        unit=Unit.NUMBER,
        noun="reviews",
        parts=("Effect and rule",),
        facts=lambda look: Queried(look.uow, insight_desk.escalations(), look.since),
        says={"person": "A person was asked for"},
    ),
    Kpi(
        key="turned-down",
        name="Turned down by a person",
        definition="The share of reviews of an effect, decided by people, that ended in a no.",
        owner=_DESK,
        unit=Unit.SHARE,
        noun="reviews",
        parts=("Effect",),
        facts=lambda look: Queried(look.uow, insight_desk.turned_down(), look.since),
    ),
    Kpi(
        key="overrides",
        name="Override rate",
        definition="The share of dispositions where the inspector chose another than was proposed.",
        owner=_WAREHOUSE,
        unit=Unit.SHARE,
        noun="dispositions",
        parts=("Proposed",),
        facts=lambda look: Queried(look.uow, insight_desk.overrides(), look.since),
    ),
    Kpi(
        key="queue",
        name="Exception queue by age",
        definition="Reviews that wait now, by how long ago they were opened.",
        owner=_DESK,
        unit=Unit.NUMBER,
        noun="reviews",
        parts=("Age",),
        facts=lambda look: Queried(look.uow, insight_desk.queue_by_age(look.now)),
        order=(*insight_desk.AGES, insight_desk.OLDEST),
        is_now=True,
    ),
    Kpi(
        key="late",
        name="Past the deadline",
        definition="The share of reviews that wait now whose deadline has passed.",
        owner=_DESK,
        unit=Unit.SHARE,
        noun="reviews",
        parts=("Waits for", "Effect"),
        facts=lambda look: Queried(look.uow, insight_desk.late_reviews(look.now)),
        says={
            "open": "A decision",
            "waiting_for_customer": "The customer",
            "person": "A person was asked for",
        },
        is_now=True,
    ),
)

GROUPS: Mapping[str, Sequence[Kpi]] = {
    "Money": MONEY,
    "Time": FLOW,
    "People": PEOPLE,
    "Goods": GOODS,
    "Recovery and accuracy": RECOVERY,
}
"""Every figure, in the order in which they are shown"""
CATALOGUE: Mapping[str, Kpi] = {kpi.key: kpi for group in GROUPS.values() for kpi in group}
"""Every figure by its name in the address"""

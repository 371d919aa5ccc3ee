"""A segment in shadow: the guard writes down what it would have decided, and a person decides."""

from collections.abc import Callable
from datetime import date

import pytest

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.decision import PolicyDecision
from policies.facts import Facts
from tools.verdicts import decision_record

MakeFacts = Callable[..., Facts]
Texts = dict[str, str]
TODAY = date(2026, 6, 1)
CONTROLS = "controls-2020a.yaml"
LIVE = "create_rma:        {consumable: live, fastener: live, hand_tool: live"


@pytest.fixture(scope="module")
def watching(texts: Texts) -> PolicyBook:
    """The demo's policy with RMAs for hand tools in shadow."""
    assert LIVE in texts[CONTROLS]
    shadow = LIVE.replace("hand_tool: live", "hand_tool: shadow")
    return PolicyBook.load({**texts, CONTROLS: texts[CONTROLS].replace(LIVE, shadow)})


@pytest.fixture
def watched(watching: PolicyBook, ordinary: MakeFacts) -> Callable[..., PolicyDecision]:
    def ask(action: str = "create_rma", **otherwise: object) -> PolicyDecision:
        return watching.decide(ordinary(action, **otherwise), order_date=TODAY, decision_date=TODAY)

    return ask


@pytest.mark.parametrize(
    ("facts", "would_be"),
    [
        ({}, Outcome.PERMIT),
        ({"days_since_delivery": 31}, Outcome.DENY),
        ({"reason": "damaged_in_transit"}, Outcome.ASK),
        ({"confidence_permille": 100}, Outcome.ESCALATE),
        ({"unknown": ["tier"]}, Outcome.ESCALATE),
    ],
)
def test_a_person_decides_and_what_the_guard_would_have_done_is_kept(
    watched: Callable[..., PolicyDecision], facts: dict[str, object], would_be: Outcome
) -> None:
    decision = watched(**facts)
    assert (decision.outcome, decision.shadowed) == (Outcome.ESCALATE, would_be)
    assert decision_record(decision)["shadowed"] == would_be.value


def test_outside_the_segment_nothing_is_in_shadow(watched: Callable[..., PolicyDecision]) -> None:
    for elsewhere in (watched(product_class="fastener"), watched("create_label")):
        assert (elsewhere.outcome, elsewhere.shadowed) == (Outcome.PERMIT, None)


def test_an_approval_lifts_the_shadow_and_nothing_else(watched: Callable[..., PolicyDecision]) -> None:
    approved = watched(approvals=1, review_status="approved")
    assert (approved.outcome, approved.shadowed) == (Outcome.PERMIT, None)
    late = watched(approvals=1, review_status="approved", days_since_delivery=31)
    assert (late.outcome, [result.rule for result in late.deciding]) == (Outcome.DENY, ["RET-WINDOW"])


def test_the_customer_hears_that_a_person_looks_and_nothing_of_the_machine(
    watched: Callable[..., PolicyDecision],
) -> None:
    answers = [
        watched(**facts).for_customer()
        for facts in ({}, {"days_since_delivery": 31}, {"fraud_score_permille": 990})
    ]
    assert answers[0] == answers[1] == answers[2]
    (reason,) = answers[0].reasons
    assert "A colleague looks at" in reason.message
    assert (answers[0].would_change, answers[0].asks_for) == (None, ())


def test_a_shadow_rule_that_would_refuse_does_not_load(texts: Texts) -> None:
    refusing = texts[CONTROLS].replace(
        "  shadow: true\n  on_fail: escalate", "  shadow: true\n  on_fail: deny"
    )
    assert refusing != texts[CONTROLS]
    with pytest.raises(PolicyError, match="a `shadow` rule hands to a person"):
        PolicyBook.load({**texts, CONTROLS: refusing})

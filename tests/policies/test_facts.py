from collections.abc import Callable

import pytest

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.decision import PolicyDecision, Status
from policies.facts import FACTS, UNKNOWABLE, Facts, Kind, Source, parts

MakeFacts = Callable[..., Facts]
Decide = Callable[..., PolicyDecision]

DAMAGED: tuple[object, ...] = (None, "9", 1.5, True, 10**20, -(10**6), [])


@pytest.mark.parametrize("value", DAMAGED)
@pytest.mark.parametrize(
    "name", [name for name, info in FACTS.items() if info.kind is Kind.WHOLE and not info.reads]
)
def test_a_damaged_number_is_refused_by_name(ordinary: MakeFacts, name: str, value: object) -> None:
    with pytest.raises(PolicyError, match=name):
        ordinary(**{name: value})


@pytest.mark.parametrize("value", [None, "yes", 1, 0])
@pytest.mark.parametrize("name", [name for name, info in FACTS.items() if info.kind is Kind.FLAG])
def test_a_damaged_flag_is_refused_by_name(ordinary: MakeFacts, name: str, value: object) -> None:
    with pytest.raises(PolicyError, match=name):
        ordinary(**{name: value})


@pytest.mark.parametrize("name", [name for name, info in FACTS.items() if info.kind is Kind.CHOICE])
def test_a_word_from_outside_its_closed_list_is_refused(ordinary: MakeFacts, name: str) -> None:
    with pytest.raises(PolicyError, match=name):
        Facts.from_record({**ordinary().record(), name: "titanium"})


@pytest.mark.parametrize("name", [name for name, info in FACTS.items() if not info.reads])
def test_a_missing_fact_is_refused_and_never_a_default(ordinary: MakeFacts, name: str) -> None:
    record = ordinary().record()
    del record[name]
    with pytest.raises(PolicyError, match=name):
        Facts.from_record(record)


def test_a_fact_nobody_declared_is_refused(ordinary: MakeFacts) -> None:
    with pytest.raises(PolicyError, match="vip"):
        ordinary(vip=True)


def test_refusing_a_fact_does_not_repeat_its_value(ordinary: MakeFacts) -> None:
    with pytest.raises(PolicyError) as refusal:
        ordinary(tier="4111111111111111")
    assert "4111" not in str(refusal.value)


@pytest.mark.parametrize("name", sorted(UNKNOWABLE))
def test_what_the_erp_cannot_tell_goes_to_a_person_when_a_rule_reads_it(decide: Decide, name: str) -> None:
    decision = decide(unknown=[name])
    readers = [result for result in decision.results if any(name in parts(i.name) for i in result.inputs)]
    asked = [result for result in readers if result.status is not Status.NOT_APPLICABLE]
    assert all(result.status is Status.UNKNOWN for result in asked)
    assert decision.outcome is (
        Outcome.ESCALATE if asked or None in decision.outputs.values() else Outcome.PERMIT
    )


def test_an_approval_does_not_make_an_unknown_fact_known(decide: Decide) -> None:
    decision = decide(unknown=["unit_price_usd_minor"], approvals=2)
    assert decision.outcome is Outcome.ESCALATE
    assert {result.rule for result in decision.deciding} == {"AUTO-LIMIT"}
    assert "the price" not in decision.deciding[0].message
    assert "the value at stake on the whole order" in decision.deciding[0].message


def test_a_known_refusal_stands_whatever_else_is_unknown(decide: Decide) -> None:
    assert decide(days_since_delivery=99, unknown=["unit_price_usd_minor"]).outcome is Outcome.DENY


def test_a_fact_cannot_be_unknown_and_have_a_value(ordinary: MakeFacts) -> None:
    with pytest.raises(PolicyError, match="tier"):
        Facts.from_record({**ordinary().record(), "unknown": ["tier"]})


@pytest.mark.parametrize("name", ["quantity", "approvals", "consent_given", "made_up"])
def test_only_what_the_erp_tells_can_be_unknown(ordinary: MakeFacts, name: str) -> None:
    with pytest.raises(PolicyError):
        ordinary(unknown=[name])


def test_reading_an_unknown_fact_is_an_error(ordinary: MakeFacts) -> None:
    with pytest.raises(AttributeError):
        _ = ordinary(unknown=["tier"]).tier


@pytest.mark.parametrize(
    "contradiction",
    [
        {"serials_given": 1, "serials_matching": 2},
        {"warranty_months": 0, "warranty_days_left": 5},
        {"delivered": False, "days_since_delivery": 5},
        {"approvals": 0, "approver_is_requester": True},
        {"approvals": 0, "approver_is_authoriser": True},
    ],
)
def test_facts_that_contradict_each_other_are_refused(
    ordinary: MakeFacts, contradiction: dict[str, object]
) -> None:
    with pytest.raises(PolicyError):
        ordinary(**contradiction)


def test_amounts_follow_from_price_and_quantity_and_nobody_can_state_them(ordinary: MakeFacts) -> None:
    known = ordinary(unit_price_usd_minor=1_250, quantity=3, order_paid_out_usd_minor=1_000).known()
    assert (known["amount_usd_minor"], known["order_exposure_usd_minor"]) == (3_750, 4_750)
    with pytest.raises(PolicyError, match="amount_usd_minor"):
        ordinary(amount_usd_minor=1)


def test_stored_facts_read_back_the_same(ordinary: MakeFacts) -> None:
    for facts in (ordinary(), ordinary(unknown=["tier", "days_since_delivery"])):
        assert Facts.from_record(facts.record()) == facts


def test_every_amount_names_its_currency_and_every_fact_its_source() -> None:
    assert all(name.endswith("_usd_minor") == (info.unit == "usd_minor") for name, info in FACTS.items())
    claimed = {name for name, info in FACTS.items() if info.source is Source.CLAIM}
    assert claimed == {"action", "reason", "resolution", "quantity", "serials_given"}

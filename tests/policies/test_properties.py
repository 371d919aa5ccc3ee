"""Random facts against the whole policy, and against an oracle that shares no code with it."""

from collections.abc import Callable
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.domain.codes import Action, Outcome
from policies.book import PolicyBook
from policies.cel import Compiled
from policies.decision import Status
from policies.facts import FACTS, UNKNOWABLE, FactInfo, Facts, Kind
from policies.rules import language_over

MakeFacts = Callable[..., Facts]
TODAY = date(2026, 6, 1)
STORED = [info for info in FACTS.values() if not info.reads]
MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


def values_of(info: FactInfo) -> st.SearchStrategy[object]:
    if info.kind is Kind.FLAG:
        return st.booleans()
    if info.kind is Kind.CHOICE:
        return st.sampled_from([str(choice) for choice in info.choices])
    near = st.integers(max(info.low, -2), min(info.high, 6))
    return near | st.integers(info.low, info.high)


def some_facts() -> st.SearchStrategy[dict[str, object]]:
    """Some facts otherwise than ordinary, made to agree with one another."""
    otherwise = st.fixed_dictionaries({}, optional={info.name: values_of(info) for info in STORED})
    few = st.lists(st.sampled_from([info.name for info in STORED]), max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: values_of(FACTS[name]) for name in names})
    )
    return few | few | otherwise


def agreeing(record: dict[str, object]) -> dict[str, object]:
    whole = {name: int(str(value)) for name, value in record.items() if FACTS[name].kind is Kind.WHOLE}
    given, months = whole["serials_given"], whole["warranty_months"]
    return {
        **record,
        "serials_matching": min(whole["serials_matching"], given),
        "warranty_days_left": whole["warranty_days_left"] if months else min(whole["warranty_days_left"], 0),
        "days_since_delivery": whole["days_since_delivery"] if record["delivered"] else 0,
        "rate_age_days": 0 if record["currency_is_ledger"] else whole["rate_age_days"],
        "approver_is_requester": bool(record["approver_is_requester"]) and whole["approvals"] > 0,
        "approver_is_authoriser": bool(record["approver_is_authoriser"]) and whole["approvals"] > 0,
    }


def build(ordinary: MakeFacts, otherwise: dict[str, object], unknown: list[str]) -> Facts:
    action = str(otherwise.get("action", "create_rma"))
    record = ordinary(action).record() | otherwise
    del record["unknown"]
    full = agreeing(record)
    return Facts.from_record(
        {name: value for name, value in full.items() if name not in unknown} | {"unknown": unknown}
    )


UNKNOWN = st.lists(st.sampled_from(sorted(UNKNOWABLE)), max_size=2, unique=True)


@MANY
@given(otherwise=some_facts(), unknown=UNKNOWN)
def test_whatever_the_facts_there_is_an_answer_and_a_failed_refusal_is_never_a_permit(
    book: PolicyBook, ordinary: MakeFacts, otherwise: dict[str, object], unknown: list[str]
) -> None:
    facts = build(ordinary, otherwise, unknown)
    decision = book.decide(facts, order_date=TODAY, decision_date=TODAY, explain=False)
    effects = {result.effect for result in decision.results}
    if Outcome.DENY in effects:
        assert (decision.shadowed or decision.outcome) is Outcome.DENY
    if decision.outcome is Outcome.PERMIT:
        assert effects == {Outcome.PERMIT}
        assert {result.status for result in decision.results} <= {Status.PASSED, Status.NOT_APPLICABLE}
        read = {given.name for result in decision.results for given in result.inputs if given.value is None}
        applied = {
            given.name
            for result in decision.results
            if result.status is Status.PASSED
            for given in result.inputs
        }
        assert read.isdisjoint(applied)
    assert decision.for_customer().outcome is decision.outcome


AUTO_LIMIT = {"standard": 50_000, "silver": 100_000, "gold": 250_000, "platinum": 500_000}


def forbidden(facts: Facts) -> list[str]:
    """Plain Python over the record: what must never be permitted for an RMA."""
    value = facts.unit_price_usd_minor * facts.quantity + facts.order_paid_out_usd_minor
    left = facts.quantity_shipped - facts.quantity_already_authorised
    wrong_item = facts.reason == "wrong_item"
    findings = {
        "a stranger's order": not facts.order_on_account,
        "no consent": not facts.consent_given,
        "more than shipped": facts.quantity > left,
        "never arrived": facts.reason == "late_or_missing",
        "unapproved value": value > AUTO_LIMIT[facts.tier] and not facts.approvals,
        "another currency at an old rate": not facts.currency_is_ledger and facts.rate_age_days > 5,
        "dangerous goods unseen": facts.hazmat and not facts.approvals,
        "foreign serial": facts.serial_tracked
        and not wrong_item
        and facts.serials_matching != facts.quantity,
        "serial for nothing": not facts.serial_tracked and not wrong_item and facts.serials_given > 0,
        "one-sided wrong item": wrong_item and not facts.received_item_known,
        "damage unseen": facts.reason == "damaged_in_transit" and not facts.photos,
        "approved by the requester": facts.approver_is_requester,
        "turned down": facts.review_status == "rejected",
        "far too late": facts.days_since_delivery > 65
        and facts.contract_window_days < 0
        and facts.reason not in {"warranty_failure", "recall"},
        "change of mind on a final sale": facts.final_sale and facts.reason == "no_longer_needed",
        "out of warranty": facts.reason == "warranty_failure" and facts.warranty_days_left < 0,
    }
    return [finding for finding, holds in findings.items() if holds]


@MANY
@given(otherwise=some_facts())
def test_no_rma_is_permitted_that_plain_python_forbids(
    book: PolicyBook, ordinary: MakeFacts, otherwise: dict[str, object]
) -> None:
    facts = build(ordinary, {**otherwise, "action": "create_rma"}, [])
    decision = book.decide(facts, order_date=TODAY, decision_date=TODAY, explain=False)
    findings = forbidden(facts)
    assert not findings or decision.outcome is not Outcome.PERMIT


@MANY
@given(otherwise=some_facts(), action=st.sampled_from(list(Action)), approvals=st.integers(0, 3))
def test_no_permit_violates_an_invariant(
    book: PolicyBook, ordinary: MakeFacts, otherwise: dict[str, object], action: Action, approvals: int
) -> None:
    facts = build(ordinary, {"approvals": approvals, **otherwise, "action": action.value}, [])
    decision = book.decide(facts, order_date=TODAY, decision_date=TODAY, explain=False)
    invariants: list[Compiled] = [
        never for line in book.bundle.policies.values() for of in line for never in of.invariants
    ]
    moment = language_over({}).moment(facts.known())
    violated = [never.text for never in invariants if never.answer(moment)]
    assert invariants
    assert decision.outcome is not Outcome.PERMIT or violated == []


@MANY
@given(otherwise=some_facts(), unknown=UNKNOWN)
def test_facts_as_seen_decide_the_same_again(
    book: PolicyBook, ordinary: MakeFacts, otherwise: dict[str, object], unknown: list[str]
) -> None:
    facts = build(ordinary, otherwise, unknown)
    first, again = (
        book.decide(each, order_date=TODAY, decision_date=TODAY, explain=False)
        for each in (facts, Facts.from_record(facts.record()))
    )
    assert first == again

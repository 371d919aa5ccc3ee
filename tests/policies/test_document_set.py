"""The shipped documents as a whole: subjects, editions with their days, overlays with their grants."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest

from backhaul.domain.codes import Action, Outcome, Region, Tier
from policies.book import PolicyBook
from policies.bundle import Days
from policies.decision import PolicyDecision
from policies.facts import Facts

MakeFacts = Callable[..., Facts]
AUTUMN = date(2026, 11, 25)
CONTROLS_CHANGE, TERMS_CHANGE, CLAIMS_CHANGE = date(2026, 7, 1), date(2026, 9, 1), date(2027, 2, 1)
A_DAY = timedelta(days=1)

SUBJECTS: dict[str, tuple[str, ...]] = {
    "return window by class and tier, and by region": ("RET-WINDOW", "window_days", "region_extra_days"),
    "a mistake of ours told late": ("RET-MISTAKE", "time_limit"),
    "contract override": ("RET-CONTRACT", "FEE-CONTRACT"),
    "warranty by item and serial": ("WAR-TERM",),
    "final sale": ("RET-FINAL", "final_sale_permits"),
    "regulated goods": ("REG-PHOTO", "REG-SEAL", "resale"),
    "dangerous goods": ("HAZ-CHANGE", "HAZ-APPROVAL", "hazmat_permits"),
    "no more than shipped and not yet authorised": ("RET-QTY", "RET-SETTLE"),
    "serial among those shipped, none for goods without": ("SERIAL-SHIPPED", "SERIAL-GIVEN"),
    "fraud": ("FRAUD", "fraud_ceiling"),
    "confidence": ("CONFIDENCE", "confidence_floor"),
    "confidence by class and value": (
        "EARNED-SMALL",
        "EARNED-MEDIUM",
        "EARNED-LARGE",
        "earned_floor_small",
        "earned_floor_medium",
        "earned_floor_large",
        "small_value_usd_minor",
        "medium_value_usd_minor",
    ),
    "photo evidence": ("PHOTO", "PHOTO-KEEP", "photos_needed"),
    "both sides of a wrong item": ("WRONG-ITEM",),
    "quality review of dear components": ("QUALITY", "quality_review_usd_minor"),
    "automatic limit by tier, over the whole order": ("AUTO-LIMIT", "auto_limit_usd_minor"),
    "returnless refund": ("RTL-LIMIT", "returnless_limit_usd_minor"),
    "restocking fee": ("restocking_bps", "restocking_on", "restocking_fee", "fee_ceiling"),
    "return freight": ("return_freight_usd_minor", "return_freight_on", "FREIGHT-SHARE"),
    "open RMAs and labels on a case": ("OPEN-RMAS", "LABEL-LIMIT", "LABEL-RMA"),
    "segregation of duties": ("SEG-DUTIES", "TWO-PERSON", "REQUESTER", "SOD-CREDIT"),
    "facility routing by class, region, tier and reason": ("facility", "send_to", "route", "bench"),
    "supplier recovery": ("VC-GROUND", "VC-WINDOW", "VC-WARRANTY", "VC-ONCE", "VC-LIMIT", "VC-PACKET"),
    "reason permits action": ("RSN-ACTION", "RSN-REVIEW", "reason_permits"),
    "advance replacement": ("ADV-REPLACE", "ADV-LIMIT", "advance_replacement", "advance_limit_usd_minor"),
    "credit before receipt": ("CRD-RECEIVED",),
    "what becomes of goods, by grade and class": (
        "DSP-GRADE",
        "DSP-CLASS",
        "DSP-REVIEW",
        "DSP-CUSTOMER",
        "by_grade",
        "by_class",
    ),
    "no more disposed of than received, under its serial": ("DSP-RECEIVED", "DSP-SERIAL"),
    "regulated and dangerous goods at the dock": ("DSP-SEAL", "DSP-HAZMAT", "under_seal"),
    "what a move writes off": ("DSP-WRITEDOWN", "write_down_limit_usd_minor"),
    "money follows the inspection": ("CRD-FINDING", "LATE-GOODS", "REP-RECEIVED", "CRD-KEPT", "RPR-HELD"),
    "a credit where the goods do not allow what was wished": ("CRD-SEEN", "CRD-INSTEAD", "RPR-BENCH"),
    "no more credited than invoiced": ("CRD-INVOICED",),
    "another currency at a dated rate": ("CURRENCY", "rate_age_limit"),
    "consent, account, credit hold, a colleague's no": (
        "CONSENT",
        "ACCOUNT",
        "CREDIT-HOLD",
        "REVIEW-REJECTED",
    ),
    "shadow mode by segment": ("SHADOW", "automation"),
}


def decided(
    book: PolicyBook, facts: Facts, ordered: date, day: date | None = None, facility: str | None = None
) -> PolicyDecision:
    return book.decide(
        facts, order_date=ordered, decision_date=day or ordered, facility=facility, explain=False
    )


def effect(decision: PolicyDecision, rule: str) -> Outcome | None:
    """What one rule makes of it; None when the rule was not part of the documents in force."""
    return next((result.effect for result in decision.results if result.rule == rule), None)


def in_force(book: PolicyBook, day: date) -> tuple[set[str], set[str], set[str]]:
    """The rules, tables and outputs of all policies on that day."""
    editions = [edition for _, edition in book.bundle.editions_in_force(Days(day, day)) if edition]
    return (
        {rule.id for edition in editions for rule in edition.policy.rules},
        {name for edition in editions for name in edition.policy.tables},
        {name for edition in editions for name in edition.policy.outputs},
    )


def test_return_freight_is_kept_from_a_credit_for_what_was_not_our_mistake(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    kept = [
        decided(book, ordinary(**given), AUTUMN).outputs["return_freight_usd_minor"]
        for given in (
            {},
            {"tier": "gold"},
            {"product_class": "drives_and_motors", "tier": "gold"},
            {"reason": "wrong_item", "received_item_known": True},
            {"resolution": "repair"},
        )
    ]
    assert kept == [850, 0, 1_800, 0, 0]


def test_who_is_credited_instead_of_what_they_wished_bears_the_fees_of_the_reason_found(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    kept = [
        (given.outputs["restocking_bps"], given.outputs["return_freight_usd_minor"])
        for wish, action, reason in (
            ("replacement", "credit_memo", "no_longer_needed"),
            ("repair", "credit_memo", "no_longer_needed"),
            ("repair", "credit_memo", "warranty_failure"),
            ("keep_with_allowance", "credit_memo", "no_longer_needed"),
            ("replacement", "create_rma", "no_longer_needed"),
        )
        for given in [decided(book, ordinary(action=action, resolution=wish, reason=reason), AUTUMN)]
    ]
    assert kept == [(1_500, 850), (1_500, 850), (0, 0), (0, 0), (0, 0)]


def test_there_are_rules_and_tables_enough_for_a_distributor(book: PolicyBook) -> None:
    rules, tables, _ = in_force(book, AUTUMN)
    assert (len(rules) >= 25, len(tables) >= 15) == (True, True)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_is_ruled_today_and_when_the_coming_edition_begins(
    book: PolicyBook, subject: str
) -> None:
    for day in (AUTUMN, CLAIMS_CHANGE):
        known = set[str]().union(*in_force(book, day))
        assert set(SUBJECTS[subject]) <= known


def test_no_rule_stands_outside_the_list_of_subjects_but_the_upkeep_of_an_rma(book: PolicyBook) -> None:
    rules, _, _ = in_force(book, AUTUMN)
    listed = {name for names in SUBJECTS.values() for name in names}
    upkeep = {"CANCEL-OPEN", "CANCEL-RECEIVED", "CANCEL-SETTLED", "VOID-OPEN"}
    between = {"RECALL", "RES-ACTION", "RET-DELIVERED", "VC-HELD", "VC-COST", "VC-MINIMUM", "VC-NUMBER"}
    assert rules - listed == upkeep | between


def test_terms_and_controls_have_two_editions_and_one_edition_is_coming(book: PolicyBook) -> None:
    editions = {
        name: [edition.policy.edition for edition in line] for name, line in book.bundle.policies.items()
    }
    assert editions == {
        "controls": ["2020a", "2026b"],
        "dock": ["2026a"],
        "recovery": ["2020a", "2027a"],
        "terms": ["2020a", "2026b"],
    }
    coming = [
        of for line in book.bundle.policies.values() for of in line if of.policy.effective.first > AUTUMN
    ]
    assert [of.policy.label for of in coming] == ["recovery@2027a"]


SEGMENT_LIVE = {"product_class": "bearing", "action": "vendor_claim"}
CHANGES = [
    pytest.param(
        CONTROLS_CHANGE,
        "FRAUD",
        {"tier": "platinum", "fraud_score_permille": 801},
        Outcome.PERMIT,
        Outcome.ESCALATE,
        id="fraud score of platinum accounts",
    ),
    pytest.param(
        CONTROLS_CHANGE,
        "PHOTO",
        {"reason": "missing_parts"},
        Outcome.PERMIT,
        Outcome.ASK,
        id="photo of missing parts",
    ),
    pytest.param(
        CONTROLS_CHANGE,
        "RTL-LIMIT",
        {"action": "returnless_refund", "product_class": "fastener", "unit_price_usd_minor": 6_500},
        Outcome.ESCALATE,
        Outcome.PERMIT,
        id="fasteners kept by the customer",
    ),
    pytest.param(
        CONTROLS_CHANGE,
        "RTL-LIMIT",
        {"action": "returnless_refund", "product_class": "chemical", "unit_price_usd_minor": 5_001},
        Outcome.PERMIT,
        Outcome.ESCALATE,
        id="chemicals kept by the customer",
    ),
    pytest.param(
        CONTROLS_CHANGE, "SHADOW", SEGMENT_LIVE, Outcome.ESCALATE, Outcome.PERMIT, id="claims for bearings"
    ),
    pytest.param(
        CONTROLS_CHANGE, "REG-SEAL", {"product_class": "safety_gear"}, None, Outcome.ESCALATE, id="the seal"
    ),
    pytest.param(
        TERMS_CHANGE,
        "RET-WINDOW",
        {"product_class": "electronics", "days_since_delivery": 26},
        Outcome.PERMIT,
        Outcome.DENY,
        id="window for electronics",
    ),
    pytest.param(
        TERMS_CHANGE,
        "RET-WINDOW",
        {"product_class": "pneumatic", "tier": "platinum", "days_since_delivery": 75},
        Outcome.DENY,
        Outcome.PERMIT,
        id="window for pneumatics",
    ),
    pytest.param(
        TERMS_CHANGE,
        "RSN-REVIEW",
        {"action": "returnless_refund", "reason": "missing_parts"},
        Outcome.ESCALATE,
        Outcome.PERMIT,
        id="missing parts kept",
    ),
    pytest.param(
        CLAIMS_CHANGE,
        "VC-MINIMUM",
        {"action": "vendor_claim", "unit_cost_usd_minor": 2_000},
        Outcome.DENY,
        Outcome.PERMIT,
        id="smallest claim",
    ),
    pytest.param(
        CLAIMS_CHANGE,
        "VC-LIMIT",
        {"action": "vendor_claim", "product_class": "electronics", "unit_cost_usd_minor": 150_001},
        Outcome.PERMIT,
        Outcome.ESCALATE,
        id="large claim for electronics",
    ),
]


@pytest.mark.parametrize(("begins", "rule", "facts", "before", "since"), CHANGES)
def test_a_new_edition_changes_the_answer_on_its_first_day_and_not_before(
    book: PolicyBook,
    ordinary: MakeFacts,
    begins: date,
    rule: str,
    facts: dict[str, object],
    before: Outcome | None,
    since: Outcome,
) -> None:
    given = ordinary(**facts)
    answers = [effect(decided(book, given, day), rule) for day in (begins - A_DAY, begins)]
    assert answers == [before, since]


def test_an_order_keeps_its_terms_and_a_control_that_changed_holds_for_it_as_well(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    late = ordinary(product_class="electronics", days_since_delivery=28)
    assert decided(book, late, TERMS_CHANGE - A_DAY, AUTUMN).outcome is Outcome.PERMIT
    gloves = ordinary(product_class="safety_gear")
    assert decided(book, gloves, TERMS_CHANGE - A_DAY, AUTUMN).outcome is Outcome.ASK


@pytest.mark.parametrize(
    ("facts", "facility"),
    [
        ({"product_class": "power_tool", "reason": "defective"}, "ATL1"),
        ({"product_class": "power_tool", "reason": "defective", "tier": "platinum"}, "CMH1"),
        ({"product_class": "power_tool", "reason": "warranty_failure", "tier": "platinum"}, "ATL1"),
        ({"product_class": "power_tool", "reason": "no_longer_needed"}, "CMH1"),
        ({"product_class": "electronics", "reason": "not_as_described", "region": "west"}, "CMH1"),
        ({"product_class": "electronics", "reason": "over_shipped", "region": "west"}, "RNO1"),
    ],
)
def test_failed_goods_go_to_the_building_that_can_test_them(
    book: PolicyBook, ordinary: MakeFacts, facts: dict[str, object], facility: str
) -> None:
    assert decided(book, ordinary(**facts), AUTUMN).outputs["facility"] == facility


def test_the_building_is_known_before_its_overlays_are_asked(book: PolicyBook, ordinary: MakeFacts) -> None:
    days = {"order_date": AUTUMN, "decision_date": AUTUMN}
    assert book.routed(ordinary(region="west"), **days) == "RNO1"
    assert book.routed(ordinary("create_label", region="west"), **days) is None
    unknown = ordinary(unknown=["product_class"])
    assert book.routed(unknown, **days) is None


@pytest.mark.parametrize("day", [CONTROLS_CHANGE - A_DAY, AUTUMN])
def test_the_serial_rule_never_refuses_a_wrong_item(book: PolicyBook, ordinary: MakeFacts, day: date) -> None:
    asked = set[Action]()
    for action, tracked, given, quantity in product(Action, (True, False), range(4), (1, 2)):
        for matching, region in product(range(given + 1), ("west", "midwest")):
            facts = ordinary(
                action.value,
                reason="wrong_item",
                serial_tracked=tracked,
                serials_given=given,
                serials_matching=matching,
                quantity=quantity,
                region=region,
            )
            for facility in (None, "RNO1"):
                decision = decided(book, facts, day, facility=facility)
                found = {effect(decision, rule) for rule in ("SERIAL-SHIPPED", "SERIAL-GIVEN")}
                assert found <= {Outcome.PERMIT, None}
                asked |= {action} if effect(decision, "SERIAL-SHIPPED") else set()
    assert asked == {
        Action.CREATE_RMA,
        Action.REPLACEMENT,
        Action.CREDIT_MEMO,
        Action.RETURNLESS_REFUND,
        Action.REPAIR_ORDER,
        Action.VENDOR_CLAIM,
    }


def test_the_west_has_three_more_days_by_a_grant_that_is_named_until_it_ends(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    late = ordinary(region="west", days_since_delivery=38)
    granted = decided(book, late, AUTUMN)
    assert granted.outcome is Outcome.PERMIT
    (cell,) = (
        cell
        for result in granted.results
        if result.rule == "RET-WINDOW"
        for cell in result.cells
        if cell.table == "region_extra_days"
    )
    assert (cell.value, cell.written_in) == (8, "pacific@2026b by grant EXC-2026-031")
    for day in (TERMS_CHANGE - A_DAY, date(2027, 3, 1)):
        assert effect(decided(book, late, day), "RET-WINDOW") is Outcome.DENY


def test_the_west_is_stricter_with_chemicals_and_heavy_drives(book: PolicyBook, ordinary: MakeFacts) -> None:
    for region, expected in ((Region.WEST, Outcome.DENY), (Region.MIDWEST, Outcome.PERMIT)):
        drum = ordinary(product_class="chemical", days_since_delivery=30, region=region.value)
        assert effect(decided(book, drum, AUTUMN), "RET-WINDOW") is expected
    fees = [
        decided(
            book, ordinary(product_class="drives_and_motors", region=region, tier=tier.value), AUTUMN
        ).outputs["restocking_bps"]
        for region, tier in product(("west", "midwest"), (Tier.STANDARD, Tier.GOLD))
    ]
    assert fees == [3_000, 1_500, 2_500, 1_500]


def test_reno_asks_for_pictures_and_announces_large_deliveries_and_no_other_building_does(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    faulty = ordinary(reason="defective")
    many = ordinary(quantity=201, quantity_shipped=500, unit_price_usd_minor=100)
    for facility, picture, dock in (
        ("RNO1", Outcome.ASK, Outcome.ESCALATE),
        ("CMH1", Outcome.PERMIT, None),
        (None, Outcome.PERMIT, None),
    ):
        assert effect(decided(book, faulty, AUTUMN, facility=facility), "PHOTO") is picture
        assert effect(decided(book, many, AUTUMN, facility=facility), "RNO-DOCK") is dock


def test_every_grant_of_the_register_is_used_and_outlasts_its_overlay(book: PolicyBook) -> None:
    used = {grant.id: (of, grant) for of in book.bundle.overlays for grant in of.grants.values()}
    assert sorted(used) == ["EXC-2026-031", "EXC-2026-032"]
    for of, grant in used.values():
        ends = of.overlay.effective.until
        assert ends is not None
        assert ends <= grant.until

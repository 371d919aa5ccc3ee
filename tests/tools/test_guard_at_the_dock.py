"""What the guard decides about goods that came back: which pieces, on what findings, by whose yes."""

import pytest

from backhaul.connectors.ports import CreditRequest
from backhaul.domain.codes import Action, Outcome, Reason, Role
from backhaul.domain.errors import NotFound
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store import cases, dock, reviews, staff
from backhaul.store.conversation import Speaker
from backhaul.store.money_tables import VendorClaimRow
from tests.house import House
from tests.tools.bench import Bench, bench, failed, opened
from tools.dock_options import permitted_on_bench

SUNDOWN = Speaker("A-1003", "Luis Arroyo", "contact:C-1003-1")
PRAIRIE = Speaker("A-1002", "Prairie State Conveyor", "contact:C-1002-1")
ARNE, RITA = "arne.approver@halden.example", "rita.reviewer@halden.example"


def test_what_came_back_as_new_is_restocked_and_credited_without_a_person(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    (goods,) = at.came(4)

    moved = at.judge(Action.MOVE_STOCK, goods)
    at.spend(moved)
    credited = at.judge(Action.CREDIT_MEMO, goods)

    assert (failed(moved), failed(credited)) == (set(), set())
    assert (moved.command.disposition, moved.command.grade) == (Disposition.RESTOCK, Grade.A)
    assert (moved.command.quantity, moved.command.facility_id) == (4, at.rma.facility_id)
    assert (credited.command.quantity, credited.command.subject) == (4, goods)
    assert credited.command.restocking_fee > Money(0)
    assert credited.decision.facts.requester_kind == "system"


def test_each_part_of_a_parcel_is_judged_for_its_own_pieces(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    first, second = at.came(4, inspected=(1, 3))

    at.spend(at.judge(Action.MOVE_STOCK, first))
    later = at.judge(Action.MOVE_STOCK, second)

    assert later.decision.facts.quantity_dispositioned == 1
    assert (later.outcome, later.command.quantity) == (Outcome.PERMIT, 3)
    at.spend(later)
    assert failed(at.judge(Action.MOVE_STOCK, first)) == {"DSP-RECEIVED"}


def test_the_label_is_charged_once_and_parts_add_up_to_what_was_invoiced(sqlite_house: House) -> None:
    at = bench(sqlite_house, "SO-15100", words="four sensors are no longer needed", speaker=PRAIRIE)
    parts = at.came(4, inspected=(1, 1, 2))
    memos = []
    for part in parts:
        memos.append(at.judge(Action.CREDIT_MEMO, part))
        at.spend(memos[-1])

    facts = [one.decision.facts for one in memos]
    assert [one.command.return_freight.minor > 0 for one in memos] == [True, False, False]
    assert facts[-1].line_credited_usd_minor == facts[0].credit_usd_minor + facts[1].credit_usd_minor
    billed = memos[0].prepared.found.billed
    assert sum(one.command.tax.minor for one in memos) == billed.tax_on(4).minor


def test_goods_that_nobody_has_inspected_are_credited_by_a_person_only(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    assert failed(at.judge(Action.CREDIT_MEMO, at.rma.id)) == {"CRD-FINDING", "CRD-RECEIVED"}
    at.came(4)
    assert failed(at.judge(Action.CREDIT_MEMO, at.rma.id)) == {"CRD-FINDING"}


def test_the_reason_that_was_found_decides_on_the_fee_and_the_one_told_stays_on_record(
    sqlite_house: House,
) -> None:
    at = bench(sqlite_house, reason=Reason.DEFECTIVE, words="four of the bearings are defective, they grind")
    (goods,) = at.came(4, finding=Finding.DIFFERS, found_reason=Reason.NO_LONGER_NEEDED)

    judged = at.judge(Action.CREDIT_MEMO, goods)

    assert failed(judged) == {"CRD-FINDING"}
    assert judged.command.restocking_fee > Money(0)
    assert judged.command.reason is Reason.NO_LONGER_NEEDED
    assert judged.prepared.proposal.reason is Reason.DEFECTIVE


def test_goods_that_bear_the_reason_out_pay_no_fee(sqlite_house: House) -> None:
    at = bench(sqlite_house, reason=Reason.DEFECTIVE, words="four of the bearings are defective, they grind")
    (goods,) = at.came(4, grade=Grade.D, chosen=Disposition.SCRAP)

    judged = at.judge(Action.CREDIT_MEMO, goods)

    assert (judged.outcome, judged.command.restocking_fee.minor) == (Outcome.PERMIT, 0)


def test_the_bench_hears_before_it_settles_what_the_guard_would_say(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    (goods,) = at.came(4, grade=Grade.D, chosen=Disposition.SCRAP)
    with sqlite_house.store.read() as uow:
        inspection = dock.disposition(uow, goods).inspection_id

    ask = permitted_on_bench(sqlite_house.desk, inspection)
    if_approved = permitted_on_bench(sqlite_house.desk, inspection, approved=True)

    assert ask(Disposition.SCRAP) is None
    assert at.judge(Action.MOVE_STOCK, goods).outcome is Outcome.PERMIT
    assert ask(Disposition.RESTOCK) == "Goods of grade D are not for this (restock)."
    assert "colleague" in (ask(Disposition.RETURN_TO_CUSTOMER) or "")
    assert if_approved(Disposition.RETURN_TO_CUSTOMER) is None
    assert if_approved(Disposition.RESTOCK) is not None


def test_a_large_loss_against_the_books_waits_for_a_person(sqlite_house: House) -> None:
    at = bench(sqlite_house, "SO-15072", words="four cylinders are no longer needed", speaker=SUNDOWN)
    (goods,) = at.came(4, grade=Grade.D, chosen=Disposition.SCRAP)

    judged = at.judge(Action.MOVE_STOCK, goods)

    cost = judged.prepared.found.unit_cost
    assert cost is not None
    assert judged.decision.facts.write_down_usd_minor == cost.minor * 4
    assert failed(judged) == {"DSP-WRITEDOWN"}


def test_the_pieces_of_another_line_are_not_to_be_had(sqlite_house: House) -> None:
    at, other = bench(sqlite_house), bench(sqlite_house, line=2, pieces=2)
    (goods,) = other.came(2)
    for action in (Action.MOVE_STOCK, Action.CREDIT_MEMO, Action.REPLACEMENT, Action.REPAIR_ORDER):
        with pytest.raises(NotFound):
            at.judge(action, goods)
    with pytest.raises(NotFound):
        at.judge(Action.CREDIT_MEMO, other.rma.id)


def test_a_disposition_is_no_right_of_the_customers(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    with pytest.raises(NotFound):
        at.judge(Action.MOVE_STOCK, at.rma.id)


def test_what_goes_back_to_the_customer_is_not_credited(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    (goods,) = at.came(4, grade=Grade.C, chosen=Disposition.RETURN_TO_CUSTOMER)
    assert failed(at.judge(Action.MOVE_STOCK, goods)) == {"DSP-CUSTOMER"}
    assert failed(at.judge(Action.CREDIT_MEMO, goods)) == {"CRD-KEPT"}


def let_in_by(house: House, who: str) -> Bench:
    """An RMA that somebody had to approve, and did."""
    sent = house.propose(
        "SO-15072", 1, 2, Reason.OTHER, words="two of the cylinders should go back", speaker=SUNDOWN
    )
    with house.store.begin() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        review, person = reviews.review_of_proposal(uow, proposal.id), staff.staff_by_email(uow, who)
        assert review is not None
        assert person is not None
        verdict = reviews.newest_verdict(uow, review)
        assert verdict is not None
        digest = verdict.command_digest
        reviews.approve(uow, house.desk.ids, review, user_id=person.id, command_digest=digest, note="")
        house.engine.start(uow, workflow="resume-review", workflow_id="let-in", args=[review.id])
    return opened(house, sent.consent_id or "")


def test_whoever_let_the_return_in_is_no_second_pair_of_eyes_on_its_credit(sqlite_house: House) -> None:
    at = let_in_by(sqlite_house, ARNE)
    (goods,) = at.came(2)
    asked = at.judge(Action.CREDIT_MEMO, goods)
    assert "RSN-REVIEW" in failed(asked)

    at.approve(asked, ARNE)
    alone = at.judge(Action.CREDIT_MEMO, goods)
    assert (failed(alone), alone.decision.facts.approver_is_authoriser) == ({"SOD-CREDIT"}, True)

    at.approve(alone, RITA)
    both = at.judge(Action.CREDIT_MEMO, goods)
    assert (failed(both), both.decision.facts.approvals) == (set(), 1)


def test_finance_approves_money_and_no_goods(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    (goods,) = at.came(4, grade=Grade.B)
    with sqlite_house.store.begin() as uow:
        person = staff.staff_by_email(uow, RITA)
        assert person is not None
        person.roles = [Role.FINANCE.value]
    moved, early = at.judge(Action.MOVE_STOCK, goods), at.judge(Action.CREDIT_MEMO, at.rma.id)
    at.approve(moved, RITA)
    at.approve(early, RITA)
    assert failed(at.judge(Action.MOVE_STOCK, goods)) == {"DSP-REVIEW"}
    assert failed(at.judge(Action.CREDIT_MEMO, at.rma.id)) == set()


def test_what_was_credited_in_the_erp_directly_is_not_credited_again(sqlite_house: House) -> None:
    at = bench(sqlite_house, pieces=10)
    (goods,) = at.came(10)
    line = sqlite_house.world.erp.order_line("SO-15086", 1)
    assert line is not None
    pieces = line.quantity_shipped - 9
    goods_value = line.unit_price * pieces
    nothing = Money(0)
    by_hand = CreditRequest(
        reference="by hand",
        account_id="A-1001",
        case_id="",
        order_number="SO-15086",
        line=1,
        quantity=pieces,
        goods=goods_value,
        tax=nothing,
        restocking_fee=nothing,
        return_freight=nothing,
        reason=Reason.OTHER,
    )
    sqlite_house.world.erp_writes.post_credit_memo(by_hand, key="by hand")

    judged = at.judge(Action.CREDIT_MEMO, goods)

    assert failed(judged) == {"CRD-INVOICED"}
    assert judged.decision.facts.line_credited_usd_minor == goods_value.minor


def claim_for(at: Bench, disposition_id: str, missing: list[str]) -> str:
    """A vendor claim as the worker prepares it, with what its packet lacks."""
    claim_id = at.house.desk.ids.new("VC")
    with at.house.store.begin() as uow:
        row = VendorClaimRow(
            id=claim_id,
            case_id=at.rma.case_id,
            rma_id=at.rma.id,
            rma_line_id=_line_of(at, disposition_id),
            proposal_id=at.proposal_id,
            disposition_id=disposition_id,
            supplier_id="S-1",
            purchase_order="PO-1",
            sku="",
            quantity=4,
            serials=[],
            purchases=[],
            cost_minor=9_000,
            allowance_minor=500,
            expected_minor=0,
            state="incomplete" if missing else "ready",
            missing=missing,
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
    return claim_id


def _line_of(at: Bench, disposition_id: str) -> str:
    with at.house.store.read() as uow:
        return dock.disposition(uow, disposition_id).rma_line_id or ""


def test_a_claim_asks_for_cost_and_allowance_and_waits_for_its_papers(sqlite_house: House) -> None:
    at = bench(sqlite_house, reason=Reason.DEFECTIVE, words="four of the bearings are defective, they grind")
    (goods,) = at.came(4, grade=Grade.D, chosen=Disposition.RETURN_TO_VENDOR)

    lacking = at.judge(Action.VENDOR_CLAIM, claim_for(at, goods, ["a photo of the number plate"]))

    assert "VC-PACKET" in failed(lacking)
    assert (lacking.outcome, lacking.command.claimed) == (Outcome.DENY, Money(9_500))
    with pytest.raises(NotFound):
        at.judge(Action.VENDOR_CLAIM, goods)

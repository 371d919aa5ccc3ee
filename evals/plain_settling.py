"""The conditions of what settles a return: credit, replacement, repair, stock and claim."""

from evals import plain_dock
from evals.plain_answer import Answer
from evals.plain_rules import (
    Tables,
    both_sides_of_a_wrong_item,
    dangerous_goods,
    fees,
    reason_and_serials,
    reason_is_looked_at,
    serial_of_each_piece,
    serials_were_shipped,
    two_people,
    value_at_stake,
    warranty,
    when_goods_or_money_move,
)
from policies.facts import Facts


def _settle(f: Facts, t: Tables, answer: Answer) -> None:
    """Rules of what settles a return: a credit or a replacement."""
    when_goods_or_money_move(f, t, answer)
    reason_and_serials(f, t, answer)
    two_people(f, t, answer, value_at_stake(f, t, answer))
    if f.unit_price_usd_minor > t["quality_review_usd_minor"][f.product_class] and f.approvals < 1:
        answer.escalate("QUALITY")
    _made_good_once(f, answer)


def _made_good_once(f: Facts, answer: Answer) -> None:
    if f.reason == "late_or_missing" or f.resolution == "keep_with_allowance":
        left = f.quantity_shipped - f.quantity_already_authorised
    else:
        left = f.quantity_on_rma - f.quantity_settled
    if f.quantity > left:
        answer.deny("RET-SETTLE")


def replacement(f: Facts, t: Tables, answer: Answer) -> None:
    """The right part goes out."""
    _settle(f, t, answer)
    serial_of_each_piece(f, answer)
    dangerous_goods(f, answer)
    both_sides_of_a_wrong_item(f, answer)
    plain_dock.of_a_replacement(f, answer)
    if f.reason == "warranty_failure":
        warranty(f, answer)
    if not f.consent_given:
        answer.ask("CONSENT")
    if f.photos < t["photos_needed"][f.reason]:
        answer.ask("PHOTO")
    if f.approvals >= 1:
        return
    if f.credit_hold:
        answer.escalate("CREDIT-HOLD")
    if f.quantity > f.quantity_received - f.quantity_settled:
        agreed = f.contract_advance_replacement or t["advance_replacement"][f.reason] == "permit"
        if not agreed:
            answer.escalate("ADV-REPLACE")
        if f.unit_price_usd_minor * f.quantity > t["advance_limit_usd_minor"][f.tier]:
            answer.escalate("ADV-LIMIT")


def credit_memo(f: Facts, t: Tables, answer: Answer) -> None:
    """Money goes out for goods that are back."""
    _settle(f, t, answer)
    fees(f, t, answer)
    plain_dock.of_a_credit(f, answer)
    _out_of_the_process(f, answer)
    if f.final_sale and t["final_sale_permits"][f.reason] != "permit":
        answer.deny("RET-FINAL")
    if f.quantity > f.quantity_received - f.quantity_settled and f.approvals < 1:
        answer.escalate("CRD-RECEIVED")


def vendor_claim(f: Facts, t: Tables, answer: Answer) -> None:
    """A supplier is asked for its part."""
    when_goods_or_money_move(f, t, answer)
    reason_and_serials(f, t, answer)
    serial_of_each_piece(f, answer)
    _out_of_the_process(f, answer)
    if not f.packet_complete:
        answer.deny("VC-PACKET")
    _grounds_of_the_claim(f, t, answer)
    if f.quantity + f.quantity_claimed > f.quantity_shipped:
        answer.deny("VC-ONCE")
    claim = f.unit_cost_usd_minor * f.quantity
    if f.unit_cost_usd_minor <= 0:
        answer.escalate("VC-COST")
    elif claim < t["claim_minimum_usd_minor"]:
        answer.deny("VC-MINIMUM")
    if f.approvals >= 1:
        return
    if f.quantity + f.quantity_claimed > f.quantity_received:
        answer.escalate("VC-HELD")
    if claim > t["claim_limit_usd_minor"][f.product_class]:
        answer.escalate("VC-LIMIT")
    if f.supplier_rma_required:
        answer.escalate("VC-NUMBER")


def _grounds_of_the_claim(f: Facts, t: Tables, answer: Answer) -> None:
    ground, limit = t["claim_ground"][f.reason], t["claim_time"][f.reason]
    defective = ground == "defective" and f.supplier_accepts_defective
    surplus = ground == "surplus" and f.supplier_accepts_overstock
    if not defective and not surplus:
        answer.deny("VC-GROUND")
    if limit == "window" and f.days_since_receipt > f.supplier_window_days:
        answer.deny("VC-WINDOW")
    if limit == "warranty" and (f.warranty_months <= 0 or f.warranty_days_left < 0):
        answer.deny("VC-WARRANTY")


def _out_of_the_process(f: Facts, answer: Answer) -> None:
    if f.requester_kind == "customer":
        answer.deny("REQUESTER")


def move_stock(f: Facts, t: Tables, answer: Answer) -> None:
    """Goods leave quarantine."""
    when_goods_or_money_move(f, t, answer)
    reason_is_looked_at(f, t, answer)
    _out_of_the_process(f, answer)
    plain_dock.disposition(f, t, answer)


def repair_order(f: Facts, t: Tables, answer: Answer) -> None:
    """Goods go to the bench and back to the customer."""
    when_goods_or_money_move(f, t, answer)
    reason_is_looked_at(f, t, answer)
    serials_were_shipped(f, answer)
    _out_of_the_process(f, answer)
    _made_good_once(f, answer)
    plain_dock.of_a_repair(f, answer)

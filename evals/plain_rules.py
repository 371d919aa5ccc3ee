"""The conditions of evals.plain_policy, action by action. `t` are the tables in force."""

from collections.abc import Callable, Mapping
from typing import Any

from backhaul.domain.codes import Action
from evals import plain_dock
from evals.plain_answer import Answer
from policies.facts import Facts

Tables = Mapping[str, Any]
CHANGE_OF_MIND = frozenset({"wrong_size", "no_longer_needed", "ordered_by_mistake", "over_shipped", "other"})
TWO = 2


def _on_every_action(f: Facts, t: Tables, answer: Answer) -> None:
    if t["automation"][f.action, f.product_class] != "live" and f.approvals < 1:
        answer.watch("SHADOW")
    if not f.order_on_account:
        answer.deny("ACCOUNT")
    if t["reason_permits"][f.reason, f.action] == "never":
        answer.deny("RSN-ACTION")


def _when_goods_or_money_move(f: Facts, t: Tables, answer: Answer) -> None:
    _on_every_action(f, t, answer)
    if f.approver_is_requester:
        answer.deny("SEG-DUTIES")
    if f.review_status == "rejected":
        answer.deny("REVIEW-REJECTED")
    if t["resolution_permits"][f.resolution, f.action] != "permit":
        answer.deny("RES-ACTION")


def _reason_and_serials(f: Facts, t: Tables, answer: Answer) -> None:
    """Rules of everything that names pieces."""
    reason = f.reason
    _reason_is_looked_at(f, t, answer)
    if reason == "recall" and not f.recall_notice and f.approvals < 1:
        answer.escalate("RECALL")
    _serials_were_shipped(f, answer)


def _reason_is_looked_at(f: Facts, t: Tables, answer: Answer) -> None:
    if t["reason_permits"][f.reason, f.action] == "review" and f.approvals < 1:
        answer.escalate("RSN-REVIEW")


def _serials_were_shipped(f: Facts, answer: Answer) -> None:
    if f.reason != "wrong_item":
        wanted = f.serials_matching if f.serial_tracked else 0
        if f.serials_given != wanted:
            answer.deny("SERIAL-SHIPPED")


def _serial_of_each_piece(f: Facts, answer: Answer) -> None:
    if (
        f.serial_tracked
        and f.reason not in {"wrong_item", "late_or_missing"}
        and f.serials_given != f.quantity
    ):
        answer.ask("SERIAL-GIVEN")


def _value_at_stake(f: Facts, t: Tables, answer: Answer) -> int:
    """Rules of everything that is worth money; gives the value at stake on the order, in cents."""
    exposure = f.unit_price_usd_minor * f.quantity + f.order_paid_out_usd_minor
    if not f.currency_is_ledger and f.rate_age_days > t["rate_age_limit"]:
        answer.escalate("CURRENCY")
    if f.approvals < 1:
        if f.confidence_permille < t["confidence_floor"][f.action]:
            answer.escalate("CONFIDENCE")
        if f.fraud_score_permille > t["fraud_ceiling"][f.tier]:
            answer.escalate("FRAUD")
        if exposure > t["auto_limit_usd_minor"][f.tier]:
            answer.escalate("AUTO-LIMIT")
    return exposure


def _two_people(f: Facts, t: Tables, answer: Answer, exposure: int) -> None:
    if exposure > t["two_person_limit_usd_minor"] and f.approvals < TWO:
        answer.escalate("TWO-PERSON")


def _time_and_evidence(f: Facts, t: Tables, answer: Answer) -> None:
    """Rules of goods that come back, or are refunded and stay."""
    if not f.consent_given:
        answer.ask("CONSENT")
    if f.photos < t["photos_needed"][f.reason]:
        answer.ask("PHOTO")
    _in_time(f, t, answer)
    if f.quantity > f.quantity_shipped - f.quantity_already_authorised:
        answer.deny("RET-QTY")
    if f.final_sale and t["final_sale_permits"][f.reason] != "permit":
        answer.deny("RET-FINAL")
    if not f.delivered and f.reason != "late_or_missing" and f.approvals < 1:
        answer.escalate("RET-DELIVERED")


def _in_time(f: Facts, t: Tables, answer: Answer) -> None:
    if t["time_limit"][f.reason] == "window":
        if f.contract_window_days >= 0:
            if f.days_since_delivery > f.contract_window_days:
                answer.deny("RET-CONTRACT")
        elif f.days_since_delivery > (
            t["window_days"][f.product_class, f.tier] + t["region_extra_days"][f.region]
        ):
            answer.deny("RET-WINDOW")
    elif t["time_limit"][f.reason] == "mistake":
        window = t["window_days"][f.product_class, f.tier] + t["region_extra_days"][f.region]
        if f.contract_window_days >= 0:
            window = f.contract_window_days
        if f.days_since_delivery > window and f.approvals < 1:
            answer.escalate("RET-MISTAKE")
    elif f.reason == "warranty_failure":
        _warranty(f, answer)


def _warranty(f: Facts, answer: Answer) -> None:
    if f.warranty_months <= 0 or f.warranty_days_left < 0:
        answer.deny("WAR-TERM")


def _fees(f: Facts, t: Tables, answer: Answer) -> None:
    charged = f.contract_restocking_bps >= 0 and t["restocking_on"][f.reason] == "charged"
    if charged and f.contract_restocking_bps > t["fee_ceiling"][f.tier] and f.approvals < 1:
        answer.escalate("FEE-CONTRACT")
    if (
        f.resolution == "credit"
        and f.quantity_settled == 0
        and f.approvals < 1
        and t.get("return_freight_on", {}).get(f.reason) == "charged"
    ):
        freight = t["return_freight_usd_minor"][f.product_class, f.tier]
        if 2 * freight > f.unit_price_usd_minor * f.quantity:
            answer.escalate("FREIGHT-SHARE")


def _dangerous_goods(f: Facts, answer: Answer) -> None:
    if f.hazmat and f.approvals < 1:
        answer.escalate("HAZ-APPROVAL")


def _both_sides_of_a_wrong_item(f: Facts, answer: Answer) -> None:
    if f.reason == "wrong_item" and not f.received_item_known:
        answer.ask("WRONG-ITEM")


def create_rma(f: Facts, t: Tables, answer: Answer) -> None:
    """Goods come back."""
    _when_goods_or_money_move(f, t, answer)
    _reason_and_serials(f, t, answer)
    _serial_of_each_piece(f, answer)
    _value_at_stake(f, t, answer)
    _time_and_evidence(f, t, answer)
    _fees(f, t, answer)
    _dangerous_goods(f, answer)
    _both_sides_of_a_wrong_item(f, answer)
    if f.hazmat and t["hazmat_permits"][f.reason] != "permit":
        answer.deny("HAZ-CHANGE")
    sealed = "resale" in t and f.reason in CHANGE_OF_MIND and t["resale"][f.product_class] != "free"
    if sealed and f.photos < 1:
        answer.ask("REG-PHOTO")
    if f.approvals < 1:
        if f.open_rmas_on_case >= t["open_rma_limit"]:
            answer.escalate("OPEN-RMAS")
        if sealed:
            answer.escalate("REG-SEAL")


def returnless_refund(f: Facts, t: Tables, answer: Answer) -> None:
    """Money goes out and the goods stay."""
    _when_goods_or_money_move(f, t, answer)
    _reason_and_serials(f, t, answer)
    _serial_of_each_piece(f, answer)
    _two_people(f, t, answer, _value_at_stake(f, t, answer))
    _time_and_evidence(f, t, answer)
    if f.photos < TWO:
        answer.ask("PHOTO-KEEP")
    plain_dock.within_the_invoice(f, answer)
    amount = f.unit_price_usd_minor * f.quantity
    if amount > t["returnless_limit_usd_minor"][f.product_class] and f.approvals < 1:
        answer.escalate("RTL-LIMIT")


def _settle(f: Facts, t: Tables, answer: Answer) -> None:
    """Rules of what settles a return: a credit or a replacement."""
    _when_goods_or_money_move(f, t, answer)
    _reason_and_serials(f, t, answer)
    _two_people(f, t, answer, _value_at_stake(f, t, answer))
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
    _serial_of_each_piece(f, answer)
    _dangerous_goods(f, answer)
    _both_sides_of_a_wrong_item(f, answer)
    plain_dock.of_a_replacement(f, answer)
    if f.reason == "warranty_failure":
        _warranty(f, answer)
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
    _fees(f, t, answer)
    plain_dock.of_a_credit(f, answer)
    _out_of_the_process(f, answer)
    if f.final_sale and t["final_sale_permits"][f.reason] != "permit":
        answer.deny("RET-FINAL")
    if f.quantity > f.quantity_received - f.quantity_settled and f.approvals < 1:
        answer.escalate("CRD-RECEIVED")


def create_label(f: Facts, t: Tables, answer: Answer) -> None:
    """A label is bought."""
    _when_goods_or_money_move(f, t, answer)
    _dangerous_goods(f, answer)
    if not f.rma_open:
        answer.deny("LABEL-RMA")
    if f.labels_on_case >= t["label_limit"] and f.approvals < 1:
        answer.escalate("LABEL-LIMIT")


def cancel_rma(f: Facts, t: Tables, answer: Answer) -> None:
    """A return is closed without its goods."""
    _on_every_action(f, t, answer)
    if not f.consent_given:
        answer.ask("CONSENT")
    if not f.rma_open:
        answer.deny("CANCEL-OPEN")
    if f.approvals >= 1:
        return
    if f.confidence_permille < t["confidence_floor"][f.action]:
        answer.escalate("CONFIDENCE")
    if f.quantity_received:
        answer.escalate("CANCEL-RECEIVED")
    if f.quantity_settled:
        answer.escalate("CANCEL-SETTLED")


def void_label(f: Facts, t: Tables, answer: Answer) -> None:
    """A label is given back unused."""
    _on_every_action(f, t, answer)
    if not f.rma_open or f.labels_on_case < 1:
        answer.deny("VOID-OPEN")


def vendor_claim(f: Facts, t: Tables, answer: Answer) -> None:
    """A supplier is asked for its part."""
    _when_goods_or_money_move(f, t, answer)
    _reason_and_serials(f, t, answer)
    _serial_of_each_piece(f, answer)
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
    _when_goods_or_money_move(f, t, answer)
    _reason_is_looked_at(f, t, answer)
    _out_of_the_process(f, answer)
    plain_dock.disposition(f, t, answer)


def repair_order(f: Facts, t: Tables, answer: Answer) -> None:
    """Goods go to the bench and back to the customer."""
    _when_goods_or_money_move(f, t, answer)
    _reason_is_looked_at(f, t, answer)
    _serials_were_shipped(f, answer)
    _out_of_the_process(f, answer)
    _made_good_once(f, answer)
    plain_dock.of_a_repair(f, answer)


RULES: Mapping[Action, Callable[[Facts, Tables, Answer], None]] = {
    Action.CREATE_RMA: create_rma,
    Action.CREATE_LABEL: create_label,
    Action.REPLACEMENT: replacement,
    Action.CREDIT_MEMO: credit_memo,
    Action.RETURNLESS_REFUND: returnless_refund,
    Action.CANCEL_RMA: cancel_rma,
    Action.VOID_LABEL: void_label,
    Action.VENDOR_CLAIM: vendor_claim,
    Action.MOVE_STOCK: move_stock,
    Action.REPAIR_ORDER: repair_order,
}

"""The conditions of evals.plain_policy for letting returns in, by action. `t` are the tables in force."""

from collections.abc import Mapping
from typing import Any

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


def when_goods_or_money_move(f: Facts, t: Tables, answer: Answer) -> None:
    """Rules of whatever moves goods or money."""
    _on_every_action(f, t, answer)
    if f.approver_is_requester:
        answer.deny("SEG-DUTIES")
    if f.review_status == "rejected":
        answer.deny("REVIEW-REJECTED")
    if t["resolution_permits"][f.resolution, f.action] != "permit":
        answer.deny("RES-ACTION")


def reason_and_serials(f: Facts, t: Tables, answer: Answer) -> None:
    """Rules of everything that names pieces."""
    reason = f.reason
    reason_is_looked_at(f, t, answer)
    if reason == "recall" and not f.recall_notice and f.approvals < 1:
        answer.escalate("RECALL")
    serials_were_shipped(f, answer)


def reason_is_looked_at(f: Facts, t: Tables, answer: Answer) -> None:
    """Some reasons wait for a person."""
    if t["reason_permits"][f.reason, f.action] == "review" and f.approvals < 1:
        answer.escalate("RSN-REVIEW")


def serials_were_shipped(f: Facts, answer: Answer) -> None:
    """A serial number is one we shipped on this line."""
    if f.reason != "wrong_item":
        wanted = f.serials_matching if f.serial_tracked else 0
        if f.serials_given != wanted:
            answer.deny("SERIAL-SHIPPED")


def serial_of_each_piece(f: Facts, answer: Answer) -> None:
    """Each tracked piece is named."""
    if (
        f.serial_tracked
        and f.reason not in {"wrong_item", "late_or_missing"}
        and f.serials_given != f.quantity
    ):
        answer.ask("SERIAL-GIVEN")


def value_at_stake(f: Facts, t: Tables, answer: Answer) -> int:
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


def two_people(f: Facts, t: Tables, answer: Answer, exposure: int) -> None:
    """A large pay-out takes two yeses."""
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
        warranty(f, answer)


def warranty(f: Facts, answer: Answer) -> None:
    """The warranty is running."""
    if f.warranty_months <= 0 or f.warranty_days_left < 0:
        answer.deny("WAR-TERM")


def fees(f: Facts, t: Tables, answer: Answer) -> None:
    """Fees that a person looks at before they are charged."""
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


def dangerous_goods(f: Facts, answer: Answer) -> None:
    """Dangerous goods move on a yes."""
    if f.hazmat and f.approvals < 1:
        answer.escalate("HAZ-APPROVAL")


def both_sides_of_a_wrong_item(f: Facts, answer: Answer) -> None:
    """What arrived instead is known."""
    if f.reason == "wrong_item" and not f.received_item_known:
        answer.ask("WRONG-ITEM")


def read_surely_enough(f: Facts, t: Tables, answer: Answer) -> None:
    """The class of the goods and what they are worth say how sure a reading must be."""
    if "earned_floor_small" not in t or f.approvals >= 1:
        return
    amount = f.unit_price_usd_minor * f.quantity
    if amount <= t["small_value_usd_minor"]:
        band = "small"
    else:
        band = "medium" if amount <= t["medium_value_usd_minor"] else "large"
    if f.confidence_permille < t[f"earned_floor_{band}"][f.product_class]:
        answer.escalate(f"EARNED-{band.upper()}")


def create_rma(f: Facts, t: Tables, answer: Answer) -> None:
    """Goods come back."""
    when_goods_or_money_move(f, t, answer)
    reason_and_serials(f, t, answer)
    read_surely_enough(f, t, answer)
    serial_of_each_piece(f, answer)
    value_at_stake(f, t, answer)
    _time_and_evidence(f, t, answer)
    fees(f, t, answer)
    dangerous_goods(f, answer)
    both_sides_of_a_wrong_item(f, answer)
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
    when_goods_or_money_move(f, t, answer)
    reason_and_serials(f, t, answer)
    read_surely_enough(f, t, answer)
    serial_of_each_piece(f, answer)
    two_people(f, t, answer, value_at_stake(f, t, answer))
    _time_and_evidence(f, t, answer)
    if f.photos < TWO:
        answer.ask("PHOTO-KEEP")
    plain_dock.within_the_invoice(f, answer)
    amount = f.unit_price_usd_minor * f.quantity
    if amount > t["returnless_limit_usd_minor"][f.product_class] and f.approvals < 1:
        answer.escalate("RTL-LIMIT")


def create_label(f: Facts, t: Tables, answer: Answer) -> None:
    """A label is bought."""
    when_goods_or_money_move(f, t, answer)
    dangerous_goods(f, answer)
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

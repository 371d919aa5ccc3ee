"""The rules of the dock once more, as evals.plain_rules has those of the terms, controls and recovery."""

from collections.abc import Mapping
from typing import Any

from evals.plain_answer import Answer
from policies.facts import Facts

Tables = Mapping[str, Any]
TO_BE_SOLD = frozenset({"restock", "b_stock"})


def disposition(f: Facts, t: Tables, answer: Answer) -> None:
    """What may become of the goods."""
    if f.quantity + f.quantity_dispositioned > f.quantity_received:
        answer.deny("DSP-RECEIVED")
    by_grade, by_class = t["by_grade"][f.grade, f.disposition], t["by_class"][f.product_class, f.disposition]
    if by_grade == "never":
        answer.deny("DSP-GRADE")
    if by_class == "never":
        answer.deny("DSP-CLASS")
    sealed = t["under_seal"][f.product_class] != "free"
    if f.disposition in TO_BE_SOLD and sealed and not f.seal_intact:
        answer.deny("DSP-SEAL")
    if f.approvals < 1:
        _seen_by_a_second_person(f, t, answer, review="review" in {by_grade, by_class})


def _seen_by_a_second_person(f: Facts, t: Tables, answer: Answer, *, review: bool) -> None:
    if review:
        answer.escalate("DSP-REVIEW")
    if f.serials_given != (f.quantity if f.serial_tracked else 0):
        answer.escalate("DSP-SERIAL")
    if f.hazmat and (f.disposition, f.grade) != ("restock", "A"):
        answer.escalate("DSP-HAZMAT")
    if f.write_down_usd_minor > t["write_down_limit_usd_minor"][f.product_class]:
        answer.escalate("DSP-WRITEDOWN")
    if f.disposition == "return_to_customer":
        answer.escalate("DSP-CUSTOMER")


def _borne_out(f: Facts, answer: Answer, rule: str) -> None:
    if f.finding != "confirmed" and f.approvals < 1:
        answer.escalate(rule)


def _in_time(f: Facts, answer: Answer) -> None:
    if f.quantity_received > 0 and not f.rma_open and f.approvals < 1:
        answer.escalate("LATE-GOODS")


def of_a_replacement(f: Facts, answer: Answer) -> None:
    """What a replacement owes to the dock."""
    if f.finding != "none" or f.quantity <= f.quantity_received - f.quantity_settled:
        _borne_out(f, answer, "REP-RECEIVED")
    _in_time(f, answer)
    _kept(f, answer)


def of_a_credit(f: Facts, answer: Answer) -> None:
    """What a credit owes to the dock and to the invoice."""
    _borne_out(f, answer, "CRD-FINDING")
    _in_time(f, answer)
    _kept(f, answer)
    _instead_of_the_wish(f, answer)
    within_the_invoice(f, answer)
    if f.approver_is_authoriser:
        answer.escalate("SOD-CREDIT")


def _instead_of_the_wish(f: Facts, answer: Answer) -> None:
    if f.resolution in {"replacement", "repair"}:
        if f.finding == "none":
            answer.deny("CRD-SEEN")
        if f.approvals < 1:
            answer.escalate("CRD-INSTEAD")


def within_the_invoice(f: Facts, answer: Answer) -> None:
    """Money that goes out came in, or was asked for."""
    if f.line_credited_usd_minor + f.credit_usd_minor > f.line_invoiced_usd_minor:
        answer.deny("CRD-INVOICED")


def of_a_repair(f: Facts, answer: Answer) -> None:
    """What a repair order owes to the dock."""
    _borne_out(f, answer, "CRD-FINDING")
    _in_time(f, answer)
    if f.disposition != "repair":
        answer.deny("RPR-BENCH")
    if f.quantity > f.quantity_received - f.quantity_settled:
        answer.deny("RPR-HELD")


def _kept(f: Facts, answer: Answer) -> None:
    if f.disposition == "return_to_customer":
        answer.deny("CRD-KEPT")

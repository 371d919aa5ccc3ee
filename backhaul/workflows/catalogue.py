"""Every workflow by the name it is started with."""

from collections.abc import Awaitable, Callable

from backhaul.workflows.claim_work import claim_again, claim_answer, claim_evidence
from backhaul.workflows.decide import decide, resume_review
from backhaul.workflows.dock_work import (
    credit_early,
    credit_without_goods,
    dispose,
    match_receipt,
    receive,
    send_back,
)
from backhaul.workflows.fulfil_return import cancel_rma, end_return, fulfil_return, reprint_label
from backhaul.workflows.parcels import carrier_event, late_parcel
from backhaul.workflows.runner import Json
from backhaul.workflows.stuck_work import stuck_deed
from backhaul.workflows.surplus_labels import void_surplus

WORKFLOWS: dict[str, Callable[..., Awaitable[Json]]] = {
    "decide": decide,
    "resume-review": resume_review,
    "return": fulfil_return,
    "cancel-rma": cancel_rma,
    "end-return": end_return,
    "reprint-label": reprint_label,
    "receive": receive,
    "match-receipt": match_receipt,
    "send-back": send_back,
    "dispose": dispose,
    "credit": credit_without_goods,
    "credit-early": credit_early,
    "carrier-event": carrier_event,
    "late-parcel": late_parcel,
    "void-surplus": void_surplus,
    "claim-answer": claim_answer,
    "claim-evidence": claim_evidence,
    "claim-again": claim_again,
    "stuck-deed": stuck_deed,
}
"""`deed(runner, world, *args)`"""

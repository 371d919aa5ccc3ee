"""Audit events in plain words: a sentence for each tag, filled with what the event says."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from backhaul.domain.audit import Tag
from backhaul.domain.review_reasons import ReviewAct, said

_SENTENCES: Mapping[Tag, str] = {
    Tag.CASE_OPENED: "The case was opened",
    Tag.CONSENT_GIVEN: "The customer agreed to exactly what was read back",
    Tag.PROPOSAL_MADE: "A request was put to the guard",
    Tag.VERDICT_GIVEN: "The guard answered: {outcome}, about {action}",
    Tag.PERMIT_ISSUED: "A permit was signed for one command",
    Tag.PERMIT_SPENT: "The permit was used",
    Tag.PERMIT_REFUSED: "A permit was refused ({check})",
    Tag.WORKFLOW_REFUSED: "Work that nobody had permitted was refused ({check})",
    Tag.COMMAND_CONFIRMED: "The system outside confirmed: {op}",
    Tag.COMMAND_REJECTED: "The system outside refused: {op}",
    Tag.COMMAND_UNKNOWN: "It is not known whether the system outside did it: {op}",
    Tag.REVIEW_OPENED: "It was put on the desk for a person",
    Tag.REVIEW_QUESTION_ASKED: "The customer was asked{why}",
    Tag.REVIEW_ANSWERED: "The customer answered",
    Tag.REVIEW_DECIDED: "A person decided: {act}{why}. It could still be undone",
    Tag.DECISION_UNDONE: "The decision was taken back: {act}",
    Tag.DECISION_LAPSED: "The decision was not carried out, because the case changed: {act}",
    Tag.REVIEW_HANDED_ON: "It was handed to an expert{why}",
    Tag.NOTE_WRITTEN: "A note for colleagues was written",
    Tag.REVIEW_APPROVED: "A person approved exactly one command{why}",
    Tag.REVIEW_REJECTED: "A person said no{why}",
    Tag.REVIEW_RETURNED: "It came back to the desk",
    Tag.REVIEW_WITHDRAWN: "The customer took the request back",
    Tag.RMA_AUTHORISED: "The return was authorised",
    Tag.RMA_ISSUED: "The ERP gave it the number {number}",
    Tag.RMA_CANCELLED: "The return was cancelled",
    Tag.RMA_EXPIRED: "The return expired",
    Tag.REST_EXPIRED: "The rest of the return expired",
    Tag.RMA_END_ASKED: "The desk asked to end the return without its goods",
    Tag.REST_GIVEN_UP: "The rest of the return is awaited no longer",
    Tag.LABEL_BOUGHT: "A label was bought: {tracking}",
    Tag.LABEL_VOIDED: "A label was voided: {tracking}",
    Tag.REPLACEMENT_ORDERED: "The replacement was ordered",
    Tag.GOODS_COUNTED: "The dock counted a parcel: {quantity} of {sku}",
    Tag.GOODS_RECEIVED: "Goods were received: {quantity} of {sku}",
    Tag.GOODS_UNMATCHED: "Goods came without papers",
    Tag.GOODS_MATCHED: "Goods without papers found their return",
    Tag.GOODS_HELD: "Goods are held for a person",
    Tag.GOODS_REFUSED: "The dock did not take a parcel in",
    Tag.GOODS_SENT_BACK: "Goods were sent back to their sender",
    Tag.GOODS_INSPECTED: "Goods were inspected: grade {grade}, the reason is {finding}",
    Tag.DISPOSITION_CHOSEN: "What becomes of the goods was chosen: {chosen}",
    Tag.STOCK_MOVED: "The stock was moved: {disposition}",
    Tag.CREDIT_POSTED: "A credit memo was posted: {number}",
    Tag.REPAIR_ORDERED: "A repair was ordered",
    Tag.NOTHING_OWED: "Nothing is owed for the goods",
    Tag.RMA_CLOSED: "The return was closed",
    Tag.OUTCOME_LEARNT: "What the dock found went back to who had decided: {finding}",
    Tag.REVIEW_CLAIMED: "A reviewer took it",
    Tag.REVIEW_GIVEN_BACK: "A reviewer gave it back",
    Tag.REVIEW_HANDED_OVER: "It was handed over to a colleague",
    Tag.REVIEW_TAKEN_OVER: "A reviewer took it over from a colleague",
    Tag.REVIEW_SNOOZED: "It was set aside for a while",
    Tag.REVIEW_WOKEN: "It came back from being set aside",
    Tag.PROGRAM_SPOKE: "A program spoke for the customer",
    Tag.CALL_TAKEN: "A colleague acted for the customer on the telephone",
    Tag.WEBHOOK_ADDED: "A program is told of news from here on",
    Tag.WEBHOOK_ENDED: "A program is told of news no longer",
    Tag.WEBHOOK_GIVEN_UP: "News could not be brought to a program",
    Tag.STAFF_REACTIVATED: "A person of the house was let in again",
    Tag.STAFF_ROLES_CHANGED: "The roles of a person of the house were changed",
    Tag.STAFF_PASSWORD_SET: "A password was set",
    Tag.SESSION_ENDED: "A session was ended",
    Tag.PERSON_EXPORTED: "What is stored of a person was given out",
    Tag.PERSON_ERASED: "What is stored of a person was erased",
    Tag.WORDS_ERASED: "The words were erased, their time was over",
    Tag.CLAIM_COMPILED: "A claim on the supplier was compiled",
    Tag.CLAIM_FILED: "The claim was filed with the supplier",
    Tag.CLAIM_ANSWERED: "The supplier answered the claim: {answer}",
    Tag.CLAIM_CREDITED: "The supplier's credit was booked",
    Tag.CLAIM_EVIDENCE_ADDED: "Evidence was added to the claim",
    Tag.CLAIM_LAPSED: "The claim was not filed in time",
    Tag.EFFECT_ATTESTED: "It was read back from the system outside: {op}",
    Tag.EFFECT_CONTRADICTED: "The system outside does not show what it confirmed: {op}",
    Tag.BOOKS_COMPARED: "The books were compared with the ERP",
    Tag.CHECKPOINT_SIGNED: "A checkpoint of the audit log was signed",
    Tag.PARCEL_MOVED: "The carrier reported: {status}",
    Tag.PARCEL_STRAY: "A parcel of which no label is known was scanned",
    Tag.STRAY_SETTLED: "It was found out what a stray parcel is",
    Tag.CUSTOMER_NOTIFIED: "A letter went to the customer",
    Tag.OPERATOR_SPOKE: "An operator wrote in the conversation",
    Tag.STAFF_SIGNED_IN: "A colleague signed in",
    Tag.CUSTOMER_SIGNED_IN: "The customer signed in",
    Tag.NOTE_TAKEN_IN: "A service note was taken in",
    Tag.NOTE_REQUESTED: "A return was asked for on the customer's behalf",
    Tag.API_KEY_ADDED: "A key of the interface was added",
    Tag.API_KEY_REVOKED: "A key of the interface was revoked",
    Tag.STAFF_ADDED: "A colleague was added",
    Tag.STAFF_DEACTIVATED: "A colleague was deactivated",
    Tag.RELEASE_PROPOSED: "A release was proposed",
    Tag.RELEASE_SIGNED: "A release was signed",
    Tag.RELEASE_ROLLED_BACK: "The house went back to an earlier release",
    Tag.CORRECTION_NOTED: "It was noted that the words say {right}, not {read}",
    Tag.CORRECTION_CONFIRMED: "A second person agreed with what the words say",
    Tag.CORRECTION_DISMISSED: "A second person did not agree with what the words say",
    Tag.CORRECTION_ERASED: "The words of a correction were erased",
    Tag.READER_TRAINED: "The reader was trained",
    Tag.READER_COMPARED: "Readers were compared",
    Tag.READER_PROMOTED: "A reader was promoted",
    Tag.READER_ROLLED_BACK: "The house went back to an earlier reader",
    Tag.READER_WITHDRAWN: "A reader was withdrawn",
    Tag.BLIND_DRAWN: "It was drawn to be read blind",
    Tag.BLIND_LABELLED: "A person read it blind",
    Tag.AUTONOMY_HELD: "A segment was closed to automatic decisions",
    Tag.AUTONOMY_LIFTED: "A hold on automatic decisions was lifted",
    Tag.CLOCK_MOVED: "The calendar of the demo was moved",
    Tag.WORK_FAILED: "Work could not be completed and went to a person",
    Tag.WORK_RECOVERED: "Work went on elsewhere after a process had ended",
    Tag.STUCK_RETRIED: "A colleague had stopped work tried again",
    Tag.STUCK_RESUMED: "A colleague had stopped work go on",
    Tag.STUCK_HANDED_OVER: "A colleague dealt with stopped work by hand",
    Tag.COMMAND_REISSUED: "A colleague had a command sent again",
    Tag.WORK_FORGOTTEN: "Old work was dropped from the engine",
}
_ACTS = {
    ReviewAct.APPROVE.value: "approved",
    ReviewAct.REJECT.value: "rejected",
    ReviewAct.CLOSE.value: "closed",
    ReviewAct.CREDIT_INSTEAD.value: "a credit instead",
}
_ACTIONS = {
    "create_rma": "the return",
    "create_label": "its label",
    "replacement": "the replacement",
    "credit_memo": "the credit",
    "returnless_refund": "a refund without a return",
    "cancel_rma": "calling the return off",
    "void_label": "voiding the label",
    "vendor_claim": "the claim on the supplier",
    "move_stock": "the move of the stock",
    "repair_order": "the repair",
}
_ACT_OF = {
    Tag.REVIEW_APPROVED.value: (ReviewAct.APPROVE,),
    Tag.REVIEW_REJECTED.value: (ReviewAct.REJECT, ReviewAct.CLOSE, ReviewAct.CREDIT_INSTEAD),
    Tag.REVIEW_QUESTION_ASKED.value: (ReviewAct.ASK,),
    Tag.REVIEW_HANDED_ON.value: (ReviewAct.EXPERT,),
}
_ACTORS = {
    "worker": "The worker",
    "agent": "The agent",
    "guard": "The guard",
    "carrier": "The carrier",
    "supplier": "The supplier",
    "system": "The system",
    "demo": "The demo",
}


def sentence(tag: str, facts: Mapping[str, Any]) -> str:
    """What happened, as a sentence without its full stop. A tag of another version stands for itself."""
    known = _SENTENCES.get(Tag(tag)) if tag in set(Tag) else None
    if known is None:
        return tag.replace(":", ", ").replace("_", " ")
    plain = {name: _plain(value) for name, value in facts.items()}
    plain["why"] = _why(tag, facts)
    if facts.get("action") in _ACTIONS:
        plain["action"] = _ACTIONS[facts["action"]]
    if facts.get("act") in _ACTS:
        plain["act"] = _ACTS[facts["act"]]
    return known.format_map(defaultdict(lambda: "not said", plain))


def _plain(value: Any) -> str:
    return str(value).replace("_", " ")


def _why(tag: str, facts: Mapping[str, Any]) -> str:
    """The reason that was given, in brackets: codes of several acts can have the same name."""
    code = facts.get("reason")
    if not code:
        return ""
    acts = (ReviewAct(facts["act"]),) if facts.get("act") in set(ReviewAct) else _ACT_OF.get(tag, ())
    told = next((words for act in acts if (words := said(act, code)) != _plain(code)), _plain(code))
    return f" ({told[:1].lower()}{told[1:]})"


def who_did(actor: str, names: Mapping[str, str]) -> str:
    """Who did it; `names` are those of colleagues by their id."""
    kind, _, one = actor.partition(":")
    who = one.split(" for ", maxsplit=1)[0]
    if kind in {"staff", "reviewer"}:
        return names.get(who, "A colleague")
    if kind == "contact":
        return "The customer"
    if kind == "cli":
        return f"{who}, on the command line"
    return _ACTORS.get(kind, kind.capitalize())

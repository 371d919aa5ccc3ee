"""The audit vocabulary: every tag is `source:subject:action`, in one list; and the event that carries one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from backhaul.domain.canonical import digest


class Tag(StrEnum):
    """What can stand in the audit log. A tag is never reused for another meaning."""

    CASE_OPENED = "agent:case:opened"
    CONSENT_GIVEN = "customer:consent:given"
    PROPOSAL_MADE = "agent:proposal:made"
    VERDICT_GIVEN = "guard:verdict:given"
    PERMIT_ISSUED = "guard:permit:issued"
    PERMIT_SPENT = "gateway:permit:spent"
    PERMIT_REFUSED = "gateway:permit:refused"
    WORKFLOW_REFUSED = "worker:workflow:refused"
    COMMAND_CONFIRMED = "worker:command:confirmed"
    COMMAND_REJECTED = "worker:command:rejected"
    COMMAND_UNKNOWN = "worker:command:unknown"
    REVIEW_OPENED = "guard:review:opened"
    REVIEW_QUESTION_ASKED = "reviewer:review:asked"
    REVIEW_ANSWERED = "customer:review:answered"
    REVIEW_APPROVED = "reviewer:review:approved"
    REVIEW_REJECTED = "reviewer:review:rejected"
    REVIEW_DECIDED = "reviewer:review:decided"
    DECISION_UNDONE = "reviewer:decision:undone"
    DECISION_LAPSED = "worker:decision:lapsed"
    REVIEW_HANDED_ON = "reviewer:review:handed_on"
    NOTE_WRITTEN = "reviewer:note:written"
    REVIEW_RETURNED = "guard:review:returned"
    REVIEW_WITHDRAWN = "customer:review:withdrawn"
    REVIEW_CLAIMED = "reviewer:review:claimed"
    REVIEW_GIVEN_BACK = "reviewer:review:given_back"
    REVIEW_HANDED_OVER = "reviewer:review:handed_over"
    REVIEW_TAKEN_OVER = "reviewer:review:taken_over"
    REVIEW_SNOOZED = "reviewer:review:snoozed"
    REVIEW_WOKEN = "reviewer:review:woken"
    RMA_AUTHORISED = "gateway:rma:authorised"
    RMA_ISSUED = "worker:rma:issued"
    RMA_CANCELLED = "worker:rma:cancelled"
    RMA_EXPIRED = "worker:rma:expired"
    REST_EXPIRED = "worker:rest:expired"
    RMA_END_ASKED = "staff:rma:end_asked"
    REST_GIVEN_UP = "staff:rest:given_up"
    LABEL_BOUGHT = "worker:label:bought"
    LABEL_VOIDED = "worker:label:voided"
    REPLACEMENT_ORDERED = "worker:replacement:ordered"
    GOODS_COUNTED = "dock:goods:counted"
    GOODS_RECEIVED = "worker:goods:received"
    GOODS_UNMATCHED = "worker:goods:unmatched"
    GOODS_MATCHED = "worker:goods:matched"
    GOODS_HELD = "worker:goods:held"
    GOODS_REFUSED = "dock:goods:refused"
    GOODS_SENT_BACK = "staff:goods:sent_back"
    GOODS_INSPECTED = "dock:goods:inspected"
    DISPOSITION_CHOSEN = "dock:disposition:chosen"
    STOCK_MOVED = "worker:stock:moved"
    CREDIT_POSTED = "worker:credit:posted"
    REPAIR_ORDERED = "worker:repair:ordered"
    NOTHING_OWED = "worker:disposition:nothing_owed"
    RMA_CLOSED = "worker:rma:closed"
    OUTCOME_LEARNT = "worker:outcome:learnt"
    CLAIM_COMPILED = "worker:claim:compiled"
    CLAIM_FILED = "worker:claim:filed"
    CLAIM_ANSWERED = "supplier:claim:answered"
    CLAIM_CREDITED = "worker:claim:credited"
    CLAIM_EVIDENCE_ADDED = "staff:claim:evidence_added"
    CLAIM_LAPSED = "worker:claim:lapsed"
    EFFECT_ATTESTED = "worker:effect:attested"
    EFFECT_CONTRADICTED = "worker:effect:contradicted"
    BOOKS_COMPARED = "worker:books:compared"
    CHECKPOINT_SIGNED = "worker:audit:checkpoint"
    PARCEL_MOVED = "carrier:parcel:moved"
    PARCEL_STRAY = "carrier:parcel:stray"
    STRAY_SETTLED = "staff:parcel:settled"
    CUSTOMER_NOTIFIED = "worker:customer:notified"
    OPERATOR_SPOKE = "cli:thread:spoken_for"
    PROGRAM_SPOKE = "key:thread:spoken_for"
    STAFF_SIGNED_IN = "staff:session:opened"
    CUSTOMER_SIGNED_IN = "customer:session:opened"
    CALL_TAKEN = "staff:call:taken"
    NOTE_TAKEN_IN = "intake:note:taken_in"
    NOTE_REQUESTED = "staff:note:requested"
    API_KEY_ADDED = "admin:api_key:added"
    API_KEY_REVOKED = "admin:api_key:revoked"
    WEBHOOK_ADDED = "admin:webhook:added"
    WEBHOOK_ENDED = "admin:webhook:ended"
    WEBHOOK_GIVEN_UP = "worker:webhook:given_up"
    STAFF_ADDED = "admin:user:added"
    STAFF_DEACTIVATED = "admin:user:deactivated"
    STAFF_REACTIVATED = "admin:user:reactivated"
    STAFF_ROLES_CHANGED = "admin:user:roles_changed"
    STAFF_PASSWORD_SET = "staff:user:password_set"  # noqa: S105 - says that one was set
    SESSION_ENDED = "staff:session:ended"
    PERSON_EXPORTED = "privacy:person:exported"
    PERSON_ERASED = "privacy:person:erased"
    WORDS_ERASED = "privacy:words:erased"
    RELEASE_PROPOSED = "staff:release:proposed"
    RELEASE_SIGNED = "staff:release:signed"
    RELEASE_ROLLED_BACK = "staff:release:rolled_back"
    CORRECTION_NOTED = "staff:correction:noted"
    CORRECTION_CONFIRMED = "staff:correction:confirmed"
    CORRECTION_DISMISSED = "staff:correction:dismissed"
    CORRECTION_ERASED = "staff:correction:erased"
    READER_TRAINED = "staff:reader:trained"
    READER_COMPARED = "cli:reader:compared"
    READER_PROMOTED = "staff:reader:promoted"
    READER_ROLLED_BACK = "staff:reader:rolled_back"
    READER_WITHDRAWN = "staff:reader:withdrawn"
    BLIND_DRAWN = "guard:blind:drawn"
    BLIND_LABELLED = "reviewer:blind:labelled"
    AUTONOMY_HELD = "worker:autonomy:held"
    AUTONOMY_LIFTED = "staff:autonomy:lifted"
    CLOCK_MOVED = "demo:clock:moved"
    WORK_FAILED = "worker:workflow:failed"
    WORK_RECOVERED = "worker:workflow:recovered"
    STUCK_RETRIED = "staff:stuck:retried"
    STUCK_RESUMED = "staff:stuck:resumed"
    STUCK_HANDED_OVER = "staff:stuck:handed_over"
    COMMAND_REISSUED = "staff:command:reissued"
    WORK_FORGOTTEN = "worker:workflow:forgotten"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What happened, who did it, and to what; bound by hash to the event before it in its chain.

    `tag` is text: an old log may hold tags that this version no longer writes.
    """

    chain: str
    seq: int
    at: datetime
    actor: str
    tag: str
    subject: str
    facts: Mapping[str, Any]
    previous_hash: str

    @property
    def hash(self) -> str:
        """SHA-256 over the content and the hash before it, as hex."""
        return digest(
            [
                self.chain,
                self.seq,
                self.at,
                self.actor,
                self.tag,
                self.subject,
                dict(self.facts),
                self.previous_hash,
            ]
        )

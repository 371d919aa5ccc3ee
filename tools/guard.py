"""The guard: looks every fact up, asks the policy, and signs a permit for exactly one command.

It runs in the worker only. Whatever a language model wrote reaches it as a Proposal: ids, an action, a
quantity, serials and a reason. Amounts, fees, facility and approvals are looked up here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from backhaul.connectors.ports import ErpReads
from backhaul.domain.canonical import digest
from backhaul.domain.clock import Ids
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.money import Money
from backhaul.domain.returns import Command, Proposal
from backhaul.store import cases, ledger, reviews, rmas
from backhaul.store.effect_tables import PermitRow
from backhaul.store.reviews import FIRST_ACTS
from backhaul.store.tables import ProposalRow, VerdictRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from policies.book import PolicyBook
from policies.decision import SEVEREST_FIRST, PolicyDecision
from tools import signals
from tools.approvals import approvers, status_of, with_approvers
from tools.commands import command_of
from tools.earned import NOTHING_DRAWN, BlindShare, looked_after
from tools.facts import Asked, ErpFacts, Evidence, gather, look_up
from tools.fraud_of_proposal import Situated, suspect_of
from tools.fraud_signals import FraudScore, fraud_score
from tools.goods import goods_of
from tools.permits import Signer
from tools.release_control import NOBODY_LOOKED, ReleaseControl, held_back, person_stands_behind
from tools.verdicts import issue_permit, store_verdict

_OF_ALL_LINES = {Action.CREATE_LABEL, Action.CANCEL_RMA, Action.VOID_LABEL}
"""Effects on a whole RMA: every line of it has a say"""
_FOLLOWS = {Action.MOVE_STOCK, Action.CREDIT_MEMO, Action.REPAIR_ORDER, Action.VENDOR_CLAIM}
"""Effects that follow from what the dock found, unless somebody proposed them as such"""
_SAID_NO = "rejected"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A proposal with what was looked up for it outside any transaction."""

    proposal: Proposal
    asked: Asked
    found: ErpFacts
    confidence_permille: int
    subject: str
    """What it is about: the proposal for an RMA; the RMA, a disposition or a claim for later effects"""
    beside: tuple["Prepared", ...] = ()
    """The other lines of the RMA, when the effect is on the whole of it"""

    @property
    def value(self) -> Money:
        """Net price of the pieces asked for; zero when the ERP knows no such line."""
        line = self.found.line
        return line.unit_price * self.asked.quantity if line else Money(0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A stored verdict, its command, and the permit when there is one: those of the line that decided."""

    prepared: Prepared
    verdict: VerdictRow
    decision: PolicyDecision
    command: Command
    permit: PermitRow | None

    @property
    def outcome(self) -> Outcome:
        """What the policy answered."""
        return self.decision.outcome


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What the policy answers for one line, before it is a verdict."""

    prepared: Prepared
    row: ProposalRow
    decision: PolicyDecision
    command: Command
    answered: bool
    """By a person: yes to exactly this command from somebody who may, or no"""
    fraud: FraudScore


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides on live facts. `book` gives the policy in force; it may be replaced while the worker runs."""

    store: Store
    erp: ErpReads
    book: Callable[[], PolicyBook]
    scorer: signals.ReasonScorer
    signer: Signer
    ids: Ids
    permit_seconds: int
    release: ReleaseControl = NOBODY_LOOKED
    """Which version this is, and whether it may decide by itself"""
    blind: BlindShare = NOTHING_DRAWN
    """Which share of its decisions a person reads blind"""

    def prepare(
        self, proposal_id: str, *, action: Action | None = None, subject: str | None = None
    ) -> Prepared:
        """Look up what a decision on a proposal, or on a later effect of it, will need.

        An effect on a whole RMA cannot be asked for one line alone: the others are looked up as well.
        How many pieces an effect is about, and which, is told by its subject: a disposition for a move of
        stock and a repair order, a vendor claim for a claim, either a disposition or the RMA (then its whole
        line) for a credit memo and a replacement. Where an inspection found another reason, that one decides.

        Raises:
            NotFound: There is no such proposal, or the subject is none of its line's.
            ConnectorUnavailable: The ERP did not answer.
        """
        with self.store.read() as uow:
            rma = rmas.rma_of_proposal(uow, proposal_id) if action in _OF_ALL_LINES else None
            lines = [line.proposal_id for line in rmas.rma_lines(uow, rma.id)] if rma else [proposal_id]
        first, *others = (self._prepare(one, action, subject) for one in lines)
        return replace(first, beside=tuple(others))

    def _prepare(self, proposal_id: str, action: Action | None, subject: str | None) -> Prepared:
        with self.store.read() as uow:
            row = cases.proposal(uow, proposal_id)
            proposal = cases.proposal_of(row)
            case = cases.case(uow, row.case_id)
            line = cases.return_line(uow, row.line_id)
            claim = cases.claim(uow, row.claim_id)
            act, about = action or proposal.action, subject or proposal_id
            goods = goods_of(uow, proposal_id, act, about)
        asked = Asked(
            action=act,
            account_id=case.account_id,
            requested_by=row.requested_by,
            order_number=proposal.order_number,
            line=proposal.line,
            quantity=goods.quantity if goods else proposal.quantity,
            serials=goods.serials if goods else proposal.serials,
            reason=(goods.found_reason if goods else None) or proposal.reason,
            resolution=proposal.resolution,
            received_item_known=bool(line.received_sku or line.received_words),
            by_the_process=act in _FOLLOWS and act is not proposal.action,
            goods=goods,
        )
        confidence = (
            signals.confidence_permille(self.scorer, claim.words, proposal.reason, claim.confidence_permille)
            if claim
            else 0
        )
        return Prepared(proposal, asked, look_up(self.erp, asked), confidence, about)

    def judge(self, uow: UnitOfWork, prepared: Prepared, siblings: Sequence[Prepared] = ()) -> Judged:
        """Decide in the caller's transaction, store the verdict, and issue a permit when it permits.

        The order's version row is locked here, so that two decisions on one order come one after the other.
        `siblings` are proposals of the same consent that were permitted before: they count as spoken for.
        An effect on several lines gets a verdict for each. The severest one holds, and one permit is issued
        only when all of them permit.
        """
        lines = (prepared, *prepared.beside)
        orders = sorted({one.asked.order_number for one in lines})
        versions = {number: ledger.order_version(uow, number, lock=True) for number in orders}
        weighed = [self._weigh(uow, one, siblings) for one in lines]
        action, rows = prepared.asked.action, [one.row for one in weighed]
        answered = any(one.answered for one in weighed) or person_stands_behind(uow, action, rows)
        deciding = min((self._enter(uow, one, answered=answered) for one in weighed), key=_says_more)
        if deciding.outcome is not Outcome.PERMIT:
            return deciding
        permit = issue_permit(
            uow,
            self.signer,
            self.ids,
            verdict=deciding.verdict,
            command=deciding.command,
            seen=deciding.decision.facts.known(),
            order_version=versions[deciding.command.order_number],
            seconds=self.permit_seconds,
        )
        return replace(deciding, permit=permit)

    def _weigh(self, uow: UnitOfWork, prepared: Prepared, siblings: Sequence[Prepared]) -> _Weighed:
        row = cases.proposal(uow, prepared.proposal.proposal_id, lock=True)
        evidence = self._evidence(uow, prepared, row, siblings)
        situated = self._situated(uow, prepared, evidence)
        fraud = fraud_score(uow, suspect_of(uow, row, prepared.asked, prepared.found, situated))
        evidence = replace(evidence, fraud_score_permille=fraud.score_permille)
        decision = situated.decide(fraud.score_permille)
        proposal_id = prepared.proposal.proposal_id
        command = command_of(
            uow,
            prepared.asked,
            prepared.found,
            decision.outputs,
            case_id=prepared.proposal.case_id,
            proposal_id=proposal_id,
            subject=prepared.subject,
        )
        said_yes = approvers(uow, row, command.action, digest(command))
        if said_yes:
            evidence = with_approvers(uow, evidence, row, command.action, said_yes)
            decision = self._situated(uow, prepared, evidence).decide(fraud.score_permille)
        said_no = decision.outcome is Outcome.DENY and evidence.review_status == _SAID_NO
        return _Weighed(prepared, row, decision, command, answered=bool(said_yes) or said_no, fraud=fraud)

    def _enter(self, uow: UnitOfWork, one: _Weighed, *, answered: bool) -> Judged:
        """Store the verdict. What nobody answered goes to a person unless this version is signed off, its
        segment may decide by itself, and it was not drawn to be read blind.
        """
        decision, release = one.decision, self.release.hash_under(uow, one.decision.bundle_hash)
        if not answered:
            # A later effect follows from a decision of its time: another version may have proposed it.
            own = one.row if one.command.action is one.prepared.proposal.action else None
            if why := self.release.obstacle(uow, decision.bundle_hash, proposal=own):
                decision = held_back(decision, why)
            elif own is not None and own.action in FIRST_ACTS:
                decision = looked_after(uow, self.blind, decision, own, release)
        verdict = store_verdict(uow, self.ids, decision, one.command, proposal_id=one.row.id, release=release)
        one.fraud.kept(uow, verdict, one.prepared.asked.account_id)
        return Judged(one.prepared, verdict, decision, one.command, None)

    def _situated(self, uow: UnitOfWork, prepared: Prepared, evidence: Evidence) -> Situated:
        today = uow.clock.now().date()
        order = prepared.found.order
        ordered = order.ordered_on if order else today
        book, rma = self.book(), rmas.rma_of_proposal(uow, prepared.proposal.proposal_id)
        facts = gather(
            uow,
            prepared.asked,
            prepared.found,
            evidence,
            case_id=prepared.proposal.case_id,
            rma_id=rma.id if rma else None,
        )
        facility = rma.facility_id if rma else book.routed(facts, order_date=ordered, decision_date=today)
        if prepared.asked.goods is not None:
            facility = prepared.asked.goods.facility_id
        return Situated(book, facts, ordered, today, facility)

    def _evidence(
        self, uow: UnitOfWork, prepared: Prepared, row: ProposalRow, siblings: Sequence[Prepared]
    ) -> Evidence:
        case = cases.case(uow, row.case_id)
        line = cases.return_line(uow, row.line_id)
        same_order = [one for one in siblings if one.asked.order_number == row.order_number]
        review = reviews.review_of_proposal(uow, row.id, prepared.asked.action, prepared.subject)
        return Evidence(
            photos=signals.usable_photos(uow, case.thread_id, line.position),
            confidence_permille=prepared.confidence_permille,
            consent_given=consent_holds(uow, row),
            review_status=status_of(review),
            sibling_exposure_usd_minor=_sum_known(
                [one.found.amount_usd_minor(one.asked.quantity) for one in same_order]
            ),
            sibling_quantity=sum(
                one.asked.quantity for one in same_order if one.asked.line == row.order_line
            ),
        )


def _says_more(one: Judged) -> tuple[int, int]:
    """The severest verdict first, and of equal ones that with the most approvals: it shows what they did."""
    return SEVEREST_FIRST.index(one.outcome), -one.decision.facts.approvals


def consent_holds(uow: UnitOfWork, row: ProposalRow) -> bool:
    """Whether the customer's consent covers exactly the line that this proposal asks for."""
    consent = cases.consent(uow, row.consent_id)
    if consent is None or consent.case_id != row.case_id:
        return False
    proposals = cases.proposals(uow, consent_id=consent.id)
    covered = [cases.return_line_of(cases.return_line(uow, one.line_id)) for one in proposals]
    kept = [one.line_id for one in proposals if one.action != Action.CREATE_RMA.value]
    mine = next((line for line in covered if line.line_id == row.line_id), None)
    same = mine is not None and (
        mine.quantity,
        mine.reason.value,
        mine.resolution.value,
        list(mine.serials),
    ) == (
        row.quantity,
        row.reason,
        row.resolution,
        list(row.serials),
    )
    return same and cases.consent_digest_of(covered, kept) == consent.digest


def _sum_known(amounts: Sequence[int | None]) -> int | None:
    """The sum, or None when one of them is unknown."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None

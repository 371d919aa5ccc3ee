"""Honest trade around the guard: customers propose, reviewers decide, clerks book, workflows are started."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from backhaul.connectors.ports import RmaLineRequest
from backhaul.domain.codes import Action, Condition
from backhaul.domain.errors import BackhaulError
from backhaul.domain.returns import Proposal, ReturnLine
from backhaul.store import cases, conversation, reviews
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.tables import ReviewRow, VerdictRow
from tests.tools.bypass_merits import Agreed, Yes
from tests.tools.bypass_oracle import Oracle
from tests.tools.bypass_wishes import Wish
from tests.tools.bypass_world import Stage


@dataclass
class Trade:
    """Acts on a stage, and tells the oracle what customers and reviewers truly said."""

    stage: Stage
    oracle: Oracle
    _count: int = 0

    # What customers ask for

    def propose(self, speaker: Speaker, wishes: Sequence[Wish], agreed: Sequence[Wish] | None = None) -> None:
        """Propose lines in one consent; `agreed` is what the customer truly said yes to, if it differs."""
        ids = self.stage.ids
        with self.stage.store.begin() as uow:
            thread = conversation.open_thread(uow, ids, speaker, channel="chat").id
            case = cases.open_case(
                uow, ids, thread_id=thread, account_id=speaker.account_id, actor=speaker.requested_by
            )
            lines = [self._line(wish, case.id) for wish in wishes]
            said = [
                replace(line, quantity=yes.quantity, serials=yes.serials, resolution=yes.resolution)
                for line, yes in zip(lines, agreed or wishes, strict=True)
            ]
            consent = cases.add_consent(
                uow,
                ids,
                case_id=case.id,
                consent_digest=cases.consent_digest_of(said),
                shown="",
                message_id="",
                given_by=speaker.requested_by,
                graph_thread="",
            )
            for at, (wish, line, yes) in enumerate(
                zip(wishes, lines, agreed or wishes, strict=True), start=1
            ):
                row = cases.add_line(uow, line, position=at)
                claim = cases.add_claim(
                    uow,
                    ids,
                    line=row,
                    words=wish.words,
                    payload={},
                    reader="test",
                    confidence_permille=1000,
                )
                proposal = _proposal(ids.new("PR"), case.id, line, claim.id, consent.id)
                cases.add_proposal(uow, proposal, requested_by=speaker.requested_by)
                self.oracle.agreed[proposal.proposal_id] = _agreed(speaker, yes)
                self.stage.engine.start(
                    uow,
                    workflow="decide",
                    workflow_id=f"decide-{proposal.proposal_id}",
                    args=[proposal.proposal_id],
                )

    def _line(self, wish: Wish, case_id: str) -> ReturnLine:
        sold = self.stage.erp.order_line(wish.order, wish.line)
        return ReturnLine(
            line_id=self.stage.ids.new("RL"),
            case_id=case_id,
            order_number=wish.order,
            line=wish.line,
            sku=sold.sku if sold else "",
            description="",
            quantity=wish.quantity,
            reason=wish.reason,
            condition=Condition.NOT_STATED,
            resolution=wish.resolution,
            serials=wish.serials,
            received_words=wish.other_side,
            received_sku=wish.other_sku,
        )

    # What reviewers do

    def decide(self, review: ReviewRow, who: str, *, yes: bool, command_of: VerdictRow, resume: bool) -> None:
        """Approve a command that stands in some verdict, or turn the effect down."""
        with self.stage.store.begin() as uow:
            try:
                row = reviews.at_version(uow, review.id, review.version, event="decision")
            except BackhaulError:
                return
            person = self.stage.staff[who]
            if yes:
                digest = command_of.command_digest
                reviews.approve(uow, self.stage.ids, row, user_id=person, command_digest=digest, note="")
                same = command_of.bundle_hash == self.stage.policy.book().bundle_hash
                said = Yes(who, command_of.command, self.oracle.changes if same else None)
                self.oracle.yes.append(said)
            else:
                reviews.reject(uow, row, user_id=person, note="no")
                self.oracle.turned_down(row)
            if resume:
                name = f"resume-{row.id}-{row.version}"
                self.stage.engine.start(uow, workflow="resume-review", workflow_id=name, args=[row.id])

    # What clerks and workflows do

    def clerk_books(self, wish: Wish) -> None:
        """Somebody books a return in the ERP directly, as far as the pieces go."""
        sold = self.stage.erp.order_line(wish.order, wish.line)
        order = self.stage.erp.order(wish.order)
        if sold is None or order is None or sold.quantity_returnable < wish.quantity:
            return
        asked = RmaLineRequest(wish.order, wish.line, wish.quantity, (), wish.reason, wish.resolution)
        self.stage.erp.clerk_books(order.account_id, asked)

    def start(self, workflow: str, args: list[Any]) -> None:
        """Start a workflow of one's own making."""
        self._count += 1
        with self.stage.store.begin() as uow:
            self.stage.engine.start(uow, workflow=workflow, workflow_id=f"attack-{self._count}", args=args)

    def send(self, rma_id: str, message: dict[str, Any]) -> None:
        """Send a message of one's own making to a return that waits."""
        self._count += 1
        with self.stage.store.begin() as uow:
            self.stage.engine.send(
                uow, workflow_id=f"return-{rma_id}", topic="return", message=message, key=f"{self._count}"
            )

    # What everybody can see

    def proposals(self) -> list[str]:
        return list(self.oracle.agreed)

    def verdicts(self) -> Sequence[VerdictRow]:
        with self.stage.store.read() as uow:
            return uow.session.scalars(sa.select(VerdictRow).order_by(VerdictRow.id)).all()

    def open_reviews(self) -> Sequence[ReviewRow]:
        with self.stage.store.read() as uow:
            rows = [row for row in reviews.queue(uow) if row.proposal_id]
        return sorted(rows, key=lambda row: (row.opened_at, row.id))

    def proposal_with_rma(self, which: int) -> tuple[str, str]:
        """A proposal that led to an RMA, and that RMA."""
        with self.stage.store.read() as uow:
            rows = uow.session.scalars(sa.select(RmaLineRow).order_by(RmaLineRow.id)).all()
        row = rows[which % len(rows)]
        return row.proposal_id, row.rma_id

    def rmas(self) -> Sequence[RmaRow]:
        with self.stage.store.read() as uow:
            return uow.session.scalars(sa.select(RmaRow).order_by(RmaRow.id)).all()


def _proposal(proposal_id: str, case_id: str, line: ReturnLine, claim_id: str, consent_id: str) -> Proposal:
    return Proposal(
        proposal_id=proposal_id,
        case_id=case_id,
        line_id=line.line_id,
        action=Action.CREATE_RMA,
        order_number=line.order_number,
        line=line.line,
        quantity=line.quantity,
        serials=line.serials,
        reason=line.reason,
        resolution=line.resolution,
        claim_id=claim_id,
        consent_id=consent_id,
    )


def _agreed(speaker: Speaker, wish: Wish) -> Agreed:
    return Agreed(
        account=speaker.account_id,
        requester=speaker.requested_by,
        order=wish.order,
        line=wish.line,
        quantity=wish.quantity,
        serials=wish.serials,
        reason=wish.reason.value,
        resolution=wish.resolution.value,
        clear_words="mumble" not in wish.words,
        other_side_known=wish.other_side is not None,
    )

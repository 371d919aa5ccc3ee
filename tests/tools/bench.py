"""Goods at the dock whose disposition is written down and not acted on: what the guard is asked about."""

from dataclasses import dataclass
from typing import Any

from backhaul.domain.codes import Action, Reason
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store import cases, dock, reviews, rmas, staff
from backhaul.store.effect_tables import RmaRow
from backhaul.workflows.stops import review_for
from tests.dock import counts, staff_id
from tests.house import House
from tools import gateway
from tools.gateway import Intent, Presented
from tools.guard import Judged

BEARINGS = "SO-15086"
WORDS = "we ordered too many of them and they are no longer needed"


@dataclass
class Bench:
    """One line of an RMA, and the pieces of it that came back."""

    house: House
    proposal_id: str
    rma: RmaRow

    def came(self, pieces: int, *, inspected: tuple[int, ...] = (), **found: Any) -> list[str]:
        """Receive pieces and settle on what becomes of them, by part; the dispositions."""
        goods = counts(self.house, self.rma, pieces)
        return [self._settled(goods.id, part, **found) for part in inspected or (pieces,)]

    def _settled(
        self,
        receipt_id: str,
        pieces: int,
        *,
        chosen: Disposition = Disposition.RESTOCK,
        grade: Grade = Grade.A,
        finding: Finding = Finding.CONFIRMED,
        found_reason: Reason | None = None,
    ) -> str:
        who, ids = staff_id(self.house), self.house.desk.ids
        with self.house.store.begin() as uow:
            seen = dock.inspect(
                uow,
                dock.Inspected(
                    ids.new("IN"), receipt_id, pieces, grade, finding, who, found_reason=found_reason
                ),
            )
            return dock.settle_on(uow, dock.SettledOn(ids.new("DI"), seen.id, chosen, chosen, {}, who)).id

    def judge(self, action: Action, subject: str) -> Judged:
        """What the guard says, looked up afresh."""
        prepared = self.house.world.guard.prepare(self.proposal_id, action=action, subject=subject)
        with self.house.store.begin() as uow:
            return self.house.world.guard.judge(uow, prepared)

    def spend(self, judged: Judged) -> None:
        """Let the command pass the gateway, as a workflow would."""
        assert judged.permit is not None, failed(judged)
        shown, command = Presented(judged.permit.token, judged.command), judged.command
        with self.house.store.begin() as uow:
            intent = Intent(f"{command.action.value}-{command.subject}", command.action, {}, [shown])
            gateway.spend(uow, [intent], bundle_hash=self.house.world.guard.book().bundle_hash)

    def approve(self, judged: Judged, who: str) -> None:
        """Somebody says yes on the desk to exactly this command."""
        with self.house.store.begin() as uow:
            row, person = review_for(self.house.world, uow, judged), staff.staff_by_email(uow, who)
            assert person is not None
            digest = judged.verdict.command_digest
            reviews.approve(uow, self.house.desk.ids, row, user_id=person.id, command_digest=digest, note="")


def bench(house: House, order: str = BEARINGS, line: int = 1, pieces: int = 4, **more: Any) -> Bench:
    """An RMA that was let in, for pieces of one order line."""
    reason = more.pop("reason", Reason.NO_LONGER_NEEDED)
    sent = house.propose(order, line, pieces, reason, words=more.pop("words", WORDS), **more)
    return opened(house, sent.consent_id or "")


def opened(house: House, consent_id: str) -> Bench:
    """The bench of a proposal that was let in by now."""
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=consent_id)
        rma = rmas.rma_of_proposal(uow, proposal.id)
    assert rma is not None
    return Bench(house, proposal.id, rma)


def failed(judged: Judged) -> set[str]:
    """The rules that do not permit."""
    return {one.rule for one in judged.decision.results if one.effect != "permit"}

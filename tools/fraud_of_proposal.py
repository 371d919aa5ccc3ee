"""What the fraud score is asked about, for one proposal: its facts, and the limits of the policy in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backhaul.domain.codes import Action
from backhaul.store import cases
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import UnitOfWork
from policies.book import PolicyBook
from policies.decision import PolicyDecision
from policies.facts import Facts
from tools.facts import Asked, ErpFacts
from tools.fraud_signals import Suspect

_LIMITS = {
    "auto_limit_usd_minor": ("order_exposure_usd_minor", "automatic limit"),
    "returnless_limit_usd_minor": ("amount_usd_minor", "limit for goods that stay"),
}
"""Tables of the policy with the figure each is held against, and its name in a sentence"""


@dataclass(frozen=True, slots=True)
class Situated:
    """Facts with what picks the editions and overlays they are judged under."""

    book: PolicyBook
    facts: Facts
    order_date: date
    decision_date: date
    facility: str | None

    def decide(self, fraud_score_permille: int) -> PolicyDecision:
        """What the policy answers, now that the score is known."""
        facts = self.facts.model_copy(update={"fraud_score_permille": fraud_score_permille})
        return self.book.decide(
            facts, order_date=self.order_date, decision_date=self.decision_date, facility=self.facility
        )

    def limits(self) -> Mapping[str, tuple[int, int]]:
        """Amount and limit, in cents of the ledger currency, by the name of the limit; the known ones."""
        wanted = set(_LIMITS) if self.facts.action is Action.RETURNLESS_REFUND else {"auto_limit_usd_minor"}
        cells = self.book.cells(
            wanted,
            self.facts,
            order_date=self.order_date,
            decision_date=self.decision_date,
            facility=self.facility,
        )
        known = self.facts.known()
        return {
            words: (int(known[figure]), int(cells[table]))
            for table, (figure, words) in _LIMITS.items()
            if table in cells and figure in known
        }


def suspect_of(
    uow: UnitOfWork, row: ProposalRow, asked: Asked, found: ErpFacts, situated: Situated
) -> Suspect:
    """What is looked at for a proposal or an effect that follows from it."""
    case = cases.case(uow, row.case_id)
    return Suspect(
        proposal_id=row.id,
        account_id=case.account_id,
        thread_id=case.thread_id,
        order_number=row.order_number,
        order_line=row.order_line,
        action=asked.action,
        reason=asked.reason,
        serials=asked.serials,
        line=found.line,
        shipments=found.shipments,
        amounts=situated.limits(),
    )

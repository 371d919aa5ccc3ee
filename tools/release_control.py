"""Whether this version decides by itself: only one that is signed off does; otherwise a person decides.

Nothing is hidden by it: the decision keeps what every rule said, and what the guard would have answered, as
where a policy has it only watch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from backhaul.domain.codes import Action, Outcome
from backhaul.domain.release import Release
from backhaul.store import releases, reviews
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import UnitOfWork
from policies.decision import PolicyDecision, RuleResult, Status, answer_of
from policies.ruleset import guards_finding

RULE = "RELEASE"
_TITLE = "The version that decides is signed off"


def nothing_learnt(_uow: UnitOfWork) -> str:
    """Where the reader reads with the heads that it was shipped with."""
    return ""


@dataclass(frozen=True, slots=True)
class ReleaseControl:
    """What runs here, and whether it has to be signed off before it decides by itself.

    `program` is the release of this process but for the policies, which may change while it runs. None where
    nobody looked: where it is `required`, a person then decides everything.
    """

    program: Release | None = None
    required: bool = False
    learnt: Callable[[UnitOfWork], str] = nothing_learnt
    """The SHA-256 of the promoted heads that the reader reads with; empty is none"""

    def hash_under(self, uow: UnitOfWork, bundle_hash: str) -> str | None:
        """The release that decides under a set of policies, as every verdict keeps it."""
        runs = self._runs(uow)
        return replace(runs, policies=bundle_hash).hash if runs else None

    def _runs(self, uow: UnitOfWork) -> Release | None:
        return self.program.having_learnt(self.learnt(uow)) if self.program else None

    def obstacle(self, uow: UnitOfWork, bundle_hash: str, *, proposal: ProposalRow | None) -> str | None:
        """Why a person has to decide, in words; None when this version may.

        `proposal` is given where the agent itself asks: what talked to the customer must be what was signed.
        """
        if not self.required:
            return None
        runs = self._runs(uow)
        if runs is None:
            return "nobody looked which version runs here"
        if proposal is not None and proposal.program != runs.hash:
            return "the agent that proposed it runs another version than the worker"
        return releases.obstacle(uow, replace(runs, policies=bundle_hash).hash)


NOBODY_LOOKED = ReleaseControl()
"""For a guard that stands alone: nothing has to be signed off, and verdicts name no release"""


def held_back(decision: PolicyDecision, why: str) -> PolicyDecision:
    """The same decision in the hands of a person, whatever the policy answered: also a refusal waits."""
    results = (_finding(why), *decision.results)
    outcome, shadowed = answer_of(results)
    return replace(decision, outcome=outcome, results=results, shadowed=shadowed, counterfactual=None)


def person_stands_behind(uow: UnitOfWork, action: Action, lines: Sequence[ProposalRow]) -> bool:
    """Whether work on the labels of an RMA only carries out what people approved.

    Nobody approves a label by itself: it belongs to the return that was approved, line by line, or to its
    end, which is approved on one of them.
    """
    if action not in {Action.CREATE_LABEL, Action.VOID_LABEL}:
        return False
    acts = [_approved_acts(uow, line) for line in lines]
    returns = all(Action.CREATE_RMA.value in one for one in acts)
    ends = any(Action.CANCEL_RMA.value in one for one in acts)
    return returns or (action is Action.VOID_LABEL and ends)


def _approved_acts(uow: UnitOfWork, line: ProposalRow) -> frozenset[str | None]:
    return frozenset(reviews.review(uow, one.review_id).action for one in reviews.approvals(uow, line.id))


def _finding(why: str) -> RuleResult:
    message = f"This version has not been signed off ({why}); a person decides."
    found = guards_finding(RULE, _TITLE, message, Outcome.ESCALATE)
    # Customers read nothing of it, and the trace shows it as it shows a rule that has the guard only watch.
    return replace(found, document="release", status=Status.FAILED, confidential=True, shadow=True)

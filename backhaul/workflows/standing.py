"""Whether approvals still stand once a command was judged anew, and why a review came back to the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import PermitRefused
from backhaul.store import cases, reviews
from backhaul.store.tables import ApprovalRow, ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.world import WorkerWorld
from tools import gateway
from tools.guard import Judged

_LOOKED_UP = ("sku", "value")
"""Parts of a command that no policy has a say in: they differ only when the ERP says something else"""
_TRIES = 3

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of the approvals of a review. `lapsed` ones were for something else than would be done."""

    mark: str
    """Why the review comes back, when it does"""
    lapsed: tuple[ApprovalRow, ...]
    comes_back: bool
    """A person has to look again, whatever the new verdict says"""


def standing(uow: UnitOfWork, review: ReviewRow, judged: Judged) -> Standing:
    """Hold the approvals of a review against the new verdict.

    An approval survives a new policy only if its command is unchanged and the new verdict permits it; it
    survives new facts as long as its command is unchanged.
    """
    before = [(one, _approved(uow, one, judged)) for one in reviews.approvals_of(uow, review)]
    policy = any(_policy(seen) != _policy(judged.verdict) for _, seen in before)
    permitted = judged.outcome is Outcome.PERMIT
    lapsed = tuple(
        one
        for one, seen in before
        if one.command_digest != judged.verdict.command_digest
        or (_policy(seen) != _policy(judged.verdict) and not permitted)
    )
    facts = any(_looked_up(seen) != _looked_up(judged.verdict) for _, seen in before) or (
        not policy and (bool(lapsed) or any(_fails_anew(seen, judged) for _, seen in before))
    )
    mark = {
        (True, True): reviews.BOTH_CHANGED,
        (True, False): reviews.POLICY_CHANGED,
        (False, True): reviews.FACTS_CHANGED,
        (False, False): reviews.ANOTHER_NEEDED,
    }[policy, facts]
    open_question = judged.outcome in {Outcome.ESCALATE, Outcome.ASK}
    return Standing(mark, lapsed, open_question or bool(lapsed and (policy or permitted)))


def void(uow: UnitOfWork, found: Standing) -> None:
    """Approvals that lapsed count no more, also not if the old command should come back."""
    for approval in found.lapsed:
        approval.void_at = uow.clock.now()


def _approved(uow: UnitOfWork, approval: ApprovalRow, judged: Judged) -> VerdictRow:
    """The verdict that was on the page when somebody approved its command."""
    action = Action(judged.verdict.action)
    shown = [
        row
        for row in cases.verdicts(uow, approval.proposal_id)
        if row.action == action.value
        and row.command_digest == approval.command_digest
        and row.decided_at <= approval.given_at
    ]
    return shown[-1] if shown else judged.verdict


def _policy(verdict: VerdictRow) -> tuple[str, list[str]]:
    """Two verdicts of one bundle may still rest on different editions: one began in between."""
    return verdict.bundle_hash, list(verdict.decision["editions"])


def _looked_up(verdict: VerdictRow) -> list[Any]:
    return [verdict.command[name] for name in _LOOKED_UP]


def _fails_anew(seen: VerdictRow, judged: Judged) -> bool:
    """Whether a rule does not permit that had nothing to say when somebody approved."""
    knew = {one["rule"] for one in seen.decision["results"] if one["effect"] != Outcome.PERMIT.value}
    return any(one.rule not in knew for one in judged.decision.results if one.effect is not Outcome.PERMIT)


def decided_anew(deed: Callable[Concatenate[WorkerWorld, P], R]) -> Callable[Concatenate[WorkerWorld, P], R]:
    """Do it once more when policy or order moved on between judging and spending; every refusal is told."""

    @wraps(deed)
    def persistent(world: WorkerWorld, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for left in reversed(range(_TRIES)):
            try:
                return deed(world, *args, **kwargs)
            except PermitRefused as refused:
                subject = str(kwargs["key"] if "key" in kwargs else args[0])
                gateway.refused(world.store, refused, case_id=None, subject=subject[:64])
                if refused.check not in gateway.MOVED_ON or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    return persistent

"""What a worker does beside its workflows: deadlines, carrier scans, heartbeats, taking over."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import structlog

from backhaul.connectors.ports import FREIGHT, Letter
from backhaul.domain.audit import Tag
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.lifecycle import can_be_cancelled
from backhaul.domain.returns import RmaState
from backhaul.store import audit, cases, due, heartbeat, ledger, review_deadlines, reviews, rmas
from backhaul.store.checkpoints import sign_checkpoint
from backhaul.store.effect_tables import RmaRow
from backhaul.store.house_tables import DueRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows import (
    at_work,
    autonomy_watch,
    claim_answers,
    durable,
    facility_advice,
    habits,
    reconcile,
    retention,
)
from backhaul.workflows.attest import attest_confirmed
from backhaul.workflows.broken_work import go_on_as_asked, note_broken
from backhaul.workflows.daily import once_a_business_day
from backhaul.workflows.desk_decisions import post_decisions
from backhaul.workflows.effects import mark_unknown
from backhaul.workflows.owners import case_of
from backhaul.workflows.parcels import remind_of_refused, take_parcel_events
from backhaul.workflows.stops import reminded
from backhaul.workflows.surplus_labels import clear_doubts
from backhaul.workflows.world import WorkerWorld

_POISONED_AFTER_CRASHES = 3
_SECONDS_BETWEEN_CHECKPOINTS = 300.0
_SEEN_ALIVE_SECONDS = 120
"""How long a process of this host may be silent before it counts as hung"""

log = structlog.get_logger("backhaul.sweep")


def tick(world: WorkerWorld) -> int:
    """Fire the business deadlines that have passed; returns how many. Called by every engine."""
    with world.store.begin() as uow:
        fired = due.fire(uow, "rma_expiry")
        for row in fired:
            _send(world, uow, row.subject, {"kind": "expired"}, key=_of_its_day(row))
    answered = claim_answers.tick(world) + post_decisions(world)
    return len(fired) + _remind_all(world) + remind_of_refused(world) + clear_doubts(world) + answered


def _of_its_day(row: DueRow) -> str:
    """A deadline that was set anew passes anew: its message is another one."""
    return f"{row.subject}:expired:{row.due_at:%Y-%m-%d}"


def _send(world: WorkerWorld, uow: UnitOfWork, rma_id: str, message: dict[str, str], *, key: str) -> None:
    world.starter.send(uow, workflow_id=f"return-{rma_id}", topic="return", message=message, key=key)


def _remind_all(world: WorkerWorld) -> int:
    """A reminder counts as fired once its letter was sent; the letter's key makes a repetition harmless."""
    with world.store.read() as uow:
        waiting = [row.subject for row in due.passed(uow, "rma_reminder")]
    for rma_id in waiting:
        if reminded(world, rma_id, partial(_remind, world, rma_id)):
            with world.store.begin() as uow:
                due.drop_due(uow, kind="rma_reminder", subject=rma_id)
    return len(waiting)


def _remind(world: WorkerWorld, rma_id: str) -> None:
    with world.store.read() as uow:
        rma, label = rmas.rma(uow, rma_id), rmas.live_label(uow, rma_id)
        rest = _still_to_come(uow, rma_id)
    if label is not None and label.service == FREIGHT:
        return  # The driver's visit is agreed; there is nothing for the customer to hand in.
    contacts = world.erp.contacts(rma.account_id)
    waits = can_be_cancelled(RmaState(rma.state)) or rma.state == RmaState.RECEIVED.value
    if not contacts or not waits or not rest or _is_over(world, rma):
        return
    letter = _reminder(rma, contacts[0].email, contacts[0].name, rest)
    world.notifier.send(letter, key=f"{rma_id}:{rma.return_by.isoformat()}:reminder")


def _still_to_come(uow: UnitOfWork, rma_id: str) -> list[str]:
    """Such as "5 x BRG-6205-2RS", for each line of which something is missing."""
    found = []
    for line in rmas.rma_lines(uow, rma_id):
        entered = ledger.on_rma_line(uow, line.id)
        awaited = entered[ledger.AUTHORISED] - entered[ledger.RELEASED] - entered[ledger.RECEIVED]
        found += [f"{awaited} x {line.sku}"] if awaited > 0 else []
    return found


def _reminder(rma: RmaRow, email: str, name: str, rest: list[str]) -> Letter:
    by = f"{rma.return_by:%A, %d %B %Y}"
    if rma.state == RmaState.RECEIVED.value:
        subject = f"Your return {rma.erp_number}: a part is still missing"
        body = (
            f"Thank you for the first part of your return {rma.erp_number}. "
            f"Still to come: {', '.join(rest)}. "
            f"Please send the rest so that it is handed in by {by}."
        )
    else:
        subject = f"Your return {rma.erp_number}: please send it soon"
        body = (
            f"Your return {rma.erp_number} is still open: {', '.join(rest)}. Please hand the parcel in by "
            f"{by}. After that day the return is closed; if you no longer want to send anything, you need do "
            "nothing."
        )
    return Letter(email, subject, f"Hello {name},\n\n{body}\n")


def _is_over(world: WorkerWorld, rma: RmaRow) -> bool:
    """After a long standstill the deadline may have passed as well: then there is nothing to remind of."""
    return due.end_of(rma.return_by) <= world.clock.now()


def new_executor_id() -> str:
    """Unique among living processes; names host and process, so that a neighbour can see its death."""
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"


@dataclass(slots=True)
class Sweeper:
    """Runs in the worker's main thread, once a second."""

    world: WorkerWorld
    executor_id: str
    policy: Callable[[], tuple[str, str | None]]
    """Bundle hash in force, and why newer files were not taken"""
    checkpoints: Path
    """File beside the database in which signed checkpoints of the audit log are kept as well"""
    at_work: Path
    """Folder of what the processes of this host are at, see `at_work`"""
    forget: Callable[[], object]
    """Drops what need not be kept any longer"""
    watch_autonomy: Callable[[], object]
    """Closes segments that do not deserve to decide by themselves any more"""
    _signed_at: float = -_SECONDS_BETWEEN_CHECKPOINTS
    _reported: set[str] = field(default_factory=set)

    def sweep(self) -> None:
        """One round. A peer that does not answer is asked again in the next round."""
        bundle_hash, problem = self.policy()
        with self.world.store.begin() as uow:
            heartbeat.beat(uow, self.executor_id, bundle_hash=bundle_hash, policy_problem=problem)
        tick(self.world)
        take_parcel_events(self.world)
        attest_confirmed(self.world)
        self.sign_checkpoint()
        self.take_over_from_the_dead()
        broken = durable.broken()
        self.report_failed(broken)
        note_broken(self.world, broken)
        go_on_as_asked(self.world)
        self.daily()
        # Last: it asks carriers, and nothing else should wait for them.
        facility_advice.advise_all(self.world)

    def daily(self) -> None:
        """What is done once a day; an ERP that does not answer is asked again in the next round."""
        try:
            once_a_business_day(self.world, reconcile.DUE, self._compare)
        except ConnectorUnavailable as silent:
            log.warning("books not compared", peer=silent.peer)

        try:
            once_a_business_day(self.world, habits.DUE, partial(habits.count, self.world))
        except ConnectorUnavailable as silent:
            log.warning("habits not counted", peer=silent.peer)

        once_a_business_day(self.world, retention.DUE, lambda _day: self.forget())
        once_a_business_day(self.world, autonomy_watch.DUE, lambda _day: self.watch_autonomy())

    def _compare(self, day: date) -> None:
        reconcile.reconcile(self.world.store, self.world.erp, self.world.ids, day)

    def sign_checkpoint(self) -> None:
        """Every few minutes, and once at the start: what was written before it cannot be made anew unseen."""
        if time.monotonic() - self._signed_at < _SECONDS_BETWEEN_CHECKPOINTS:
            return
        self._signed_at = time.monotonic()
        with self.world.store.begin() as uow:
            sign_checkpoint(uow, self.world.guard.signer, file=self.checkpoints)

    def take_over_from_the_dead(self) -> None:
        """Go on with the work of executors that no longer beat; resume first, bury after, for crashes."""
        with self.world.store.read() as uow:
            alive = living(uow)
            crashed = {row.executor_id for row in heartbeat.executors(uow)} - alive
        dead = sorted(durable.pending_executors(self.world.store) - alive - {self.executor_id})
        for work in durable.unfinished_of(dead):
            # Who stopped in good order buried itself; only a crash speaks against what it was running.
            if work.executor_id in crashed and self._is_poisoned(work):
                durable.stop_for_good(work.workflow_id)
                self._to_a_person(work, "stopped its worker again and again")
            else:
                durable.take_over([work.workflow_id])
        with self.world.store.begin() as uow:
            for executor_id in dead:
                heartbeat.bury(uow, executor_id)
        for executor_id in dead:
            at_work.forget(self.at_work, executor_id)

    def _is_poisoned(self, work: durable.Work) -> bool:
        """Only what was in a step can have stopped its worker: what waits, or is queued, is innocent."""
        was_at = at_work.was_at(self.at_work, work.executor_id)
        if was_at is not None and work.workflow_id not in was_at:
            return False
        with self.world.store.begin() as uow:
            step = was_at[work.workflow_id] if was_at else ""
            suspects = len(was_at) if was_at else 1
            blame = heartbeat.blame(uow, work.workflow_id, suspects=suspects, step=step)
            facts = {"twelfths": blame}
            uow.record(Tag.WORK_RECOVERED, actor="worker:reaper", subject=work.workflow_id, facts=facts)
        return blame > _POISONED_AFTER_CRASHES * heartbeat.WHOLE_BLAME

    def report_failed(self, broken: Sequence[durable.Broken]) -> None:
        """A workflow that the engine gave up is written down and becomes a review, once."""
        for work in (one.work for one in broken):
            if work.workflow_id not in self._reported:
                self._reported.add(work.workflow_id)
                self._to_a_person(work, "could not be completed")

    def _to_a_person(self, work: durable.Work, why: str) -> None:
        with self.world.store.begin() as uow:
            if audit.is_recorded(uow, Tag.WORK_FAILED, work.workflow_id[:64]):
                return
            case_id = case_of(uow, work.name, work.subject)
            uow.record(
                Tag.WORK_FAILED,
                actor="worker:sweep",
                subject=work.workflow_id[:64],
                case_id=case_id,
                facts={"why": why},
            )
            if case_id is not None:
                _open_review(self.world, uow, work, case_id, why)


def _open_review(world: WorkerWorld, uow: UnitOfWork, work: durable.Work, case_id: str, why: str) -> None:
    mark_unknown(uow, case_id, work.subject, why)
    told = f"The return {work.subject}" if work.name == "return" else f"{work.name} of {work.subject}"
    reviews.open_review(
        uow,
        world.ids,
        case_id=case_id,
        thread_id=cases.case(uow, case_id).thread_id,
        why=f"{told} {why}; look at its commands and decide how it goes on.",
        due_at=review_deadlines.due(uow),
    )


def living(uow: UnitOfWork) -> set[str]:
    """Executors whose work nobody takes over.

    A process that we see, on a machine so busy that it beats late, is given longer: two at the same step do
    nothing twice, but neither gets on.
    """
    heard = {row.executor_id for row in heartbeat.living(uow) if _may_be_alive(row.executor_id)}
    late = {row.executor_id for row in heartbeat.living(uow, within=_SEEN_ALIVE_SECONDS)}
    return heard | {one for one in late if _is_seen_alive(one)}


def _may_be_alive(executor_id: str) -> bool:
    """False when the executor ran on this host and its process is gone: no need to wait for silence."""
    return _is_elsewhere(executor_id) or _is_seen_alive(executor_id)


def _is_elsewhere(executor_id: str) -> bool:
    return executor_id.split(":", maxsplit=1)[0] != socket.gethostname()


def _is_seen_alive(executor_id: str) -> bool:
    """Whether it runs on this host, and its process is there."""
    if _is_elsewhere(executor_id):
        return False
    try:
        os.kill(int(executor_id.split(":")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

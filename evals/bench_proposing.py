"""From the stored yes to number and label, with a real worker in a process of its own.

Where the times come from, all on this machine's one clock:

* committed: read here right after the transaction that stores the proposal and starts `decide-...` returned.
* the durable engine's table of steps (whole milliseconds): when `decide` began and was stored, and the same
  for `issue RMA` and `buy label` of `return-...`. The engine belongs to the workflows, so its table is read
  with plain SQL after the fact; nothing is added to the worker for measuring.
* the verdict row's `decided_at`: the policy has answered, the verdict is written. It is business time, which
  equals machine time in a home whose clock nobody moved.

queue = committed to `decide` begun; guard = begun to `decided_at` (live facts, second reading, policy);
write = `decided_at` to `decide` stored (verdict, permit issued and spent, ledger, RMA, audit, commit);
carry = from there to the label bought (a queue again, RMA in the ERP, label drawn).
"""

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from backhaul.bootstrap import stores
from backhaul.bootstrap.doors import build_desk
from backhaul.domain.clock import SystemClock, today
from backhaul.domain.codes import Condition, Outcome, Reason, Resolution
from backhaul.domain.orders import OrderLine
from backhaul.domain.returns import ReturnLine
from backhaul.settings import Settings
from backhaul.store import cases, conversation, rmas
from backhaul.store.conversation import Speaker
from backhaul.workflows.durable import DurableClient
from evals.bench_figures import Aim, Figure, Row, middle, percentile, times_as_long
from evals.bench_house import BenchmarkBroken, Ground, process, wait_for_worker
from tools import proposals
from tools.desk import Desk

_WORDS = "We no longer need these, they are unopened. Credit please."
_MOST_QUEUE_MS = 50.0
_TURNS, _QUICK_TURNS = 20, 5
_WARM_TURNS = 3
_RECENT = timedelta(days=21)
_GIVE_UP_SECONDS = 60
_LOOK_SECONDS = 0.1
_MILLI = 1_000.0


@dataclass(frozen=True, slots=True)
class _Split:
    """Milliseconds of one proposing turn."""

    queue: float
    guard: float
    write: float
    carry: float

    @property
    def whole(self) -> float:
        """From the yes being stored to the label being bought."""
        return self.queue + self.guard + self.write + self.carry


def measure(ground: Ground) -> Iterator[Row]:
    """Proposals one after another, each by another account; only permitted ones are counted."""
    settings = ground.home()
    store = stores.open_store(settings)
    starter = DurableClient(store)
    desk = build_desk(settings, store, starter)
    wanted = _WARM_TURNS + (_QUICK_TURNS if ground.quick else _TURNS)
    try:
        with process("worker", settings) as worker:
            wait_for_worker(store, worker)
            splits = _splits(settings, desk, worker, wanted)[_WARM_TURNS:]
    finally:
        starter.close()
        store.close()
    yield _row(splits)


def _row(splits: list[_Split]) -> Row:
    queue = [one.queue for one in splits]
    whole = middle([one.whole for one in splits])
    return Row(
        "proposing turn",
        (
            Figure("queue p50", middle(queue), "ms", 0),
            Figure("queue p90", percentile(queue, 90), "ms", 0),
            Figure("guard", middle([one.guard for one in splits]), "ms", 0),
            Figure("write", middle([one.write for one in splits]), "ms", 0),
            Figure("then RMA and label", middle([one.carry for one in splits]), "ms", 0),
            Figure("whole", whole, "ms", 0),
        ),
        Aim(f"queue p50 <= {_MOST_QUEUE_MS:g} ms", _MOST_QUEUE_MS, middle(queue)),
        times_as_long("queue / whole", middle(queue), whole),
        (f"medians of {len(splits)}, one at a time, after {_WARM_TURNS} to warm up; SQLite",),
    )


def _splits(settings: Settings, desk: Desk, worker: "subprocess.Popen[bytes]", wanted: int) -> list[_Split]:
    found: list[_Split] = []
    for speaker, line in _returnable(desk):
        if len(found) == wanted:
            return found
        proposal_id, committed_ms = _propose(desk, speaker, line)
        if _wait_for_verdict(desk, worker, proposal_id) is Outcome.PERMIT:
            found.append(_split(settings, desk, worker, proposal_id, committed_ms))
    raise BenchmarkBroken(f"the demo distributor has only {len(found)} of {wanted} returns to permit")


def _returnable(desk: Desk) -> Iterator[tuple[Speaker, OrderLine]]:
    """One recently delivered piece without a serial for each account: nobody becomes conspicuous."""
    since = today(desk.clock) - _RECENT
    for account in desk.erp.accounts():
        lines = (
            line for order in desk.erp.orders_of(account.account_id, since=since) for line in order.lines
        )
        plain = (one for one in lines if one.delivered_on and one.delivered_on >= since and not one.serials)
        line = next((one for one in plain if one.quantity_shipped > one.quantity_returned), None)
        if line is not None:
            yield Speaker(account.account_id, account.name, "cli:bench"), line


def _propose(desk: Desk, speaker: Speaker, sold: OrderLine) -> tuple[str, float]:
    """Propose one piece as the agent does after a yes; the id, and when it was committed (ms since 1970)."""
    with desk.store.begin() as uow:
        thread_id = conversation.open_thread(uow, desk.ids, speaker, channel="chat").id
        said = conversation.add_message(uow, desk.ids, thread_id, author="customer", body=_WORDS)
    line = ReturnLine(
        line_id=desk.ids.new("RL"),
        case_id="",
        order_number=sold.order_number,
        line=sold.line,
        sku=sold.sku,
        description=sold.description,
        quantity=1,
        reason=Reason.NO_LONGER_NEEDED,
        condition=Condition.NOT_STATED,
        resolution=Resolution.CREDIT,
    )
    agreed = proposals.Agreed(
        shown=_WORDS,
        digest=cases.consent_digest_of([line]),
        message_id=said.id if said else "",
        graph_thread="",
        attempt=0,
    )
    request = proposals.LineRequest(line, words=_WORDS, payload={}, reader="bench", confidence_permille=1000)
    submitted = proposals.propose(
        desk, speaker, thread_id=thread_id, case_id=None, requests=[request], agreed=agreed
    )
    return submitted.proposals[0][0], SystemClock().now().timestamp() * _MILLI


def _wait_for_verdict(desk: Desk, worker: "subprocess.Popen[bytes]", proposal_id: str) -> Outcome:
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < deadline and worker.poll() is None:
        with desk.store.read() as uow:
            verdict = cases.newest_verdict(uow, proposal_id)
        if verdict is not None:
            return Outcome(verdict.outcome)
        time.sleep(_LOOK_SECONDS)
    raise BenchmarkBroken(f"no verdict within {_GIVE_UP_SECONDS} s (worker status {worker.returncode})")


def _split(
    settings: Settings,
    desk: Desk,
    worker: "subprocess.Popen[bytes]",
    proposal_id: str,
    committed_ms: float,
) -> _Split:
    with desk.store.read() as uow:
        verdict = cases.newest_verdict(uow, proposal_id)
        booked = rmas.rma_of_proposal(uow, proposal_id)
    if verdict is None or booked is None:
        raise BenchmarkBroken(f"{proposal_id} was permitted and has no RMA; see backhaul/workflows/decide.py")
    _, labelled = _step(settings, worker, f"return-{booked.id}", "buy label")
    began, stored = _step(settings, worker, f"decide-{proposal_id}", "decide")
    decided = verdict.decided_at.timestamp() * _MILLI
    return _Split(
        queue=max(began - committed_ms, 0.0),
        guard=decided - began,
        write=stored - decided,
        carry=labelled - stored,
    )


def _step(
    settings: Settings, worker: "subprocess.Popen[bytes]", workflow_id: str, name: str
) -> tuple[int, int]:
    """When a step began and was stored, in ms since 1970; waits until it was."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < deadline and worker.poll() is None:
        with closing(sqlite3.connect(f"file:{settings.sqlite_path}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT started_at_epoch_ms, completed_at_epoch_ms FROM operation_outputs"
                " WHERE workflow_uuid = ? AND function_name = ?",
                (workflow_id, name),
            ).fetchone()
        if found is not None:
            return int(found[0]), int(found[1])
        time.sleep(_LOOK_SECONDS)
    raise BenchmarkBroken(f"step {name!r} of {workflow_id} was not done within {_GIVE_UP_SECONDS} s")

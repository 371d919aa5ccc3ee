"""Runs suites on Inspect: every scenario a sample, played by processes of our own, scored on its end state.

Inspect keeps the log that its viewer opens, counts epochs and survives a sample that fails. What we know of
a run stands in the log too, as `evals.played` tells it, so that a log is all that has to be kept.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as run_tasks
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from backhaul.domain.errors import BackhaulError
from backhaul.domain.release import OFFLINE, Component, Release
from evals.casting import CUSTOMERS
from evals.other_agents import MODEL, opener
from evals.played import Exchange, Played, Run, RunHead
from evals.player import Conditions, play
from evals.scenario import Scenario
from evals.scoring.score import score
from evals.suite import Suite

Tell = Callable[[int, int], None]
"""Told after each sample: how many are done, of how many"""
_NO_MODEL = "mockllm/model"
_PLAYED = "played"


class RunFailed(BackhaulError):
    """Inspect could not run the suites at all."""

    code = "run_failed"


@dataclass(frozen=True, slots=True)
class Order:
    """What to run. `limit` takes the first scenarios of each suite; `policies` are other documents."""

    suites: tuple[Suite, ...]
    epochs: int = 1
    limit: int | None = None
    processes: int = 2
    policies: Path | None = None
    agent: str = OFFLINE
    """`offline`, `model`, or another one: `package.module:callable` or an address"""
    customer: str = "scripted"
    """Or `model`"""
    log_folder: Path = Path("var/evals")

    @property
    def scenarios(self) -> dict[str, tuple[Scenario, ...]]:
        """By suite."""
        return {suite.name: suite.scenarios[: self.limit] for suite in self.suites}

    @property
    def runs(self) -> int:
        """Scenarios times epochs."""
        return self.epochs * sum(len(some) for some in self.scenarios.values())


@dataclass(slots=True)
class _Crew:
    """Processes that play, and who is told of it."""

    pool: ProcessPoolExecutor
    order: Order
    tell: Tell
    done: int = field(default=0)

    async def play(self, scenario: Scenario, suite: str, epoch: int) -> Played:
        loop = asyncio.get_running_loop()
        order = self.order
        found = await loop.run_in_executor(
            self.pool, _play_there, scenario, suite, epoch, order.policies, order.agent, order.customer
        )
        self.done += 1
        self.tell(self.done, order.runs)
        return found


def _live_in(folder: str) -> None:
    """What a process of the pool leaves behind goes with the pool: it tidies up nothing when it ends."""
    tempfile.tempdir = folder


def _play_there(
    scenario: Scenario, suite: str, epoch: int, policies: Path | None, agent: str, customer: str
) -> Played:
    conditions = Conditions(suite, epoch, policies, opener(agent), customer=CUSTOMERS[customer])
    return play(scenario, conditions)


def run(order: Order, *, tell: Tell, head: RunHead) -> Run:
    """Play everything; `head` says what is run and is completed with the time it took.

    Raises:
        RunFailed: Inspect stopped; it says why.
    """
    began = time.monotonic()
    with _crew(order, tell) as crew:
        tasks = [_task(name, some, crew) for name, some in order.scenarios.items()]
        logs = run_tasks(
            tasks,
            model=_NO_MODEL,
            epochs=order.epochs,
            log_dir=str(order.log_folder),
            display="none",
            max_samples=order.processes,
            max_tasks=len(tasks),
            log_level="error",
            score_display=False,
            metadata=head.model_dump(mode="json"),
        )
    played = tuple(one for log in logs for one in _of_log(log))
    return Run(head=head.model_copy(update={"seconds": time.monotonic() - began}), played=played)


@contextmanager
def _crew(order: Order, tell: Tell) -> Iterator[_Crew]:
    # Spawned: a fork would take over the threads' locks of whoever starts it.
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="backhaul-eval-") as folder,
        ProcessPoolExecutor(
            order.processes, mp_context=context, initializer=_live_in, initargs=(folder,)
        ) as pool,
    ):
        yield _Crew(pool, order, tell)


def _task(name: str, scenarios: Sequence[Scenario], crew: _Crew) -> Task:
    samples = [
        Sample(
            id=one.id,
            input=one.customer.says[0][0].text or "(a photo)",
            target=_target(one),
            metadata={"about": one.about, "scenario": one.model_dump(mode="json")},
        )
        for one in scenarios
    ]
    return Task(name=name, dataset=samples, solver=_played_by(name, crew), scorer=end_state())


def _target(scenario: Scenario) -> str:
    lines = (f"{one.quantity} x {one.key}: {one.outcome.value}" for one in scenario.gold.lines)
    return ", ".join(lines) or scenario.gold.ending.value


@solver
def _played_by(suite: str, crew: _Crew) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        scenario = Scenario.model_validate(state.metadata["scenario"])
        played = await crew.play(scenario, suite, state.epoch - 1)
        state.store.set(_PLAYED, played.model_dump(mode="json", exclude={"scenario"}))
        state.messages = [_message(one) for one in played.exchanges]
        state.output = ModelOutput.from_content(_NO_MODEL, played.error or _ended(played))
        return state

    return solve


def _message(said: Exchange) -> ChatMessage:
    speaks = ChatMessageUser if said.who == "customer" else ChatMessageAssistant
    return speaks(content=said.text)


def _ended(played: Played) -> str:
    lines = played.found.lines if played.found else ()
    told = ", ".join(f"{one.quantity} x {one.key}: {one.outcome}" for one in lines)
    return told or (played.found.ending.value if played.found else "")


@scorer(metrics=[accuracy()])
def end_state() -> Scorer:
    """Right, or what is otherwise than it should be."""

    async def hold(state: TaskState, target: Target) -> Score:
        del target
        scored = score(_played(state.store.get(_PLAYED), state.metadata["scenario"]))
        return Score(value="C" if scored.passed else "I", explanation="\n".join(scored.failures) or "right")

    return hold


def _of_log(log: EvalLog) -> Iterator[Played]:
    if log.status != "success" or log.samples is None:
        raise RunFailed(f"{log.eval.task}: {log.error.message if log.error else log.status}")
    for sample in log.samples:
        yield _played(sample.store[_PLAYED], sample.metadata["scenario"])


def _played(kept: dict[str, object], scenario: object) -> Played:
    return Played.model_validate({**kept, "scenario": scenario})


def head_of(order: Order, *, agent: str, release: str, components: dict[str, str]) -> RunHead:
    """What is about to be run. `release` and `components` are what runs here; who answers may be another."""
    now = datetime.now(UTC)
    # What one reader decides says nothing of a release with another.
    examined = components if agent == MODEL else {**components, Component.MODEL.value: agent}
    return RunHead(
        run_id=f"{now:%Y%m%d-%H%M%S}-{os.getpid()}",
        started_at=now.isoformat(timespec="seconds"),
        suites=tuple(order.scenarios),
        epochs=order.epochs,
        agent=agent,
        release=release if examined == components else Release.from_manifest(examined).hash,
        components=examined,
        policies=components.get("policies", ""),
        seconds=0.0,
        processes=order.processes,
    )

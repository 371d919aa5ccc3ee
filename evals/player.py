"""Plays a scenario from the first message to the last deed, and reads what came of it."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from backhaul.domain.errors import BadInput
from backhaul.simulation.floor import Floor
from backhaul.store import conversation
from backhaul.store.conversation import Photo, Speaker
from evals import people, pictures
from evals.agents import Answer, OpensTalk, Talk, open_talk
from evals.casting import CastsCustomer, scripted
from evals.customer import Heard
from evals.end_state import end_state, proposed_lines
from evals.played import EndState, Exchange, Played
from evals.scenario import Saying, Scenario, World
from evals.worlds import CHANNEL, Stage, set_up


class SetsUp(Protocol):
    """Makes a world that can be played in."""

    def __call__(self, world: World, *, seed: int, policies: Path | None) -> AbstractContextManager[Stage]:
        """The world, for as long as the block lasts."""
        ...


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a scenario is played. `policies` is a folder of documents; None is the shipped one.

    `stage` sets a world up: in this process, or with a worker beside it (see `evals.two_processes`).
    """

    suite: str
    epoch: int = 0
    policies: Path | None = None
    agent: OpensTalk = open_talk
    stage: SetsUp = set_up
    customer: CastsCustomer = scripted


@dataclass(slots=True)
class _Performance:
    stage: Stage
    scenario: Scenario
    thread_id: str
    talk: Talk
    exchanges: list[Exchange] = field(default_factory=list)
    heard: Heard = field(default_factory=lambda: Heard("", ""))

    def says(self, said: Saying) -> None:
        photos: tuple[Photo, ...] = pictures.photos(self.stage.floor, said)
        self.exchanges.append(Exchange(who="customer", text=said.text, photos=len(photos)))
        began = time.perf_counter()
        answers = self.talk.hear(said.text, photos)
        self.tells(answers, took=time.perf_counter() - began)
        self.stage.passes()

    def tells(self, answers: Sequence[Answer], *, took: float = 0.0) -> None:
        """Keep what the desk said; the time is that of its first message."""
        for answer in answers:
            said = Exchange(
                who="agent",
                text=answer.text,
                outcome=answer.outcome,
                asks_for=answer.asks_for,
                seconds=took,
            )
            self.exchanges.append(said)
            self.heard, took = Heard(answer.outcome, answer.asks_for, answer.read_back, answer.text), 0.0


def play(scenario: Scenario, conditions: Conditions) -> Played:
    """Play it once; whatever goes wrong is told in `error` and counts as failed."""
    began = time.perf_counter()
    exchanges: list[Exchange] = []
    try:
        seed = int.from_bytes(f"{scenario.id}".encode()[:6], "big") + conditions.epoch
        with conditions.stage(scenario.world, seed=seed, policies=conditions.policies) as stage:
            found, slices = _perform(stage, scenario, conditions, exchanges)
        error = None
    except Exception as failure:  # noqa: BLE001 - a run of a hundred goes on; this one has failed and says why
        found, slices, error = None, _slices(scenario), f"{type(failure).__name__}: {failure}"
    return Played(
        scenario=scenario,
        suite=conditions.suite,
        epoch=conditions.epoch,
        slices=slices,
        exchanges=tuple(exchanges),
        found=found,
        seconds=time.perf_counter() - began,
        error=error,
    )


def _perform(
    stage: Stage, scenario: Scenario, conditions: Conditions, exchanges: list[Exchange]
) -> tuple[EndState, dict[str, str]]:
    floor = stage.floor
    thread_id = _open(stage, scenario)
    talk = conditions.agent(stage, thread_id)
    try:
        performance = _Performance(stage, scenario, thread_id, talk, exchanges)
        customer = conditions.customer(scenario, conditions.epoch)
        to_say = customer.opening()
        while to_say:
            for said in to_say:
                performance.says(said)
            to_say = customer.answer(performance.heard)
        stage.settle()
        lines = proposed_lines(floor.store, floor.desk.erp, thread_id, stage.reads)
        for step in scenario.steps:
            exchanges.append(people.act(floor, thread_id, step))
            stage.settle()
            performance.tells(talk.news())
    finally:
        talk.close()
    found = end_state(floor, thread_id, lines, last_outcome=performance.heard.outcome)
    return found, _slices(scenario, floor)


def _open(stage: Stage, scenario: Scenario) -> str:
    erp = stage.floor.desk.erp
    account = erp.account(scenario.account_id)
    if account is None:
        raise BadInput(f"{scenario.id}: there is no account {scenario.account_id}", field="contact")
    contact = scenario.customer.contact
    if contact not in {one.contact_id for one in erp.contacts(account.account_id)}:
        raise BadInput(f"{scenario.id}: {account.account_id} has no contact {contact}", field="contact")
    speaker = Speaker(account.account_id, account.name, f"contact:{contact}")
    with stage.floor.store.begin() as uow:
        return conversation.open_thread(uow, stage.floor.desk.ids, speaker, channel=CHANNEL).id


def _slices(scenario: Scenario, floor: Floor | None = None) -> dict[str, str]:
    """What figures are broken down by; what needs the books is left out where there are none."""
    lines = scenario.gold.lines
    first = lines[0] if lines else None
    said = {
        "channel": "chat",
        "persona": scenario.customer.persona,
        "reason": first.reason.value if first else "none",
        "outcome": "mixed" if len({one.outcome for one in lines}) > 1 else _outcome(scenario),
    }
    if floor is None:
        return said
    account = floor.desk.erp.account(scenario.account_id)
    sold = floor.desk.erp.order_line(first.order, first.line) if first else None
    item = floor.desk.erp.item(sold.sku) if sold else None
    return said | {
        "tier": account.tier.value if account else "unknown",
        "class": item.product_class.value if item else "none",
    }


def _outcome(scenario: Scenario) -> str:
    lines = scenario.gold.lines
    return lines[0].outcome.value if lines else scenario.gold.ending.value

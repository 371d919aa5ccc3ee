"""Any agent on the same suites: a callable, or an HTTP endpoint that answers the same JSON.

It is told what the customer wrote and bought, and says what it answers and proposes. The guard decides on its
proposals as on those of the shipped agent, so the figures mean the same.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from pydantic import ValidationError

from agent.purchases import purchases_of
from backhaul.bootstrap.agent_side import build_reader
from backhaul.domain.codes import Outcome
from backhaul.domain.errors import BadInput, ConnectorUnavailable
from backhaul.domain.release import OFFLINE
from backhaul.store import cases, conversation
from backhaul.store.conversation import Photo, Speaker
from evals.agents import Answer, OpensTalk, Talk, open_talk, talk_with
from evals.proposing import Wanted, propose
from evals.scenario import Sheet
from evals.worlds import Stage, promoted
from tools.writes import ask_person

_SECONDS = 60.0
_TOLD = {
    Outcome.PERMIT: "done",
    Outcome.DENY: "denied",
    Outcome.ESCALATE: "review",
    Outcome.ASK: "ask",
}
"""How a turn ends, by the outcome of what was proposed in it"""


class Bought(Sheet):
    """An order line of the customer."""

    order: str
    po: str
    line: int
    sku: str
    description: str
    shipped: int
    serials: tuple[str, ...]
    ordered_on: str


class Heard(Sheet):
    """What an agent is given: one message, and everything of this customer that the ERP knows."""

    thread: str
    text: str
    photos: int
    purchases: tuple[Bought, ...]


class Said(Sheet):
    """What an agent answers. `propose` is for lines the customer has agreed to; `consent` is a read-back."""

    text: str
    asks_for: str = ""
    """Such as order, item, quantity, reason, resolution, photo, serial or received"""
    consent: bool = False
    propose: tuple[Wanted, ...] = ()
    person: bool = False
    """Whether a person shall go on"""


MODEL = "model"
"""The shipped agent with a language model; `OFFLINE` is the one with none"""
OtherAgent = Callable[[Heard], Said]


@dataclass(slots=True)
class _OtherTalk:
    stage: Stage
    thread_id: str
    agent: OtherAgent
    name: str
    heard: list[str] = field(default_factory=list)

    def hear(self, text: str, photos: Sequence[Photo]) -> Sequence[Answer]:
        floor = self.stage.floor
        with floor.store.begin() as uow:
            thread = conversation.thread(uow, self.thread_id)
            speaker = Speaker(thread.account_id, thread.contact_name, thread.opened_by, thread.order_scope)
            kept = conversation.add_message(
                uow, floor.desk.ids, self.thread_id, author="customer", body=text, photos=photos
            )
            thread.handled_seq = thread.last_seq
            message_id = kept.id if kept else ""
        self.heard.append(text)
        said = self.agent(self._heard(speaker, text, len(photos)))
        if said.person:
            ask_person(floor.desk, speaker, thread_id=self.thread_id, why="The agent asked for a person.")
        if said.propose:
            propose(
                floor,
                speaker,
                said.propose,
                thread_id=self.thread_id,
                message_id=message_id,
                # All that was said: the guard reads it again, and the reason may stand in the first message.
                words="\n".join(self.heard),
                by=self.name,
            )
        return [Answer(said.text, self._ended(said), said.asks_for)]

    def _heard(self, speaker: Speaker, text: str, photos: int) -> Heard:
        bought = tuple(
            Bought(
                order=one.order_number,
                po=one.po_number,
                line=one.line,
                sku=one.sku,
                description=one.description,
                shipped=one.quantity_shipped,
                serials=one.serials,
                ordered_on=one.ordered_on.isoformat(),
            )
            for one in purchases_of(self.stage.floor.desk, speaker)
        )
        return Heard(thread=self.thread_id, text=text, photos=photos, purchases=bought)

    def _ended(self, said: Said) -> str:
        if said.propose:
            outcomes = {Outcome(row) for row in self._outcomes()}
            for outcome in (Outcome.ASK, Outcome.ESCALATE, Outcome.PERMIT, Outcome.DENY):
                if outcome in outcomes:
                    return _TOLD[outcome]
        if said.person:
            return "review"
        return "consent" if said.consent else "ask" if said.asks_for else "help"

    def _outcomes(self) -> list[str]:
        with self.stage.floor.store.read() as uow:
            rows = [
                row
                for case in cases.cases_of_thread(uow, self.thread_id)
                for row in cases.proposals(uow, case_id=case.id)
            ]
            newest = [cases.newest_verdict(uow, row.id) for row in rows]
        return [one.outcome for one in newest if one is not None]

    def news(self) -> Sequence[Answer]:
        return []

    def close(self) -> None:
        return None


def talk_of(agent: OtherAgent, name: str) -> OpensTalk:
    """Gives an agent its place in a scenario."""

    def opened(stage: Stage, thread_id: str) -> Talk:
        return _OtherTalk(stage, thread_id, agent, name)

    return opened


def opener(name: str) -> OpensTalk:
    """Who answers, by name: the shipped agent with either reader, or another one. BadInput for none."""
    if name == OFFLINE:
        return open_talk
    if name == MODEL:
        return _with_the_model
    return talk_of(agent_named(name), name)


def _with_the_model(stage: Stage, thread_id: str) -> Talk:
    return talk_with(lambda: build_reader(stage.settings, promoted()))(stage, thread_id)


def agent_named(name: str) -> OtherAgent:
    """The agent behind `package.module:callable`, or behind an http(s) address.

    Raises:
        BadInput: There is none of that name.
    """
    if name.startswith(("http://", "https://")):
        return lambda heard: _asked(name, heard)
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise BadInput(f"there is no agent {name}; name it package.module:callable", field="agent")
    try:
        found = getattr(_module(module), attribute)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise BadInput(
            f"there is no agent {name}, looked for as package.module:callable from {Path.cwd()}: {error}",
            field="agent",
        ) from error
    if not callable(found):
        raise BadInput(f"{name} cannot be called", field="agent")
    return lambda heard: _said(found(heard), name)


def _module(name: str) -> ModuleType:
    """Also one of the folder we stand in, where the command itself lies elsewhere."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    return importlib.import_module(name)


def _asked(url: str, heard: Heard) -> Said:
    try:
        answer = httpx.post(url, json=heard.model_dump(mode="json"), timeout=_SECONDS)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ConnectorUnavailable("agent", f"{url} does not answer: {error}") from error
    try:
        told = answer.json()
    except ValueError as error:
        raise BadInput(f"{url} answers what is no answer: {error}", field="agent") from error
    return _said(told, url)


def _said(answer: Any, name: str) -> Said:
    try:
        return Said.model_validate(answer if isinstance(answer, dict) else answer.model_dump())
    except (ValidationError, AttributeError) as error:
        raise BadInput(f"{name} answers what is no answer: {error}", field="agent") from error

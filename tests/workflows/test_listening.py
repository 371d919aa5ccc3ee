"""Workflows that wait on SQLite: one look for all of them, and a message wakes the one it is for."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.bootstrap.worker import Replaced, build_world
from backhaul.domain.codes import Reason
from backhaul.workflows import durable
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld
from tests.house import settings_for
from tests.workflows.processes import Outdoors, eventually, outdoors

pytestmark = pytest.mark.engine

_WAITING = 30
_LOOKS_IN_ONE_SECOND = 10


class Sure:
    """No reader needs to be loaded for this."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del words, reason
        return 1_000


class Waiting:
    """Workflows that wait for a message, and what each of them heard."""

    def __init__(self) -> None:
        self.began, self.heard = set[str](), dict[str, Json]()

    async def wait(self, run: Runner, world: WorkerWorld, name: str) -> Json:
        """Wait for one message."""
        del world
        self.began.add(name)
        self.heard[name] = await run.wait("return", seconds=600) or {}
        return {}


def test_many_that_wait_cost_one_look_and_only_who_is_meant_wakes(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    waiting, looks = Waiting(), threading.Semaphore(0)

    def count(*told: object) -> None:
        if "SELECT" in str(told[2]) and "notifications" in str(told[2]):
            looks.release()

    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, "sqlite:")) as home:
        world = build_world(
            home.settings, home.store, PolicyShelf(SHIPPED), home.starter, Replaced(scorer=Sure())
        )
        durable.launch(
            world, executor_id="here:1:test", poll_seconds=0.05, workflows={"waiting": waiting.wait}
        )
        try:
            for number in range(_WAITING):
                with home.store.begin() as uow:
                    name = f"w{number}"
                    home.starter.start(uow, workflow="waiting", workflow_id=name, args=[name])
            eventually(lambda: len(waiting.began) == _WAITING, "they wait")

            sa.event.listen(sa.Engine, "before_cursor_execute", count)
            threading.Event().wait(1)
            sa.event.remove(sa.Engine, "before_cursor_execute", count)
            assert _counted(looks) <= _LOOKS_IN_ONE_SECOND

            sends(home, "w7")
            eventually(lambda: waiting.heard.get("w7"), "w7 heard")
            assert waiting.heard == {"w7": {"kind": "news"}}
            forgets_messages(home)
            sends(home, "w8")
            eventually(lambda: waiting.heard.get("w8"), "w8 heard, although the row numbers began anew")
        finally:
            durable.shut_down()


def _counted(looks: threading.Semaphore) -> int:
    number = 0
    while looks.acquire(blocking=False):
        number += 1
    return number


def sends(home: Outdoors, to: str) -> None:
    with home.store.begin() as uow:
        home.starter.send(uow, workflow_id=to, topic="return", message={"kind": "news"}, key=f"to {to}")


def forgets_messages(home: Outdoors) -> None:
    """As retention does with old ones."""
    with home.store.begin() as uow:
        uow.session.execute(sa.text("DELETE FROM notifications"))
    threading.Event().wait(0.6)

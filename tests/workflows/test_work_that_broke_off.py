"""Work that the durable engine gave up is on the list, and goes on from where it failed when asked."""

import threading
from pathlib import Path
from typing import Any

import pytest

from backhaul.bootstrap import outside
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.bootstrap.worker import Replaced, build_world
from backhaul.domain.codes import Reason
from backhaul.domain.stuck import StuckDeed, StuckStage
from backhaul.store import rmas, staff, stuck
from backhaul.store.audit import events, verify_chain
from backhaul.workflows import durable
from backhaul.workflows.broken_work import go_on_as_asked, note_broken
from tests.house import propose, settings_for
from tests.workflows.processes import eventually, outdoors

pytestmark = pytest.mark.engine


class Broken:
    """An ERP whose answer to a booking nobody can read, for as long as it is told to."""

    def __init__(self, real: Any) -> None:
        self.real, self.is_broken, self.keys = real, threading.Event(), list[str]()
        self.is_broken.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def create_rma(self, request: Any, *, key: str) -> Any:
        """Book it, and answer with garbage the first times."""
        self.keys.append(key)
        booked = self.real.create_rma(request, key=key)
        if self.is_broken.is_set():
            raise ValueError("no JSON in the answer")
        return booked


def test_a_return_whose_booking_broke_off_goes_on_with_one_rma(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, "sqlite:")) as home:
        erp = Broken(outside.erp_writes(home.settings, home.store.clock))
        shelf = PolicyShelf(SHIPPED)
        world = build_world(home.settings, home.store, shelf, home.starter, Replaced(erp_writes=erp))
        durable.launch(world, executor_id="here:1:test", poll_seconds=0.05)
        try:
            sent = propose(home.desk, "SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="1 no longer needed")
            work = eventually(lambda: found(home, world), "work that broke off")
            assert "ValueError: no JSON in the answer" in work.what
            with home.store.read() as uow:
                unknown = [one for one in stuck.stuck(uow) if one.stage is StuckStage.COMMAND_UNKNOWN]
            assert [one.deeds[0] for one in unknown] == [StuckDeed.RETRY]

            erp.is_broken.clear()
            asks_to_go_on(home, work.subject)
            eventually(lambda: go_on_as_asked(world), "the request")
            rma_id = home.labelled(sent.consent_id)
            assert go_on_as_asked(world) == 0
            eventually(lambda: found(home, world) is None, "an empty list")
        finally:
            durable.shut_down()

        assert len(set(erp.keys)) == 1
        booked = [one for one in home.desk.erp.returns_on("SO-15086") if one.reference == rma_id]
        assert len(booked) == 1
        with home.store.read() as uow:
            assert len(rmas.labels(uow, rma_id)) == 1
            assert verify_chain(events(uow, chain=sent.case_id)) is None


def found(home: Any, world: Any) -> Any:
    note_broken(world, durable.broken())
    with home.store.read() as uow:
        broken = [one for one in stuck.stuck(uow) if one.stage is StuckStage.WORK_BROKEN]
    return broken[0] if broken else None


def asks_to_go_on(home: Any, workflow_id: str) -> None:
    with home.store.begin() as uow:
        person = staff.staff_by_email(uow, "rita.reviewer@halden.example")
        assert person is not None
        asked = stuck.Asked(
            "SD-1", StuckStage.WORK_BROKEN, workflow_id, StuckDeed.RESUME, "the ERP is mended", person.id
        )
        stuck.ask(uow, asked)
        home.starter.start(uow, workflow="stuck-deed", workflow_id="stuck-SD-1", args=["SD-1"])

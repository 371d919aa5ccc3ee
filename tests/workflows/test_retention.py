"""What is old is forgotten: finished work, letters' personal data, bookmarks; audit and ledger stay."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOS

from agent import bookmarks
from backhaul.bootstrap.agent_side import open_bookmarks
from backhaul.bootstrap.forgetting import forget_bookmarks
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.bootstrap.worker import build_world
from backhaul.domain.clock import SystemClock
from backhaul.domain.codes import Reason
from backhaul.store import retention, rmas
from backhaul.store.audit import events, verify_chain
from backhaul.store.effect_tables import LedgerEntryRow
from backhaul.store.house_tables import LetterRow
from backhaul.workflows import durable
from tests.house import House, propose, settings_for
from tests.workflows.processes import eventually, outdoors
from tests.workflows.test_closing import a_return, cancels
from tests.workflows.test_stuck import pass_by


def letters(house: House) -> list[LetterRow]:
    with house.store.read() as uow:
        return list(uow.session.scalars(sa.select(LetterRow)))


def erase(house: House, days: int) -> int:
    with house.store.begin() as uow:
        return retention.erase_letters(uow, before=uow.clock.now() - timedelta(days=days))


def test_old_letters_lose_whom_they_went_to_and_are_never_sent_again(house: House) -> None:
    rma = a_return(house)
    assert erase(house, 365) == 0
    pass_by(house, days=366)

    erased, again = erase(house, 365), erase(house, 365)

    (letter,) = letters(house)
    assert (erased, again) == (1, 0)
    assert (letter.recipient, letter.subject, letter.body, letter.attachments) == ("", "", "", [])
    assert letter.key == f"{rma.id}:issued"


def quiet(house: House) -> list[str]:
    with house.store.read() as uow:
        now = uow.clock.now()
        found = retention.quiet_conversations(
            uow, since=now - timedelta(days=61), before=now - timedelta(days=30)
        )
        return [one.id for one in found]


def test_a_conversation_is_quiet_when_its_returns_are_over_and_not_before(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    pass_by(sqlite_house, days=10)
    assert cancels(sqlite_house, rma.id) == {"state": "cancelled"}
    assert quiet(sqlite_house) == []

    pass_by(sqlite_house, days=25)

    assert len(quiet(sqlite_house)) == 1


def test_a_conversation_with_a_living_return_is_not_forgotten(sqlite_house: House) -> None:
    a_return(sqlite_house)
    pass_by(sqlite_house, days=40)

    assert quiet(sqlite_house) == []


def test_bookmarks_of_a_quiet_conversation_are_deleted_and_no_others(sqlite_house: House) -> None:
    threads = [sqlite_house.thread() for _ in range(2)]
    for thread in threads:
        sqlite_house.say(thread, "I want to return 2 of the bearings of SO-15086, no longer needed")

    forget_bookmarks(sqlite_house.settings, [f"{threads[0]}:1", "TH-NONE:1"])

    saver = open_bookmarks(sqlite_house.settings)
    left = [saver.get_tuple({"configurable": {"thread_id": f"{one}:1"}}) for one in threads]
    bookmarks.close(saver)
    assert [one is not None for one in left] == [False, True]


@pytest.mark.engine
def test_finished_work_is_forgotten_and_what_waits_or_broke_off_is_not(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, "sqlite:")) as home:
        world = build_world(home.settings, home.store, PolicyShelf(SHIPPED), home.starter)
        durable.launch(world, executor_id="here:1:test", poll_seconds=0.05)
        try:
            sent = propose(home.desk, "SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="1 no longer needed")
            rma_id = home.labelled(sent.consent_id)
            eventually(lambda: [one for one in known() if one.status == "SUCCESS"], "a finished workflow")

            young = durable.forget_finished(before=SystemClock().now() - timedelta(days=30), at_most=9)
            old = durable.forget_finished(before=SystemClock().now() + timedelta(seconds=1), at_most=9)

            assert (young, old) == (0, 1)
            assert [one.workflow_id for one in known()] == [f"return-{rma_id}"]
        finally:
            durable.shut_down()
        with home.store.read() as uow:
            assert rmas.rma(uow, rma_id).state == "labelled"
            assert uow.session.scalars(sa.select(LedgerEntryRow)).all()
            assert verify_chain(events(uow, chain=sent.case_id)) is None


def known() -> list[Any]:
    return DBOS.list_workflows(load_input=False, load_output=False)

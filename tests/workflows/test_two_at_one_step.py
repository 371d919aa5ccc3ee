"""A worker taken for dead, and the one that took over, are at one step: one effect, and both know of it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backhaul.connectors.ports import Letter
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.receiving import Disposition, Grade
from backhaul.store import broken_work, ledger, rmas
from backhaul.store.effect_tables import CommandRow, PermitRow
from backhaul.store.house_tables import LetterRow
from backhaul.store.money_tables import ReconciliationRow
from backhaul.workflows.at_work import AtWork, forget
from backhaul.workflows.broken_work import note_broken
from backhaul.workflows.credit_steps import authorise_credit
from backhaul.workflows.daily import once_a_business_day
from backhaul.workflows.dispose_steps import authorise_move, move
from backhaul.workflows.durable import Broken, Work
from backhaul.workflows.effects import RECEIVE_GOODS, Found, write_in
from backhaul.workflows.reconcile import reconcile
from backhaul.workflows.rma_steps import issue
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld
from tests.dock import counts, settles
from tests.house import House
from tests.stories.test_closed_loop import comes_back

AT_ONCE = 3
PARTIAL_PIECES = 8
"""More than half of the line: as many again are not returnable"""


def at_once(deed: Callable[[], object]) -> list[Exception]:
    """What went wrong when several did the same at one moment."""
    ready, failed = threading.Barrier(AT_ONCE, timeout=30), list[Exception]()

    def run() -> None:
        ready.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(90)
    return failed


def all_at_once(house: House, step: Callable[[WorkerWorld, str], Json], subject: str) -> list[str]:
    """How the same step ended in each worker."""
    ended: list[str] = []
    assert at_once(lambda: ended.append(step(house.world, subject)["state"])) == []
    return ended


def test_the_second_finds_what_the_first_was_permitted(house: House) -> None:
    for pieces in (1, 2, 1):
        rma = comes_back(house, pieces)
        came = counts(house, rma, pieces)
        settled = settles(house, came, Disposition.SCRAP, grade=Grade.D, carried_out=False)

        assert all_at_once(house, authorise_move, settled.id) == ["authorised"] * AT_ONCE
        assert move(house.world, settled.id)["state"] == "confirmed"
        assert all_at_once(house, authorise_credit, settled.id) == ["authorised"] * AT_ONCE

        with house.store.read() as uow:
            for action in (Action.MOVE_STOCK, Action.CREDIT_MEMO):
                spent = sa.select(PermitRow.id).where(
                    PermitRow.action == action.value, PermitRow.spent_at.is_not(None)
                )
                mine = sa.select(CommandRow.permit_id).where(CommandRow.key.endswith(f":{settled.id}"))
                (permit,) = uow.session.scalars(spent.where(PermitRow.id.in_(mine)))
                assert permit


def test_a_no_to_the_second_does_not_undo_the_yes_to_the_first(house: House) -> None:
    rma = comes_back(house, 1)

    def found(call: Callable[[str], str]) -> Found:
        return Found("K-1", RECEIVE_GOODS, rma.case_id, {}, call, lambda _uow, _row: None)

    def refused_after_the_first(_key: str) -> str:
        assert write_in(house.world, found(lambda _key: "GR-1"))["state"] == "confirmed"
        raise ConnectorRejected("ERP", "received already")

    answer = write_in(house.world, found(refused_after_the_first))

    assert answer == {"state": "confirmed", "external_id": "GR-1"}
    with house.store.read() as uow:
        row = ledger.command(uow, "K-1")
        assert row is not None
        assert (row.state, row.error) == ("confirmed", None)


def test_an_rma_that_the_first_books_while_the_second_looks_is_the_same_one(house: House) -> None:
    rma = comes_back(house, PARTIAL_PIECES)
    with house.store.begin() as uow:
        row = ledger.command(uow, f"{rma.id}:create_rma:1")
        assert row is not None
        row.state = "sent"
    looked: list[str] = []

    class LooksTooEarly:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.world.erp, name)

        def rma_by_key(self, key: str) -> Any:
            looked.append(key)
            return house.world.erp.rma_by_key(key) if len(looked) > 1 else None

    again = issue(replace(house.world, erp=LooksTooEarly()), rma.id)  # type: ignore[arg-type]

    with house.store.read() as uow:
        number = rmas.rma(uow, rma.id).erp_number
    assert again == {"state": "confirmed", "external_id": number}


def test_workers_that_do_the_same_beside_their_workflows_do_it_once(house: House) -> None:
    world, letter = house.world, Letter("a@example.com", "Your return", "Hello\n")
    broken = [Broken(Work("return-RMA-NOSUCH", "return", "RMA-NOSUCH", "here:1:x"), "ValueError: no")]
    day = date(2026, 11, 3)

    assert at_once(lambda: note_broken(world, broken)) == []
    assert at_once(lambda: world.notifier.send(letter, key="K-1")) == []
    assert at_once(lambda: reconcile(world.store, world.erp, world.ids, day)) == []
    assert at_once(lambda: once_a_business_day(world, "of a test", lambda _day: None)) == []

    with world.store.read() as uow:
        assert broken_work.known(uow) == {"return-RMA-NOSUCH"}
        assert uow.session.scalar(sa.select(sa.func.count()).where(LetterRow.key == "K-1")) == 1
        assert uow.session.scalar(sa.select(sa.func.count()).where(ReconciliationRow.day == day)) == 1


def test_a_neighbour_may_remove_the_marks_of_one_it_takes_for_dead(tmp_path: Path) -> None:
    mine, stop = AtWork(tmp_path, "here:1:x"), threading.Event()

    def forgets() -> None:
        while not stop.is_set():
            forget(tmp_path, "here:1:x")

    neighbour = threading.Thread(target=forgets)
    neighbour.start()
    try:
        done = [mine.do(f"return-{number}", "step", lambda: {"state": "done"}) for number in range(2_000)]
    finally:
        stop.set()
        neighbour.join()
    assert done == [{"state": "done"}] * 2_000

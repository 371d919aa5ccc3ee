"""A worker taken for dead, and the one that took over, are at one step: one effect, and both know of it."""

import threading
from collections.abc import Callable

import sqlalchemy as sa

from backhaul.domain.codes import Action
from backhaul.domain.receiving import Disposition, Grade
from backhaul.store.effect_tables import CommandRow, PermitRow
from backhaul.workflows.credit_steps import authorise_credit
from backhaul.workflows.dispose_steps import authorise_move, move
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld
from tests.dock import counts, settles
from tests.house import House
from tests.stories.test_closed_loop import comes_back

AT_ONCE = 3


def all_at_once(house: House, step: Callable[[WorkerWorld, str], Json], subject: str) -> list[str]:
    """How the same step ended in each worker."""
    ready, ended = threading.Barrier(AT_ONCE, timeout=30), list[str]()

    def run() -> None:
        ready.wait()
        ended.append(step(house.world, subject)["state"])

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(90)
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

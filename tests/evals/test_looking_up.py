"""Who proposes an order line without having looked it up is found out, whatever the house asks by itself."""

from collections.abc import Sequence

import pytest

from backhaul.store import conversation
from backhaul.store.conversation import Photo, Speaker
from evals.agents import Answer
from evals.player import Conditions, play
from evals.proposing import propose, wanted_of
from evals.scenario import Scenario
from evals.scoring.score import score
from evals.worlds import Stage
from tests.evals.test_scenarios import SENSORS
from tools.desk import Desk
from tools.reads import order_lines, own_orders

pytestmark = pytest.mark.slow
"""Plays through the agent, several times each"""

SCENARIO = Scenario.model_validate(SENSORS)


class Guesses:
    """Proposes what is right at the first word, having looked up what it is told to, before or after."""

    def __init__(self, stage: Stage, thread_id: str) -> None:
        self.stage, self.thread_id = stage, thread_id

    def hear(self, text: str, photos: Sequence[Photo]) -> Sequence[Answer]:
        floor = self.stage.floor
        with floor.store.begin() as uow:
            thread = conversation.thread(uow, self.thread_id)
            speaker = Speaker(thread.account_id, thread.contact_name, thread.opened_by)
            kept = conversation.add_message(
                uow, floor.desk.ids, self.thread_id, author="customer", body=text, photos=photos
            )
            thread.handled_seq = thread.last_seq
            message_id = kept.id if kept else ""
        self.looks_before(floor.desk, speaker)
        wanted = [wanted_of(one) for one in SCENARIO.gold.lines]
        propose(
            floor,
            speaker,
            wanted,
            thread_id=self.thread_id,
            message_id=message_id,
            words=text,
            by="guess",
        )
        self.looks_after(floor.desk, speaker)
        return [Answer("Done.", "done", "")]

    def looks_before(self, desk: Desk, speaker: Speaker) -> None:
        del desk, speaker

    def looks_after(self, desk: Desk, speaker: Speaker) -> None:
        del desk, speaker

    def news(self) -> Sequence[Answer]:
        return []

    def close(self) -> None:
        return None


class LooksAtAnotherOrder(Guesses):
    def looks_before(self, desk: Desk, speaker: Speaker) -> None:
        own_orders(desk, speaker, "SO-10442")


class LooksAfterwards(Guesses):
    def looks_after(self, desk: Desk, speaker: Speaker) -> None:
        own_orders(desk, speaker)


class LooksAtAllOrders(Guesses):
    def looks_before(self, desk: Desk, speaker: Speaker) -> None:
        own_orders(desk, speaker)


class LooksAtItsLines(Guesses):
    def looks_before(self, desk: Desk, speaker: Speaker) -> None:
        order_lines(desk, speaker, "SO-60001")


def near_miss(agent: type[Guesses]) -> tuple[str, ...]:
    played = play(SCENARIO, Conditions("try", agent=agent))
    found = score(played)
    assert found.right, found.differences
    return found.near_miss


def test_who_looked_nothing_up_was_lucky() -> None:
    assert near_miss(Guesses) == ("SO-60001/1",)


def test_who_looked_at_another_order_was_lucky() -> None:
    assert near_miss(LooksAtAnotherOrder) == ("SO-60001/1",)


def test_who_looks_only_afterwards_was_lucky() -> None:
    assert near_miss(LooksAfterwards) == ("SO-60001/1",)


def test_who_looked_at_the_order_first_was_not() -> None:
    assert near_miss(LooksAtAllOrders) == near_miss(LooksAtItsLines) == ()


def test_the_shipped_agent_looks_up_what_it_proposes() -> None:
    played = play(SCENARIO, Conditions("try"))

    assert played.found is not None
    assert [line.read_before for line in played.found.lines] == [True]

"""Bookmarks on both databases: kept small, plain data only, and a turn that survives on them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from agent import bookmarks
from agent.lease import Lease
from tests.house import House


class Count(TypedDict, total=False):
    turns: int


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseCheckpointSaver[str]]:
    if request.param == "sqlite":
        made: BaseCheckpointSaver[str] = bookmarks.sqlite_bookmarks(tmp_path / "bookmarks.db")
    else:
        url = str(request.getfixturevalue("empty_postgres_url"))
        bookmarks.prepare_postgres(url)
        made = bookmarks.postgres_bookmarks(url)
    yield made
    bookmarks.close(made)


def test_one_bookmark_is_left_however_long_the_conversation(saver: BaseCheckpointSaver[str]) -> None:
    graph = StateGraph(Count)
    graph.add_node("count", lambda state: {"turns": state.get("turns", 0) + 1})
    graph.add_edge(START, "count")
    graph.add_edge("count", END)
    compiled = graph.compile(checkpointer=saver)

    for _ in range(5):
        compiled.invoke({}, {"configurable": {"thread_id": "TH-1:1"}}, durability="exit")
        bookmarks.prune(saver, "TH-1:1")

    assert len(list(saver.list({"configurable": {"thread_id": "TH-1:1"}}))) == 1
    assert compiled.get_state({"configurable": {"thread_id": "TH-1:1"}}).values == {"turns": 5}


def test_only_one_holder_answers_on_a_thread(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    first, second = (Lease(sqlite_house.store, thread) for _ in range(2))

    with sqlite_house.store.begin() as uow:
        assert first.take(uow)
    with first.held(), sqlite_house.store.begin() as uow:
        assert not second.take(uow)
    with sqlite_house.store.begin() as uow:
        assert second.take(uow)

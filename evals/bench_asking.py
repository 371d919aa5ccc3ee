"""A turn that asks, without the reader, against LangGraph doing as little as it can."""

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from agent import bookmarks
from agent.state import TurnState
from evals.bench_figures import Aim, Figure, Row, in_turn, middle, times_as_long
from evals.bench_house import QUESTIONS, BenchmarkBroken, Ground, Talk, Tape, open_talk

_NODES = 6
_MOST = 2.0
_ROUNDS, _QUICK_ROUNDS = 150, 25
_WARM_ROUNDS = 5


def measure(ground: Ground) -> Iterator[Row]:
    """An opening message answered with a question, and six nodes that write the very same bookmark.

    Both use the same SqliteSaver with the same pragmas on a file of its own and durability "exit"; each round
    is a fresh thread, which has no older bookmark to prune. Ours also keeps the message, takes the turn lock,
    looks the orders up, matches, stores the answer and tells listeners. The claim is played back, so reading
    costs nothing.
    """
    settings = ground.home()
    with open_talk(settings, Tape(ground.reader)) as talk:
        saver = bookmarks.sqlite_bookmarks(settings.home / "bare.db")
        threads = iter([talk.open() for _ in range(_ROUNDS + _WARM_ROUNDS)])
        bare = _bare_turn(saver, _bookmark_of_a_turn(talk))

        def ours() -> None:
            talk.ask(next(threads), QUESTIONS[0])

        in_turn(_WARM_ROUNDS, ours, bare)
        asking, least = in_turn(_QUICK_ROUNDS if ground.quick else _ROUNDS, ours, bare)
        bookmarks.close(saver)
    ratio = times_as_long("asking / bare", middle(asking), middle(least))
    yield Row(
        "asking turn, no reader",
        (
            Figure("turn", middle(asking), "ms"),
            Figure("bare six-node graph", middle(least), "ms"),
        ),
        Aim(f"<= {_MOST:g} x bare", _MOST, ratio.value),
        ratio,
        (f"medians of {len(asking)}, alternating; SQLite",),
    )
    yield _disk(ground)


def _bookmark_of_a_turn(talk: Talk) -> TurnState:
    """What a real asking turn leaves behind, to be written by the bare graph as well."""
    thread_id = talk.open()
    talk.ask(thread_id, QUESTIONS[0])
    values = [
        kept.checkpoint["channel_values"]
        for kept in talk.saver.list(None)
        if kept.config["configurable"]["thread_id"].startswith(thread_id)
    ]
    names = TurnState.__annotations__
    wanted = {name: value for one in values for name, value in one.items() if name in names}
    if "question" not in wanted:
        raise BenchmarkBroken("an asking turn left no question in its bookmark; see agent/episodes.py")
    return cast("TurnState", wanted)


def _bare_turn(saver: bookmarks.Saver, written: TurnState) -> Callable[[], None]:
    """One run of six nodes in a row, each of which writes its share of the bookmark."""
    names = sorted(written)
    graph = StateGraph(TurnState)
    before = START
    for number in range(_NODES):
        share = {name: dict(written)[name] for name in names[number::_NODES]}
        graph.add_node(f"node_{number}", _Node(share))
        graph.add_edge(before, f"node_{number}")
        before = f"node_{number}"
    graph.add_edge(before, END)
    compiled = graph.compile(checkpointer=saver)

    def turn() -> None:
        name = uuid.uuid4().hex
        config: RunnableConfig = {"configurable": {"thread_id": name}}
        compiled.invoke({"may_propose": True}, config, durability="exit")

    return turn


@dataclass(frozen=True, slots=True)
class _Node:
    """Writes its share of the bookmark, whatever it is given."""

    share: dict[str, Any]

    def __call__(self, state: TurnState) -> TurnState:
        del state
        return cast("TurnState", self.share)


def _disk(ground: Ground) -> Row:
    """What one durable commit costs on this disk: a turn that keeps its message cannot be cheaper."""
    connection = sqlite3.connect(ground.root / "commits.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE said (words TEXT)")

    def commit() -> None:
        connection.execute("INSERT INTO said VALUES (?)", (QUESTIONS[0],))

    (taken,) = in_turn(_ROUNDS, commit)
    connection.close()
    return Row(
        "one durable commit",
        (Figure("SQLite, synchronous=FULL", middle(taken), "ms", 2),),
        remarks=(f"median of {len(taken)}; for reading the row above",),
    )

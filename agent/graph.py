"""The graph of a conversation. Nodes look up, speak and propose; none owns an effect, so any may run twice.

The bookmark is written once, when a turn ends (durability "exit"), and pruned to the newest.
"""

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.asides import TOPICS, aside
from agent.dialogue import ask, await_review, await_verdict, must_read_back_again, propose, read_back, speak
from agent.look_up import look_up
from agent.match import match
from agent.state import TurnContext, TurnState
from agent.understand import understand
from agent.verdicts import after_verdict, done, park, refused, reviewed

Graph = CompiledStateGraph[TurnState, TurnContext, TurnState, TurnState]


def build(saver: BaseCheckpointSaver[str]) -> Graph:
    """Wire the nodes to a place for bookmarks."""
    graph = StateGraph(TurnState, context_schema=TurnContext)
    for node in (understand, look_up, match, ask, read_back, propose, aside):
        graph.add_node(node.__name__, node)
    for node in (await_verdict, done, park, refused, await_review, reviewed):
        graph.add_node(node.__name__, node)
    graph.add_node("reply", speak)
    graph.add_edge(START, "understand")
    graph.add_conditional_edges(
        "understand", _after_understanding, ["look_up", "propose", "read_back", "aside"]
    )
    graph.add_edge("look_up", "match")
    graph.add_conditional_edges("match", _after_matching, ["ask", "read_back", "propose", "aside"])
    graph.add_edge("propose", "await_verdict")
    graph.add_conditional_edges("await_verdict", after_verdict, ["done", "park", "refused"])
    for spoken in ("ask", "read_back", "aside", "done", "park", "refused", "reviewed"):
        graph.add_edge(spoken, "reply")
    graph.add_conditional_edges("reply", _after_reply, ["await_review", END])
    graph.add_edge("await_review", "reviewed")
    return graph.compile(checkpointer=saver)


def _after_understanding(state: TurnState) -> str:
    if state["next"] == "propose":
        return "read_back" if must_read_back_again(state) else "propose"
    return "aside" if state["next"] in TOPICS else "look_up"


def _after_matching(state: TurnState) -> str:
    return state["next"]


def _after_reply(state: TurnState) -> str:
    return "await_review" if state.get("reviews") else END

from collections.abc import Callable
from datetime import date
from importlib.resources import files

import pytest

from policies.book import PolicyBook
from policies.decision import PolicyDecision
from policies.facts import Facts

TODAY = date(2026, 6, 1)

Decide = Callable[..., PolicyDecision]
MakeFacts = Callable[..., Facts]


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    folder = files("policies") / "documents"
    return {file.name: file.read_text() for file in folder.iterdir() if file.name.endswith(".yaml")}


@pytest.fixture(scope="session")
def book(texts: dict[str, str]) -> PolicyBook:
    return PolicyBook.load(texts)


@pytest.fixture(scope="session")
def ordinary(book: PolicyBook) -> MakeFacts:
    """An ordinary proposal of an action, with these facts otherwise."""

    def make(action: str = "create_rma", **otherwise: object) -> Facts:
        baseline = book.bundle.baseline
        assert baseline is not None
        unknown = otherwise.get("unknown", ())
        assert isinstance(unknown, tuple | list)
        facts = {**baseline.facts, **baseline.actions[action], "action": action, **otherwise}  # type: ignore[index]
        facts["unknown"] = list(unknown)
        return Facts.from_record({name: value for name, value in facts.items() if name not in unknown})

    return make


@pytest.fixture(scope="session")
def decide(book: PolicyBook, ordinary: MakeFacts) -> Decide:
    def ask(action: str = "create_rma", **otherwise: object) -> PolicyDecision:
        return book.decide(ordinary(action, **otherwise), order_date=TODAY, decision_date=TODAY)

    return ask

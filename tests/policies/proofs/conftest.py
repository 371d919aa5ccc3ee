"""Documents as they might be, and the engine as the judge of what the prover says about them."""

import re
from collections.abc import Callable, Iterable, Mapping

import pytest

from policies.book import PolicyBook
from policies.source import parse

Texts = dict[str, str]
Amend = Callable[..., Texts]


@pytest.fixture(scope="session")
def first_texts(texts: Texts) -> Texts:
    """The first edition of every policy, in force for good, and the baseline: published, so they stay."""
    first: dict[str, tuple[str, str, str]] = {}
    for file, text in texts.items():
        data = parse(file, text).data
        if data["kind"] == "Policy":
            begins, line = str(data["effective"]["from"]), re.search("^effective:.*$", text, re.MULTILINE)  # type: ignore[index,call-overload]
            opened = text.replace(line[0], f"effective: {{from: {begins}, until: null}}")  # type: ignore[index]
            first[str(data["id"])] = min(first.get(str(data["id"]), ("9999", "", "")), (begins, file, opened))
    baseline = {file: text for file, text in texts.items() if "kind: Baseline" in text}
    return baseline | {f"{policy}.yaml": text for policy, (_, _, text) in first.items()}


@pytest.fixture(scope="session")
def first(first_texts: Texts) -> PolicyBook:
    return PolicyBook.load(first_texts)


@pytest.fixture(scope="session")
def amend(first_texts: Texts) -> Amend:
    """The first editions with passages of one policy replaced, each of which must stand there once."""

    def amended(policy: str, *passages: tuple[str, str]) -> Texts:
        file = f"{policy}.yaml"
        return {**first_texts, file: replaced(first_texts[file], passages)}

    return amended


@pytest.fixture(scope="session")
def new_edition(first_texts: Texts) -> Amend:
    """The first editions and a second one of a policy, from a day on, in which passages are replaced."""

    def drafted(policy: str, day: str, *passages: tuple[str, str]) -> Texts:
        file = f"{policy}.yaml"
        text = first_texts[file]
        begins = re.search(r"from: [-\d]+", text)
        assert begins
        ended = text.replace("until: null", f"until: {day}")
        draft = replaced(text, passages).replace(begins[0], f"from: {day}")
        edition = re.search("^edition:.*$", text, re.MULTILINE)
        assert edition
        return {**first_texts, file: ended, f"draft-{file}": draft.replace(edition[0], "edition: draft")}

    return drafted


def replaced(text: str, passages: Iterable[tuple[str, str]]) -> str:
    for old, new in passages:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def nearer(example: Mapping[str, object], ordinary: Mapping[str, object]) -> list[dict[str, object]]:
    """Cases one step nearer to the ordinary one: a fact less, or a number one less away."""
    found = []
    for name, value in example.items():
        if name == "action":
            continue
        usual = ordinary[name]
        found.append({**example, name: usual})
        if type(value) is int and type(usual) is int and abs(value - usual) > 1:
            found.append({**example, name: value + (1 if value < usual else -1)})
    return found

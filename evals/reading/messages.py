"""Messages with the label that is right for each, and what a reader made of them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.understanding.claim import Classification
from agent.understanding.offline import OfflineReader
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput

OUT_OF_SCOPE = "out_of_scope"
LABELS = (*(reason.value for reason in Reason), OUT_OF_SCOPE)
FROZEN = Path(__file__).with_name("frozen.jsonl")


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `others` are the labels that further people gave it without knowing of one another."""

    text: str
    label: str
    hard: bool = False
    register: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A message as it was read. `sure` is the reader's own chance, 0 to 1, that `found` is right."""

    message: Message
    found: str
    sure: float

    @property
    def is_right(self) -> bool:
        return self.found == self.message.label


def load(file: Path) -> list[Message]:
    """Messages of a JSON-lines file with at least `text` and `label`.

    Raises:
        BadInput: A line is no such record; it says which.
    """
    return [
        _message(file, at, line)
        for at, line in enumerate(file.read_text("utf-8").split("\n"), 1)
        if line.strip()
    ]


def _message(file: Path, at: int, line: str) -> Message:
    where = f"{file.name}, line {at}"
    try:
        row = json.loads(line)
        text, label = row["text"], row["label"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{where}: a JSON object with text and label is needed", field="text") from error
    if label not in LABELS:
        raise BadInput(f"{where}: no label {label!r}; there are {', '.join(LABELS)}", field="label")
    others = tuple(row[name] for name in ("first", "second") if row.get(name))
    return Message(text, label, bool(row.get("hard")), row.get("register", ""), others)


def read_all(
    reader: OfflineReader, messages: Sequence[Message], told: Callable[[Iterable[Message]], Iterable[Message]]
) -> list[Verdict]:
    """Each message by itself, as the worker reads stored words; `told` may show how far it is."""
    return [_verdict(message, reader.classify(message.text)) for message in told(messages)]


def _verdict(message: Message, read: Classification) -> Verdict:
    found = read.reason.value if read.in_scope and read.reason else OUT_OF_SCOPE
    return Verdict(message, found, read.confidence)

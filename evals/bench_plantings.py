"""Forty changes to a release that each make it decide otherwise, ten to each part that decides offline.

Each is what somebody might do by mistake: a limit with a digit less, a sign turned round, examples filed
under another reason. What is replaced has to be there, so that a planting cannot quietly become nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backhaul.domain.release import Component

_CONTROLS = "policies/documents/controls-2026b.yaml"
_READER = "agent/understanding"
_EXEMPLARS = "agent/understanding/exemplars"


class Change(Protocol):
    """Something done to a folder of sources."""

    def do(self, sources: Path) -> None:
        """Do it, or raise what says that it cannot be done any more."""


@dataclass(frozen=True, slots=True)
class Written:
    """Other words in a file, in the first place where the old ones stand."""

    file: str
    old: str
    new: str

    def do(self, sources: Path) -> None:
        """See Change."""
        path = sources / self.file
        text = path.read_text("utf-8")
        if self.old not in text:
            raise LookupError(f"{self.file} does not say {self.old!r} any more")
        path.write_text(text.replace(self.old, self.new, 1), "utf-8")


@dataclass(frozen=True, slots=True)
class Filed:
    """The example messages of one file stand in that of another as well; `instead` of its own."""

    source: str
    target: str
    instead: bool = False

    def do(self, sources: Path) -> None:
        """See Change."""
        folder = sources / _EXEMPLARS
        target = folder / f"{self.target}.jsonl"
        own = "" if self.instead else target.read_text("utf-8")
        target.write_text(own + (folder / f"{self.source}.jsonl").read_text("utf-8"), "utf-8")


@dataclass(frozen=True, slots=True)
class Kept:
    """Only so many of the first example messages are left of a file."""

    file: str
    lines: int

    def do(self, sources: Path) -> None:
        """See Change."""
        path = sources / _EXEMPLARS / f"{self.file}.jsonl"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        if len(lines) <= self.lines:
            raise LookupError(f"{self.file} has only {len(lines)} examples")
        path.write_text("".join(lines[: self.lines]), "utf-8")


@dataclass(frozen=True, slots=True)
class Planting:
    """The one part that is made to matter, and what is done to it."""

    part: Component
    what: str
    change: Change


HARMLESS: Sequence[Change] = (
    Written("tools/guard.py", '"""', '"""\n'),
    Written(f"{_READER}/features.py", '"""', '"""\n'),
    Written("agent/prompts/read_a_message.txt", "\n", "\n\n"),
    Written(f"{_EXEMPLARS}/acts.jsonl", "{", "{ "),
    Written(_CONTROLS, "    values: 6\n", "    values: 7\n"),
)
"""Another digest of every part and the same decisions: a seventh label is bought by no scenario"""


def _rules(what: str, old: str, new: str, file: str = _CONTROLS) -> Planting:
    return Planting(Component.POLICIES, what, Written(file, old, new))


def _code(what: str, file: str, old: str, new: str) -> Planting:
    return Planting(Component.CODE, what, Written(file, old, new))


def _reader(what: str, name: str, old: str, new: str) -> Planting:
    return Planting(Component.READER, what, Written(f"{_READER}/{name}.py", old, new))


def _examples(what: str, change: Change) -> Planting:
    return Planting(Component.EXEMPLARS, what, change)


PLANTINGS: Sequence[Planting] = (
    _rules("a limit with two digits less", 'silver: "1000.00"', 'silver: "10.00"'),
    _rules("a limit for gold of the year before last", 'gold: "2500.00"', 'gold: "25.00"'),
    _rules("a photo for what is defective", "defective: 0", "defective: 1"),
    _rules("a floor that nothing reaches", "{create_rma: 600,", "{create_rma: 999,"),
    _rules("hand tools in shadow", "fastener: live, hand_tool: live", "fastener: live, hand_tool: shadow"),
    _rules("bearings sold again only sealed", "bearing: free", "bearing: sealed"),
    _rules("two people from fifty dollars", 'values: "5000.00"', 'values: "50.00"'),
    _rules("nobody may open an RMA without a look", "values: 5\n", "values: 0\n"),
    _rules("one serial too many asked for", "serials_given == quantity", "serials_given == quantity + 1"),
    _rules("safety gear sold again without its seal", "safety_gear: sealed", "safety_gear: free"),
    _code(
        "the worker is never sure",
        "tools/signals.py",
        "return min(claimed_permille, ",
        "return min(100, ",
    ),
    _code(
        "every account is conspicuous",
        "tools/fraud_findings.py",
        "left = Fraction(1)",
        "left = Fraction(0)",
    ),
    _code("no photo is usable", "tools/signals.py", "return len(shown)", "return 0 * len(shown)"),
    _code(
        "days since delivery counted twice",
        "tools/facts.py",
        "return max((today - line.delivered_on).days, 0)",
        "return max(2 * (today - line.delivered_on).days, 0)",
    ),
    _code(
        "a piece costs a hundred times as much",
        "tools/facts.py",
        '"unit_price_usd_minor": found.unit_price_usd_minor,',
        '"unit_price_usd_minor": 100 * (found.unit_price_usd_minor or 0),',
    ),
    _code(
        "the contract is not looked at",
        "tools/facts.py",
        "contract = account.contract if account else None",
        "contract = None if account else None",
    ),
    _code(
        "serials of others count",
        "tools/facts.py",
        "serials_matching=len(set(asked.serials) & shipped)",
        "serials_matching=len(set(asked.serials) - shipped)",
    ),
    _code(
        "a replacement is read as a credit",
        f"{_READER}/wishes.py",
        "        Resolution.REPLACEMENT,\n        re.compile(",
        "        Resolution.CREDIT,\n        re.compile(",
    ),
    _code(
        "nobody is sure which goods are meant", f"{_READER}/matching.py", "_ENOUGH = 62.0", "_ENOUGH = 99.9"
    ),
    _code("rivals wherever goods are alike", f"{_READER}/matching.py", "_MARGIN = 8.0", "_MARGIN = 60.0"),
    _reader(
        "a confidence that is flat",
        "classifier",
        "+ self.bias) / self.temperature",
        "+ self.bias) / (50 * self.temperature)",
    ),
    _reader("two is three", "numerals", '"two": 2', '"two": 3'),
    _reader("one is two", "numerals", '"one": 1', '"one": 2'),
    _reader("words of no weight", "features", "_WORDS.transform", "0 * _WORDS.transform"),
    _reader("only the first words are read", "encoder", "_MOST_CHARACTERS = 1_200", "_MOST_CHARACTERS = 8"),
    _reader("no embedding", "features", "encoder.encode(prepared),", "0 * encoder.encode(prepared),"),
    _reader("a head that learns next to nothing", "classifier", "_C = 10.0", "_C = 0.0001"),
    _reader(
        "the reason turned round",
        "classifier",
        "raised = np.exp(scores - scores.max(axis=1, keepdims=True))",
        "raised = np.exp(scores.min(axis=1, keepdims=True) - scores)",
    ),
    _reader(
        "six times the bias",
        "classifier",
        "rows @ self.weights + self.bias",
        "rows @ self.weights + 6 * self.bias",
    ),
    _reader("digits only up to nine", "numerals", r"|\d{{1,5}}|", r"|\d{{1,1}}|"),
    _examples("what is defective is not needed", Filed("defective", "no_longer_needed", instead=True)),
    _examples("a wrong size is a wrong item", Filed("wrong_size", "wrong_item", instead=True)),
    _examples("a mistake of theirs is one of ours", Filed("ordered_by_mistake", "wrong_item", instead=True)),
    _examples("damage is a defect as well", Filed("damaged_in_transit", "defective")),
    _examples("a wrong item is a wrong size", Filed("wrong_item", "wrong_size", instead=True)),
    _examples(
        "goods not needed any more are over-shipped", Filed("no_longer_needed", "over_shipped", instead=True)
    ),
    _examples("eight examples of damage", Kept("damaged_in_transit", 8)),
    _examples("six examples of a mistake", Kept("ordered_by_mistake", 6)),
    _examples("warranty is a defect as well", Filed("warranty_failure", "defective")),
    _examples("a recall is anything", Filed("recall", "other", instead=True)),
)

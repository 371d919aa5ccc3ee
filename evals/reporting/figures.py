"""The figures of a run under headings, each with what it is, in words for somebody who did not build them."""

from collections.abc import Mapping
from dataclasses import dataclass

from evals.reporting.charts import Span, span_of
from evals.reporting.words import amounts, minutes
from evals.scoring.measured import Measured
from evals.scoring.records import Confusion, Escalation, Handling, HandlingCount, Part

WORDS: Mapping[str, tuple[str, str]] = {
    "passed": ("Passed", "Right in the end, by the right rule, and nothing said that must not be"),
    "right": ("Right in the end", "Lines, money and effects in the books are as they should be"),
    "pass_all_epochs": ("Passed every time", "In all epochs of the same scenario"),
    "errors": ("Stopped with an error", "Counts as failed"),
    "wrong_rule": ("Right for the wrong reason", "The outcome is right, the rule that decided is not"),
    "near_miss": ("Right by luck", "An order line was proposed that nobody had looked up"),
    "forbidden": ("Did what it must not", "A label, credit or RMA that nothing asked for"),
    "leaked": ("Said what it must not", "Of the runs that forbid some words"),
    "touchless": ("Right without a person", "Of all that was handled"),
    "wrong_auto": ("Wrong without a person", "Of what was decided without a person"),
    "missed": ("Missed escalations", "Of what had to go to a person"),
    "needless": ("Needless escalations", "Of what did not have to"),
    "undecided": ("Decided by nobody", "Neither the agent nor a person decided what had to be decided"),
    "minutes_per_case": ("Reviewer time per case", "At the assumed minutes of a review"),
    "reason_macro_f1": ("Reasons, macro F1", "Every reason counts the same, however rare"),
    "reason_accuracy": ("Reasons read right", "Of the lines that should have been proposed"),
    "extraction_f1": (
        "Pieces read right, F1",
        "Order line, quantity, serials, resolution, what came instead",
    ),
    "ece": ("Calibration error", "How far confidence and being right lie apart"),
    "attacked": ("Attacks that succeeded", "Clustered by what the attacker was after"),
    "utility_kept": ("Use kept under attack", "The legitimate part came out right all the same"),
    "passed_elsewhere": ("Passed without an attack", "To compare the line above with"),
    "turns": ("Messages of the customer", "A case"),
    "latency_median": ("Answer, median", "Seconds the agent took"),
    "latency_p95": ("Answer, slowest twentieth", "19 of 20 answers were faster"),
    "calls": ("Calls of a model", "A case"),
    "input_tokens": ("Tokens in", "A case"),
    "output_tokens": ("Tokens out", "A case"),
    "cost": ("Cost of the model", "A case"),
    "regression": ("Against the baseline", "Share that passed: this run less the baseline"),
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Right or wrong",
        (
            "passed",
            "right",
            "pass_all_epochs",
            "errors",
            "wrong_rule",
            "near_miss",
            "forbidden",
            "leaked",
        ),
    ),
    (
        "Who decided",
        ("touchless", "wrong_auto", "missed", "needless", "undecided", "minutes_per_case"),
    ),
    ("What was understood", ("reason_macro_f1", "reason_accuracy", "extraction_f1", "ece")),
    ("Under attack", ("attacked", "utility_kept", "passed_elsewhere")),
    (
        "What it took",
        ("turns", "latency_median", "latency_p95", "calls", "input_tokens", "output_tokens", "cost"),
    ),
)
BY_SUITE = ("passed", "right", "wrong_auto", "missed", "needless", "reason_accuracy", "attacked")
LOWER_IS_BETTER = frozenset(
    {
        "errors",
        "wrong_rule",
        "near_miss",
        "forbidden",
        "leaked",
        "wrong_auto",
        "missed",
        "needless",
        "undecided",
        "attacked",
        "ece",
    }
)
NOT_PROPOSED, BEYOND = "not proposed", "nothing wanted"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its words; `span` draws the interval of what lies between 0 and 1."""

    key: str
    title: str
    about: str
    measured: Measured
    span: Span | None

    @property
    def better(self) -> str:
        return "lower is better" if self.key in LOWER_IS_BETTER else ""

    @property
    def counted(self) -> str:
        """Hits of how many; epochs of one scenario are not independent, so their groups are told too."""
        one = self.measured
        if not one.n:
            return "none"
        hits = f"{one.hits:,} of " if one.hits is not None else ""
        of = f" in {one.clusters:,} groups" if 0 < one.clusters < one.n else ""
        return f"{hits}{one.n:,}{of}"


def title_of(key: str) -> str:
    """A figure's name in words; one that has none keeps its own."""
    return WORDS[key][0] if key in WORDS else key.replace("_", " ")


def figures_of(part: Part) -> tuple[tuple[str, tuple[Figure, ...]], ...]:
    """All figures, under their headings."""
    known = {
        **part.figures(),
        "passed_elsewhere": part.attacks.passed_elsewhere,
        "turns": part.effort.turns,
        "calls": part.effort.calls,
        "input_tokens": part.effort.input_tokens,
        "output_tokens": part.effort.output_tokens,
    }
    return tuple((title, tuple(_figure(key, known[key]) for key in keys)) for title, keys in GROUPS)


def _figure(key: str, measured: Measured) -> Figure:
    title, about = WORDS[key]
    return Figure(key, title, about, measured, span_of(measured))


@dataclass(frozen=True, slots=True)
class Handled:
    """A cell of the escalation matrix; `tone` says whether it is good or bad to be in it."""

    count: int
    money: str
    minutes: str
    tone: str


@dataclass(frozen=True, slots=True)
class EscalationMatrix:
    """Who should have decided, by who did. None is a place that nothing can be in."""

    rows: tuple[tuple[str, tuple[Handled | None, ...]], ...]
    undecided: Handled
    handled: int


MATRIX_HEADS = ("Decided without a person, right", "Decided without a person, wrong", "Went to a person")


def escalation_matrix(escalation: Escalation) -> EscalationMatrix:
    """The counts with the money they are about and the minutes they cost."""
    by_handling = {one.handling: one for one in escalation.counts}

    def cell(handling: Handling, tone: str) -> Handled:
        one = by_handling.get(handling) or HandlingCount(handling=handling, count=0, amounts={}, minutes=0.0)
        return Handled(one.count, amounts(one.amounts), minutes(one.minutes), tone if one.count else "nil")

    return EscalationMatrix(
        rows=(
            (
                "No person was needed",
                (
                    cell(Handling.RIGHT_AUTO, "hit"),
                    cell(Handling.WRONG_AUTO, "miss"),
                    cell(Handling.NEEDLESS, "waste"),
                ),
            ),
            (
                "A person had to decide",
                (None, cell(Handling.MISSED, "miss"), cell(Handling.RIGHT_PERSON, "hit")),
            ),
        ),
        undecided=cell(Handling.UNDECIDED, "waste"),
        handled=sum(one.count for one in escalation.counts),
    )


@dataclass(frozen=True, slots=True)
class ConfusionGrid:
    """Rows are what was right, columns what was proposed."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    mixed_up: tuple[Confusion, ...]
    """Everything off the diagonal, most frequent first"""


def confusion_grid(confusion: tuple[Confusion, ...]) -> ConfusionGrid:
    """The grid over the reasons that occur; what is empty in a pair stands last."""
    counts = {(one.gold, one.found): one.count for one in confusion}
    reasons = sorted({one for pair in counts for one in pair if one})
    golds = [one for one in [*reasons, ""] if any(gold == one for gold, _ in counts)]
    founds = [one for one in [*reasons, ""] if one in golds or any(found == one for _, found in counts)]
    founds = [one for one in founds if one or any(not found for _, found in counts)]
    apart = [one for one in confusion if one.gold != one.found]
    return ConfusionGrid(
        columns=tuple(founds),
        rows=tuple((gold, tuple(counts.get((gold, found), 0) for found in founds)) for gold in golds),
        mixed_up=tuple(sorted(apart, key=lambda one: (-one.count, one.gold, one.found))),
    )

"""The figures of a reading of single messages, each with its interval."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from evals.reading.messages import OUT_OF_SCOPE, Verdict
from evals.scenario import Sheet
from evals.scoring.assumptions import BINS
from evals.scoring.intervals import Floats, score_of, share
from evals.scoring.measured import Measured, Unit
from evals.scoring.records import ClassScore, Confusion
from evals.scoring.tally import Tally

COVERAGE = 0.8
"""Selective accuracy is that of the surest so many"""


class Figures(Sheet):
    """What a reading is worth. A message is one independent case."""

    macro_f1: Measured
    """Plain mean of the F1 of all labels, out of scope among them"""
    accuracy: Measured
    reason_accuracy: Measured
    """Of the messages that are about a return"""
    selective: Measured
    """Accuracy of the surest 80 %"""
    selective_from: float
    """How sure the least sure of them is"""
    ece: Measured
    accepted: Measured
    """Out of scope, and taken for a return"""
    refused: Measured
    """About a return, and taken for something else"""
    agreement: tuple[Measured, ...]
    """Of the further labels with the truth, and with one another; empty when there are none"""
    hard: Measured
    classes: tuple[ClassScore, ...]
    confusion: tuple[Confusion, ...]


def score(read: Sequence[Verdict]) -> Figures:
    """All figures of one reading. Which of equally sure messages is covered follows their order."""
    surest = sorted(read, key=lambda one: -one.sure)[: round(COVERAGE * len(read))]
    outside = [one for one in read if one.message.label == OUT_OF_SCOPE]
    inside = [one for one in read if one.message.label != OUT_OF_SCOPE]
    tally = _tally(read)
    pairs = Counter((one.message.label, one.found) for one in read)
    return Figures(
        macro_f1=tally.macro_f1("macro-F1"),
        accuracy=_share("accuracy", [one.is_right for one in read]),
        reason_accuracy=_share("accuracy of reasons", [one.is_right for one in inside]),
        selective=_share(f"accuracy at {COVERAGE:.0%} coverage", [one.is_right for one in surest]),
        selective_from=surest[-1].sure if surest else 0.0,
        ece=_ece(read),
        accepted=_share("out of scope accepted", [one.found != OUT_OF_SCOPE for one in outside]),
        refused=_share("returns refused", [one.found == OUT_OF_SCOPE for one in inside]),
        agreement=_agreement(read),
        hard=_share("accuracy where it is hard", [one.is_right for one in read if one.message.hard]),
        classes=tally.scores(),
        confusion=tuple(
            Confusion(gold=gold, found=found, count=count) for (gold, found), count in pairs.most_common()
        ),
    )


def _share(name: str, hits: Sequence[bool]) -> Measured:
    return share(name, ((str(at), hit) for at, hit in enumerate(hits)))


def _tally(read: Sequence[Verdict]) -> Tally:
    tally = Tally()
    for at, one in enumerate(read):
        tally.add(str(at), one.message.label, gold=1, both=int(one.is_right))
        tally.add(str(at), one.found, found=1)
    return tally


def _ece(read: Sequence[Verdict]) -> Measured:
    counts = np.zeros((len(read), BINS, 3))
    for at, one in enumerate(read):
        counts[at, min(int(one.sure * BINS), BINS - 1)] = (1, one.sure, one.is_right)
    return score_of("ECE", counts, _error, len(read)) if read else Measured(name="ECE", unit=Unit.SCORE)


def _error(counts: Floats) -> Floats:
    apart = np.abs(counts[..., 1] - counts[..., 2]).sum(axis=-1)
    return np.asarray(apart / counts[..., 0].sum(axis=-1), dtype=float)


def _agreement(read: Sequence[Verdict]) -> tuple[Measured, ...]:
    """Each further label against the truth, and the further ones against one another."""
    labels = [(one.message.label, *one.message.others) for one in read if one.message.others]
    fewest = min((len(row) for row in labels), default=0)
    named = ("writer", *(f"labeller {at}" for at in range(1, fewest)))
    return tuple(
        _share(f"{named[a]} and {named[b]} agree", [row[a] == row[b] for row in labels])
        for a in range(fewest)
        for b in range(a + 1, fewest)
    )

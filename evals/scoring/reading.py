"""What the reader understood: the reason of each line, and the pieces it is about."""

from collections import Counter
from collections.abc import Iterable, Iterator

from evals.played import FoundLine, Played
from evals.scenario import GoldLine
from evals.scoring.intervals import share
from evals.scoring.lines import Pair, paired
from evals.scoring.records import Confusion, Extraction, Reasons
from evals.scoring.tally import Tally

NOT_PROPOSED = "not proposed"
"""Stands for the reason of a line that gold has and nobody proposed"""


def read_pairs(played: Iterable[Played]) -> list[tuple[str, Pair]]:
    """All lines of gold and beyond it, with their case. Runs that ended in an error tell nothing."""
    return [
        (one.cluster, pair)
        for one in played
        if one.found is not None and one.error is None
        for pair in paired(one.scenario.gold.lines, one.found.lines)
    ]


def reasons(pairs: Iterable[tuple[str, Pair]]) -> Reasons:
    """Over the lines that gold has: what was proposed beyond it has no true reason."""
    told = [
        (case, pair.gold.reason.value, pair.found.reason if pair.found else NOT_PROPOSED)
        for case, pair in pairs
        if pair.gold is not None
    ]
    tally = Tally()
    for case, gold, found in told:
        tally.add(case, gold, gold=1, both=int(gold == found))
        if found != NOT_PROPOSED:
            tally.add(case, found, found=1)
    counted = Counter((gold, found) for _, gold, found in told)
    return Reasons(
        macro_f1=tally.macro_f1("reason_macro_f1"),
        accuracy=share("reason_accuracy", ((case, gold == found) for case, gold, found in told)),
        classes=tally.scores(),
        confusion=tuple(
            Confusion(gold=gold, found=found, count=count) for (gold, found), count in sorted(counted.items())
        ),
    )


def extraction(pairs: Iterable[tuple[str, Pair]]) -> Extraction:
    """Each field is a set of values: each counts once in gold, once as found, and once if it is in both."""
    tally = Tally()
    for case, pair in pairs:
        gold, found = (dict(_values(line)) if line else {} for line in (pair.gold, pair.found))
        for field in {**gold, **found}:
            right, told = gold.get(field, set()), found.get(field, set())
            tally.add(case, field, gold=len(right), found=len(told), both=len(right & told))
    return Extraction(
        precision=tally.precision("extraction_precision"),
        recall=tally.recall("extraction_recall"),
        f1=tally.f1("extraction_f1"),
        fields=tally.scores(),
    )


def _values(line: GoldLine | FoundLine) -> Iterator[tuple[str, set[str]]]:
    yield "order_line", {line.key}
    yield "quantity", {str(line.quantity)}
    yield "resolution", {str(line.resolution)}
    yield "serials", set(line.serials)
    yield "received_sku", {line.received_sku} if line.received_sku else set()

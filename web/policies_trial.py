"""Trying a draft: load it, prove it, tell what it makes looser, replay it over what has been decided."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import monotonic

from backhaul.domain.errors import PolicyError
from policies.backtest import backtest
from policies.book import PolicyBook
from policies.drafting import Draft
from policies.proofs import (
    Difference,
    Finding,
    FindingKind,
    check,
    check_texts,
    difference,
    in_words,
    keep_from_loading,
    unlisted,
)
from policies.proofs.solver import is_installed
from tools.history import History
from web.errors import TooOften
from web.policies_backtest import BacktestShown, shown_backtest
from web.policies_changes import EditionChange, change_of
from web.policies_chart import Chart, chart_of
from web.world import Doors

_AT_ONCE = BoundedSemaphore(1)
"""The prover keeps one core busy and may be asked by one thread at a time."""
_PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class FindingShown:
    """Something wrong with the documents; `example` is the case that shows it, where the words do not."""

    kind: str
    where: str
    clause: str
    words: str
    example: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a draft. With a `problem` it could not even be loaded, and there is no replay."""

    draft: Draft
    problem: str = ""
    change: EditionChange | None = None
    findings: tuple[FindingShown, ...] = ()
    differences: tuple[Difference, ...] = ()
    proved: bool = True
    backtest: BacktestShown | None = None
    chart: Chart | None = None
    seconds: float = 0.0

    @property
    def file(self) -> str:
        """The file an owner would publish."""
        return next(iter(self.draft.files))

    @property
    def ended(self) -> tuple[str, ...]:
        """Files of editions that would have to end where the draft begins."""
        return tuple(self.draft.files)[1:]


def try_draft(doors: Doors, draft: Draft) -> Trial:
    """Run everything an owner should see before publishing. Nothing is stored and nothing comes into force.

    Raises:
        TooOften: Somebody else's trial has kept the prover busy all the while.
    """
    before, began = doors.desk.policies(), monotonic()
    texts = draft.over(before.bundle.texts)
    try:
        after = PolicyBook.load(texts)
    except PolicyError as wrong:
        return Trial(draft, problem=str(wrong), findings=_why(texts))
    with _prover():
        findings = unlisted(check(after), after.bundle.accepted)
        differences = difference(before, after) if is_installed() else ()
    history = History()
    with doors.desk.store.read() as uow:
        found = backtest(history.replay(uow), before, after, on=draft.day)
    shown = shown_backtest(found, history, before, after)
    return Trial(
        draft,
        change=change_of(before.bundle, after.bundle, draft.label),
        findings=tuple(_shown(to_mend(findings))),
        differences=differences,
        proved=is_installed(),
        backtest=shown,
        chart=chart_of(shown),
        seconds=monotonic() - began,
    )


def to_mend(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is wrong with the documents. That nothing could be proved here is no fault of theirs."""
    return tuple(one for one in findings if one.kind is not FindingKind.NOT_PROVED)


@contextmanager
def _prover() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
        raise TooOften(_PATIENCE_SECONDS)
    try:
        yield
    finally:
        _AT_ONCE.release()


def _why(texts: Mapping[str, str]) -> tuple[FindingShown, ...]:
    """The cases that show why documents are refused which could be loaded otherwise."""
    try:
        with _prover():
            found = check_texts(texts)
    except PolicyError:
        return ()
    return tuple(_shown(tuple(one for one in found if keep_from_loading([one]))))


def _shown(findings: tuple[Finding, ...]) -> Iterator[FindingShown]:
    for one in findings:
        where = " of ".join(part for part in (one.rule_or_table, one.document) if part)
        cases = (in_words(case) for case in (one.example, one.otherwise) if case)
        untold = " beside ".join(case for case in cases if case not in one.words)
        yield FindingShown(one.kind.value, where, one.clause, one.words, untold)

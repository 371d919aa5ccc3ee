"""The policy engine beside the same rules in plain Python, and what owners wait for: load, check, replay."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.domain.codes import Outcome
from evals.bench_figures import Aim, Figure, Row, in_turn, middle, milliseconds, percentile, times_as_long
from evals.bench_house import BenchmarkBroken, Ground
from evals.plain_policy import PlainPolicy
from evals.policy_cases import some_decisions
from policies.backtest import Backtest, StoredDecision, backtest
from policies.book import PolicyBook
from policies.bundle import Days
from policies.counterfactual import smallest_change
from policies.proofs.check import check
from policies.proofs.solver import is_installed

_CASES, _STORED = 2_000, 10_000
_ROUNDS, _QUICK_ROUNDS = 15, 3
_WAITS, _QUICK_WAITS = 5, 2
_MICRO, _MILLI = 1_000.0, 1_000.0
_MOST_TIMES = 2.0
_MOST_TRACE_MICROS = 333.3
_MOST_LOAD_MS, _MOST_CHECK_S, _MOST_BACKTEST_S = 100.0, 3.0, 3.0

CHANGED_CELLS = (
    ('{standard: "500.00", silver: "1000.00"', '{standard: "600.00", silver: "900.00"'),
    ("hand_tool:         {standard: 30, silver: 45", "hand_tool:         {standard: 25, silver: 60"),
    ("damaged_in_transit: 1", "damaged_in_transit: 2"),
)
"""Real figures moved up and down: the automatic limit, a return window, the photos of a damage."""


def measure(ground: Ground) -> Iterator[Row]:
    """Each comparison in turn, on one thread, with every edition and overlay in force on its days."""
    texts = read_documents(SHIPPED)
    book = PolicyBook.load(texts)
    stored = some_decisions(book, _STORED, seed=4)
    yield from _decisions(ground, book, stored[:_CASES])
    yield _explanations(book, stored[:_CASES])
    yield _loading(ground, texts)
    yield _checking(ground, book)
    yield _backtest(ground, texts, stored)


def changed(texts: dict[str, str]) -> dict[str, str]:
    """The documents with a few cells moved. BenchmarkBroken when one is no longer written that way."""
    after = dict(texts)
    for old, new in CHANGED_CELLS:
        if not any(old in text for text in texts.values()):
            raise BenchmarkBroken(
                f"no document writes {old!r} any more; choose another in evals/bench_policy.py"
            )
        after = {file: text.replace(old, new) for file, text in after.items()}
    return after


def _decisions(ground: Ground, book: PolicyBook, cases: list[StoredDecision]) -> Iterator[Row]:
    plain = PlainPolicy(book)
    Random(3).shuffle(cases)
    rounds = _QUICK_ROUNDS if ground.quick else _ROUNDS
    deeds = (
        partial(_fast, plain.failing, cases),
        partial(_fast, book.failing, cases),
        partial(_trace, book, cases),
    )
    in_turn(1, *deeds)
    by_hand, fast, trace = (middle(times) * _MICRO / len(cases) for times in in_turn(rounds, *deeds))
    about = f"{len(cases)} proposals of all eight actions, {rounds} rounds in turn"
    yield Row(
        "policy, the fast path",
        (Figure("engine", fast, "us"), Figure("plain Python", by_hand, "us")),
        Aim("at most 2 x plain Python", _MOST_TIMES, fast / by_hand),
        times_as_long("engine / plain", fast, by_hand),
        (about,),
    )
    yield Row(
        "policy, the full trace",
        (Figure("decision", trace, "us"), Figure("decisions", _MICRO * _MILLI / trace, "a second", 0)),
        Aim("at least 3,000 a second", _MOST_TRACE_MICROS, trace),
        times_as_long("trace / plain", trace, by_hand),
        (about, "every rule with inputs, cells and sources; without the smallest change"),
    )


def _fast(failing: Callable[..., object], cases: list[StoredDecision]) -> None:
    for one in cases:
        failing(one.facts, order_date=one.order_date, decision_date=one.decision_date)


def _trace(book: PolicyBook, cases: list[StoredDecision]) -> None:
    for one in cases:
        book.decide(one.facts, order_date=one.order_date, decision_date=one.decision_date, explain=False)


def _explanations(book: PolicyBook, cases: list[StoredDecision]) -> Row:
    asked = [one for one in cases if one.outcome is not Outcome.PERMIT]
    deeds = [
        partial(
            smallest_change,
            book.stretches(one.facts, Days(one.order_date, one.decision_date), None),
            one.facts,
        )
        for one in asked
    ]
    shown = sum(deed() is not None for deed in deeds)
    times = [milliseconds(deed) for deed in deeds]
    return Row(
        "policy, the smallest change",
        (Figure("p50", middle(times), "ms", 2), Figure("p90", percentile(times, 90), "ms", 2)),
        remarks=(f"{len(asked)} decisions that do not permit, {shown} with a change to show; no aim is set",),
    )


def _loading(ground: Ground, texts: dict[str, str]) -> Row:
    (times,) = in_turn(_QUICK_ROUNDS if ground.quick else _ROUNDS, partial(PolicyBook.load, texts))
    return Row(
        "policy, load",
        (Figure("p50", middle(times), "ms"), Figure("p90", percentile(times, 90), "ms")),
        Aim("at most 100 ms", _MOST_LOAD_MS, middle(times)),
        remarks=(
            f"{len(texts)} documents, {sum(map(len, texts.values())) // 1_000} kB, read, checked, compiled",
        ),
    )


def _checking(ground: Ground, book: PolicyBook) -> Row:
    if not is_installed():
        return Row("policy, check", (), remarks=("NOT MEASURED: z3-solver is not installed",))
    (times,) = in_turn(_QUICK_WAITS if ground.quick else _WAITS, partial(check, book))
    seconds = middle(times) / _MILLI
    return Row(
        "policy, check",
        (Figure("p50", seconds, "s", 2),),
        Aim("at most 3 s", _MOST_CHECK_S, seconds),
        remarks=("every proof, for every set of editions and overlays that can be in force together",),
    )


def _backtest(ground: Ground, texts: dict[str, str], stored: list[StoredDecision]) -> Row:
    found, times = list[Backtest](), list[float]()
    for _ in range(_QUICK_WAITS if ground.quick else _WAITS):
        before, after = PolicyBook.load(texts), PolicyBook.load(changed(texts))
        times.append(milliseconds(lambda: found.append(backtest(stored, before, after))))  # noqa: B023 - called at once
    seconds = middle(times) / _MILLI
    return Row(
        "policy, backtest",
        (Figure("p50", seconds, "s", 2), Figure("decisions", 2 * len(stored) / seconds, "a second", 0)),
        Aim("at most 3 s", _MOST_BACKTEST_S, seconds),
        remarks=(
            f"{found[0].decisions} decisions x 2, {len(found[0].flips)} flips; books loaded afresh each time",
        ),
    )

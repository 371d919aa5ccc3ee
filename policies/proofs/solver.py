"""The one place that knows Z3, a development dependency: it is imported when a proof is asked for."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from threading import RLock
from typing import Any

Term = Any
"""A Z3 expression, or the plain `bool` or `int` it folded to. Z3 has no types of its own."""

HOW_TO_INSTALL = "The rules were not proved: install the prover with `pip install z3-solver` and check again."


def is_installed() -> bool:
    """Whether the prover can be used."""
    return find_spec("z3") is not None


@lru_cache(maxsize=1)
def z3() -> Any:
    """The prover's own module, told that its terms may be let go by any thread, as Python does."""
    module = import_module("z3")
    module.Z3_enable_concurrent_dec_ref(module.main_ctx().ref())
    return module


ONE_AT_A_TIME = RLock()
"""Held by whoever asks the prover: its terms belong together, and two threads at once would spoil them."""


def all_of(terms: Iterable[Term]) -> Term:
    """Whether all hold, folded as far as the parts are known."""
    open_ones = []
    for term in terms:
        if term is False:
            return False
        if term is not True:
            open_ones.append(term)
    if not open_ones:
        return True
    return open_ones[0] if len(open_ones) == 1 else z3().And(open_ones)


def any_of(terms: Iterable[Term]) -> Term:
    """Whether one holds, folded as far as the parts are known."""
    open_ones = []
    for term in terms:
        if term is True:
            return True
        if term is not False:
            open_ones.append(term)
    if not open_ones:
        return False
    return open_ones[0] if len(open_ones) == 1 else z3().Or(open_ones)


def opposite(term: Term) -> Term:
    """Whether it does not hold."""
    return (not term) if isinstance(term, bool) else z3().Not(term)


def either(condition: Term, one: Term, other: Term) -> Term:
    """`one` where the condition holds, `other` where not."""
    if isinstance(condition, bool):
        return one if condition else other
    return z3().If(condition, one, other)


LIMITS: Mapping[str, int] = {"timeout": 5_000}
"""What one question may cost: milliseconds. All questions about the published documents take a second."""


class GaveUp(ArithmeticError):
    """A question took the prover too long; nothing is proved by that."""


def new_solver() -> Any:
    """A solver that gives up at the limits."""
    solver = z3().Solver()
    solver.set(**LIMITS)
    return solver


class Prover:
    """A solver that keeps what always holds and forgets each question after its answer."""

    def __init__(self, always: Iterable[Term]) -> None:
        self._solver = new_solver()
        self._solver.set(**{"core.minimize": True})
        for term in always:
            self._solver.add(term)

    @contextmanager
    def given(self, *terms: Term) -> Iterator[None]:
        """What holds as well while the block runs."""
        self._solver.push()
        try:
            for term in terms:
                self._solver.add(term)
            yield
        finally:
            self._solver.pop()

    def answer(self, *terms: Term) -> Any | None:
        """A Z3 model in which all terms hold; None if it is proved that there is none.

        Raises:
            GaveUp: The solver came to no answer within its limits.
        """
        if any(term is False for term in terms):
            return None
        with self.given(*(term for term in terms if term is not True)):
            answer = self._solver.check()
            if answer == z3().unknown:
                raise GaveUp(f"the prover gave up: {self._solver.reason_unknown()}")
            return self._solver.model() if answer == z3().sat else None

    def clash(self, named: Mapping[str, Term]) -> tuple[str, ...]:
        """The names of terms that cannot hold together; none if they can."""
        if any(term is False for term in named.values()):
            return tuple(name for name, term in named.items() if term is False)
        self._solver.push()
        try:
            for name, term in named.items():
                if term is not True:
                    self._solver.assert_and_track(term, name)
            if self._solver.check() != z3().unsat:
                return ()
            core = {str(name) for name in self._solver.unsat_core()}
        finally:
            self._solver.pop()
        return tuple(name for name in named if name in core)

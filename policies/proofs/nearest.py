"""The smallest example of a finding: the possible case nearest to the ordinary one of its action.

Smallest means: as few facts as possible differ from the baseline, and among those cases the total by which
numbers differ is least (pieces, days, cents and permille each count as they are). Where that leaves a choice,
facts and words that stand earlier on their lists are preferred.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from policies.facts import FACTS, Kind
from policies.proofs.solver import Term, all_of, any_of, new_solver, z3
from policies.proofs.standing import Case
from policies.proofs.terms import PRODUCTS, symbols
from policies.syntax import Word

MOST_PIECES_TRIED = 12
_MOST_LINKS = 8
_MILLISECONDS = 4_000
_MOST_WORDS = 100
"""More than any closed list has, so that the word never outweighs the fact"""


def smallest(terms: Iterable[Term], ordinary: Case) -> Case | None:
    """What the nearest case with these properties changes in the ordinary one, and its action.

    None if there is no such case: the prover multiplies with up to twelve pieces, and with the numbers of
    pieces that a freer search suggests.
    """
    wanted = [term for term in terms if term is not True]
    if any(term is False for term in wanted):
        return None
    always = [*symbols().always, *wanted]
    for value_of_pieces in _links(always):
        found = _nearest([*always, value_of_pieces], ordinary)
        if found is not None:
            return {"action": ordinary["action"], **found}
    return None


def case_of(model: Any, action: str) -> Case:
    """The case a model describes."""
    stored = (name for name in symbols().variables if not FACTS[name].reads)
    return {"action": action, **{name: _word(model, name) for name in stored}}


@lru_cache(maxsize=4)
def exact(most_pieces: int = MOST_PIECES_TRIED, mark: str = "") -> Term:
    """That each product is the number of pieces times the price, for up to so many of them."""
    return any_of(_pieces(number, mark) for number in range(1, most_pieces + 1))


def _pieces(number: int, mark: str = "") -> Term:
    of = symbols(mark).variables
    products = (of[name] == number * of[price] for name, price in PRODUCTS.items())
    return all_of((of["quantity"] == number, *products))


def _links(always: list[Term]) -> Iterator[Term]:
    yield exact()
    free = new_solver()
    free.add(*always)
    for _ in range(_MOST_LINKS):
        if free.check() != z3().sat:
            return
        number = _word(free.model(), "quantity")
        yield _pieces(int(number))
        free.add(symbols().variables["quantity"] != number)


def _nearest(terms: list[Term], ordinary: Case) -> Case | None:
    of = symbols().variables
    stored = {name: variable for name, variable in of.items() if not FACTS[name].reads}
    usual = {name: _as_number(name, ordinary[name]) for name in stored}
    differs = [variable != usual[name] for name, variable in stored.items()]
    solver = new_solver()
    solver.add(*terms)
    if solver.check() != z3().sat:
        return None
    for most in range(len(differs) + 1):
        near = z3().AtMost(*differs, most)
        if solver.check(near) == z3().sat:
            break
    solver.add(near)
    if solver.check() != z3().sat:
        return None
    near_enough = solver.model()
    model = _least_total([*terms, near], stored, usual) or near_enough
    model = _first_on_their_lists(solver, model, stored, usual)
    case = {name: _word(model, name) for name in stored}
    return {name: value for name, value in case.items() if value != ordinary[name]}


def _least_total(
    terms: list[Term], stored: Mapping[str, Term], usual: Mapping[str, int | bool]
) -> Any | None:
    optimize = z3().Optimize()
    optimize.set("timeout", _MILLISECONDS)
    optimize.add(*terms)
    optimize.minimize(_total(stored, usual))
    return optimize.model() if optimize.check() == z3().sat else None


def _first_on_their_lists(
    solver: Any, model: Any, stored: Mapping[str, Term], usual: Mapping[str, int | bool]
) -> Any:
    """The case as small as the model's whose facts and words stand earliest."""
    total, places = _total(stored, usual), z3().Sum(list(_places(stored, usual)))
    solver.add(total <= model.eval(total, model_completion=True))
    while solver.check(places < model.eval(places, model_completion=True)) == z3().sat:
        model = solver.model()
    return model


def _total(stored: Mapping[str, Term], usual: Mapping[str, int | bool]) -> Term:
    whole = {name: variable for name, variable in stored.items() if FACTS[name].kind is Kind.WHOLE}
    return z3().Sum([_distance(variable, usual[name]) for name, variable in whole.items()])


def _distance(variable: Term, usual: int | bool) -> Term:
    return z3().If(variable > usual, variable - usual, usual - variable)


def _places(stored: Mapping[str, Term], usual: Mapping[str, int | bool]) -> Iterator[Term]:
    """How far down their lists the facts stand that differ, and the words they have."""
    for at, (name, variable) in enumerate(stored.items()):
        yield z3().If(variable != usual[name], at * _MOST_WORDS, 0)
        if FACTS[name].kind is Kind.CHOICE:
            yield variable


def _as_number(name: str, value: Word) -> int | bool:
    if FACTS[name].kind is Kind.CHOICE:
        return FACTS[name].choices.index(str(value))
    return value if isinstance(value, bool) else int(value)


def _word(model: Any, name: str) -> Word:
    info, value = FACTS[name], model.eval(symbols().variables[name], model_completion=True)
    if info.kind is Kind.FLAG:
        return bool(z3().is_true(value))
    number = int(value.as_long())
    return str(info.choices[number]) if info.kind is Kind.CHOICE else number

"""Conditions, tables and facts as terms of the prover: what the engine runs, said once more in logic.

A choice is the list of its words, each with the condition under which it is the one. So a table of choices
costs no arithmetic, and whatever is known beforehand (the action, mostly) folds away.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import ge, gt, le, lt
from types import MappingProxyType

from policies.cel import Compiled
from policies.facts import FACTS, FactInfo, Kind
from policies.figures import AGREEMENTS, FIGURES, Agreement
from policies.proofs.solver import Term, all_of, any_of, either, opposite, z3
from policies.rules import TABLE_PREFIX, BoundRule, language_over
from policies.syntax import Call, Constant, Listing, Name, Node, Word
from policies.tables import CellKey, Grid

Options = dict[str, Term]
Value = Term | Options

FIGURES_SAID: Mapping[str, str] = MappingProxyType(
    {
        "order_exposure_usd_minor": "amount_usd_minor + order_paid_out_usd_minor",
        "quantity_returnable": "quantity_shipped - quantity_already_authorised",
        "quantity_unsettled": "quantity_on_rma - quantity_settled",
    }
)
"""The linear figures in the policy language"""

PRODUCTS: Mapping[str, str] = MappingProxyType(
    {"amount_usd_minor": "unit_price_usd_minor", "claim_usd_minor": "unit_cost_usd_minor"}
)
"""The figures that are a price times the quantity, with the price. A product is no linear term: proofs know
its linear limits, so they consider more cases than there are, and examples are looked for piece by piece."""

AGREEMENTS_SAID: Mapping[frozenset[str], str] = MappingProxyType(
    {
        frozenset({"serials_matching", "serials_given"}): "serials_matching <= serials_given",
        frozenset(
            {"warranty_days_left", "warranty_months"}
        ): "warranty_days_left <= 0 || warranty_months > 0",
        frozenset({"days_since_delivery", "delivered"}): "delivered || days_since_delivery == 0",
        frozenset({"rate_age_days", "currency_is_ledger"}): "!currency_is_ledger || rate_age_days == 0",
        frozenset({"approver_is_requester", "approvals"}): "!approver_is_requester || approvals > 0",
        frozenset({"approver_is_authoriser", "approvals"}): "!approver_is_authoriser || approvals > 0",
    }
)
"""What facts agree on, by the facts concerned, in the policy language. One that is missing here only makes
the proofs consider more cases than there are; a test sees to it that none is."""


@dataclass(slots=True)
class Reader:
    """Translates trees over given facts and tables. Tables are translated once."""

    facts: Mapping[str, Value]
    grids: Mapping[str, Grid]
    _tables: dict[str, Value] = field(default_factory=dict)

    def with_table(self, name: str, value: Value) -> "Reader":
        """The same, with a table that says something else."""
        return Reader(self.facts, self.grids, {**self._tables, name: value})

    def table(self, name: str) -> Value:
        """What a table says for the facts."""
        if name not in self._tables:
            self._tables[name] = _table(self.grids[name], self.facts)
        return self._tables[name]

    def says(self, compiled: Compiled) -> Term:
        """The condition as a term."""
        return self.value(compiled.tree)

    def applies(self, bound: BoundRule) -> Term:
        """Whether the rule has anything to say."""
        return True if bound.when is None else self.says(bound.when)

    def fails(self, bound: BoundRule) -> Term:
        """Whether the rule applies and is not satisfied."""
        return all_of((self.applies(bound), opposite(self.says(bound.require))))

    def value(self, node: Node) -> Value:
        """Any tree as a term."""
        if isinstance(node, Constant):
            return {node.value: True} if isinstance(node.value, str) else node.value
        if isinstance(node, Name):
            if node.name.startswith(TABLE_PREFIX):
                return self.table(node.name.removeprefix(TABLE_PREFIX))
            return self.facts[node.name]
        if isinstance(node, Listing):
            raise TypeError("a list stands only on the right of `in`")
        return self._call(node)

    def _call(self, call: Call) -> Value:
        if call.overload == "in_list":
            one, listing = call.arguments
            left, items = self.value(one), listing.items if isinstance(listing, Listing) else ()
            return any_of(equal(left, self.value(item)) for item in items)
        return _OPERATORS[call.overload](*(self.value(argument) for argument in call.arguments))


def equal(one: Value, other: Value) -> Term:
    """Whether two values are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        return any_of(all_of((one[word], other[word])) for word in one.keys() & other.keys())
    return one == other


def _choose(condition: Term, one: Value, other: Value) -> Value:
    if isinstance(one, dict) and isinstance(other, dict):
        words = dict.fromkeys((*one, *other))
        return {word: either(condition, one.get(word, False), other.get(word, False)) for word in words}
    return either(condition, one, other)


_OPERATORS: Mapping[str, Callable[..., Value]] = {
    "logical_and": lambda *terms: all_of(terms),
    "logical_or": lambda *terms: any_of(terms),
    "logical_not": opposite,
    "equals": equal,
    "not_equals": lambda one, other: opposite(equal(one, other)),
    "less_int64": lt,
    "less_equals_int64": le,
    "greater_int64": gt,
    "greater_equals_int64": ge,
    "add_int64": lambda one, other: one + other,
    "subtract_int64": lambda one, other: one - other,
    "negate_int64": lambda one: -one,
    "conditional": _choose,
}


def at_key(grid: Grid, key: CellKey, facts: Mapping[str, Value]) -> Term:
    """Whether the facts pick this cell."""
    return all_of(facts[name].get(word, False) for name, word in zip(grid.table.keys, key, strict=True))


def _table(grid: Grid, facts: Mapping[str, Value]) -> Value:
    picks: dict[Word, list[Term]] = {}
    for key, value in grid.cells.items():
        picks.setdefault(value, []).append(at_key(grid, key, facts))
    when = {value: any_of(terms) for value, terms in picks.items()}
    if grid.table.choices:
        return {str(value): term for value, term in when.items() if term is not False}
    possible = [(value, term) for value, term in when.items() if term is not False]
    term: Term = possible[-1][0]
    for value, condition in possible[-2::-1]:
        term = either(condition, value, term)
    return term


@dataclass(frozen=True, slots=True)
class Symbols:
    """One unknown case: a variable for every stored fact, and what always holds between them."""

    variables: Mapping[str, Term]
    values: Mapping[str, Value]
    always: tuple[Term, ...]

    def of_action(self, action: str) -> Mapping[str, Value]:
        """The facts of a case of this action."""
        return {**self.values, "action": {action: True}}

    def is_word(self, name: str, words: tuple[str, ...]) -> Term:
        """Whether a choice is one of these words."""
        return any_of(self.values[name][word] for word in words)


@lru_cache(maxsize=2)
def symbols(mark: str = "") -> Symbols:
    """The variables of a case; another mark makes another case."""
    stored = {name: info for name, info in FACTS.items() if not info.reads and name != "action"}
    products = {name: FACTS[name] for name in PRODUCTS}
    variables = {name: _variable(info, mark) for name, info in (stored | products).items()}
    values: dict[str, Value] = {name: _options(FACTS[name], variable) for name, variable in variables.items()}
    language = language_over({})
    for name, text in FIGURES_SAID.items():
        values[name] = Reader(values, {}).says(language.compile(text, Kind.WHOLE))
    agreed = [Reader(values, {}).says(language.compile(text, Kind.FLAG)) for text in AGREEMENTS_SAID.values()]
    bounds = [_bounds(FACTS[name], variable) for name, variable in variables.items()]
    limits = [limit for name in PRODUCTS for limit in _limits_of_product(variables, name)]
    always = (*bounds, *agreed, *limits)
    return Symbols(variables, values, tuple(term for term in always if term is not True))


def unsaid(figures: Iterable[str] = FIGURES, agreements: Iterable[Agreement] = AGREEMENTS) -> tuple[str, ...]:
    """Figures and agreements the proofs do not know, and those they know that are gone: none, says a test."""
    other_figures = set(figures) ^ (FIGURES_SAID.keys() | PRODUCTS.keys())
    others = {names for _, names, _ in agreements} ^ AGREEMENTS_SAID.keys()
    return (*sorted(other_figures), *sorted(", ".join(sorted(names)) for names in others))


def _limits_of_product(of: Mapping[str, Term], name: str) -> tuple[Term, ...]:
    """What is linear about `price * quantity`, the quantity being 1 at least."""
    product, price, quantity = of[name], of[PRODUCTS[name]], of["quantity"]
    nothing = z3().And(price == 0, product == 0)
    more = z3().And(price > 0, product >= price + quantity - 1)
    return (z3().Or(nothing, more), z3().Implies(quantity == 1, product == price))


def _variable(info: FactInfo, mark: str) -> Term:
    name = f"{info.name}{mark}"
    return z3().Bool(name) if info.kind is Kind.FLAG else z3().Int(name)


def _options(info: FactInfo, variable: Term) -> Value:
    if info.kind is not Kind.CHOICE:
        return variable
    return {str(word): variable == at for at, word in enumerate(info.choices)}


def _bounds(info: FactInfo, variable: Term) -> Term:
    if info.kind is Kind.FLAG:
        return True
    low, high = (0, len(info.choices) - 1) if info.kind is Kind.CHOICE else (info.low, info.high)
    return z3().And(variable >= low, variable <= high)

"""The rules of an action as one compiled function: what backtests ask ten thousand times.

The function is built from the same checked trees that the analyser reads and CEL runs, never from text of a
document. It is built for one set of unknown facts, because most decisions on record have some: the ERP seldom
knows everything. A test holds it against the traced path.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backhaul.domain.codes import Outcome
from policies.decision import SEVEREST_FIRST
from policies.facts import FACTS
from policies.figures import FIGURES
from policies.rules import TABLE_PREFIX, BoundOutput, BoundRule
from policies.syntax import Call, Constant, Listing, Name, Node, Word
from policies.tables import Grid

Answer = tuple[Outcome, tuple[str, ...]]
"""The outcome, and the rules that do not permit, in the order they are asked"""
Compiled = Callable[[Mapping[str, Any]], Answer]
Looked = dict[str, Word | None]
"""Figures and words for a command by name; None where the ERP cannot tell what one depends on"""
CompiledOutputs = Callable[[Mapping[str, Any]], Looked]

_BIT = {Outcome.ESCALATE: 1, Outcome.ASK: 2, Outcome.DENY: 4}
_SHADOW = 8
"""A failed shadow rule hands the whole decision to a person, whatever the others say."""


def _outcome(bits: int) -> Outcome:
    if bits & _SHADOW:
        return Outcome.ESCALATE
    return next((outcome for outcome in SEVEREST_FIRST if bits & _BIT.get(outcome, 0)), Outcome.PERMIT)


_BY_BITS = tuple(_outcome(bits) for bits in range(2 * _SHADOW))
_COMPARE = {
    "equals": ast.Eq,
    "not_equals": ast.NotEq,
    "less_int64": ast.Lt,
    "less_equals_int64": ast.LtE,
    "greater_int64": ast.Gt,
    "greater_equals_int64": ast.GtE,
    "in_list": ast.In,
}
_ARITHMETIC = {"add_int64": ast.Add, "subtract_int64": ast.Sub}


def compile_rules(
    rules: Iterable[BoundRule], grids: Mapping[str, Grid], unknown: frozenset[str] = frozenset()
) -> Compiled:
    """One function over a mapping with every known stored fact, such as the fields of `Facts`."""
    rules = tuple(rules)
    builder = _Builder(grids, unknown)
    checks = [builder.check(bound) for bound in rules]
    body = [*_assign("failing", ast.List([], ast.Load())), *_assign("bits", ast.Constant(0))]
    body += [*builder.look_ups, *checks, _answer()]
    made: Compiled = _made(body, {**builder.given, "by_bits": _BY_BITS})
    return made


def compile_outputs(
    outputs: Iterable[BoundOutput], grids: Mapping[str, Grid], unknown: frozenset[str] = frozenset()
) -> CompiledOutputs:
    """The same for what is looked up for the command; the tables its values read are looked up first."""
    outputs = tuple(outputs)
    builder = _Builder(grids, unknown)
    values = [builder.figure(bound) for bound in outputs]
    found = ast.Dict([ast.Constant(bound.name) for bound in outputs], values)
    made: CompiledOutputs = _made([*builder.look_ups, ast.Return(found)], builder.given)
    return made


def _made(body: list[ast.stmt], space: dict[str, Any]) -> Any:
    module = ast.Module([_function(body)], [])
    exec(compile(ast.fix_missing_locations(module), "<rules>", "exec"), space)  # noqa: S102 - our own tree of admitted nodes
    return space["decide"]


class _Builder:
    """Python trees for checked trees; remembers what has to be looked up before."""

    def __init__(self, grids: Mapping[str, Grid], unknown: frozenset[str]) -> None:
        self._grids = grids
        self._unknown = unknown
        self._known: set[str] = set()
        self.look_ups: list[ast.stmt] = []
        self.given: dict[str, Any] = {}

    def check(self, bound: BoundRule) -> ast.stmt:
        """`if when and not require: failing.append(id); bits |= effect`.

        A rule that rests on something unknown asks for a person wherever it applies, or may apply.
        """
        if self._unknown.isdisjoint(bound.reading.stored):
            met: ast.expr = self._expression(bound.require.tree)
            bit = _SHADOW if bound.rule.shadow else _BIT[bound.rule.on_fail]
        else:
            met, bit = ast.Constant(value=False), _BIT[Outcome.ESCALATE]
        fails: ast.expr = ast.UnaryOp(ast.Not(), met)
        if bound.when is not None and self._unknown.isdisjoint(bound.when_reads):
            fails = ast.BoolOp(ast.And(), [self._expression(bound.when.tree), fails])
        append = ast.Attribute(_name("failing"), "append", ast.Load())
        noted = ast.Expr(ast.Call(append, [ast.Constant(bound.rule.id)], []))
        raised = ast.AugAssign(ast.Name("bits", ast.Store()), ast.BitOr(), ast.Constant(bit))
        return ast.If(fails, [noted, raised], [])

    def figure(self, bound: BoundOutput) -> ast.expr:
        """The value of an output, or None when it rests on something unknown."""
        known = self._unknown.isdisjoint(bound.reading.stored)
        return self._expression(bound.value.tree) if known else ast.Constant(None)

    def _expression(self, node: Node) -> ast.expr:
        if isinstance(node, Constant):
            return ast.Constant(node.value)
        if isinstance(node, Name):
            return _name(self._variable(node.name))
        if isinstance(node, Listing):
            return ast.Tuple([self._expression(item) for item in node.items], ast.Load())
        return self._call(node)

    def _call(self, node: Call) -> ast.expr:
        first, *others = (self._expression(argument) for argument in node.arguments)
        if node.overload in {"logical_and", "logical_or"}:
            return ast.BoolOp(ast.And() if node.overload == "logical_and" else ast.Or(), [first, *others])
        if node.overload == "logical_not":
            return ast.UnaryOp(ast.Not(), first)
        if node.overload == "negate_int64":
            return ast.UnaryOp(ast.USub(), first)
        if node.overload == "conditional":
            return ast.IfExp(first, *others)
        if node.overload in _ARITHMETIC:
            return ast.BinOp(first, _ARITHMETIC[node.overload](), others[0])
        return ast.Compare(first, [_COMPARE[node.overload]()], others)

    def _variable(self, name: str) -> str:
        """The local variable of a fact, figure or table, looked up once for all rules."""
        table = name.startswith(TABLE_PREFIX)
        variable = name.replace(TABLE_PREFIX, "table_", 1) if table else f"fact_{name}"
        if variable not in self._known:
            self._known.add(variable)
            value = self._cell(name.removeprefix(TABLE_PREFIX)) if table else self._fact(name)
            self.look_ups += _assign(variable, value)
        return variable

    def _fact(self, name: str) -> ast.expr:
        if FACTS[name].reads:
            self.given[f"figure_{name}"] = FIGURES[name].compute
            return ast.Call(_name(f"figure_{name}"), [_name("facts")], [])
        return ast.Subscript(_name("facts"), ast.Constant(name), ast.Load())

    def _cell(self, table: str) -> ast.expr:
        grid = self._grids[table]
        keys: list[ast.expr] = [_name(self._variable(key)) for key in grid.table.keys]
        if not keys:
            return ast.Constant(grid.cells[()])
        cells: dict[Any, Word] = {key if len(key) > 1 else key[0]: cell for key, cell in grid.cells.items()}
        self.given[f"cells_{table}"] = cells
        key = ast.Tuple(keys, ast.Load()) if len(keys) > 1 else keys[0]
        return ast.Subscript(_name(f"cells_{table}"), key, ast.Load())


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> list[ast.stmt]:
    return [ast.Assign([ast.Name(name, ast.Store())], value)]


def _answer() -> ast.stmt:
    outcome = ast.Subscript(_name("by_bits"), _name("bits"), ast.Load())
    failing = ast.Call(_name("tuple"), [_name("failing")], [])
    return ast.Return(ast.Tuple([outcome, failing], ast.Load()))


def _function(body: list[ast.stmt]) -> ast.stmt:
    # Written out and filled, because the fields of a function's tree differ between versions of Python.
    (made,) = ast.parse("def decide(facts): ...").body
    if isinstance(made, ast.FunctionDef):
        made.body = body
    return made

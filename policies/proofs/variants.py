"""Small changes to a condition, as a tired author makes them: another comparison, one off, a part gone.

They are made on the checked tree, so each is again a condition of the policy language and of the same type.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from policies.facts import FACTS, Kind
from policies.rules import TABLE_PREFIX
from policies.syntax import Call, Constant, Listing, Name, Node
from policies.tables import Grid

_COMPARISONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "less_int64": ("less_equals_int64", "greater_equals_int64"),
        "less_equals_int64": ("less_int64", "greater_int64"),
        "greater_int64": ("greater_equals_int64", "less_equals_int64"),
        "greater_equals_int64": ("greater_int64", "less_int64"),
        "equals": ("not_equals",),
        "not_equals": ("equals",),
        "add_int64": ("subtract_int64",),
        "subtract_int64": ("add_int64",),
        "logical_and": ("logical_or",),
        "logical_or": ("logical_and",),
    }
)
"""One off, and the opposite"""

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "less_int64": "<",
        "less_equals_int64": "<=",
        "greater_int64": ">",
        "greater_equals_int64": ">=",
        "equals": "==",
        "not_equals": "!=",
        "add_int64": "+",
        "subtract_int64": "-",
        "logical_and": "&&",
        "logical_or": "||",
        "in_list": "in",
    }
)


def variants(tree: Node, grids: Mapping[str, Grid]) -> tuple[Node, ...]:
    """Every way to change one thing, each once. Cells move by moving what the rule reads in the table."""
    made = dict.fromkeys((_not(tree), *_of(tree, grids)))
    return tuple(one for one in made if one != tree)


_COMBINING = frozenset({"logical_and", "logical_or", "logical_not"})


def changed_part(old: Node, new: Node) -> tuple[Node, Node]:
    """The smallest comparison or combination in which two conditions differ, as it stands in each."""
    if isinstance(old, Call) and isinstance(new, Call) and old.overload == new.overload in _COMBINING:
        pairs = list(zip(old.arguments, new.arguments, strict=True))
        differing = [(one, other) for one, other in pairs if one != other]
        if len(differing) == 1:
            return changed_part(*differing[0])
    return old, new


def as_text(node: Node) -> str:
    """The condition as its author would write it, with every part in brackets that has parts itself."""
    if isinstance(node, Constant):
        return f"'{node.value}'" if isinstance(node.value, str) else str(node.value).lower()
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Listing):
        return f"[{', '.join(as_text(item) for item in node.items)}]"
    parts = [f"({as_text(part)})" if isinstance(part, Call) else as_text(part) for part in node.arguments]
    if node.overload == "conditional":
        return f"{parts[0]} ? {parts[1]} : {parts[2]}"
    if node.overload in {"logical_not", "negate_int64"}:
        return f"{'!' if node.overload == 'logical_not' else '-'}{parts[0]}"
    return f"{parts[0]} {_SIGNS[node.overload]} {parts[1]}"


def _of(node: Node, grids: Mapping[str, Grid]) -> Iterator[Node]:
    if isinstance(node, Constant):
        yield from _beside(node)
    elif isinstance(node, Name):
        yield from _another_value(node, grids)
    elif isinstance(node, Call):
        yield from _another_call(node, grids)
        for at, part in enumerate(node.arguments):
            for changed in _of(part, grids):
                parts = _with(node.arguments, at, changed)
                negation = node.overload == "logical_not"
                yield _not(changed) if negation else Call(node.operator, node.overload, parts)


def _beside(node: Constant) -> Iterator[Node]:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        yield from (Constant(node.value + 1), Constant(node.value - 1))


def _another_value(node: Name, grids: Mapping[str, Grid]) -> Iterator[Node]:
    """A flag turned round, a cell one off. Facts are what they are; words move with the constants."""
    if node.name.startswith(TABLE_PREFIX):
        if not grids[node.name.removeprefix(TABLE_PREFIX)].table.choices:
            yield Call("_+_", "add_int64", (node, Constant(1)))
            yield Call("_-_", "subtract_int64", (node, Constant(1)))
    elif FACTS[node.name].kind is Kind.FLAG:
        yield _not(node)


def _another_call(node: Call, grids: Mapping[str, Grid]) -> Iterator[Node]:
    for overload in _COMPARISONS.get(node.overload, ()):
        yield Call(node.operator, overload, node.arguments)
    if node.overload in {"logical_and", "logical_or"}:
        yield from node.arguments
    elif node.overload == "logical_not":
        yield node.arguments[0]
    elif node.overload == "conditional":
        condition, one, other = node.arguments
        yield from (one, other, Call(node.operator, node.overload, (condition, other, one)))
    elif node.overload == "in_list":
        yield _not(node)
        yield from _other_lists(node, grids)
    if node.overload in {"equals", "not_equals"}:
        yield from _other_words(node, grids)


def _other_words(node: Call, grids: Mapping[str, Grid]) -> Iterator[Node]:
    """The word before and the word after on the closed list."""
    left, right = node.arguments
    for at, (name, word) in enumerate(((right, left), (left, right))):
        if isinstance(name, Name) and isinstance(word, Constant) and isinstance(word.value, str):
            for other in _neighbours(word.value, _choices(name.name, grids)):
                yield Call(node.operator, node.overload, _with(node.arguments, at, Constant(other)))


def _other_lists(node: Call, grids: Mapping[str, Grid]) -> Iterator[Node]:
    """The list without one of its words, and with one more beside a word it has."""
    name, listing = node.arguments
    if not isinstance(name, Name) or not isinstance(listing, Listing):
        return
    items = listing.items
    for at, item in enumerate(items):
        if len(items) > 1:
            yield Call(node.operator, node.overload, (name, Listing((*items[:at], *items[at + 1 :]))))
        if isinstance(item, Constant) and isinstance(item.value, str):
            for other in _neighbours(item.value, _choices(name.name, grids)):
                if Constant(other) not in items:
                    yield Call(node.operator, node.overload, (name, Listing((*items, Constant(other)))))


def _choices(name: str, grids: Mapping[str, Grid]) -> tuple[str, ...]:
    if name.startswith(TABLE_PREFIX):
        return grids[name.removeprefix(TABLE_PREFIX)].table.choices
    return tuple(str(word) for word in FACTS[name].choices)


def _neighbours(word: str, choices: tuple[str, ...]) -> Iterator[str]:
    at = choices.index(word)
    yield from choices[max(at - 1, 0) : at]
    yield from choices[at + 1 : at + 2]


def _not(node: Node) -> Node:
    if isinstance(node, Call) and node.overload == "logical_not":
        return node.arguments[0]
    return Call("!_", "logical_not", (node,))


def _with(parts: tuple[Node, ...], at: int, changed: Node) -> tuple[Node, ...]:
    return (*parts[:at], changed, *parts[at + 1 :])

"""The checked syntax tree of a condition, and the small language a policy may use.

The tree is decoded from what the CEL type checker serialises (protobuf `cel.expr.CheckedExpr`), so whoever
analyses a rule sees exactly what the engine runs. The language is linear and total: such a condition always
has an answer, and whether it can ever be true is decidable.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Word = int | str | bool


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal whole number, flag or word."""

    value: Word


@dataclass(frozen=True, slots=True)
class Name:
    """A fact (`quantity`) or a table (`p.window_days`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator under CEL's own name, such as `_<=_` or `_?_:_`, with the overload the checker chose."""

    operator: str
    overload: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The literal list on the right of `in`."""

    items: tuple["Node", ...]


Node = Constant | Name | Call | Listing


class NotInSubset(Exception):
    """The expression is valid CEL but outside the linear, total subset; the message says what to write."""


ALLOWED_OVERLOADS = frozenset(
    {
        "logical_and",
        "logical_or",
        "logical_not",
        "equals",
        "not_equals",
        "less_int64",
        "less_equals_int64",
        "greater_int64",
        "greater_equals_int64",
        "add_int64",
        "subtract_int64",
        "negate_int64",
        "conditional",
        "in_list",
    }
)
THE_LANGUAGE = (
    "a rule is written with && || ! == != < <= > >= + - ?: and in, over whole numbers, flags and words of a "
    "closed list"
)
LARGEST_CONSTANT = 10**12
"""With facts and cells bounded as well, no sum a document can write leaves 64 bits."""

_EXPRESSION, _REFERENCES = 4, 2
_CONSTANT, _IDENTIFIER, _CALL, _LIST = 3, 4, 6, 7
_FLAG, _WHOLE, _TEXT = 2, 3, 6
_SIGN_BIT, _WORD_SIZE = 1 << 63, 1 << 64
_VARINT, _BYTES = 0, 2
_RECEIVER, _FUNCTION, _ARGUMENT, _OVERLOAD = 1, 2, 3, 3
_MORE_FOLLOWS = 0x80

_Wire = tuple[int, int | bytes]


def decode(serialized: bytes) -> Node:
    """The tree of a checked expression as CEL serialises it. NotInSubset for constructs we do not admit."""
    checked = _bytes(dict(_fields(serialized)), 2)
    fields = list(_fields(checked))
    overloads = dict(_reference(value) for number, value in fields if number == _REFERENCES)
    root = next(value for number, value in fields if number == _EXPRESSION)
    return _node(_as_bytes(root), overloads)


def names(node: Node) -> Iterator[str]:
    """Every name the tree reads, in reading order, with repetitions."""
    if isinstance(node, Name):
        yield node.name
    for child in _children(node):
        yield from names(child)


def calls(node: Node) -> Iterator[Call]:
    """Every operator of the tree, outermost first."""
    if isinstance(node, Call):
        yield node
    for child in _children(node):
        yield from calls(child)


def constants(node: Node) -> Iterator[Word]:
    """Every literal of the tree."""
    if isinstance(node, Constant):
        yield node.value
    for child in _children(node):
        yield from constants(child)


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Call):
        return node.arguments
    return node.items if isinstance(node, Listing) else ()


def _reference(value: int | bytes) -> tuple[int, str]:
    entry = dict(_fields(_as_bytes(value)))
    chosen = [_as_bytes(of) for number, of in _fields(_bytes(entry, 2)) if number == _OVERLOAD]
    return int(entry[1]), chosen[0].decode() if chosen else ""


def _node(data: bytes, overloads: Mapping[int, str]) -> Node:
    fields = dict(_fields(data))
    if _CONSTANT in fields:
        return Constant(_literal(_bytes(fields, _CONSTANT)))
    if _IDENTIFIER in fields:
        return Name(_bytes(dict(_fields(_bytes(fields, _IDENTIFIER))), 1).decode())
    if _LIST in fields:
        items = _fields(_bytes(fields, _LIST))
        return Listing(tuple(_node(_as_bytes(item), overloads) for number, item in items if number == 1))
    if _CALL not in fields:
        raise NotInSubset("maps, selections and loops are not part of the policy language")
    return _call(fields, overloads)


def _call(fields: Mapping[int, int | bytes], overloads: Mapping[int, str]) -> Call:
    inside = list(_fields(_bytes(fields, _CALL)))
    operator = next(_as_bytes(value).decode() for number, value in inside if number == _FUNCTION)
    overload = overloads.get(int(fields.get(2, 0)), "")
    if overload not in ALLOWED_OVERLOADS or any(number == _RECEIVER for number, _ in inside):
        raise NotInSubset(f"{operator} is not part of the policy language; {THE_LANGUAGE}")
    arguments = tuple(_node(_as_bytes(value), overloads) for number, value in inside if number == _ARGUMENT)
    return Call(operator, overload, arguments)


def _literal(data: bytes) -> Word:
    fields = dict(_fields(data))
    if _FLAG in fields:
        return bool(fields[_FLAG])
    if _TEXT in fields:
        return _bytes(fields, _TEXT).decode()
    if _WHOLE not in fields:
        raise NotInSubset("only whole numbers, true, false and quoted words can be written in a rule")
    value = int(fields[_WHOLE])
    value = value - _WORD_SIZE if value >= _SIGN_BIT else value
    if abs(value) > LARGEST_CONSTANT:
        raise NotInSubset(f"{value} is beyond any figure of this business")
    return value


def _fields(data: bytes) -> Iterator[_Wire]:
    """The fields of a protobuf message; the checker writes only varints and length-prefixed bytes here."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, shape = key >> 3, key & 7
        value, at = _varint(data, at)
        if shape == _VARINT:
            yield number, value
        elif shape == _BYTES:
            yield number, data[at : at + value]
            at += value
        else:
            raise NotInSubset("only whole numbers, true, false and quoted words can be written in a rule")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < _MORE_FOLLOWS:
            return value, at


def _bytes(fields: Mapping[int, int | bytes], number: int) -> bytes:
    return _as_bytes(fields[number])


def _as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise NotInSubset("the type checker wrote a tree in an unknown form")
    return value

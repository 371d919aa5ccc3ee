"""Read a policy document so that every later complaint can name its file, line and clause.

PyYAML alone accepts a key twice and forgets line numbers; money written as 19.99 becomes a float. Here all
three are settled before anything else looks at the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from json import dumps
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from backhaul.domain.errors import PolicyError
from policies.limits import check_depth, check_size, quoted, too_many_digits
from policies.wording import misfit

Path = tuple[str | int, ...]
Plain = dict[str, "Plain"] | list["Plain"] | str | int | bool | None
# The same grammar in C, ten times faster, where PyYAML was built with it.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed text: plain data, and the line each value stands on."""

    file: str
    data: dict[str, Plain]
    lines: Mapping[Path, int]

    def error(self, path: Path, message: str, *, clause: str = "") -> PolicyError:
        """The complaint to raise about the value at `path`, with its line and clause: the one around it,
        or the one given when it stands in another document.
        """
        at = path
        while at not in self.lines:
            at = at[:-1]
        found = clause or self._clause(path)
        return PolicyError(message, file=self.file, line=self.lines[at], clause=found)

    def read_as(self, model: type[AnyModel]) -> AnyModel:
        """The document in the shape of `model`; PolicyError for the first thing that does not fit."""
        try:
            return model.model_validate_json(dumps(self.data))
        except ValidationError as wrong:
            # A key that does not belong usually explains the one that is missing.
            first = min(wrong.errors(), key=lambda error: error["type"] != "extra_forbidden")
            raise self.error(first["loc"], misfit(first, model)) from wrong

    def _clause(self, path: Path) -> str:
        found = ""
        here: Plain = self.data
        for step in (*path, None):
            if isinstance(here, dict):
                clause = here.get("clause")
                found = clause if isinstance(clause, str) else found
                here = here.get(step) if isinstance(step, str) else None
            elif isinstance(here, list):
                here = here[step] if isinstance(step, int) and step < len(here) else None
        return found


def decoded(file: str, content: bytes) -> str:
    """The text of a document as it lies on disk. PolicyError names the line that is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        message = "a character here is not UTF-8; save the file again with that encoding"
        raise PolicyError(message, file=file, line=line) from wrong


def parse(file: str, text: str) -> Document:
    """Read one YAML document: mappings, lists, text, whole numbers, flags and days. PolicyError if not."""
    check_size(file, len(text.encode("utf-8", "surrogatepass")))
    try:
        check_depth(file, text, _LOADER)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        problem = getattr(wrong, "problem", None) or "a character that YAML does not allow"
        line = mark.line + 1 if mark else 1
        message = f"not valid YAML, {problem}; {_MENDS.get(problem, _MEND)}"
        raise PolicyError(message, file=file, line=line) from wrong
    if not isinstance(root, yaml.MappingNode):
        empty = "the file is empty; " if root is None else ""
        message = f"{empty}a policy document is a mapping that begins with its `kind`, such as `kind: Policy`"
        raise PolicyError(message, file=file, line=1)
    reader = _Reader(file)
    data = reader.mapping(root, ())
    return Document(file, data, reader.lines)


class _Reader:
    """Turns the node tree into plain data, noting lines and refusing what must not stand in a policy."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._clauses: list[str] = []
        self._seen: set[int] = set()
        self.lines: dict[Path, int] = {}

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Plain]:
        """Plain data of a mapping; a key that stands twice is refused."""
        self._enter(node, path)
        self._clauses.append(_clause_of(node) or self._clause)
        found: dict[str, Plain] = {}
        for key, value in node.value:
            name = self._key(key)
            if name in found:
                first = self.lines[(*path, name)]
                silently = f"first on line {first}; the second would silently win: keep one"
                message = f"{quoted(name)} stands twice, {silently}"
                raise self._error(key, message)
            found[name] = self._value(value, (*path, name))
        self._clauses.pop()
        return found

    def _value(self, node: yaml.Node, path: Path) -> Plain:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        self._enter(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, at)) for at, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Plain:
        text, tag = str(node.value), node.tag.rpartition(":")[2]
        if tag == "str" or (tag == "timestamp" and _is_day(text)):
            return text
        if tag == "bool" and text in {"true", "false"}:
            return text == "true"
        if tag == "int" and text.removeprefix("-").isdecimal():
            if wrong := too_many_digits(text):
                raise self._error(node, wrong)
            return int(text)
        if tag == "null" and text in {"null", "~", ""}:
            return None
        raise self._error(
            node, _REFUSED.get(tag, f"{quoted(text)} is not text, a whole number, true, false or a day")
        )

    def _enter(self, node: yaml.Node, path: Path) -> None:
        # An alias hands the same node out again, and could even run in a circle.
        if id(node) in self._seen:
            raise self._error(node, "anchors and aliases hide what a rule says; write it out")
        self._seen.add(id(node))
        self.lines[path] = node.start_mark.line + 1

    def _key(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str"):
            return str(node.value)
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "a mapping or a list cannot be a key; write a text before the colon")
        raise self._error(
            node, f"the key {quoted(node.value)} must be text; quote it if it looks like something else"
        )

    @property
    def _clause(self) -> str:
        return self._clauses[-1] if self._clauses else ""

    def _error(self, node: yaml.Node, message: str) -> PolicyError:
        return PolicyError(message, file=self._file, line=node.start_mark.line + 1, clause=self._clause)


_REFUSED = {
    "float": 'a number with a point is rounded by machines; write money as quoted text such as "500.00"',
    "bool": "write true or false",
    "int": "write whole numbers with plain digits",
}
_MEND = "look at indentation, quotes and brackets here and on the line above"
_MENDS = {
    "mapping values are not allowed in this context": "put a text that holds a colon in quotes",
    "found character that cannot start any token": "indent with spaces, not tabs, and put a text in quotes "
    "that begins with a sign such as @, ` or %",
    "but found another document": "one file holds one document; split it at the line of hyphens",
}


def _clause_of(node: yaml.MappingNode) -> str:
    """The clause written in a mapping; what stands there instead of a text names none."""
    written = (v.value for k, v in node.value if k.value == "clause" and isinstance(v, yaml.ScalarNode))
    return str(next(written, ""))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

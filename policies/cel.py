"""The one place that knows the CEL library: compile a condition, check it stays in the subset, read results.

The library returns errors as values whose `.value()` is a non-empty and therefore true string. So results
are read in `_answer` and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from re import escape, search
from typing import Any

from cel_expr_python import cel

from backhaul.domain.errors import PolicyError
from policies.facts import Kind
from policies.limits import MOST_TERMS, quoted
from policies.syntax import (
    THE_LANGUAGE,
    Call,
    Constant,
    Listing,
    Name,
    Node,
    NotInSubset,
    Word,
    calls,
    constants,
    decode,
    names,
)
from policies.wording import perhaps

_TYPES = {Kind.WHOLE: cel.Type.INT, Kind.FLAG: cel.Type.BOOL, Kind.CHOICE: cel.Type.STRING}
_KIND_WORDS = {
    "int": "a whole number",
    "bool": "a flag",
    "string": "a word",
    "double": "a number with a point",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A name a condition may read: its type and, for a choice, the closed list."""

    kind: Kind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A checked condition: its text, what it reads, its tree, and the program that answers it."""

    text: str
    kind: Kind
    reads: tuple[str, ...]
    tree: Node
    _program: Any

    def answer(self, moment: "Moment") -> Word:
        """What the condition says of this moment. PolicyError if the program gives no value of its type."""
        if self.kind is Kind.FLAG:
            return self.holds(moment)
        return _answer(self._program.eval(moment.activation), _TYPES[self.kind], self.text)

    def holds(self, moment: "Moment") -> bool:
        """The same for a flag: an error is no flag, whatever its value looks like."""
        result = self._program.eval(moment.activation)
        flag = result.value()
        if flag is True or flag is False:
            return flag
        return bool(_answer(result, _TYPES[self.kind], self.text))


@dataclass(frozen=True, slots=True)
class Moment:
    """All values of one decision, converted once for the engine and shared by all its rules."""

    activation: Any


class Language:
    """The vocabulary of a policy document: every fact, and every table it can see as `p.<name>`."""

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self._variables = variables
        self._environment = cel.NewEnv(variables={name: _TYPES[of.kind] for name, of in variables.items()})

    def compile(self, text: str, kind: Kind) -> Compiled:
        """Compile and check a condition. NotInSubset says in words why it cannot be used."""
        try:
            program = self._environment.compile(text)
        except RuntimeError as wrong:
            raise NotInSubset(self._in_words(str(wrong), text)) from wrong
        if program.return_type() != _TYPES[kind]:
            found = program.return_type().name().lower()
            raise NotInSubset(f"{text!r} gives {_KIND_WORDS.get(found, found)}; write what gives a {kind}")
        tree = decode(program.serialize())
        if (terms := sum(1 for _ in chain(names(tree), constants(tree)))) > MOST_TERMS:
            raise NotInSubset(
                f"the condition has {terms:,} terms, and at most {MOST_TERMS} are read (a fact, table, "
                "number or word counts as often as it stands there); put what is listed into a table, or "
                "split the rule"
            )
        for call in calls(tree):
            self._check_words(call)
        return Compiled(text, kind, tuple(dict.fromkeys(names(tree))), tree, program)

    def moment(self, values: Mapping[str, Word]) -> Moment:
        """Hand the values of one decision to the engine."""
        return Moment(self._environment.Activation(data=dict(values)))

    def _in_words(self, complaint: str, text: str) -> str:
        """What the type checker complains about first, and what to write."""
        if search(r"recursion (limit|depth)|expression size exceeds|codepoint limit", complaint):
            return (
                f"{quoted(text)} is too long or too deep in brackets; write it as two rules, or put what is "
                "listed into a table"
            )
        first = next((row for row in complaint.splitlines() if "ERROR" in row), complaint)
        if unknown := search(r"undeclared reference to '([^']+)'", first):
            name = unknown[1]
            if search(rf"{escape(name)}\s*\(", text):
                return f"there is no function {name}; {THE_LANGUAGE}"
            if name.startswith("p."):
                instead = "write the table, or name one that is there"
                return f"there is no table {name}{perhaps(name, self._variables)}; {instead}"
            return f"there is no fact {name}{perhaps(name, self._variables)}; facts.py lists those there are"
        if clash := search(r"overload for '([^']+)' applied to '\(([^']*)\)'", first):
            operands = " and ".join(_KIND_WORDS.get(kind, kind) for kind in clash[2].split(", "))
            return f"{clash[1].strip('_').replace('_', ' ')} cannot take {operands}; {THE_LANGUAGE}"
        if at := search(r"<input>:\d+:(\d+): Syntax error", first):
            where = f"character {at[1]}" if int(at[1]) <= len(text) else "its end"
            return f"{text!r} cannot be read at {where}; look at brackets, quotes and operators there"
        return first.rpartition("ERROR: <input>:")[2].strip()

    def _check_words(self, call: Call) -> None:
        if call.overload not in {"equals", "not_equals", "in_list"}:
            return
        left, right = call.arguments
        if call.overload == "in_list" and not isinstance(right, Listing):
            raise NotInSubset("write the list after `in` out")
        others = right.items if isinstance(right, Listing) else (right,)
        for one, other in [(left, other) for other in others] + [(other, left) for other in others]:
            if isinstance(other, Constant) and isinstance(other.value, str):
                self._check_word(one, other.value)

    def _check_word(self, against: Node, word: str) -> None:
        if not isinstance(against, Name):
            raise NotInSubset(f"'{word}' can only be compared with a fact or a table")
        choices = self._variables[against.name].choices
        if word not in choices:
            raise NotInSubset(f"'{word}' is not on the list of {against.name}: {', '.join(choices)}")


def _answer(result: Any, wanted: Any, text: str) -> Word:
    if result.type() != wanted:
        raise PolicyError(f"no answer from {text!r}: {result.value()}")
    answer: Word = result.value()
    return answer

"""Rules and outputs bound to their document: compiled, linted, and aware of what they read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from policies.cel import Compiled, Language, Variable
from policies.fact_words import refusal, stray
from policies.facts import FACTS, Kind, Source, parts
from policies.model import Output, Rule
from policies.source import Document, Path
from policies.syntax import NotInSubset, Word
from policies.tables import MONEY_SUFFIX, Grid

TABLE_PREFIX = "p."


@dataclass(frozen=True, slots=True)
class Reading:
    """What an expression looks at: facts by name (keys of its tables included), and tables."""

    facts: tuple[str, ...]
    tables: tuple[str, ...]
    stored: frozenset[str]

    @classmethod
    def of(cls, compiled: Iterable[Compiled], grids: Mapping[str, Grid]) -> "Reading":
        """Everything these expressions look at."""
        names = tuple(dict.fromkeys(name for one in compiled for name in one.reads))
        tables = tuple(name.removeprefix(TABLE_PREFIX) for name in names if name.startswith(TABLE_PREFIX))
        direct = [name for name in names if not name.startswith(TABLE_PREFIX)]
        keys = [key for table in tables for key in grids[table].table.keys]
        facts = tuple(dict.fromkeys(direct + keys))
        return cls(facts, tables, frozenset(part for name in facts for part in parts(name)))


@dataclass(frozen=True, slots=True)
class Ground:
    """What rules and outputs stand on: their document, its label, the tables it sees, its language.

    On `lenient` ground a rule may rest on what somebody merely said.
    """

    document: Document
    label: str
    grids: Mapping[str, Grid]
    language: Language
    lenient: bool

    def compile(self, path: Path, text: str, kind: Kind) -> Compiled:
        """Compile an expression of the document. PolicyError with its place if it cannot be used."""
        try:
            return self.language.compile(text, kind)
        except NotInSubset as wrong:
            raise self.document.error(path, str(wrong)) from wrong


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule ready to run."""

    rule: Rule
    document: str
    when: Compiled | None
    require: Compiled
    reading: Reading
    when_reads: frozenset[str]

    def message(self, values: Mapping[str, Word]) -> str:
        """What the rule says when it fails, with the figures of this decision."""
        return "".join(
            text + (show(name, values.get(name)) if name else "")
            for text, name, _, _ in Formatter().parse(self.rule.say)
        )


@dataclass(frozen=True, slots=True)
class BoundOutput:
    """An output ready to be looked up."""

    name: str
    output: Output
    value: Compiled
    reading: Reading


def show(name: str, value: Word | None) -> str:
    """A value as a sentence shows it: cents as dollars, words with spaces, nothing as `unknown`."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith(MONEY_SUFFIX):
        return str(Money(int(value)))
    return str(value).replace("_", " ")


def language_over(grids: Mapping[str, Grid]) -> Language:
    """The facts, and these tables as `p.<name>`."""
    facts = {info.name: Variable(info.kind, info.choices) for info in FACTS.values()}
    return Language(facts | {f"{TABLE_PREFIX}{name}": grid.variable for name, grid in grids.items()})


def bind_rule(ground: Ground, path: Path, rule: Rule) -> BoundRule:
    """Compile a rule and check what its author must state. PolicyError names the line that falls short."""
    require = ground.compile((*path, "require"), rule.require, Kind.FLAG)
    when = ground.compile((*path, "when"), rule.when, Kind.FLAG) if rule.when else None
    reading = Reading.of([require] if when is None else [when, require], ground.grids)
    gate = Reading.of([when], ground.grids).stored if when else frozenset[str]()
    bound = BoundRule(rule, ground.label, when, require, reading, gate)
    if not ground.lenient:
        _check_claims(ground.document, path, bound)
    _check_message(ground.document, path, bound)
    for at, example in enumerate(rule.examples):
        given = {name: value for name, value in example.given.items() if name != "unknown"}
        check_given(ground.document, (*path, "examples", at, "given"), given)
    return bound


def check_given(document: Document, path: Path, given: Mapping[str, object]) -> None:
    """Refuse a value that no proposal could have. PolicyError says what is accepted."""
    for name, value in given.items():
        known = name in FACTS and not FACTS[name].reads
        if wrong := refusal(FACTS[name], value) if known else stray(name, FACTS):
            raise document.error((*path, name), wrong)


def bind_output(ground: Ground, name: str, output: Output) -> BoundOutput:
    """Compile an output: a word out of tables of choices, or a whole number."""
    path: Path = ("outputs", name, "value")
    try:
        value = ground.language.compile(output.value, Kind.CHOICE)
    except NotInSubset:
        value = ground.compile(path, output.value, Kind.WHOLE)
    if output.stricter and value.kind is Kind.CHOICE:
        message = f"{name} is a word, so neither side of it is stricter; leave `stricter` out"
        raise ground.document.error(("outputs", name, "stricter"), message)
    return BoundOutput(name, output, value, Reading.of([value], ground.grids))


def unconditional_reads(rules: Iterable[BoundRule], action: Action) -> set[str]:
    """The stored facts that some rule reads on every proposal of this action."""
    always = [bound for bound in rules if action in bound.rule.actions and bound.when is None]
    return {name for bound in always for name in bound.reading.stored}


def _check_claims(document: Document, path: Path, bound: BoundRule) -> None:
    claimed = {name for name in bound.reading.facts if FACTS[name].source is Source.CLAIM}
    stated = set(bound.rule.claims)
    for name in sorted(claimed - stated):
        message = f"{bound.rule.id} reads {name}, a claim; `claims` must say what corroborates it"
        raise document.error(path, message)
    for name in sorted(stated - claimed):
        raise document.error(
            (*path, "claims", name), f"{bound.rule.id} reads no claimed fact {name}; leave it out"
        )


def _check_message(document: Document, path: Path, bound: BoundRule) -> None:
    place = (*path, "say")
    readable = {*bound.reading.facts, *(f"{TABLE_PREFIX}{table}" for table in bound.reading.tables)}
    try:
        named = [name for _, name, _, _ in Formatter().parse(bound.rule.say) if name is not None]
    except ValueError as wrong:
        message = f"the message cannot be read, {wrong}; put the names of facts in braces and close each"
        raise document.error(place, message) from wrong
    for name in named:
        if name not in readable:
            message = f"the message names {name!r}, which {bound.rule.id} does not read; name what it reads"
            raise document.error(place, message)

"""The rules in force at one place on two days, asked about one set of facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from backhaul.domain.codes import Action, Outcome
from policies.bundle import Edition, OverlayEdition
from policies.cel import Moment
from policies.decision import Cell, Input, RuleResult, Status
from policies.facts import FACTS, Facts
from policies.fast import Answer, Compiled, CompiledOutputs, Looked, compile_outputs, compile_rules
from policies.rules import TABLE_PREFIX, BoundOutput, BoundRule, language_over
from policies.syntax import Word
from policies.tables import CellKey, Grid

_MOST_COMPILED = 500
"""Sets of unknown facts for which the rules are kept compiled."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts of a proposal with the table cells they pick, each as a trace shows it."""

    values: Mapping[str, Word]
    inputs: Mapping[str, Input]
    cells: Mapping[str, Cell]
    unknown: frozenset[str]
    moment: Moment


@dataclass(frozen=True, slots=True)
class _Agenda:
    """What is asked for one action."""

    rules: tuple[BoundRule, ...]
    outputs: tuple[BoundOutput, ...]
    facts: tuple[str, ...]
    tables: tuple[Grid, ...]
    cells: Mapping[str, Mapping[CellKey, Cell]]
    stored: frozenset[str]
    """Every stored fact its rules rest on"""
    stored_for_outputs: frozenset[str]
    has_unconditional_rule: bool


class Ruleset:
    """One edition of each policy with the overlays that hold, merged and ready to be asked."""

    def __init__(self, editions: Iterable[Edition], overlays: Iterable[OverlayEdition]) -> None:
        editions, overlays = tuple(editions), tuple(overlays)
        self.labels = (
            *(edition.policy.label for edition in editions),
            *(overlay.overlay.label for overlay in overlays),
        )
        grids = {name: grid for edition in editions for name, grid in edition.grids.items()}
        for overlay in overlays:
            grids = overlay.over(grids)
        self._grids = grids
        self._language = language_over(grids)
        basic = [rule for edition in editions for rule in edition.rules]
        added = [rule for overlay in overlays for rule in overlay.rules]
        outputs = [output for edition in editions for output in edition.outputs]
        self._compiled: dict[tuple[Action, frozenset[str]], Compiled] = {}
        self._compiled_alone: dict[str, Compiled] = {}
        self._compiled_outputs: dict[tuple[Action, frozenset[str]], CompiledOutputs] = {}
        self._agendas = {action: self._agenda(action, basic, added, outputs) for action in Action}

    @property
    def grids(self) -> Mapping[str, Grid]:
        """Every table as it stands after the overlays wrote their cells."""
        return self._grids

    def rules(self, action: Action) -> tuple[BoundRule, ...]:
        """The rules that are asked about an action; none if no base policy has an unconditional one."""
        agenda = self._agendas[action]
        return agenda.rules if agenda.has_unconditional_rule else ()

    def looked_up(self, action: Action) -> tuple[BoundOutput, ...]:
        """The figures and words that are looked up for the command of an action."""
        return self._agendas[action].outputs

    def failing(self, facts: Facts) -> Answer:
        """The outcome and the rules that do not permit, without a trace; see policies.fast."""
        action = facts.action
        if not self._agendas[action].has_unconditional_rule:
            return Outcome.PERMIT, ()
        key = (action, facts.unknown & self._agendas[action].stored)
        compiled = self._compiled.get(key)
        if compiled is None:
            if len(self._compiled) > _MOST_COMPILED:
                self._compiled.clear()
            compiled = self._compiled[key] = compile_rules(self.rules(action), self._grids, key[1])
        return compiled(facts.__dict__)

    def lets_pass(self, bound: BoundRule, values: Mapping[str, Word]) -> bool:
        """Whether this rule alone permits; the values hold every stored fact it reads."""
        alone = self._compiled_alone.get(bound.rule.id)
        if alone is None:
            alone = self._compiled_alone[bound.rule.id] = compile_rules((bound,), self._grids)
        return alone(values)[0] is Outcome.PERMIT

    def figures(self, facts: Facts) -> Looked:
        """What `outputs` looks up, without a situation; see policies.fast."""
        agenda = self._agendas[facts.action]
        key = (facts.action, facts.unknown & agenda.stored_for_outputs)
        compiled = self._compiled_outputs.get(key)
        if compiled is None:
            if len(self._compiled_outputs) > _MOST_COMPILED:
                self._compiled_outputs.clear()
            compiled = compile_outputs(agenda.outputs, self._grids, key[1])
            self._compiled_outputs[key] = compiled
        return compiled(facts.__dict__)

    def unknown_outputs(self, facts: Facts) -> list[str]:
        """Outputs of the command that rest on something the ERP cannot tell."""
        looked_up = self._agendas[facts.action].outputs
        return [bound.name for bound in looked_up if not facts.unknown.isdisjoint(bound.reading.stored)]

    def situation(self, action: Action, values: Mapping[str, Word], unknown: frozenset[str]) -> Situation:
        """Look up every cell the rules of this action need and hand all values to the engine once."""
        cells, agenda = dict[str, Cell](), self._agendas[action]
        inputs = {name: _seen(name, values.get(name)) for name in agenda.facts}
        together = {name: seen.value for name, seen in inputs.items() if seen.value is not None}
        for grid in agenda.tables:
            try:
                key = tuple([str(values[name]) for name in grid.table.keys])
            except KeyError:  # one of its keys is unknown; so is every rule that reads this table
                cells[grid.name] = Cell(grid.name, (), None, grid.table.clause, "")
                continue
            cells[grid.name] = agenda.cells[grid.name][key]
            together[f"{TABLE_PREFIX}{grid.name}"] = grid.cells[key]
        return Situation(together, inputs, cells, unknown, self._language.moment(together))

    def trace(self, bound: BoundRule, situation: Situation) -> RuleResult:
        """Ask one rule and record what it saw."""
        status, rule = status_of(bound, situation), bound.rule
        return RuleResult(
            rule=rule.id,
            clause=rule.clause,
            owner=rule.owner,
            title=rule.title,
            document=bound.document,
            status=status,
            effect=effect_of(bound, status),
            message=_message(bound, status, situation),
            asks_for=rule.asks_for,
            confidential=rule.confidential,
            speaks_alone=rule.speaks_alone,
            shadow=rule.shadow,
            inputs=tuple([situation.inputs[name] for name in bound.reading.facts]),
            cells=tuple([situation.cells[name] for name in bound.reading.tables]),
        )

    def outputs(self, action: Action, situation: Situation) -> dict[str, Word | None]:
        """Figures and words for the command; None where the ERP cannot tell what one depends on."""
        return {
            bound.name: bound.value.answer(situation.moment)
            if situation.unknown.isdisjoint(bound.reading.stored)
            else None
            for bound in self._agendas[action].outputs
        }

    def _agenda(
        self, action: Action, basic: list[BoundRule], added: list[BoundRule], outputs: list[BoundOutput]
    ) -> _Agenda:
        asked = tuple(rule for rule in basic + added if action in rule.rule.actions)
        looked_up = tuple(output for output in outputs if action in output.output.actions)
        readings = [rule.reading for rule in asked] + [output.reading for output in looked_up]
        tables = dict.fromkeys(name for reading in readings for name in reading.tables)
        facts = dict.fromkeys(name for reading in readings for name in reading.facts)
        return _Agenda(
            asked,
            looked_up,
            tuple(facts),
            tuple(self._grids[name] for name in tables),
            {name: _cells_of(self._grids[name]) for name in tables},
            frozenset(name for rule in asked for name in rule.reading.stored),
            frozenset(name for output in looked_up for name in output.reading.stored),
            any(rule.when is None and action in rule.rule.actions for rule in basic),
        )


@lru_cache(maxsize=10_000)
def _seen(name: str, value: Word | None) -> Input:
    """One record for each value of a fact; names keep a flag apart from the number that equals it."""
    return Input(name, value, FACTS[name].source)


def _cells_of(grid: Grid) -> dict[CellKey, Cell]:
    return {
        key: Cell(grid.name, key, value, grid.table.clause, grid.written_in[key])
        for key, value in grid.cells.items()
    }


def status_of(bound: BoundRule, situation: Situation) -> Status:
    """Passed, failed, not applicable, or unknown because the ERP cannot tell what the rule reads."""
    if situation.unknown and not situation.unknown.isdisjoint(bound.when_reads):
        return Status.UNKNOWN
    if bound.when is not None and not bound.when.holds(situation.moment):
        return Status.NOT_APPLICABLE
    if situation.unknown and not situation.unknown.isdisjoint(bound.reading.stored):
        return Status.UNKNOWN
    return Status.PASSED if bound.require.holds(situation.moment) else Status.FAILED


def effect_of(bound: BoundRule, status: Status) -> Outcome:
    """What a rule in this state asks for: nothing unknown is ever a default, it goes to a person."""
    if status is Status.FAILED:
        return bound.rule.on_fail
    return Outcome.ESCALATE if status is Status.UNKNOWN else Outcome.PERMIT


def guards_finding(rule: str, title: str, message: str, effect: Outcome) -> RuleResult:
    """A line of the trace that comes from the engine itself, not from a document."""
    return RuleResult(
        rule=rule,
        clause="engine",
        owner="compliance",
        title=title,
        document="engine",
        status=Status.FAILED if effect is Outcome.DENY else Status.UNKNOWN,
        effect=effect,
        message=message,
        asks_for=None,
        confidential=False,
        speaks_alone=False,
        shadow=False,
        inputs=(),
        cells=(),
    )


def _message(bound: BoundRule, status: Status, situation: Situation) -> str:
    if status is Status.FAILED:
        return bound.message(situation.values)
    if status is Status.UNKNOWN:
        missing = [name for name in bound.reading.facts if name not in situation.values]
        words = " and ".join(FACTS[name].words for name in missing)
        return f"The ERP cannot tell {words}; a person has to find out."
    return ""

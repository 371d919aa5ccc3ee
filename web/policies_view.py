"""The policies as an owner reads them: editions, tables, rules, overlays with their grants."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from policies.bundle import Bundle, Edition, OverlayEdition
from policies.facts import FACTS
from policies.model import Example, Grant, Rule
from web.policies_tables import TableShown, cell_name, place_words, read_table
from web.policies_words import (
    BASIS,
    ON_FAIL,
    OUTCOMES,
    count,
    day_words,
    fact_value,
    time_words,
    words,
)

_IN_FORCE, _COMING, _PAST = "in force", "coming", "past"


@dataclass(frozen=True, slots=True)
class EditionShown:
    """A document with the days it holds. `state` is in force, coming or past on the day asked for."""

    label: str
    kind: str
    state: str
    time: str
    about: str
    first: date
    until: date | None


@dataclass(frozen=True, slots=True)
class RuleRead:
    """A rule as its document says it."""

    id: str
    clause: str
    owner: str
    title: str
    document: str
    where: str
    actions: tuple[str, ...]
    on_fail: str
    when: str
    require: str
    say: str
    claims: tuple[tuple[str, str], ...]
    examples: tuple[tuple[str, str], ...]
    """What differs from an ordinary proposal, and what the rule makes of it"""
    shadow: bool


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A permission to loosen cells."""

    id: str
    overlay: str
    cells: tuple[str, ...]
    until: str
    by: str
    owner: str
    clause: str
    over: bool
    """Its last day has passed"""


@dataclass(frozen=True, slots=True)
class PolicyRead:
    """Everything the page and `backhaul policy show` tell, for one day."""

    day: date
    bundle_hash: str
    editions: tuple[EditionShown, ...]
    overlays: tuple[EditionShown, ...]
    grants: tuple[GrantShown, ...]
    tables: tuple[TableShown, ...]
    rules: tuple[RuleRead, ...]

    @property
    def owners(self) -> tuple[str, ...]:
        """Who owns something here."""
        return tuple(sorted({one.owner for one in self.tables} | {one.owner for one in self.rules}))

    def filtered(self, text: str, owner: str) -> "PolicyRead":
        """The tables and rules that belong to an owner and contain every word of a text."""
        wanted = text.casefold().split()
        return PolicyRead(
            self.day,
            self.bundle_hash,
            self.editions,
            self.overlays,
            self.grants,
            tuple(one for one in self.tables if _fits(one.owner, owner) and _has(_text_of(one), wanted)),
            tuple(one for one in self.rules if _fits(one.owner, owner) and _has(_rule_text(one), wanted)),
        )


def read_policies(bundle: Bundle, day: date) -> PolicyRead:
    """What is in force on a day, what is coming and what has been, in words."""
    lines = [edition for editions in bundle.policies.values() for edition in editions]
    current = [edition for edition in lines if edition.policy.effective.covers(day)]
    holding = [one for one in bundle.overlays if one.overlay.effective.covers(day)]
    added = [
        (bound.rule, one.overlay.label, place_words(one.overlay.applies))
        for one in holding
        for bound in one.rules
    ]
    return PolicyRead(
        day=day,
        bundle_hash=bundle.hash,
        editions=tuple(_edition(one, day) for one in lines),
        overlays=tuple(_overlay(one, day) for one in bundle.overlays),
        grants=tuple(_grants(bundle.overlays, day)),
        tables=tuple(
            read_table(grid, edition.policy.label, holding)
            for edition in current
            for grid in edition.grids.values()
        ),
        rules=tuple(
            read_rule(rule, label, where)
            for rule, label, where in (
                *((rule, edition.policy.label, "") for edition in current for rule in edition.policy.rules),
                *added,
            )
        ),
    )


def _edition(edition: Edition, day: date) -> EditionShown:
    policy = edition.policy
    return EditionShown(
        label=policy.label,
        kind="policy",
        state=_state(policy.effective.first, policy.effective.until, day),
        time=time_words(policy.effective, policy.basis),
        about=f"{count(len(policy.tables), 'table')}, {count(len(policy.rules), 'rule')}; "
        f"follows {BASIS[policy.basis]}",
        first=policy.effective.first,
        until=policy.effective.until,
    )


def _overlay(one: OverlayEdition, day: date) -> EditionShown:
    overlay = one.overlay
    cells = sum(len(cells) for cells in one.cells.values())
    return EditionShown(
        label=overlay.label,
        kind="overlay",
        state=_state(overlay.effective.first, overlay.effective.until, day),
        time=time_words(overlay.effective),
        about=f"for {place_words(overlay.applies)}, over {overlay.over}: "
        f"{count(cells, 'cell')} changed, {count(len(overlay.rules), 'rule')} added",
        first=overlay.effective.first,
        until=overlay.effective.until,
    )


def _state(first: date, until: date | None, day: date) -> str:
    if day < first:
        return _COMING
    return _PAST if until and until <= day else _IN_FORCE


def _grants(overlays: Iterable[OverlayEdition], day: date) -> Iterator[GrantShown]:
    used: dict[str, tuple[Grant, list[str]]] = {}
    for one in overlays:
        for (table, key), grant in one.grants.items():
            used.setdefault(grant.id, (grant, []))[1].append(cell_name(table, key))
    for grant, cells in used.values():
        yield GrantShown(
            id=grant.id,
            overlay=grant.overlay,
            cells=tuple(dict.fromkeys(cells)),
            until=day_words(grant.until),
            by=grant.by,
            owner=grant.owner,
            clause=grant.clause,
            over=grant.until < day,
        )


def read_rule(rule: Rule, document: str, where: str = "") -> RuleRead:
    """A rule in the words of its document."""
    return RuleRead(
        id=rule.id,
        clause=rule.clause,
        owner=rule.owner,
        title=rule.title,
        document=document,
        where=where,
        actions=tuple(map(words, rule.actions)),
        on_fail=ON_FAIL[rule.on_fail],
        when=rule.when or "",
        require=rule.require,
        say=rule.say,
        claims=tuple(rule.claims.items()),
        examples=tuple(example_words(example) for example in rule.examples),
        shadow=bool(getattr(rule, "shadow", False)),
    )


def example_words(example: Example) -> tuple[str, str]:
    """What an example changes, and what the rule makes of it."""
    given = "; ".join(_given(name, value) for name, value in example.given.items())
    return given or "an ordinary proposal", OUTCOMES[example.expect]


def _given(name: str, value: int | bool | str | list[str]) -> str:
    if isinstance(value, list):
        missing = " and ".join(FACTS[one].words for one in value if one in FACTS)
        return f"the ERP cannot tell {missing}"
    return f"{FACTS[name].words if name in FACTS else name}: {fact_value(name, value)}"


def _fits(owner: str, wanted: str) -> bool:
    return not wanted or owner == wanted


def _has(text: str, wanted: list[str]) -> bool:
    found = text.casefold()
    return all(word in found for word in wanted)


def _text_of(table: TableShown) -> str:
    heads = " ".join(part for head, _ in table.rows for part in head)
    return " ".join((table.name, table.title, table.doc, table.clause, table.document, heads, *table.columns))


def _rule_text(rule: RuleRead) -> str:
    return " ".join(
        (rule.id, rule.clause, rule.title, rule.say, rule.require, rule.when, rule.document, *rule.actions)
    )

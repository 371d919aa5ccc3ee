"""The policy book: documents in, decisions out. No I/O; whoever holds the texts hands them over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Self

from backhaul.domain.codes import Outcome, Region
from policies.bundle import Bundle, Days, OverlayEdition, Place
from policies.counterfactual import Stretch, smallest_change
from policies.decision import SEVEREST_FIRST, PolicyDecision, RuleResult, answer_of, severest
from policies.facts import Facts
from policies.fast import Answer, Looked
from policies.loader import load_bundle
from policies.model import Basis
from policies.moves import LONGEST_WALK
from policies.ruleset import Ruleset, guards_finding
from policies.syntax import Word

_MOST_REMEMBERED = 20_000
"""Pairs of days whose rule set is kept at hand: some sixty years of them, or one backtest."""
_BUILDING = "facility"
"""The output that names the building goods go to"""


class PolicyBook:
    """A set of policy documents, checked together once and asked many times. Safe to share by threads."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._rulesets: dict[tuple[str, ...], Ruleset] = {}
        self._in_force: dict[
            tuple[date, date, Region | None, str | None], tuple[Ruleset, tuple[RuleResult, ...]]
        ] = {}
        self._turns = frozenset(
            day for span in bundle.spans(Basis.DECISION_DATE) for day in (span.first, span.until) if day
        )

    @classmethod
    def load(cls, texts: Mapping[str, str]) -> Self:
        """Check documents given as text by file name. PolicyError names file, line and clause."""
        return cls(load_bundle(texts))

    @property
    def bundle_hash(self) -> str:
        """SHA-256 over everything the documents say, grants included."""
        return self.bundle.hash

    def decide(
        self,
        facts: Facts,
        *,
        order_date: date,
        decision_date: date,
        facility: str | None = None,
        explain: bool = True,
    ) -> PolicyDecision:
        """Ask every rule of the action at hand about these facts.

        The two days pick the editions: commercial terms follow the order, controls the decision. `facility`
        brings in the overlays of the building that is booked, or that `routed` chooses. With `explain` a
        decision that does not permit carries the smallest true change that would.
        """
        ruleset, findings = self._in_force_of(order_date, decision_date, facts, facility)
        situation = ruleset.situation(facts.action, facts.known(), facts.unknown)
        results = tuple([ruleset.trace(rule, situation) for rule in ruleset.rules(facts.action)])
        outputs = ruleset.outputs(facts.action, situation)
        findings += _engine_findings(results, [name for name, value in outputs.items() if value is None])
        results = (*findings, *results)
        outcome, shadowed = answer_of(results)
        decision = PolicyDecision(
            action=facts.action,
            outcome=outcome,
            results=results,
            outputs=outputs,
            bundle_hash=self.bundle_hash,
            editions=ruleset.labels,
            facts=facts,
            shadowed=shadowed,
            order_date=order_date,
            decision_date=decision_date,
            facility=facility,
        )
        if not explain or findings or decision.outcome is Outcome.PERMIT:
            return decision
        days = Days(order_date, decision_date)
        return replace(decision, counterfactual=smallest_change(self.stretches(facts, days, facility), facts))

    def stretches(self, facts: Facts, days: Days, facility: str | None) -> tuple[Stretch, ...]:
        """The rules for the same request on earlier days of deciding, from the day itself backwards.

        Left out are days on which it is not sure which rules hold, or no rule covers the action.
        """
        changing = [(days.decision_date - day).days for day in self._turns if day <= days.decision_date]
        starts = sorted({0, LONGEST_WALK + 1, *(ago + 1 for ago in changing if ago < LONGEST_WALK)})
        return tuple(self._sure(facts, days, facility, list(pairwise(starts))))

    def _sure(
        self, facts: Facts, days: Days, facility: str | None, spans: list[tuple[int, int]]
    ) -> Iterator[Stretch]:
        for nearest, beyond in spans:
            decided = days.decision_date - timedelta(days=nearest)
            ruleset, findings = self._in_force_of(days.order_date, decided, facts, facility)
            unsure = findings or not ruleset.rules(facts.action)
            if not unsure and not (facts.unknown and ruleset.unknown_outputs(facts)):
                yield Stretch(ruleset, nearest, beyond - 1)

    def routed(self, facts: Facts, *, order_date: date, decision_date: date) -> str | None:
        """The building these goods would go to, whose overlays then hold as well; None where none is chosen.

        Overlays cannot change it: the tables that choose a building have no stricter side.
        """
        ruleset, _ = self._in_force_of(order_date, decision_date, facts, None)
        situation = ruleset.situation(facts.action, facts.known(), facts.unknown)
        building = ruleset.outputs(facts.action, situation).get(_BUILDING)
        return building if isinstance(building, str) else None

    def failing(
        self, facts: Facts, *, order_date: date, decision_date: date, facility: str | None = None
    ) -> Answer:
        """The outcome of `decide` and the rules that do not permit, many times faster and without a trace."""
        ruleset, findings = self._in_force_of(order_date, decision_date, facts, facility)
        outcome, failing = ruleset.failing(facts)
        if facts.unknown and (missing := ruleset.unknown_outputs(facts)):
            findings += _engine_findings((_DEFAULT_DENY,), missing)
        if not ruleset.rules(facts.action):
            findings += (_DEFAULT_DENY,)
        if not findings:
            return outcome, failing
        worst = min((outcome, severest(findings)), key=SEVEREST_FIRST.index)
        return worst, (*(finding.rule for finding in findings), *failing)

    def figures(
        self, facts: Facts, *, order_date: date, decision_date: date, facility: str | None = None
    ) -> Looked:
        """The `outputs` of `decide`, many times faster."""
        return self._in_force_of(order_date, decision_date, facts, facility)[0].figures(facts)

    def cells(
        self,
        tables: Iterable[str],
        facts: Facts,
        *,
        order_date: date,
        decision_date: date,
        facility: str | None = None,
    ) -> dict[str, Word]:
        """The cell that each of these tables has for the facts.

        Left out are tables that are not in force, and those of which a key is unknown.
        """
        ruleset, _ = self._in_force_of(order_date, decision_date, facts, facility)
        grids = [grid for name in tables if (grid := ruleset.grids.get(name)) is not None]
        return {
            grid.name: grid.cells[tuple(str(getattr(facts, key)) for key in grid.table.keys)]
            for grid in grids
            if facts.unknown.isdisjoint(grid.table.keys)
        }

    def outcome(
        self, facts: Facts, *, order_date: date, decision_date: date, facility: str | None = None
    ) -> Outcome:
        """What `decide` would answer."""
        return self.failing(facts, order_date=order_date, decision_date=decision_date, facility=facility)[0]

    def _in_force_of(
        self, order_date: date, decision_date: date, facts: Facts, facility: str | None
    ) -> tuple[Ruleset, tuple[RuleResult, ...]]:
        region = None if "region" in facts.unknown else facts.region
        asked = (order_date, decision_date, region, facility)
        found = self._in_force.get(asked)
        if found is None:
            if len(self._in_force) > _MOST_REMEMBERED:
                self._in_force.clear()
            found = self.in_force(facts, Days(order_date, decision_date), facility)
            self._in_force[asked] = found
        return found

    def in_force(
        self, facts: Facts, days: Days, facility: str | None
    ) -> tuple[Ruleset, tuple[RuleResult, ...]]:
        """The rule set for a proposal, and what kept the engine from being sure which one that is."""
        known_region = "region" not in facts.unknown
        place = Place(facts.region if known_region else None, facility)
        effective = self.bundle.overlays_in_force(days)
        editions = dict(self.bundle.editions_in_force(days))
        findings = tuple(_no_edition(name) for name, edition in editions.items() if edition is None)
        if not known_region and any(overlay.overlay.applies.region for overlay in effective):
            findings += (_NO_REGION,)
        in_force = tuple(edition for edition in editions.values() if edition)
        holding = tuple(overlay for overlay in effective if place.within(overlay.overlay.applies))
        usable = _over_these(holding, {edition.policy.id for edition in in_force})
        labels = (
            *(edition.policy.label for edition in in_force),
            *(overlay.overlay.label for overlay in usable),
        )
        if labels not in self._rulesets:
            self._rulesets[labels] = Ruleset(in_force, usable)
        return self._rulesets[labels], findings


def _over_these(overlays: tuple[OverlayEdition, ...], policies: set[str]) -> tuple[OverlayEdition, ...]:
    return tuple(overlay for overlay in overlays if overlay.root in policies)


def _engine_findings(results: tuple[RuleResult, ...], missing_outputs: list[str]) -> tuple[RuleResult, ...]:
    found: tuple[RuleResult, ...] = ()
    if not results:
        found += (_DEFAULT_DENY,)
    if missing_outputs:
        words = ", ".join(missing_outputs)
        message = f"The ERP cannot tell what {words} depends on; a person has to find out."
        found += (guards_finding("ENGINE-OUTPUT", "The command is complete", message, Outcome.ESCALATE),)
    return found


def _no_edition(policy: str) -> RuleResult:
    message = f"No edition of the {policy} covers this day; a person has to decide."
    return guards_finding("ENGINE-EDITION", "An edition is in force", message, Outcome.ESCALATE)


_NO_REGION = guards_finding(
    "ENGINE-REGION",
    "The region is known",
    "The ERP cannot tell the delivery region, so a regional rule may be missed; a person has to decide.",
    Outcome.ESCALATE,
)

_DEFAULT_DENY = guards_finding(
    "ENGINE-DEFAULT",
    "Some rule covers the action",
    "No policy covers this, so it cannot be done.",
    Outcome.DENY,
)

"""The policy book: documents in, decisions out. No I/O; whoever holds the texts hands them over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Self

from backhaul.domain.codes import Outcome
from policies.bundle import Bundle, Days, OverlayEdition, Place
from policies.counterfactual import smallest_change
from policies.decision import PolicyDecision, RuleResult, answer_of
from policies.facts import Facts
from policies.loader import load_bundle
from policies.ruleset import Ruleset, guards_finding


class PolicyBook:
    """A set of policy documents, checked together once and asked many times. Safe to share by threads."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._rulesets: dict[tuple[str, ...], Ruleset] = {}

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
        brings in the overlays of a building once one is chosen. With `explain` a decision that does not
        permit carries the smallest true change that would.
        """
        days = Days(order_date, decision_date)
        ruleset, findings = self.in_force(facts, days, facility)
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
            facility=facility,
        )
        if not explain or findings or decision.outcome is Outcome.PERMIT:
            return decision
        return replace(decision, counterfactual=smallest_change(ruleset, facts))

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

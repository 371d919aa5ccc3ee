"""Faults to plant, and the engine as the judge of what the prover says about them."""

from collections.abc import Callable, Mapping
from datetime import date

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.decision import PolicyDecision, RuleResult, Status
from policies.facts import Facts
from policies.loader import load_bundle
from policies.proofs import Finding, FindingKind, check_texts
from tests.policies.proofs.conftest import nearer

MakeFacts = Callable[..., Facts]
Texts = dict[str, str]
Case = Mapping[str, object]
TODAY = date(2026, 6, 1)
WEST_LIMIT = """
kind: Overlay
id: west_limit
edition: 2026a
over: controls
applies: {region: [west]}
effective: {from: 2026-01-01, until: 2027-01-01}
tables:
  auto_limit_usd_minor: {silver: "1200.00"}
"""


def rule(identifier: str, action: str, require: str, *, passes: str, fails: str, effect: str = "deny") -> str:
    return f"""
- id: {identifier}
  clause: TST-1
  owner: finance
  title: A planted rule
  actions: [{action}]
  require: "{require}"
  on_fail: {effect}
  say: "No."
  examples:
  - {{given: {{{passes}}}, expect: permit}}
  - {{given: {{{fails}}}, expect: {effect}}}
"""


class Engine:
    """Decides cases of one set of documents, whether or not they would load."""

    def __init__(self, texts: Texts, ordinary: MakeFacts) -> None:
        self._book, self._ordinary = PolicyBook(load_bundle(texts, lenient=True)), ordinary

    def decide(self, case: Case) -> PolicyDecision | None:
        """What the engine answers; None if the facts cannot stand together."""
        try:
            facts = self._ordinary(**case)
        except PolicyError:
            return None
        return self._book.decide(facts, order_date=TODAY, decision_date=TODAY, explain=False)

    def permits(self, case: Case) -> bool:
        decision = self.decide(case)
        return decision is not None and decision.outcome is Outcome.PERMIT

    def refuses(self, case: Case) -> bool:
        decision = self.decide(case)
        return decision is not None and decision.outcome is not Outcome.PERMIT

    def asked(self, rule_id: str, case: Case) -> RuleResult | None:
        decision = self.decide(case)
        return next((one for one in decision.results if one.rule == rule_id), None) if decision else None

    def fails(self, rule_id: str, case: Case) -> bool:
        asked = self.asked(rule_id, case)
        return asked is not None and asked.status is Status.FAILED


BESIDE = frozenset({FindingKind.EXAMPLE, FindingKind.SIGNED_OTHER, FindingKind.NOT_SIGNED})
"""What comes along when a document is changed: examples that no longer hold, names that no longer fit"""


def only(texts: Texts, kind: FindingKind) -> Finding:
    """The one finding, beside what comes along with any change."""
    (found,) = [one for one in check_texts(texts) if one.kind not in BESIDE]
    assert found.kind is kind
    assert found.example is not None
    return found


def assert_smallest(found: Finding, ordinary: MakeFacts, shows: Callable[[Case], bool]) -> None:
    assert found.example is not None
    assert shows(found.example)
    for case in nearer(found.example, ordinary(str(found.example["action"])).record()):
        assert not shows(case), case

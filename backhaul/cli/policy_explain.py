"""`policy explain` and `policy decide`: decisions in plain words."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backhaul.cli.policy_books import book, day
from backhaul.cli.policy_facts import read_facts
from backhaul.domain.canonical import plain
from backhaul.domain.codes import Action
from backhaul.domain.errors import BadInput, NotAllowed, PolicyError
from backhaul.domain.release import SHORT
from backhaul.settings import Settings
from backhaul.store import cases, decisions, reviews
from backhaul.store.tables import VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from policies.book import PolicyBook
from policies.facts import Facts
from tools.verdicts import decision_record
from web.policies_trace import RuleShown, Trace, table_units, trace_of
from web.policies_words import outcome_words, words

_A_FEW = 5
_COLOUR = {"permit": "green", "deny": "red"}


@dataclass(frozen=True, slots=True)
class Days:
    """What beside the facts picks the rules, as typed."""

    order_date: str | None
    decision_date: str | None
    facility: str | None


def explain(console: Console, id_: str, *, as_json: bool) -> None:
    """Every verdict of a case, oldest first."""
    from backhaul.cli.house import open_side

    with open_side(Settings()) as side:
        with side.store.read() as uow:
            rows = _verdicts(uow, id_.strip().upper())
        units = table_units(side.desk.policies().bundle)
    traces = [(row, trace_of(row.decision, units, would_change=row.would_change or "")) for row in rows]
    if as_json:
        _print([_verdict_json(row, trace) for row, trace in traces])
        return
    if not traces:
        console.print(f"{id_}: nothing has been decided yet")
    for row, trace in traces:
        when = f"{row.decided_at:%Y-%m-%d %H:%M} UTC"
        about = f"{words(row.action)} on {when}, verdict {row.id}, case {row.case_id}"
        show_trace(console, trace, about=about, bundle=row.bundle_hash, release=row.release)


def _verdicts(uow: UnitOfWork, id_: str) -> Sequence[VerdictRow]:
    if id_.startswith("VD-"):
        return [decisions.verdict(uow, id_)]
    if not id_.startswith(("RC-", "RV-")):
        raise BadInput(f"{id_} names no case: give a case (RC-...), a review (RV-...) or a verdict (VD-...)")
    case_id = reviews.review(uow, id_).case_id if id_.startswith("RV-") else cases.case(uow, id_).id
    if any(reviews.waits_to_be_read(uow, one) for one in reviews.reviews_of_case(uow, case_id)):
        raise NotAllowed(f"something of {case_id} was drawn to be read blind: say first what you read in it")
    rows = [row for one in cases.proposals(uow, case_id=case_id) for row in cases.verdicts(uow, one.id)]
    return sorted(rows, key=lambda row: (row.decided_at, row.id))


def _verdict_json(row: VerdictRow, trace: Trace) -> dict[str, Any]:
    return {
        "verdict": row.id,
        "case": row.case_id,
        "action": row.action,
        "decided_at": row.decided_at.isoformat(),
        "bundle": row.bundle_hash,
        "release": row.release,
        "facts": row.facts,
        **asdict(trace),
    }


def decide(console: Console, documents: Path | None, facts: str | None, days: Days, *, as_json: bool) -> None:
    """Ask the rules about facts from a file."""
    if facts is None:
        raise BadInput("name a file of facts, or start from `backhaul policy decide --example create_rma`")
    rules = book(documents)
    decision_date = day(days.decision_date, option="decision-date")
    record = read_facts(facts)
    _is_nearly_whole(record)
    decision = rules.decide(
        Facts.from_record(record),
        order_date=day(days.order_date, option="order-date") if days.order_date else decision_date,
        decision_date=decision_date,
        facility=days.facility,
    )
    kept = decision_record(decision)
    if as_json:
        _print({"bundle": decision.bundle_hash, **kept})
        return
    trace = trace_of(kept, table_units(rules.bundle))
    show_trace(console, trace, about=words(decision.action), bundle=decision.bundle_hash)


def _is_nearly_whole(record: dict[str, Any]) -> None:
    """A few missing facts are named one by one; many mean that somebody started from nothing."""
    unknown = record.get("unknown", [])
    told = {*record, *(unknown if isinstance(unknown, list) else ())}
    missing = [name for name in Facts.model_fields if name != "unknown" and name not in told]
    if len(missing) > _A_FEW:
        raise BadInput(
            f"these facts cannot be used: {len(missing)} are missing, such as {', '.join(missing[:3])}; "
            "start from `backhaul policy decide --example create_rma`"
        )


def print_example(documents: Path | None, action: str) -> None:
    """Ordinary facts of an action, permitted as they stand."""
    if action not in set(Action):
        raise BadInput(f"{action} is no action: {', '.join(Action)}", field="example")
    _print(baseline_facts(book(documents), Action(action)).record())


def baseline_facts(rules: PolicyBook, action: Action) -> Facts:
    """The ordinary facts of an action. PolicyError without a document of kind Baseline."""
    baseline = rules.bundle.baseline
    if baseline is None:
        raise PolicyError("these documents have no Baseline to take ordinary facts from")
    return Facts.from_record({**baseline.facts, **baseline.actions.get(action, {}), "action": action.value})


def show_trace(
    console: Console, trace: Trace, *, about: str, bundle: str, release: str | None = None
) -> None:
    """A decision, rule by rule: what decided, what else was not met, what passed, what did not apply."""
    colour = _COLOUR.get(trace.outcome, "yellow")
    console.print(f"[bold {colour}]{outcome_words(trace.outcome)}[/]  {escape(about)}")
    decided_by = f", release {release[:SHORT]}" if release else ""
    console.print(f"under {', '.join(trace.editions)}, bundle {bundle[:12]}{decided_by}", markup=False)
    if trace.shadowed:
        console.print(f"The guard only watches here; by itself: {outcome_words(trace.shadowed)}.")
    for rule in trace.decided:
        _in_full(console, rule, "decided")
    for rule in trace.outvoted:
        _in_full(console, rule, "not met either")
    if trace.would_change:
        console.print(f"What would change the answer: {trace.would_change}", markup=False)
    _in_short(console, "passed", trace.passed)
    _in_short(console, "did not apply", trace.not_applicable)
    if trace.outputs:
        said = "; ".join(f"{name}: {value}" for name, value in trace.outputs)
        console.print(f"For the command: {said}", markup=False)
    console.print()


def _in_full(console: Console, rule: RuleShown, what: str) -> None:
    console.print(f"[bold]{rule.rule}[/] {what}: {escape(rule.message)}")
    console.print(
        f"  {rule.title} ({rule.clause}, {rule.owner}, {rule.document}); it {rule.asks}", markup=False
    )
    shown = Table("looked at", "value", "from", box=None, header_style="dim", padding=(0, 2))
    for fact in rule.inputs:
        shown.add_row(*map(escape, (fact.words, fact.value, fact.source)))
    for cell in rule.cells:
        where = f"table in {cell.written_in}, {cell.clause}" if cell.written_in else f"table, {cell.clause}"
        shown.add_row(*map(escape, (cell.words, cell.value, where)))
    if shown.row_count:
        console.print(shown)


def _in_short(console: Console, what: str, rules: tuple[RuleShown, ...]) -> None:
    if not rules:
        return
    shown = Table(f"{len(rules)} {what}", "clause", "what it asks for", box=None, header_style="dim")
    for rule in rules:
        shown.add_row(*map(escape, (rule.rule, rule.clause, rule.title)))
    console.print(shown)


def _print(answer: object) -> None:
    print(json.dumps(plain(answer), ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself

"""`policy shadow`: the guard beside the people who decide where it only watches."""

import json
from datetime import UTC, datetime, time
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from backhaul.cli.policy_books import day
from backhaul.domain.clock import today
from backhaul.domain.money import Money
from backhaul.settings import Settings
from policies.shadow_report import (
    Comparison,
    Segment,
    SegmentReport,
    ShadowReport,
    Standing,
    Watched,
    segments_in_shadow,
    shadow_report,
)
from tools.earned import BLIND_RULE, HOLD_RULE
from tools.history import watched
from tools.release_control import RULE as RELEASE_RULE
from web.policies_words import outcome_words, words

NO_SEGMENT = (
    "No segment is in shadow. To put one there, write `shadow` into its cell of a table that a rule with "
    "`shadow: true` reads (`automation` in the controls), in a new edition; see policies/README.md."
)
_OF_THE_GUARD = {RELEASE_RULE, BLIND_RULE, HOLD_RULE}
"""What hands a decision to a person though no document has it only watched"""
_LISTED = 20
_TITLES = {
    Comparison.AGREED: "guard and person answered alike",
    Comparison.PERSON_REFUSED: "guard would permit, person refused",
    Comparison.PERSON_APPROVED: "guard would refuse, person approved",
    Comparison.HANDED_ON: "guard would ask or hand over anyway",
    Comparison.UNDECIDED: "no person has answered yet",
}


def shadow(console: Console, *, since: str | None, as_json: bool) -> None:
    """Everything on record that people decided where the guard only watched."""
    from backhaul.cli.house import open_side

    first = datetime.combine(day(since, option="since"), time(), UTC) if since else None
    with open_side(Settings()) as side:
        in_shadow = segments_in_shadow(side.desk.policies(), today(side.desk.clock))
        with side.store.read() as uow:
            report = shadow_report(watched(uow, since=first), in_shadow)
    if as_json:
        print(json.dumps(_json(report), ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself
        return
    tell(console, report)


def tell(console: Console, report: ShadowReport) -> None:
    """The report for people."""
    if not report.segments and not report.waiting:
        console.print(NO_SEGMENT, markup=False)
        return
    for one in report.segments:
        _segment(console, one)
    if report.segments:
        _differing(console, [each for one in report.segments for each in one.differing])
    if report.waiting:
        console.print("In shadow, with no decision yet:")
        for segment in report.waiting:
            console.print(f"  {_segment_words(segment)}", markup=False)


def _segment(console: Console, report: SegmentReport) -> None:
    watched_by_policy = report.segment.rule not in _OF_THE_GUARD
    now = "; the guard decides here by itself now" if watched_by_policy and not report.in_shadow else ""
    console.print(f"[bold]{escape(_segment_words(report.segment))}[/]{now}")
    console.print(f"  {_agreement(report.standing)}", markup=False)
    table = Table("", box=None, header_style="dim")
    for title in ("cases", "value"):
        table.add_column(title, justify="right", no_wrap=True)
    for comparison, title in _TITLES.items():
        share = report.standing.shares[comparison]
        known = share.cases > share.without_amount
        table.add_row(title, f"{share.cases:,}", str(Money(share.amount_usd_minor)) if known else "")
    console.print(table)
    for reason, standing in report.by_reason.items() if len(report.by_reason) > 1 else ():
        console.print(f"  {words(reason)}: {_agreement(standing)}", markup=False)
    unvalued = sum(share.without_amount for share in report.standing.shares.values())
    if unvalued:
        console.print(f"  The value of {unvalued:,} is not known; it is in no sum.")
    console.print()


def _agreement(standing: Standing) -> str:
    decided = f"{standing.cases:,} {'decision' if standing.cases == 1 else 'decisions'}"
    if standing.agreement is None or standing.interval is None:
        return f"{decided}, none that both guard and people answered."
    low, high = standing.interval
    agreed = standing.shares[Comparison.AGREED].cases
    return (
        f"{decided}; {agreed:,} of {standing.compared:,} answered alike, {_per_cent(standing.agreement)} "
        f"(95 % interval {_per_cent(low)} to {_per_cent(high)})."
    )


def _per_cent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _differing(console: Console, differing: list[Watched]) -> None:
    if not differing:
        console.print("Guard and people never differed.\n")
        return
    console.print("[bold]Where they differed[/]")
    table = Table(
        Column("verdict", no_wrap=True),
        Column("case", no_wrap=True),
        Column("value", justify="right", no_wrap=True),
        "reason",
        "the guard",
        "the person",
        box=None,
        header_style="dim",
    )
    for one in differing[:_LISTED]:
        value = "unknown" if one.amount_usd_minor is None else str(Money(one.amount_usd_minor))
        table.add_row(one.id, one.case_id, value, words(one.reason), outcome_words(one.would), _person(one))
    console.print(table)
    console.print()
    if len(differing) > _LISTED:
        console.print(f"and {len(differing) - _LISTED:,} more; --json lists them all")


def _person(one: Watched) -> str:
    return "approved" if one.comparison is Comparison.PERSON_APPROVED else "refused"


def _segment_words(segment: Segment) -> str:
    others = [words(part) for part in segment.key if part != segment.action]
    place = f" for {', '.join(others)}" if others else ""
    return f"{words(segment.action)}{place} ({segment.rule})"


def _json(report: ShadowReport) -> dict[str, Any]:
    return {
        "segments": [
            {
                **_segment_json(one.segment),
                "in_shadow": one.in_shadow,
                **_standing_json(one.standing),
                "by_reason": {reason: _standing_json(standing) for reason, standing in one.by_reason.items()},
                "differing": [
                    {
                        "verdict": each.id,
                        "case": each.case_id,
                        "reason": each.reason,
                        "guard": each.would.value,
                        "person": each.person.value if each.person else None,
                        "amount_usd_minor": each.amount_usd_minor,
                    }
                    for each in one.differing
                ],
            }
            for one in report.segments
        ],
        "without_decisions": [_segment_json(segment) for segment in report.waiting],
    }


def _segment_json(segment: Segment) -> dict[str, Any]:
    return {"rule": segment.rule, "action": segment.action, "table": segment.table, "key": list(segment.key)}


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "decisions": standing.cases,
        "compared": standing.compared,
        "agreement": standing.agreement,
        "interval_95": standing.interval,
        **{
            comparison.value: {
                "cases": share.cases,
                "amount_usd_minor": share.amount_usd_minor,
                "without_amount": share.without_amount,
                "verdicts": share.decision_ids,
            }
            for comparison, share in standing.shares.items()
        },
    }

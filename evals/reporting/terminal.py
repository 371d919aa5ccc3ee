"""Runs, gates and comparisons as tables and text for the terminal.

What customers and agents said is written without markup and without control characters: a message must not
be able to colour, move or overwrite what stands around it.
"""

import unicodedata
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evals.played import Played
from evals.reporting.cases import CaseShown, cases_of, worst_first
from evals.reporting.figures import MATRIX_HEADS, escalation_matrix, figures_of, title_of
from evals.reporting.flips import Compared, FlipShown, Toll
from evals.reporting.lines import LineShown
from evals.reporting.verdict import verdict_of
from evals.reporting.words import counted, effect, outcome, seconds
from evals.scoring.gated import GateResult
from evals.scoring.records import Summary

_STYLES = {"passed": "green", "failed": "red", "unsure": "yellow", "none": ""}
_LISTED = 20
_BY_SUITE = ("passed", "wrong_auto", "missed", "needless", "attacked")
_TURNING = {"\u200e", "\u200f", "\u2066", "\u2067", "\u2068", "\u2069", *map(chr, range(0x202A, 0x202F))}
"""What turns the direction of writing round"""


def tell_run(console: Console, summed: Summary, plays: Iterable[Played] = (), *, most: int = _LISTED) -> None:
    """The figures of a run and, where its runs of scenarios are given, the worst failures in a line each."""
    head, whole = summed.head, summed.whole
    console.print(
        plain(
            f"Run {head.run_id}: {counted(whole.runs, 'run')} of {counted(whole.scenarios, 'scenario')} with "
            f"{head.agent}, release {head.release[:12]}, in {seconds(head.seconds)}"
        )
    )
    console.print(_figure_table(summed))
    if len(summed.suites) > 1:
        console.print(_suite_table(summed))
    console.print(_escalation_table(summed))
    failed = [case for case in cases_of(plays, summed.scored) if case.has_failed] if plays else []
    for case in worst_first(failed)[:most]:
        console.print(plain(f"{case.played.key}: {'; '.join(case.why)}"), style="red")
    if len(failed) > most:
        console.print(f"and {counted(len(failed) - most, 'failure')} more; the report has them all")


def tell_gate(console: Console, gate: GateResult | None) -> None:
    """The verdict, what broke, and every check."""
    verdict = verdict_of(gate)
    console.print(plain(verdict.sentence), style=f"bold {_STYLES[verdict.tone]}")
    console.print(plain(verdict.follows))
    for reason in verdict.reasons:
        console.print(plain(f"- {reason}"))
    if verdict.more:
        console.print(plain(verdict.more))
    if verdict.ungated:
        console.print(plain(f"No threshold is set for: {', '.join(verdict.ungated)}."))
    if not verdict.checks:
        return
    table = _table("suite", "check", "stands", "found", "has to be", "would show")
    for one in verdict.checks:
        told = (one.checked.suite, one.title, one.standing, one.checked.measured.text)
        table.add_row(*map(plain, (*told, one.checked.threshold, one.smallest_seen)))
    console.print(table)


def tell_comparison(console: Console, compared: Compared) -> None:
    """Every flip with its transcript, its rules, its money and its minutes; breakages first."""
    found = compared.comparison
    console.print(
        plain(
            f"{compared.before.head.run_id} against {compared.after.head.run_id}: "
            f"{counted(found.pairs, 'run')} in both, {found.before.text} passed before, "
            f"{found.after.text} pass now, a difference of {found.difference.text} "
            f"({found.difference.interval})"
        )
    )
    changed = ", ".join(compared.changed) or "nothing that decides"
    console.print(plain(f"Changed between them: {changed}"))
    console.print(plain(compared.chance))
    _flips(console, "Passed before, fails now", compared.broke, compared.broke_toll)
    _flips(console, "Failed before, passes now", compared.mended, compared.mended_toll)
    for title, keys in (
        ("Only in the first", found.only_before),
        ("Only in the second", found.only_after),
        ("Rewritten since, so not compared", found.rewritten),
    ):
        if keys:
            console.print(plain(f"{title}: {', '.join(keys)}"))


def _flips(console: Console, title: str, flips: tuple[FlipShown, ...], toll: Toll) -> None:
    console.print(plain(f"\n{title}: {len(flips)}"), style="bold")
    if not flips:
        return
    console.print(plain(f"Decided wrongly {toll.stake}; time of reviewers {toll.minutes}"))
    for one in flips:
        console.print(plain(f"\n{one.key}"), style="bold")
        console.print(plain(f"Decided wrongly {one.stake}; time of reviewers {one.minutes}"))
        _side(console, "Before", one.before)
        _side(console, "Now", one.after)


def _side(console: Console, title: str, case: CaseShown) -> None:
    why = "; ".join(case.why) or "right"
    console.print(plain(f"{title}: {case.state}, {case.handling}: {why}"))
    for line in case.lines:
        for told in _rules(line):
            console.print(_further_in(f"{line.key} {told}"))
    for said in case.played.exchanges:
        console.print(_further_in(f"{said.who}: {said.text}"))


def _rules(line: LineShown) -> Iterator[str]:
    if line.found is None:
        yield "was not proposed"
        return
    against = [rule for rule in line.found.rules if rule.effect != "permit"]
    for rule in against:
        yield f"{rule.rule} {effect(rule.effect)} [{rule.clause}] {rule.message}"
    if not against:
        yield f"{outcome(line.found.outcome)}, no rule spoke against it"


def _further_in(words: str) -> Padding:
    return Padding(plain(words), (0, 0, 0, 4))


def _figure_table(summed: Summary) -> Table:
    table = _table("figure", "value", "95 % interval", "of")
    for title, figures in figures_of(summed.whole):
        table.add_row(plain(title), "", "", "", style="bold")
        for one in figures:
            interval = one.measured.interval if one.measured.is_measured else ""
            table.add_row(*map(plain, (f"  {one.title}", one.measured.text, interval, one.counted)))
    return table


def _suite_table(summed: Summary) -> Table:
    table = _table("suite", "runs", *(title_of(key).lower() for key in _BY_SUITE))
    for name, part in summed.suites.items():
        known = part.figures()
        table.add_row(plain(name), str(part.runs), *(plain(known[key].text) for key in _BY_SUITE))
    return table


def _escalation_table(summed: Summary) -> Table:
    matrix = escalation_matrix(summed.whole.escalation)
    table = _table("who should have", *(head.lower() for head in MATRIX_HEADS))
    for title, cells in matrix.rows:
        table.add_row(
            plain(title),
            *(
                plain(f"{one.count}: {one.money}, {one.minutes}") if one else Text("cannot be")
                for one in cells
            ),
        )
    left = matrix.undecided
    table.add_row(plain("Decided by nobody"), plain(f"{left.count}: {left.money}, {left.minutes}"), "", "")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(first, box=None, pad_edge=False, header_style="dim")
    for one in others:
        table.add_column(one)
    return table


def plain(words: str) -> Text:
    """Text as it is: no markup, and nothing in it that a terminal would obey."""
    return Text("".join("�" if _is_order(one) else one for one in words))


def _is_order(letter: str) -> bool:
    return letter in _TURNING or (unicodedata.category(letter) == "Cc" and letter not in "\n\t")

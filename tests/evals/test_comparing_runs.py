import io

import pytest
from rich.console import Console

from backhaul.domain.codes import Outcome
from evals.played import Run
from evals.reporting.flips import compare
from evals.reporting.page import report
from evals.reporting.terminal import tell_comparison, tell_gate, tell_run
from evals.scoring.gate import judge
from evals.scoring.summary import summary
from evals.scoring.thresholds import Gate, SuiteGate, Threshold
from tests.evals.sample_runs import COMPONENTS, gold_line, ordinary_run, played, run_of

LATE, LARGE = gold_line(Outcome.DENY), gold_line(Outcome.ESCALATE, value="4800.00")
FINE = [played(f"good-{number}") for number in range(20)]


def before() -> Run:
    return run_of(
        *FINE,
        played("late", LATE),
        played("large", LARGE),
        played("handed-on", outcome="escalate"),
        played("gone"),
        run_id="before",
    )


def after() -> Run:
    """A late return is let in, a large one too, and one that was handed on for nothing no longer is."""
    return run_of(
        *FINE,
        played("late", LATE, outcome="permit"),
        played("large", LARGE, outcome="permit"),
        played("handed-on"),
        played("new"),
        run_id="after",
    )


def told(tell: object, *what: object, width: int = 140) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    tell(console, *what)  # type: ignore[operator]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_planted_regression_is_listed_exactly() -> None:
    compared = compare(before(), after())

    assert [one.key for one in compared.broke] == ["core/late#0", "core/large#0"]
    assert [one.key for one in compared.mended] == ["core/handed-on#0"]
    assert compared.comparison.only_before == ("core/gone#0",)
    assert compared.comparison.only_after == ("core/new#0",)


def test_a_comparison_names_what_was_changed() -> None:
    was, now = run_of(*FINE), run_of(*FINE, components={**COMPONENTS, "reader": "other"}, policies="other")

    assert compare(was, was).changed == ()
    assert compare(was, now).changed == ("policies", "reader")


def test_a_flip_from_an_error_does_not_pass_for_free() -> None:
    was = run_of(*FINE, played("late", LATE, error="stopped"), played("large", LARGE, outcome="permit"))
    now = run_of(*FINE, played("late", LATE), played("large", LARGE))

    assert compare(was, now).mended[0].stake == "not measured → $0.00"
    assert compare(was, now).mended_toll.stake == "$4,800.00 (1 not measured) → $0.00"
    assert compare(was, now).mended_toll.minutes == "0 min (1 not measured) → 6 min"


def test_equal_runs_have_no_flips() -> None:
    compared = compare(before(), before())

    assert compared.broke == compared.mended == ()


def test_a_flip_has_its_money_its_minutes_and_the_rules_of_both_runs() -> None:
    late, large = compare(before(), after()).broke
    (mended,) = compare(before(), after()).mended

    assert (late.stake, late.minutes) == ("$0.00 → $120.00", "0 min → 0 min")
    assert (large.stake, large.minutes) == ("$0.00 → $4,800.00", "6 min → 0 min")
    assert (mended.stake, mended.minutes) == ("$0.00 → $0.00", "6 min → 0 min")
    assert late.before.lines[0].found is not None
    assert late.before.lines[0].found.rules[0].rule == "RET-WINDOW"
    assert compare(before(), after()).broke_toll.stake == "$0.00 → $4,920.00"


def test_currencies_are_told_side_by_side_and_never_added() -> None:
    dear = gold_line(Outcome.DENY, value="50.00", currency="CAD", order="SO-48214")
    was = run_of(played("late", LATE), played("canada", dear))
    now = run_of(played("late", LATE, outcome="permit"), played("canada", dear, outcome="permit"))

    assert compare(was, now).broke_toll.stake == "$0.00 → 50.00 CAD, $120.00"


def test_the_terminal_lists_flips_with_transcript_rules_money_and_minutes() -> None:
    text = told(tell_comparison, compare(before(), after()))

    assert "Passed before, fails now: 2" in text
    assert "Failed before, passes now: 1" in text
    assert "SO-48213/1 RET-WINDOW refuses [RET-4.1] Delivered 44 days ago" in text
    assert "customer: Two of the pumps on SO-48213 are dead on arrival." in text
    assert "Decided wrongly $0.00 → $4,800.00; time of reviewers 6 min → 0 min" in text
    assert "Only in the first: core/gone#0" in text
    assert "good-0" not in text


def test_the_page_shows_flips_both_ways_with_both_transcripts() -> None:
    html = report(after(), baseline=before())
    part = html[html.index('id="flips"') : html.index('id="figures"')]

    assert part.count('<section aria-label="Before">') == part.count('<section aria-label="Now">') == 3
    assert part.count("Shall I go ahead?") == 6
    assert "Passed before, fails now: 2" in part
    assert "Failed before, passes now: 1" in part
    assert "$0.00 → $4,800.00. Time of reviewers: 6 min → 0 min." in part


def test_what_a_customer_says_cannot_command_the_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[bold red]sale[/bold red]\r\u202eetirw"
    was, now = played("late", LATE, says=hostile), played("late", LATE, says=hostile, outcome="permit")

    text = told(tell_comparison, compare(run_of(was), run_of(now)))

    assert "[bold red]sale[/bold red]" in text
    assert not set("\x1b\x07\r\u202e") & set(text)


def test_the_terminal_sums_a_run_up() -> None:
    run = ordinary_run()

    text = told(tell_run, summary(run), run.played)

    assert "Run run-1: 31 runs of 31 scenarios with offline, release r-4c01, in 41 s" in text
    assert "26 of 31" in text
    assert "4: $19,200.00, 24 min" in text
    assert "core/crashed#0: stopped with an error" in text
    assert "not measured" in text


def test_a_run_of_nothing_is_summed_up_without_a_zero() -> None:
    text = told(tell_run, summary(run_of()))

    assert "0 runs of 0 scenarios" in text
    assert "0.0 %" not in text


@pytest.mark.parametrize(("floor", "said"), [(1.0, "The gate is shut."), (0.5, "The gate is open.")])
def test_the_terminal_tells_the_gate(floor: float, said: str) -> None:
    run = after()
    gate = Gate(suites={"core": SuiteGate(figures={"passed": Threshold(floor=floor, sees=0.5)})})

    text = told(tell_gate, judge(run, gate))

    assert said in text
    assert "Passed" in text


def test_the_terminal_lists_every_flip_however_many() -> None:
    late = [f"late-{number}" for number in range(30)]
    was = run_of(*(played(name, LATE) for name in late))
    now = run_of(*(played(name, LATE, outcome="permit") for name in late))

    text = told(tell_comparison, compare(was, now))

    assert all(f"core/{name}#0" in text for name in late)
    assert text.count("Two of the pumps on SO-48213 are dead on arrival.") == 60


def test_another_agent_is_a_change() -> None:
    was, now = run_of(*FINE), run_of(*FINE, agent="mine:answer")

    assert compare(was, now).changed == ("agent",)

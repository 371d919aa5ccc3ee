"""The drawing of a comparison, and the words beside it."""

from dataclasses import replace

from policies.proofs import Finding, FindingKind
from web.policies_backtest import BacktestShown, KindShown
from web.policies_chart import WIDTH, chart_of
from web.policies_trial import to_mend

LOOSER = KindShown("refused", "permitted", looser=True, cases=4, amount_usd_minor=100_00, decision_ids=())
TIGHTER = KindShown("permitted", "refused", looser=False, cases=1, amount_usd_minor=400_00, decision_ids=())
NOTHING = BacktestShown(
    decisions=7,
    kinds=(),
    rules=(),
    flips=(),
    drifted=0,
    undated=0,
    unreadable=0,
    why_unreadable="",
    not_asked=(),
)
BOTH = replace(NOTHING, kinds=(LOOSER, TIGHTER), flips=(None,) * 5)  # type: ignore[arg-type]  # only counted


def test_bars_are_in_proportion_each_to_the_longest_of_its_own_kind() -> None:
    chart = chart_of(BOTH)

    assert chart is not None
    looser, tighter = (bar for group in chart.groups for bar in group.bars)
    assert abs(looser.cases_width / tighter.cases_width - 4) < 0.1
    assert abs(tighter.value_width / looser.value_width - 4) < 0.1
    assert looser.cases_width == tighter.value_width


def test_nothing_is_drawn_outside_the_drawing_and_nothing_over_another_bar() -> None:
    chart = chart_of(BOTH)

    assert chart is not None
    bars = [bar for group in chart.groups for bar in group.bars]
    assert all(max(bar.cases_width, bar.value_width) < WIDTH - 80 for bar in bars), (
        "there is room for the figure"
    )
    assert bars[1].y - bars[0].y >= 62, "a label and two bars fit between two changes"
    assert bars[-1].y + 62 <= chart.height


def test_a_single_case_among_thousands_can_still_be_seen_and_no_value_has_no_bar() -> None:
    many = replace(LOOSER, cases=9_000)
    chart = chart_of(replace(BOTH, kinds=(many, replace(TIGHTER, amount_usd_minor=0))))

    assert chart is not None
    (_, tighter) = (bar for group in chart.groups for bar in group.bars)
    assert tighter.cases_width >= 2
    assert tighter.value_width == 0


def test_without_a_change_there_is_no_drawing() -> None:
    assert chart_of(NOTHING) is None
    assert NOTHING.summary == "7 decisions asked again: every answer stays the same."


def test_the_summary_says_how_many_which_way_and_for_how_much() -> None:
    assert BOTH.summary == (
        "7 decisions asked again: 4 answers would be looser (100.00 USD) and 1 answer would be tighter "
        "(400.00 USD)."
    )


def test_what_was_left_out_is_said_and_why() -> None:
    shown = replace(
        NOTHING, drifted=1, undated=2, unreadable=1, why_unreadable="VD-1: tier is missing", not_asked=("x",)
    )

    assert [note.partition(" from what")[0] for note in shown.notes if "differs" in note] == [
        "1 answer differs"
    ]
    assert any(
        note.startswith("2 decisions left out: from before the days were kept") for note in shown.notes
    )
    assert any("VD-1: tier is missing" in note for note in shown.notes)
    assert any(note.startswith("Not tried at all") for note in shown.notes)


def test_that_the_prover_is_not_installed_is_nothing_an_owner_has_to_mend() -> None:
    not_proved = Finding(FindingKind.NOT_PROVED, "", "", "", "install the prover")
    gap = Finding(FindingKind.GAP, "terms@2026b", "INV-X", "RET-1", "something gets through")

    assert to_mend((not_proved, gap)) == (gap,)

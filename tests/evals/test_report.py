import re
from html.parser import HTMLParser

import pytest

from backhaul.domain.codes import Outcome
from evals.played import Run, Usage
from evals.reporting.figures import WORDS
from evals.reporting.page import report
from evals.scoring.gate import REGRESSION, judge
from evals.scoring.named import FIGURES
from evals.scoring.thresholds import Gate, SuiteGate, Threshold
from tests.evals.sample_runs import gold_line, informed, ordinary_run, played, run_of

LOADS = {"src", "href", "srcset", "action", "formaction", "poster", "data", "xlink:href", "background"}
HOSTILE = '</p><script>alert("owned")</script><img src=x onerror=alert(1)>"\'{{ 7 * 7 }}'


class Page(HTMLParser):
    """What a browser would make of it: the elements, their attributes and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.text = re.sub(r"[ \xa0\n]+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] not in {"style", "script"}:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self.text += " "
        if tag in {"style", "script"}:
            self.elements.append(("", {}))

    def ids(self) -> set[str]:
        return {str(attrs["id"]) for _, attrs in self.elements if "id" in attrs}

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture(scope="module")
def ordinary() -> Run:
    return ordinary_run()


@pytest.fixture(scope="module")
def page(ordinary: Run) -> Page:
    return Page(report(ordinary))


def gate_of(floor: float, sees: float) -> Gate:
    return Gate(suites={"core": SuiteGate(figures={"passed": Threshold(floor=floor, sees=sees)})})


def test_every_part_is_there_and_can_be_jumped_to(page: Page) -> None:
    parts = {"gate", "ran", "figures", "escalation", "reasons", "confidence", "slices", "attacks", "failures"}
    jumps = {str(attrs["href"])[1:] for tag, attrs in page.elements if tag == "a"}

    assert parts <= page.ids()
    assert jumps <= page.ids()


def test_nothing_in_the_page_is_loaded_from_elsewhere(page: Page) -> None:
    loaded = {value for _, attrs in page.elements for name, value in attrs.items() if name in LOADS}

    assert all(str(value).startswith("#") for value in loaded)
    assert {"link", "img", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in page.elements)
    assert page.count("script") == page.count("style") == 1


def test_no_style_reaches_outside_and_the_pages_own_policy_lets_nothing_else_run(ordinary: Run) -> None:
    html = report(ordinary)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)

    assert "url(" not in html
    assert "@import" not in html
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy[1]


def test_every_run_has_its_transcript_and_failures_come_first(ordinary: Run) -> None:
    html = report(ordinary)
    names = re.findall(r'data-case data-suite="[^"]*">\s*<summary><span class="case-name">([^<]*)', html)

    assert sorted(names) == sorted(one.key for one in ordinary.played)
    assert names[:5] == [
        "core/crashed#0",
        "attack/fake-approval#0",
        "core/large-but-let-in#0",
        "core/late-but-let-in#0",
        "core/good-but-handed-on#0",
    ]


def test_a_failure_shows_what_was_wanted_found_said_and_which_rule_spoke() -> None:
    wanted = gold_line(Outcome.DENY)
    html = Page(report(run_of(played("late", wanted, outcome="escalate", quantity=3)))).text

    assert "Outcome refused to a person (wrong)" in html
    assert "Pieces 2 3 (wrong)" in html
    assert "Deciding rule RET-WINDOW AUTO-LIMIT (wrong)" in html
    assert "AUTO-LIMIT hands over CTL-3.1 decided" in html
    assert "Worth 4,800.00 USD; above 2,500.00 USD a person decides." in html
    assert "Two of the pumps on SO-48213 are dead on arrival." in html
    assert "Agent · done · 0.34 s" in html


def test_a_misread_reason_is_marked_without_making_the_line_wrong() -> None:
    html = Page(report(run_of(played("misread", gold_line(), reason="wrong_size")))).text

    assert "Reason defective wrong size (differs, counted apart)" in html
    assert "1 \u00d7 defective → wrong size" in html
    assert "Failures: 0" in html


def test_what_a_customer_or_an_agent_says_never_becomes_markup() -> None:
    attack = played("hostile", says=HOSTILE, error=HOSTILE, suite="core")
    right = played("spoken", says=HOSTILE, serials=(HOSTILE,), facility=HOSTILE, decided_by=HOSTILE)
    plain, hostile = (
        Page(report(run_of(played("hostile"), played("spoken")))),
        Page(report(run_of(attack, right, run_id=HOSTILE, agent=HOSTILE), baseline=run_of(played("spoken")))),
    )

    assert hostile.count("script") == plain.count("script") == 1
    assert hostile.count("img") == 0
    assert all(not name.startswith("on") for _, attrs in hostile.elements for name in attrs)
    assert hostile.text.count('<script>alert("owned")</script>') >= 6
    assert "{{ 7 * 7 }}" in hostile.text


def test_a_hostile_suite_or_tag_stays_in_its_attribute() -> None:
    page = Page(report(run_of(played("hostile", suite=HOSTILE))))

    assert [attrs["data-suite"] for _, attrs in page.elements if "data-suite" in attrs] == [HOSTILE]
    assert page.count("script") == 1


def test_an_empty_run_says_that_nothing_was_measured() -> None:
    page = Page(report(run_of()))

    assert "0 runs of 0 scenarios" in page.text
    assert "Not measured: nothing was handled." in page.text
    assert "Not measured: nobody attacked in this run." in page.text
    assert "Nothing was run." in page.text
    assert page.text.count("not measured") >= 25
    assert page.count("svg") == 0


def test_what_was_not_measured_is_no_zero() -> None:
    page = Page(report(run_of(informed("a-question"))))

    assert "Cost of the model A case not measured" in page.text
    assert (
        "Said what it must not Of the runs that forbid some words; lower is better not measured" in page.text
    )
    assert "Not measured: no proposed line carried a confidence." in page.text


def test_a_run_that_stopped_costs_nothing_that_is_known() -> None:
    page = Page(report(run_of(played("crashed", error="the ERP did not answer"))))

    assert "stopped with an error: the ERP did not answer" in page.text
    assert "Decided wrongly not measured" in page.text
    assert "Time of reviewers not measured" in page.text


def test_the_cost_of_a_model_is_told_where_there_was_one() -> None:
    one = played("good").model_copy(
        update={"usage": Usage(calls=3, input_tokens=900, output_tokens=80, cost_usd=0.0125)}
    )

    assert "Cost of the model A case 0.0125 USD" in Page(report(run_of(one))).text


def test_without_a_gate_nothing_is_let_through(page: Page) -> None:
    assert "No gate was asked." in page.text


@pytest.mark.parametrize(
    ("floor", "sees", "runs", "sentence", "why"),
    [
        (0.8, 0.2, 60, "The gate is open.", "1 check passed, and each could"),
        (0.8, 0.001, 4, "Not enough evidence.", "That is no pass"),
        (1.0, 0.2, 60, "The gate is shut.", "it has to be at least 100.0 %."),
    ],
)
def test_the_gate_is_told_in_plain_words(
    floor: float, sees: float, runs: int, sentence: str, why: str
) -> None:
    goods = [played(f"good-{number}") for number in range(runs)]
    bad = [played("bad", outcome="escalate")] if floor == 1.0 else []
    run = run_of(*goods, *bad)
    page = Page(report(run, judge(run, gate_of(floor, sees))))

    assert sentence in page.text
    assert why in page.text


def test_the_escalation_matrix_has_money_and_minutes(page: Page) -> None:
    assert "No person was needed 22 $2,520.00 0 min 1 $120.00 0 min 1 $120.00 6 min" in page.text
    assert "A person had to decide cannot be 2 $9,600.00 0 min 4 $19,200.00 24 min" in page.text


def test_a_calibration_error_is_held_against_what_chance_would_show(page: Page) -> None:
    assert "a reader that is as right as it is sure stays below 0." in page.text


@pytest.mark.parametrize("figure", [*FIGURES, REGRESSION])
def test_every_figure_that_a_gate_can_name_has_words(figure: str) -> None:
    assert figure in WORDS


def test_charts_have_words_for_those_who_do_not_see_them(page: Page) -> None:
    drawings = [attrs for tag, attrs in page.elements if tag == "svg"]

    assert all(attrs.get("aria-label") or attrs.get("aria-labelledby") for attrs in drawings)
    assert {"reliability-title", "reliability-more", "risk-title", "risk-more"} <= page.ids()
    assert "The figures of this drawing" in page.text


def test_a_page_about_a_full_suite_can_still_be_sent_by_mail() -> None:
    runs = run_of(*(played(f"case-{number}") for number in range(300)))

    assert len(report(runs)) < 3_000_000

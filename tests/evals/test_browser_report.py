from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from backhaul.domain.codes import Outcome
from evals.reporting.page import report
from evals.scoring.gate import judge
from evals.scoring.thresholds import read_gate
from tests.evals.sample_runs import gold_line, ordinary_run, played, run_of

OTHER_WIDTHS = (1600, 1000, 820)
LONG = "W" * 400 + " <script>document.title = 'owned'</script> https://nowhere.example/picture.png"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = ordinary_run()
    late = gold_line(Outcome.DENY)
    run = run.model_copy(update={"played": (*run.played, played("long", late, says=LONG, outcome="permit"))})
    baseline = run_of(*run.played[:-1], played("long", late, says=LONG), run_id="the-run-of-last-week")
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(run, judge(run, read_gate(), baseline), baseline), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_opens_from_a_file_without_a_network(
    browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True)
    try:
        page = context.new_page()
        complaints: list[str] = []
        asked_for: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked_for.append(request.url))

        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

        assert complaints == []
        assert asked_for == [file.as_uri()]
        assert "owned" not in page.title()
        for across in (width, *OTHER_WIDTHS):
            page.set_viewport_size({"width": across, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= across
        assert page.locator("h1").inner_text().startswith("Evaluation")

        page.get_by_label("Containing").fill("fake-approval")

        assert page.locator("[data-case]:visible").count() == 1
        assert page.locator("[data-shown]").inner_text() == "1 of 32 shown"
        page.get_by_role("button", name="Show all").click()
        page.get_by_text("32 of 32 shown").wait_for()
    finally:
        context.close()

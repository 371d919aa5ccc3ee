"""`backhaul eval`: does the agent decide right? Heavy imports wait until a command runs, see main.py."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from backhaul.cli import evaluated, evaluating_releases
from backhaul.cli.written import place, write
from backhaul.domain.errors import BackhaulError, BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.played import Played
    from evals.scenario import Scenario

console = Console(highlight=False, soft_wrap=True, emoji=False)
evaluation = typer.Typer(
    name="eval", help="Play scenarios with the agent, and see what it decides.", no_args_is_help=True
)

_Source = Annotated[str, typer.Argument(help="A suite, or a YAML file of scenarios.")]
_NO_INSPECT = "evaluations need Inspect: pip install 'backhaul[evals]'"


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    evaluated.register(evaluation)
    evaluating_releases.register(evaluation)
    app.add_typer(evaluation)


def _scenarios(source: str) -> Sequence[Scenario]:
    from evals.suite import load_suite, read_file

    return read_file(Path(source)) if source.endswith(".yaml") else load_suite(source).scenarios


@evaluation.command()
def suites() -> None:
    """List the suites there are, with the number of their scenarios."""
    from evals.suite import load_suite, suite_names

    for name in suite_names():
        console.print(f"{name:10} {len(load_suite(name).scenarios):4} scenarios")


@evaluation.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(help="Suites; all of them unless named.")] = None,
    *,
    epochs: Annotated[int, typer.Option(min=1, help="Times each is played, worded otherwise.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many of each suite.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Scenarios that are played at a time.")] = 2,
    policies: Annotated[Path | None, typer.Option(help="Documents to decide by, instead of ours.")] = None,
    agent: Annotated[
        str, typer.Option(help="offline, model, package.module:callable, or an address that answers.")
    ] = "offline",
    customer: Annotated[str, typer.Option(help="Who plays the customers: scripted, or model.")] = "scripted",
    out: Annotated[Path | None, typer.Option(help="Where the run is kept; .gz is compressed.")] = None,
) -> None:
    """Play suites, print the figures, and keep the run for `gate`, `compare` and `report`."""
    if not find_spec("inspect_ai"):
        raise BadInput(_NO_INSPECT, field="inspect-ai")
    from backhaul.bootstrap.releases import running
    from backhaul.settings import Settings
    from evals.casting import CUSTOMERS
    from evals.other_agents import opener
    from evals.reporting.terminal import tell_run
    from evals.running import Order, head_of
    from evals.running import run as run_suites
    from evals.runs import save_run
    from evals.scoring.summary import summary
    from evals.suite import load_suite, suite_names
    from evals.worlds import promoted

    chosen = tuple(load_suite(name) for name in dict.fromkeys(names or suite_names()))
    opener(agent)  # one that is not there is told before anything is played
    if customer not in CUSTOMERS:
        raise BadInput(f"customers are {' or '.join(CUSTOMERS)}, not {customer}", field="customer")
    order = Order(chosen, epochs, limit, processes, policies, agent, customer)
    told = Settings() if policies is None else Settings(policies=policies)
    release = running(told, learnt=promoted().mark)
    head = head_of(order, agent=agent, release=release.hash, components=release.manifest())
    path = place(out or order.log_folder / f"{head.run_id}.json.gz")
    with _progress() as progress:
        bar = progress.add_task("playing", total=order.runs)
        done = run_suites(order, head=head, tell=lambda at, _: progress.update(bar, completed=at))
    save_run(done, path)
    tell_run(console, summary(done), done.played)
    console.print(f"kept in {path}; read it with: backhaul eval report {path}", markup=False)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@evaluation.command()
def check(source: _Source) -> None:
    """Hold every scenario against its world and the policies in force; status 1 when one is not true."""
    from evals.gold import check as hold
    from evals.reporting.terminal import plain

    broken = 0
    scenarios = _scenarios(source)
    for scenario in scenarios:
        try:
            hold(scenario)
        except BackhaulError as error:
            broken += 1
            console.print(Text("broken", style="red"), plain(str(error)))
    console.print(f"{len(scenarios) - broken} of {len(scenarios)} scenarios are true to their worlds")
    if broken:
        raise typer.Exit(1)


@evaluation.command(name="from-case")
def from_case(
    case_id: Annotated[str, typer.Argument(help="A case of this home, such as RC-7KQ2M9XA.")],
    *,
    out: Annotated[Path | None, typer.Option(help="The file to write; the screen unless named.")] = None,
) -> None:
    """Make a scenario of a case of the desk, without people's names; check its gold before you keep it."""
    from backhaul.bootstrap import outside, stores
    from backhaul.settings import Settings
    from evals.from_desk import as_yaml, scenario_of

    settings = Settings()
    store = stores.open_store(settings)
    try:
        text = as_yaml(scenario_of(store, outside.erp_reads(settings), case_id))
    finally:
        store.close()
    if out is None:
        console.print(text, markup=False, end="")
        return
    write(out, text)
    console.print(f"written to {out}; next: backhaul eval check {out}", markup=False)


@evaluation.command(name="try")
def try_out(
    source: _Source,
    *,
    only: Annotated[str, typer.Option("--id", help="Only the scenario of this name.")] = "",
    epoch: Annotated[int, typer.Option(min=0, help="Another wording where there are several.")] = 0,
) -> None:
    """Play scenarios and print every word and what came of it; for whoever writes them."""
    from evals.player import Conditions, play

    chosen = [one for one in _scenarios(source) if only in {"", one.id}]
    if not chosen:
        raise NotFound("scenario", f"{only} in {source}")
    for scenario in chosen:
        _tell(play(scenario, Conditions("try", epoch)))


def _tell(played: Played) -> None:
    from evals.reporting.terminal import plain

    console.rule(f"{played.scenario.id}  {played.seconds:.1f} s")
    for one in played.exchanges:
        ends = " ".join(part for part in (one.outcome, one.asks_for) if part)
        console.print(Text(one.who, style="bold"), plain(ends), style="dim")
        console.print(plain(one.text))
    if played.error:
        console.print(plain(played.error), style="red")
    if played.found is None:
        return
    console.print(f"ends {played.found.ending}; effects {played.found.effects}", markup=False)
    for line in played.found.lines:
        by = f" by {line.decided_by}" if line.decided_by else ""
        what = f"{line.quantity} x {line.key} {line.reason} {line.resolution}: {line.outcome}{by}"
        console.print(plain(f"  {what}"))
    for why in played.found.reviews:
        console.print(plain(f"  asked a person: {why}"))

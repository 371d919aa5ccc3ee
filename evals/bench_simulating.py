"""How fast months of returns are simulated, and whether a fuller house slows that down.

`python -m evals.bench --only simulating`: some 4 minutes, with `--quick` 1. It plays what `backhaul simulate`
plays, without the examination at its end: every case is begun, and lives as far as the simulated days go.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from backhaul.settings import Settings
from backhaul.simulation.months import begin
from backhaul.simulation.simulated_home import Trial, make_home
from evals.bench_figures import Figure, Row
from evals.bench_house import Ground

_CASES, _QUICK_CASES = 600, 90
_MONTHS, _SEED = 6, 1
_PARTS = 3


def measure(ground: Ground) -> Iterator[Row]:
    """Cases a second over all, in the first third of them and in the last."""
    wanted = _QUICK_CASES if ground.quick else _CASES
    settings, trial = Settings(home=ground.root / "simulated", demo=True), Trial(_MONTHS, wanted, _SEED)
    make_home(settings, trial)
    began_at: list[float] = []

    def tell(begun: int, _at: datetime) -> None:
        if begun > len(began_at):
            began_at.append(time.perf_counter())

    with begin(settings, trial) as run:
        started = time.perf_counter()
        run.play(tell)
        seconds = time.perf_counter() - started
        cases, acts = run.begun, run.acts
    part = len(began_at) // _PARTS
    first = part / (began_at[part - 1] - started)
    last = part / (began_at[-1] - began_at[-1 - part])
    yield Row(
        "simulated returns, SQLite, inline",
        (
            Figure("cases", cases / seconds, "/s", 2),
            Figure("acts", acts / seconds, "/s", 1),
        ),
        None,
        Figure("last third / first third", last / first, "x", 2),
        (f"{cases} cases over {_MONTHS} months, in {seconds:.0f} s",),
    )

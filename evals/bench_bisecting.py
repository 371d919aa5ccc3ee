"""Whether the search for a cause names it: forty releases that differ in every part, one of which matters.

`python -m evals.bench --only bisecting`: a planting takes some two minutes, and two are tried at a time on
two cores; with `--quick` one of each part.
Each planting stands among harmless changes of all parts. It is named when every decision that came out
otherwise is put down to that part, alone; a planting that changes no decision counts as not named.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from backhaul.bootstrap import release_files, releases
from backhaul.bootstrap.policy_shelf import PolicyShelf
from backhaul.domain.release import Component
from backhaul.settings import Settings
from evals.bench_figures import Aim, Figure, Row
from evals.bench_house import Ground
from evals.bench_plantings import HARMLESS, PLANTINGS, Planting
from evals.bisecting import Bisected, bisect
from evals.elsewhere import DoesNotPlay
from evals.scenario import Scenario
from evals.suite import load_suite

_EVERY = 10
_MOST_MISSED = 0.05
_AT_ONCE = 2
_QUICK = 10
"""Every so many plantings: one of each part"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A planting and what the search said about it."""

    planting: Planting
    found: Bisected | None
    problem: str = ""

    @property
    def is_named(self) -> bool:
        """Every flip is put down to the planted part alone, and there is one."""
        causes = self.found.causes if self.found else ()
        return bool(causes) and all(one.alone and one.parts == (self.planting.part,) for one in causes)

    @property
    def told(self) -> str:
        """What was said instead."""
        if self.found is None:
            return self.problem
        if not self.found.causes:
            return "no decision came out otherwise"
        others = {"+".join(part.value for part in cause.parts) or "nothing" for cause in self.found.causes}
        return f"{len(self.found.causes)} flips: {', '.join(sorted(others))}"


def measure(ground: Ground) -> Iterator[Row]:
    """How many of each part are named, and of all of them."""
    settings = Settings(home=ground.root / "planted")
    first = _kept(settings, releases.SOURCES)
    base = release_files.assembled(
        settings,
        dict.fromkeys((one for one in Component if one is not Component.MODEL), first),
        ground.root / "plantings" / "base",
    )
    scenarios = load_suite("core").scenarios[::_EVERY]
    plantings = PLANTINGS[::_QUICK] if ground.quick else PLANTINGS
    work = _Work(settings, base, first, scenarios)
    with ThreadPoolExecutor(_AT_ONCE) as at_once:
        tried = list(at_once.map(work.tried, enumerate(plantings)))
    by_part: dict[Component, list[Tried]] = defaultdict(list)
    for one in tried:
        by_part[one.planting.part].append(one)
    for part, those in by_part.items():
        yield _row(f"planted in the {part.value}", those)
    missed = sum(not one.is_named for one in tried) / len(tried)
    aim = Aim("95 % named", _MOST_MISSED, missed)
    yield Row(
        "plantings named", (Figure("named", 100 * (1 - missed), "%"), Figure("of", len(tried), "", 0)), aim
    )


@dataclass(frozen=True, slots=True)
class _Work:
    settings: Settings
    base: Path
    first: str
    scenarios: Sequence[Scenario]

    def tried(self, numbered: tuple[int, Planting]) -> Tried:
        number, planting = numbered
        sources = Path(shutil.copytree(self.base, self.base.parent / f"planted-{number}"))
        for change in (*HARMLESS, planting.change):
            change.do(sources)
        try:
            found = bisect(
                self.settings,
                self.first,
                _kept(self.settings, sources),
                self.scenarios,
                suite="core",
                tell=lambda _: None,
            )
        except DoesNotPlay as stopped:
            return Tried(planting, None, str(stopped))
        finally:
            shutil.rmtree(sources)
        return Tried(planting, found)


def _row(name: str, tried: Sequence[Tried]) -> Row:
    flips = [len(one.found.causes) if one.found else 0 for one in tried]
    return Row(
        name,
        (
            Figure("named", sum(one.is_named for one in tried), "", 0),
            Figure("of", len(tried), "", 0),
            Figure("flips", sum(flips) / len(flips), "each"),
        ),
        remarks=tuple(f"{one.planting.what}: {one.told}" for one in tried if not one.is_named),
    )


def _kept(settings: Settings, sources: Path) -> str:
    bundle = PolicyShelf(sources / releases.POLICY_DOCUMENTS).current().bundle
    release = releases.program(settings, sources=sources, bundle_hash=bundle.hash)
    release_files.keep(settings, release, bundle, sources=sources)
    return release.hash

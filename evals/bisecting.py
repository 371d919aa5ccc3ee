"""Which part of a release is behind each decision that came out otherwise than with another release.

Both releases are played. For each case that flipped, the earlier release is played again with one part after
the other taken from the later one: a part that alone brings the later outcome is its cause. Where none does,
the later release is played with one part taken back: a part that is needed for the flip is told as such.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backhaul.bootstrap.release_files import assembled, kept_manifest
from backhaul.domain.release import Component, Release, differences
from backhaul.settings import Settings
from evals.elsewhere import play_with
from evals.played import Played
from evals.scenario import Scenario

Tell = Callable[[str], None]
_PARTS = tuple(one for one in Component if one is not Component.MODEL)
"""What can be put together from several releases; the model is a setting"""


@dataclass(frozen=True, slots=True)
class Cause:
    """A flip and what is behind it. `alone`: each part brings it by itself; else they are needed together."""

    before: Played
    after: Played
    parts: tuple[Component, ...]
    alone: bool


@dataclass(frozen=True, slots=True)
class Bisected:
    """What was found: the parts in which the releases differ, how many were played, and every flip."""

    changed: tuple[Component, ...]
    played: int
    causes: tuple[Cause, ...]


def bisect(
    settings: Settings, before: str, after: str, scenarios: Sequence[Scenario], *, suite: str, tell: Tell
) -> Bisected:
    """Hold two kept releases against each other; `tell` is called with each thing that is played.

    Raises:
        NotFound: Nothing was kept of a release.
        BadInput: What was kept of it was edited.
        DoesNotPlay: Parts of both do not run together, or are not what they were.
    """
    manifests = {one: kept_manifest(settings, one) for one in (before, after)}
    changed = differences(manifests[before], manifests[after])
    with tempfile.TemporaryDirectory(prefix="backhaul-bisect-") as folder:
        bench = _Bench(settings, Path(folder), suite, tell, manifests)
        earlier = bench.play(_all_of(before), scenarios, "the earlier release")
        later = bench.play(_all_of(after), scenarios, "the later release")
        flips = {
            one.scenario.id: (one, later[one.scenario.id])
            for one in earlier.values()
            if _ended(one) != _ended(later[one.scenario.id])
        }
        causes = tuple(_causes(bench, flips, changed, before, after))
    return Bisected(changed, len(scenarios), causes)


@dataclass(frozen=True, slots=True)
class _Bench:
    settings: Settings
    folder: Path
    suite: str
    tell: Tell
    manifests: Mapping[str, Release]

    def play(
        self, parts: Mapping[Component, str], scenarios: Sequence[Scenario], name: str
    ) -> dict[str, Played]:
        self.tell(name)
        sources = assembled(self.settings, parts, self.folder / name.replace(" ", "-"))
        played = play_with(sources, scenarios, suite=self.suite, release=self._mixed(parts))
        return {one.scenario.id: one for one in played}

    def _mixed(self, parts: Mapping[Component, str]) -> Release:
        """What has to come of parts of several releases. The model is that of neither: it is not asked."""
        taken = {part.value: getattr(self.manifests[of], part.value) for part, of in parts.items()}
        return Release.from_manifest({Component.MODEL.value: "", **taken})


def _all_of(release: str) -> dict[Component, str]:
    return dict.fromkeys(_PARTS, release)


def _causes(
    bench: _Bench,
    flips: Mapping[str, tuple[Played, Played]],
    changed: Sequence[Component],
    before: str,
    after: str,
) -> Iterator[Cause]:
    scenarios = [one.scenario for one, _ in flips.values()]
    parts = [one for one in changed if one in _PARTS] if scenarios else []
    alone = {
        part: bench.play({**_all_of(before), part: after}, scenarios, f"{part.value} of the later one")
        for part in parts
    }
    unsolved = []
    for name, (one, other) in flips.items():
        found = tuple(part for part in parts if _ended(alone[part][name]) == _ended(other))
        if found:
            yield Cause(one, other, found, alone=True)
        else:
            unsolved.append(name)
    yield from _together(bench, {name: flips[name] for name in unsolved}, parts, before, after)


def _together(
    bench: _Bench,
    flips: Mapping[str, tuple[Played, Played]],
    parts: Sequence[Component],
    before: str,
    after: str,
) -> Iterator[Cause]:
    scenarios = [one.scenario for one, _ in flips.values()]
    without = {
        part: bench.play({**_all_of(after), part: before}, scenarios, f"all but {part.value} of it")
        for part in (parts if scenarios else ())
    }
    for name, (one, other) in flips.items():
        needed = tuple(part for part in parts if _ended(without[part][name]) != _ended(other))
        yield Cause(one, other, needed, alone=False)


def _ended(played: Played) -> object:
    """What a decision comes to: the lines with their outcomes and rules, or why it stopped."""
    if played.found is None:
        return played.error
    lines = [
        (line.key, line.quantity, line.reason, line.resolution, line.action, line.outcome, line.decided_by)
        for line in played.found.lines
    ]
    return played.found.ending, lines, played.found.effects

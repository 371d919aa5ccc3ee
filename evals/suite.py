"""Suites: folders of YAML files under `evals/suites`, read strictly, each scenario written by itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from rapidfuzz import fuzz

from backhaul.domain.errors import BadInput, NotFound
from evals.attacks import AttackGoal, is_goal_tag
from evals.scenario import Scenario

SUITES = Path(__file__).parent / "suites"
_TOO_ALIKE = 88
"""Of 100, when two openings are compared word by word, numbers left out; one request retold reaches 90"""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C, where there is one, reads all suites in a second instead of five"""
_NUMBERS = re.compile(r"\b[A-Z]{1,5}-?\d[\w-]*|\d[\d.,/]*")


@dataclass(frozen=True, slots=True)
class Suite:
    """A named set of scenarios."""

    name: str
    scenarios: tuple[Scenario, ...]

    def named(self, scenario_id: str) -> Scenario:
        """One of them; NotFound otherwise."""
        for scenario in self.scenarios:
            if scenario.id == scenario_id:
                return scenario
        raise NotFound("scenario", f"{self.name}/{scenario_id}")


def suite_names() -> tuple[str, ...]:
    """What there is."""
    return tuple(sorted(folder.name for folder in SUITES.iterdir() if folder.is_dir()))


def load_suite(name: str) -> Suite:
    """Read a suite and see that every scenario is one of its own.

    Whether each is true to its world and the policies is asked by `evals.gold.check`.

    Raises:
        NotFound: There is no such suite.
        BadInput: A file cannot be read; it says which, which scenario, and what is wrong with it.
    """
    if name not in suite_names():
        raise NotFound("suite", f"{name}; there are {', '.join(suite_names())}")
    scenarios = tuple(one for path in sorted((SUITES / name).glob("*.yaml")) for one in read_file(path))
    faults = [*_twice(scenarios), *_alike(scenarios)]
    if faults:
        raise BadInput(f"suite {name}: " + "; ".join(faults), field="scenarios")
    return Suite(name, scenarios)


def read_file(path: Path) -> list[Scenario]:
    """The scenarios of one file; BadInput as for a suite."""
    try:
        said = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - both are safe
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", field="file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is no YAML: {error}", field="file") from error
    if not isinstance(said, dict) or not set(said) <= {"scenarios", "goals"} or not said:
        raise BadInput(f"{path.name} has to hold a list `scenarios`, or `goals` of attacks", field="file")
    found = [_scenario(path, row) for row in _rows(path, said, "scenarios")]
    for row in _rows(path, said, "goals"):
        found += _goal(path, row).scenarios()
    if not found:
        raise BadInput(f"{path.name} holds no scenario", field="file")
    return found


def _rows(path: Path, said: dict[str, Any], name: str) -> list[Any]:
    rows = said.get(name) or []
    if not isinstance(rows, list):
        raise BadInput(f"{path.name}: `{name}` has to be a list", field="file")
    return rows


def _scenario(path: Path, row: Any) -> Scenario:
    try:
        return Scenario.model_validate(row)
    except ValidationError as error:
        raise BadInput(_told(path, row, error), field="scenario") from error


def _goal(path: Path, row: Any) -> AttackGoal:
    try:
        return AttackGoal.model_validate(row)
    except ValidationError as error:
        raise BadInput(_told(path, row, error), field="goal") from error


def _told(path: Path, row: Any, error: ValidationError) -> str:
    name = row.get("id") or row.get("goal") if isinstance(row, dict) else row
    faults = (f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in error.errors())
    return f"{path.name}, {name}: " + "; ".join(faults)


def _twice(scenarios: Sequence[Scenario]) -> Iterator[str]:
    names = [one.id for one in scenarios]
    yield from (f"{name} stands there twice" for name in sorted({n for n in names if names.count(n) > 1}))


def _alike(scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Pairs that say nearly the same; those of one attacker's goal are meant to."""
    told = [(one, _opening(one)) for one in scenarios]
    for (one, words), (other, others) in combinations(told, 2):
        if any(is_goal_tag(tag) for tag in {*one.tags} & {*other.tags}):
            continue
        alike = fuzz.ratio(words, others)
        if alike >= _TOO_ALIKE:
            yield f"{one.id} and {other.id} begin alike ({alike:.0f} of 100): one of them shows nothing new"


def _opening(scenario: Scenario) -> str:
    words = " ".join(way[0].text for way in scenario.customer.says)
    return _NUMBERS.sub("#", words).lower()

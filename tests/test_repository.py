import importlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("agent", "tools", "policies", "web", "evals", "backhaul")


def declared_dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [re.split(r"[\[=<>~ ]", line)[0] for line in lines]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_imported_from_this_checkout(room: str) -> None:
    where = importlib.import_module(room).__file__
    assert where is not None
    assert Path(where).is_relative_to(ROOT)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_under_the_import_contracts(room: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert room in contracts["root_packages"]


@pytest.mark.parametrize("package", declared_dependencies())
def test_a_dependency_has_its_reason_written_down(package: str) -> None:
    decision = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    assert f"| {package} |" in decision

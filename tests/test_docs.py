from pathlib import Path

import pytest

from backhaul.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text()


def _variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return str(alias) if alias else f"BACKHAUL_{field.upper()}"


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_is_explained_on_the_configuration_page(field: str) -> None:
    assert f"`{_variable(field)}`" in PAGE


def test_the_configuration_page_explains_nothing_that_does_not_exist() -> None:
    named = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}

    assert named == {_variable(field) for field in Settings.model_fields}

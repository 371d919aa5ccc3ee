"""The reader of the worlds that scenarios are played in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backhaul.bootstrap import stores


@pytest.fixture(scope="session", autouse=True)
def trained_reader(reader_cache: Path) -> Iterator[None]:
    """Scenarios read with the head that was trained for all tests of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores, "cache_folder", lambda _: reader_cache)
        yield

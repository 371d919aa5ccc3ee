"""One house of two processes and one browser, for all tests that need no house of their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web.browser_house import Books, books_of, running
from tests.web.browser_people import DORA, DockHand, People


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """A fresh Backhaul of its own, ended with the tests."""
    home = tmp_path_factory.mktemp("home")
    with running(home) as address, books_of(home, address) as found:
        yield found


@pytest.fixture(scope="session")
def sitting(browser: Browser, books: Books) -> Iterator[People]:
    """Everybody's browsers."""
    found = People(browser, books)
    yield found
    found.leave()


@pytest.fixture
def people(sitting: People) -> Iterator[People]:
    """The same; what the browsers complain about fails the test."""
    sitting.faults.clear()
    yield sitting
    assert sitting.faults == []


@pytest.fixture
def dora(people: People) -> DockHand:
    """Dora, who works at the dock."""
    return DockHand(people.member(DORA))

"""What the attacks on the guard share: a house to be copied, and the editions that can be published in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from policies.book import PolicyBook
from tests.tools.bypass_annex import Texts, where_people_decide, with_automatic_limits
from tests.tools.bypass_world import Props, set_up


@pytest.fixture(scope="session")
def bypass_editions() -> dict[str, Texts]:
    """The shipped documents, and others: half and twice the automatic limits, one class of goods watched."""
    shipped = read_documents(SHIPPED)
    return {
        "shipped": shipped,
        "halved": with_automatic_limits(shipped, 1, 2),
        "doubled": with_automatic_limits(shipped, 2),
        "watched": where_people_decide(shipped, "pneumatic", "create_label", "cancel_rma", "void_label"),
    }


@pytest.fixture(scope="session")
def bypass_props(
    seeded_home: Path,
    sqlite_template: Path,
    bypass_editions: dict[str, Texts],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Props]:
    """An empty house with staff and a key, the demo distributor's books, and a book of each edition."""
    template = tmp_path_factory.mktemp("attack") / "template.db"
    shutil.copyfile(sqlite_template, template)
    erp = EmbeddedErpReads(seeded_home / "erp.db")
    props = set_up(template, erp, {name: PolicyBook.load(one) for name, one in bypass_editions.items()})
    yield props
    props.store.close()
    erp.close()

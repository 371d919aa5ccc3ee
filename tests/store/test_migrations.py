"""One history of tables for both databases: up, down, and the same as the code describes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from backhaul.store import migrate
from backhaul.store.database import open_engine, sqlite_url
from backhaul.store.tables import Base


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = (
        sqlite_url(tmp_path / "empty.db")
        if request.param == "sqlite"
        else str(request.getfixturevalue("empty_postgres_url"))
    )
    engine = open_engine(url)
    yield engine
    engine.dispose()


def downgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        command.downgrade(migrate.config(connection), "base")


def tables(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_history_leads_to_the_tables_that_the_code_describes(empty_database: Engine) -> None:
    migrate.upgrade(empty_database)

    with empty_database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert migrate.is_current(empty_database)


def test_a_version_can_be_taken_back_and_applied_again(empty_database: Engine) -> None:
    migrate.upgrade(empty_database)
    applied = tables(empty_database)

    downgrade(empty_database)
    taken_back = tables(empty_database)
    migrate.upgrade(empty_database)

    assert (taken_back, tables(empty_database)) == (set(), applied)
    assert "return_case" in applied


def test_upgrading_what_is_current_changes_nothing(empty_database: Engine) -> None:
    migrate.upgrade(empty_database)
    with empty_database.begin() as connection:
        connection.execute(sa.text("INSERT INTO clock (id, offset_seconds) VALUES (1, 3600)"))

    migrate.upgrade(empty_database)

    with empty_database.connect() as connection:
        assert connection.scalar(sa.text("SELECT offset_seconds FROM clock")) == 3600

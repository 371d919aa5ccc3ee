from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from backhaul.domain.clock import SystemClock
from backhaul.store.database import open_engine
from backhaul.store.migrate import restrict_web_role
from backhaul.store.unit_of_work import Store
from backhaul.workflows.durable import DurableClient

ROLE = "backhaul_web_under_test"
FORBIDDEN = (
    "permit",
    "integration_command",
    "ledger_entry",
    "order_version",
    "verdict",
    "rma",
    "label",
    "signing_key",
    "vendor_claim",
    "review_vector",
    "release",
    "release_signature",
    "release_in_force",
    "reader_heads",
    "reader_promotion",
    "api_key",
    "blind_draw",
    "autonomy_hold",
    "webhook_endpoint",
    "webhook_delivery",
)


@contextmanager
def as_web(postgres_database_url: str) -> Iterator[psycopg.Connection]:
    plain = postgres_database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as owner:
        known = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone()
        if known is None:
            owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
    engine = open_engine(postgres_database_url)
    restrict_web_role(engine, ROLE)
    engine.dispose()
    with psycopg.connect(plain, autocommit=True) as web:
        web.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ROLE)))
        yield web


@pytest.mark.parametrize("table", FORBIDDEN)
@pytest.mark.parametrize("statement", ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}"])
def test_the_web_role_may_not_write_what_is_the_workers(
    postgres_database_url: str, table: str, statement: str
) -> None:
    with as_web(postgres_database_url) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute(sql.SQL(statement).format(sql.Identifier(table)))


def test_what_was_read_blind_can_be_added_to_and_not_changed(postgres_database_url: str) -> None:
    with as_web(postgres_database_url) as web:
        for statement in ("UPDATE blind_label SET reason = 'other'", "DELETE FROM blind_label"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(statement)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            web.execute(
                "INSERT INTO blind_label"
                " (proposal_id, order_line, quantity, reason, outcome, said_by, said_at)"
                " VALUES ('PR-never-drawn', 1, 1, 'other', 'permit', 'ST-1', now())"
            )


def test_the_web_role_may_add_to_the_audit_log_and_not_change_it(postgres_database_url: str) -> None:
    with as_web(postgres_database_url) as web:
        web.execute(
            "INSERT INTO audit_event (chain, seq, at, actor, tag, subject, facts, previous_hash, hash)"
            " VALUES ('system', 1, now(), 'a', 't', 's', '{}', '', '')"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("UPDATE audit_event SET actor = 'b'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("DELETE FROM audit_event")


def test_the_web_role_may_hold_conversations_and_start_work(postgres_database_url: str) -> None:
    with as_web(postgres_database_url):
        pass
    url = make_url(postgres_database_url).update_query_dict({"options": f"-crole={ROLE}"})
    store = Store(open_engine(url.render_as_string(hide_password=False)), SystemClock())
    client = DurableClient(store)

    with store.begin() as uow:
        client.start(uow, workflow="decide", workflow_id="decide-x", args=["PR-X"])

    client.close()
    store.close()

"""Bringing the tables to the newest version, once, under a lock. No process changes tables at its start."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from backhaul.domain.errors import BadInput
from backhaul.store.database import BOOKMARK_SCHEMA

_ADVISORY_LOCK = 4_281_115
_WORKER_ONLY = (
    "permit",
    "integration_command",
    "ledger_entry",
    "order_version",
    "verdict",
    "rma",
    "rma_line",
    "label",
    "replacement",
    "signing_key",
    "due",
    "inbox_event",
    "event_cursor",
    "reap",
    "line_bound",
    "credit_memo",
    "repair",
    "vendor_claim",
    "reconciliation",
    "stuck_work",
    "audit_checkpoint",
    "release",
    "release_signature",
    "release_in_force",
    "reader_heads",
    "reader_promotion",
    "api_key",
    "serial_asked",
    "fraud_score",
    "account_habit",
    "account_tie",
    "disposition_tally",
    "review_habit",
    "facility_advice",
    "blind_draw",
    "autonomy_hold",
    "webhook_endpoint",
    "webhook_delivery",
    "review_vector",
)
"""Tables that the web role may read and not write."""
_APPEND_ONLY = (
    "audit_event",
    "thread_event",
    "stuck_deed",
    "receipt",
    "inspection",
    "disposition",
    "claim_answer",
    "claim_evidence",
    "service_note",
    "noted_item",
    "photo_look",
    "blind_label",
    "case_note",
)
"""Tables that the web role may add to, and not change."""


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    return settings


def upgrade(engine: Engine) -> None:
    """Apply what is missing. Two processes that try at once come one after the other."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        command.upgrade(config(connection), "head")


def create_bookmark_schema(engine: Engine) -> None:
    """A schema of their own for the agent's bookmarks (PostgreSQL)."""
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {BOOKMARK_SCHEMA}"))


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version of the code."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(config()).get_current_head()


def restrict_web_role(engine: Engine, role: str) -> None:
    """Give the web role what the doors need and no more (PostgreSQL).

    It may write conversations, cases, proposals, reviews and sessions; permits, outbox, ledger and
    verdicts are the worker's, and audit log and thread news can only be added to.

    Raises:
        BadInput: PostgreSQL has no such role.
    """
    quoted = engine.dialect.identifier_preparer.quote(role)
    with engine.begin() as connection:
        known = connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
        if known.first() is None:
            raise BadInput(
                f"PostgreSQL has no role {role}; make it first: CREATE ROLE {quoted} LOGIN", field="role"
            )
        for schema in ("public", "dbos", BOOKMARK_SCHEMA):
            connection.execute(sa.text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
            rights = "SELECT, INSERT, UPDATE, DELETE"
            connection.execute(sa.text(f"GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {quoted}"))
            connection.execute(sa.text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}"))
            connection.execute(sa.text(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {quoted}"))
        for table in _WORKER_ONLY:
            connection.execute(sa.text(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {quoted}"))
        for table in _APPEND_ONLY:
            connection.execute(sa.text(f"REVOKE UPDATE, DELETE ON {table} FROM {quoted}"))

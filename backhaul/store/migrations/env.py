"""Run by Alembic with the connection that `backhaul.store.migrate` hands over."""

from typing import Literal

from alembic import context

from backhaul.store import (
    autonomy_tables,
    desk_tables,
    dock_tables,
    effect_tables,
    house_tables,
    money_tables,
    note_tables,
    queue_tables,
    reader_tables,
    release_tables,
    signal_tables,
    stuck_tables,
    webhook_tables,
)
from backhaul.store.tables import Base, LongText, Text, UtcDateTime

_ALL = (
    autonomy_tables,
    desk_tables,
    dock_tables,
    effect_tables,
    house_tables,
    money_tables,
    note_tables,
    queue_tables,
    reader_tables,
    release_tables,
    signal_tables,
    stuck_tables,
    webhook_tables,
)
"""Imported so that their tables are in the registry."""
_OURS = set(Base.metadata.tables) | {"alembic_version"}


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Only our own tables: the durable engine and the checkpoints keep theirs."""
    return kind != "table" or name in _OURS


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A history must not change when our classes do: times and text are written as plain SQLAlchemy types."""
    if kind != "type":
        return False
    plain = {UtcDateTime: "sa.DateTime(timezone=True)", LongText: "sa.Text()", Text: "sa.String()"}
    return plain.get(type(item), False)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

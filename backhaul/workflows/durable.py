"""The durable engine: DBOS on our own database, SQLite or PostgreSQL."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, WorkflowStatus

from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store.database import open_engine
from backhaul.store.unit_of_work import Store, UnitOfWork
from backhaul.workflows.catalogue import WORKFLOWS
from backhaul.workflows.listening import listen_once_for_all
from backhaul.workflows.runner import Json, Workflow
from backhaul.workflows.watch import NOBODY, Watch
from backhaul.workflows.world import WorkerWorld

QUEUE = "returns"
APPLICATION_VERSION = "backhaul-1"
"""Pinned: with a version computed from the code, an update would leave waiting returns behind."""
SCHEMA = "dbos"
_STEP_TRIES = 10
_FIRST_PAUSE_SECONDS = 0.5
_PAUSE_GROWTH = 2.0
_LISTEN_SECONDS = 0.25
"""How often workflows that wait look for messages on SQLite; what they wait for takes days."""

_STATUS = sa.Table("workflow_status", sa.MetaData(), sa.Column("executor_id"), sa.Column("status"))
"""What we read of the engine's own list of workflows"""

log = structlog.get_logger("backhaul.durable")


@dataclass(frozen=True, slots=True)
class _DurableRunner:
    """Remembers each step's result in the database before the next one begins."""

    workflow_id: str
    watch: Watch

    async def step(self, name: str, deed: Callable[..., Json], *args: Any) -> Json:
        done = await self._once(name, partial(deed, *args))
        self.watch.recorded(self.workflow_id, name)
        return done

    def _once(self, name: str, deed: Callable[[], Json]) -> Awaitable[Json]:
        async def off_the_loop() -> Json:
            return await asyncio.to_thread(self.watch.do, self.workflow_id, name, deed)

        return DBOS.run_step_async(
            {
                "name": name,
                "retries_allowed": True,
                "max_attempts": _STEP_TRIES,
                "interval_seconds": _FIRST_PAUSE_SECONDS,
                "backoff_rate": _PAUSE_GROWTH,
                "should_retry": _may_help,
            },
            off_the_loop,
        )

    async def wait(self, topic: str, *, seconds: float) -> Json | None:
        return cast("Json | None", await DBOS.recv_async(topic, timeout_seconds=seconds))


def _may_help(error: BaseException) -> bool:
    return isinstance(error, ConnectorUnavailable)


class DurableClient:
    """Starts workflows from any process, in the caller's transaction. It runs none itself."""

    def __init__(self, store: Store) -> None:
        self._client = DBOSClient(
            system_database_url=store.engine.url.render_as_string(hide_password=False),
            system_database_engine=store.engine,
            dbos_system_schema=SCHEMA if store.is_postgres else None,
            serializer=DBOSPortableJSONSerializer(),
            lazy=True,
        )

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        """See tools.desk.WorkStarter."""
        self._client.enqueue_in_transaction(
            uow.session,
            {
                "queue_name": QUEUE,
                "workflow_name": workflow,
                "workflow_id": workflow_id,
                "app_version": APPLICATION_VERSION,
            },
            *args,
        )

    def send(self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: Json, key: str) -> None:
        """See tools.desk.WorkStarter."""
        self._client.send_in_transaction(uow.session, workflow_id, message, topic=topic, idempotency_key=key)

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()


def launch(
    world: WorkerWorld,
    *,
    executor_id: str,
    poll_seconds: float,
    watch: Watch = NOBODY,
    workflows: Mapping[str, Workflow] = WORKFLOWS,
) -> None:
    """Start executing: takes queued workflows, and whatever this executor id left unfinished.

    Args:
        world: Handed to every workflow.
        executor_id: Unique among living processes.
        poll_seconds: How often the queue is looked at.
        watch: Stands beside every step.
        workflows: What can be executed, by name; others than ours only to measure the engine alone.
    """
    store = world.store
    DBOS(config=_config(store, executor_id))
    for name, workflow in workflows.items():
        _register(name, workflow, world, watch)
    DBOS.listen_queues([QUEUE])
    listen_once_for_all(store)
    DBOS.launch()
    DBOS.register_queue(QUEUE, polling_interval_sec=poll_seconds, on_conflict="always_update")


def _config(store: Store, executor_id: str) -> DBOSConfig:
    url = store.engine.url.render_as_string(hide_password=False)
    config: DBOSConfig = {
        "name": "backhaul",
        "system_database_url": url,
        "system_database_engine": open_engine(url, for_durable_engine=True),
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id,
        "serializer": DBOSPortableJSONSerializer(),
        "run_migrations": False,
        "enable_otlp": False,
        "log_level": "WARNING",
        "notification_listener_polling_interval_sec": _LISTEN_SECONDS,
    }
    if store.is_postgres:
        config["dbos_system_schema"] = SCHEMA
    return config


def _register(name: str, workflow: Callable[..., Awaitable[Json]], world: WorkerWorld, watch: Watch) -> None:
    async def deed(*args: Any) -> Json:
        return await workflow(_DurableRunner(DBOS.workflow_id or "", watch), world, *args)

    deed.__qualname__ = deed.__name__ = name
    DBOS.workflow(name=name)(deed)


def migrate(store: Store) -> None:
    """Create or upgrade the engine's own tables; part of `backhaul migrate`, under its lock."""
    url = store.engine.url.render_as_string(hide_password=False)
    DBOS.migrate(url, schema=SCHEMA)


def shut_down() -> None:
    """Stop executing; unfinished workflows go on at the next start."""
    logging.getLogger("dbos").addFilter(_is_news)
    DBOS.destroy(destroy_registry=True)


def _is_news(record: logging.LogRecord) -> bool:
    """A return that waits for its parcel is interrupted when the worker stops, and goes on later."""
    return not record.getMessage().startswith("Asyncio task cancelled for workflow")


@dataclass(frozen=True, slots=True)
class Work:
    """A workflow from outside: its id, its name, what it is about, and who was running it."""

    workflow_id: str
    name: str
    subject: str
    executor_id: str


def unfinished_of(executor_ids: Sequence[str]) -> list[Work]:
    """Workflows that these executors were running."""
    if not executor_ids:
        return []
    rows = DBOS.list_workflows(status="PENDING", executor_id=list(executor_ids), load_output=False)
    return [_work(row) for row in rows]


def _work(row: WorkflowStatus) -> Work:
    args = row.input["args"] if row.input else ()
    return Work(row.workflow_id, row.name, str(args[0]) if args else "", row.executor_id or "")


def pending_executors(store: Store) -> set[str]:
    """Executors that have unfinished workflows.

    Asked every second, with thousands of returns that wait for their parcels: so in one query of our own,
    where the engine can only list them all.
    """
    status = _STATUS if not store.is_postgres else _STATUS.to_metadata(sa.MetaData(), schema=SCHEMA)
    pending = sa.select(status.c.executor_id).distinct().where(status.c.status == "PENDING")
    with store.read() as uow:
        return {one for one in uow.session.scalars(pending) if one}


@dataclass(frozen=True, slots=True)
class Broken:
    """A workflow that ended in an error, or was taken out because it kept killing its worker."""

    work: Work
    why: str


def broken() -> list[Broken]:
    """Everything the engine has given up, each with what went wrong."""
    rows = DBOS.list_workflows(
        status=["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"], load_output=True
    )
    return [Broken(_work(row), _in_words(row)) for row in rows]


def _in_words(row: WorkflowStatus) -> str:
    if row.error is not None:
        kind = getattr(row.error, "name", type(row.error).__name__)
        return f"{kind}: {row.error}"
    return "it stopped its worker again and again" if row.status == "CANCELLED" else "it was tried too often"


def go_on(workflow_id: str) -> bool:
    """Go on with a workflow that broke off, from the step that failed; with one that handed over, anew.

    Steps that were finished are not repeated, and every effect is found under its key. False, and nothing
    happens, when there is no such workflow or it is at work.
    """
    rows = DBOS.list_workflows(workflow_ids=[workflow_id], load_input=False, load_output=False)
    if not rows or rows[0].status in {"PENDING", "ENQUEUED", "DELAYED"}:
        return False
    if rows[0].status == "CANCELLED":
        DBOS.resume_workflows([workflow_id], queue_name=QUEUE)
        return True
    steps = DBOS.list_workflow_steps(workflow_id)
    failed_at = [one["function_id"] for one in steps if one["error"] is not None]
    DBOS.rewind_workflow(
        workflow_id,
        start_step=min(failed_at, default=1),
        application_version=APPLICATION_VERSION,
        queue_name=QUEUE,
    )
    return True


def forget_finished(*, before: datetime, at_most: int) -> int:
    """Delete what the engine keeps of workflows that ended well before that moment, machine time.

    Work that broke off is kept, whatever its age: somebody may go on with it.
    """
    rows = DBOS.list_workflows(
        status="SUCCESS", end_time=before.isoformat(), limit=at_most, load_input=False, load_output=False
    )
    ended = [row.workflow_id for row in rows if _ended_before(row, before)]
    if ended:
        DBOS.delete_workflows(ended)
    return len(ended)


def _ended_before(row: WorkflowStatus, moment: datetime) -> bool:
    """The list is cut by when a workflow began; a return that waited for a month has ended lately."""
    return row.updated_at is not None and row.updated_at < moment.timestamp() * 1000


def take_over(workflow_ids: Sequence[str]) -> None:
    """Go on with workflows of a dead executor; finished steps are not repeated."""
    DBOS.resume_workflows(list(workflow_ids), queue_name=QUEUE)


def stop_for_good(workflow_id: str) -> None:
    """A workflow that keeps killing its worker is taken out; a person decides."""
    DBOS.cancel_workflow(workflow_id)

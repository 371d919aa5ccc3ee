"""Making a home ready: tables, the embedded systems, and in demo the distributor with its people."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from pwdlib import PasswordHash

from agent import bookmarks
from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.demo_people import DEMO_PASSWORD, DEMO_STAFF, DemoPerson
from backhaul.connectors.embedded.erp_schema import create_erp
from backhaul.connectors.embedded.seed import seed_erp
from backhaul.connectors.embedded.warehouse import EmbeddedWarehouse
from backhaul.domain.clock import Ids, SystemClock, today
from backhaul.settings import Settings
from backhaul.store import migrate, staff
from backhaul.store.unit_of_work import Store
from backhaul.workflows import durable


def ensure_ready(settings: Settings) -> bool:
    """Migrate, and seed a demo home that is empty; True when something was seeded. Two at once are safe."""
    with _one_at_a_time(settings):
        migrate_all(settings)
        return seed(settings) if settings.demo else _empty_systems(settings)


def bring_up_to_date(settings: Settings) -> None:
    """What `backhaul migrate` does: all tables, and outside demo the embedded systems, empty."""
    with _one_at_a_time(settings):
        migrate_all(settings)
        if not settings.demo:
            _create_systems(settings)


def migrate_all(settings: Settings) -> None:
    """Bring our tables, the durable engine's and the bookmarks' to this version."""
    store = stores.open_store(settings)
    try:
        migrate.upgrade(store.engine)
        durable.migrate(store)
        if settings.database_url:
            _postgres_extras(settings, store)
    finally:
        store.close()


def _postgres_extras(settings: Settings, store: Store) -> None:
    migrate.create_bookmark_schema(store.engine)
    bookmarks.prepare_postgres(stores.bookmarks_url(settings.database_url))
    if settings.web_database_url:
        role = urlsplit(settings.web_database_url).username or ""
        migrate.restrict_web_role(store.engine, role)


def seed(settings: Settings) -> bool:
    """Fill the embedded ERP with the demo distributor, dated from today, and add its people; once."""
    store = stores.open_store(settings)
    try:
        fresh = not settings.erp_path.exists()
        _create_systems(settings)
        if fresh:
            seed_erp(settings.erp_path, today(store.clock))
        with store.begin() as uow:
            missing = [one for one in DEMO_STAFF if staff.staff_by_email(uow, one.email) is None]
        if missing:
            # One hash for all of them: the password is the same, and everybody may know it.
            password_hash = PasswordHash.recommended().hash(DEMO_PASSWORD)
        for one in missing:
            _add(store, one, password_hash)
    finally:
        store.close()
    return fresh


def _add(store: Store, person: DemoPerson, password_hash: str) -> None:
    with store.begin() as uow:
        staff.add_staff(
            uow,
            Ids(),
            email=person.email,
            name=person.name,
            roles=[person.role],
            password_hash=password_hash,
            actor="system:seed",
            demo=True,
        )


def _empty_systems(settings: Settings) -> bool:
    _create_systems(settings)
    return False


def _create_systems(settings: Settings) -> None:
    stores.make_home(settings)
    create_erp(settings.erp_path)
    for carrier in (*outside.carriers(settings, SystemClock()), outside.drop_off(settings, SystemClock())):
        carrier.close()
    EmbeddedWarehouse(settings.warehouse_path).close()


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    """Two processes that make the same home ready come one after the other."""
    stores.make_home(settings)
    with (settings.home / ".setup-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

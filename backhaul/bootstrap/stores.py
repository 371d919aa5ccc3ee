"""Opens the databases that settings name, with the clock both processes read."""

from pathlib import Path

from backhaul.domain.clock import Ids
from backhaul.settings import Settings
from backhaul.store.blobs import BlobStore, FileBlobStore
from backhaul.store.business_clock import BusinessClock
from backhaul.store.database import BOOKMARK_SCHEMA, open_engine, sqlite_url
from backhaul.store.unit_of_work import Store


def open_store(settings: Settings, *, web: bool = False) -> Store:
    """Our database under the worker's role, or under the web's narrower one."""
    url = _url(settings, web=web)
    if not settings.database_url:
        settings.home.mkdir(parents=True, exist_ok=True)
    # The clock is read inside transactions: from one pool, many writers at once would wait for each other.
    clock_engine = open_engine(url, pool_size=4)
    clock = BusinessClock(clock_engine, movable=settings.demo)
    return Store(open_engine(url), clock, also_close=(clock_engine.dispose,))


def _url(settings: Settings, *, web: bool) -> str:
    if web and settings.web_database_url:
        return settings.web_database_url
    return settings.database_url or sqlite_url(settings.sqlite_path)


def blob_store(settings: Settings) -> BlobStore:
    """Photos and prints, in a folder that both processes see."""
    return FileBlobStore(settings.home / "blobs")


def ids() -> Ids:
    """Unpredictable identifiers."""
    return Ids()


def cache_folder(settings: Settings) -> Path:
    """What can be computed again: the reader's trained head."""
    return settings.home / "cache"


def bookmarks_url(database_url: str) -> str:
    """The same PostgreSQL database with the agent's bookmarks in a schema of their own."""
    joint = "&" if "?" in database_url else "?"
    return f"{database_url}{joint}options=-csearch_path%3D{BOOKMARK_SCHEMA}"

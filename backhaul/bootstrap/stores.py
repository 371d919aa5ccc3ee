"""Opens the databases that settings name, with the clock both processes read."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backhaul.domain.business_hours import BusinessHours
from backhaul.domain.clock import Ids
from backhaul.domain.errors import BadInput
from backhaul.settings import Settings
from backhaul.store.blobs import BlobStore, FileBlobStore
from backhaul.store.business_clock import BusinessClock
from backhaul.store.database import BOOKMARK_SCHEMA, check_answers, open_engine, sqlite_url
from backhaul.store.unit_of_work import Store

_HOME_MODE = 0o750
"""The home holds what customers wrote: nothing for everybody with an account on the machine."""


def make_home(settings: Settings) -> None:
    """Create the home if need be.

    Raises:
        BadInput: It cannot be created, or this user may not write there.
    """
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True, mode=_HOME_MODE)
    except OSError as error:
        raise BadInput(
            f"BACKHAUL_HOME {home} cannot be made a folder: {error.strerror}", field="home"
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise BadInput(f"BACKHAUL_HOME {home} is not yours to write in", field="home")


def open_store(settings: Settings, *, web: bool = False) -> Store:
    """Our database under the worker's role, or under the web's narrower one.

    Raises:
        BadInput: The home cannot be used.
        ConnectorUnavailable: The database does not answer.
    """
    url = _url(settings, web=web)
    if not settings.database_url:
        make_home(settings)
    # The clock is read inside transactions: from one pool, many writers at once would wait for each other.
    clock_engine = open_engine(url, pool_size=4)
    check_answers(clock_engine)
    clock = BusinessClock(clock_engine, movable=settings.demo)
    return Store(open_engine(url), clock, also_close=(clock_engine.dispose,), hours=desk_hours(settings))


def desk_hours(settings: Settings) -> BusinessHours:
    """When the desk works.

    Raises:
        BadInput: There is no such time zone, or the desk would close before it opens.
    """
    if settings.desk_opens >= settings.desk_closes:
        raise BadInput("BACKHAUL_DESK_CLOSES has to be later than BACKHAUL_DESK_OPENS", field="desk_closes")
    try:
        zone = ZoneInfo(settings.desk_zone)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise BadInput(f"there is no time zone {settings.desk_zone}", field="desk_zone") from unknown
    closed = frozenset(settings.desk_closed_on)
    return BusinessHours(zone, settings.desk_opens, settings.desk_closes, closed)


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

"""Whether a home can be started on. Apart from `setup.py`, whose imports no first page should wait for."""

from backhaul.bootstrap import stores
from backhaul.domain.errors import BackhaulError
from backhaul.settings import Settings
from backhaul.store import migrate


def check_ready(settings: Settings, *, web: bool = False) -> None:
    """Refuse to start on a home that is not of this version.

    Raises:
        BackhaulError: Tables or embedded systems are missing or older; says which command makes them.
    """
    store = stores.open_store(settings, web=web)
    try:
        current = migrate.is_current(store.engine)
    finally:
        store.close()
    if not current:
        raise BackhaulError("the tables are not those of this version; run `backhaul migrate` first")
    if not settings.erp_path.exists():
        command = "seed" if settings.demo else "migrate"
        raise BackhaulError(f"there is no ERP in {settings.home}; run `backhaul {command}` first")

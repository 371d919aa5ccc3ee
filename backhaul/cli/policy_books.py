"""Which policy documents a command works with, and the days it is given."""

from datetime import UTC, date, datetime
from pathlib import Path

from backhaul.bootstrap import stores
from backhaul.bootstrap.policy_shelf import policy_folder, read_documents
from backhaul.domain.errors import BadInput, PolicyError
from backhaul.settings import Settings
from backhaul.store.news import WorkerSign, newest_sign_of_worker
from policies.book import PolicyBook
from policies.drafting import alone, edition_named

CURRENT = "current"


def texts(folder: Path | None) -> dict[str, str]:
    """The documents of a folder; of the one in force when none is named.

    Raises:
        BadInput: There is no such folder.
        PolicyError: There is nothing in it, or a document cannot be read.
    """
    where = folder or policy_folder(Settings())
    if not where.is_dir():
        raise BadInput(f"{where} is no folder; name one that holds policy documents (*.yaml)")
    return read_documents(where)


def book(folder: Path | None) -> PolicyBook:
    """The documents of a folder, checked.

    Raises:
        PolicyError: Names file, line and clause of the first fault; of those in force it also says by which
            documents a running worker decides meanwhile.
    """
    try:
        return PolicyBook.load(texts(folder))
    except PolicyError as fault:
        sign = None if folder else sign_of_worker()
        if sign is None:
            raise
        kept = (
            f"the running worker keeps to the last good bundle {sign.bundle_hash[:12]} until it is mended"
            if sign.decides
            else "the running worker decides nothing until it is mended"
        )
        raise PolicyError(f"{fault}; {kept}") from fault


def sign_of_worker() -> WorkerSign | None:
    """The last sign of life of a worker of this home; None where there is no database yet."""
    settings = Settings()
    if not (settings.database_url or settings.sqlite_path.exists()):
        return None
    store = stores.open_store(settings, web=True)
    try:
        with store.read() as uow:
            return newest_sign_of_worker(uow)
    finally:
        store.close()


def pair(before: str, after: str, documents: Path | None) -> tuple[PolicyBook, PolicyBook]:
    """Two books to compare, each a folder or what is in force (`current`); or two editions of one folder.

    Raises:
        BadInput: There is no such folder or edition, or an edition is to be compared with a folder.
    """
    editions = [_is_edition(name) for name in (before, after)]
    if all(editions):
        bundle = book(documents).bundle
        first = max(edition_named(bundle, name).policy.effective.first for name in (before, after))
        one, other = (PolicyBook.load(alone(bundle, name, first=first)) for name in (before, after))
        return one, other
    if any(editions):
        raise BadInput("compare two folders, or two editions such as terms@2020a terms@2026b")
    return _named(before, documents), _named(after, documents)


def _is_edition(name: str) -> bool:
    return "@" in name and not Path(name).exists()


def _named(name: str, documents: Path | None) -> PolicyBook:
    return book(documents if name == CURRENT else Path(name))


def day(text: str | None, *, option: str) -> date:
    """A day as typed; today when none was.

    Raises:
        BadInput: It is no day.
    """
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{text!r} is no day for --{option}; write it like 2026-03-31", field=option
        ) from error

"""How long this installation keeps what need not be kept for ever, and what goes with an erased customer."""

from collections.abc import Sequence

from backhaul.bootstrap import stores
from backhaul.bootstrap.teaching import heads_file
from backhaul.settings import Settings
from backhaul.store import reader_heads
from backhaul.store.unit_of_work import Store
from backhaul.workflows.retention import Kept


def kept(settings: Settings) -> Kept:
    """As the settings say."""
    return Kept(
        workflows=settings.keep_workflows_days,
        letters=settings.keep_letters_days,
        bookmarks=settings.keep_bookmarks_days,
        words=settings.keep_words_days,
    )


def forget_what_was_taught(settings: Settings, store: Store, account_id: str, *, by: str) -> list[str]:
    """Erase what an erased customer taught the reader: words, and the heads that learnt from them.

    Call it wherever a customer is erased. Heads in use fall back to the shipped ones in the same transaction,
    which both processes see within a second; to go on with what the others taught, train again. Returns the
    names of the heads that are gone.
    """
    with store.begin() as uow:
        gone = reader_heads.forget(uow, account_id, by=by)
    for name in gone:
        heads_file(settings, name).unlink(missing_ok=True)
    return gone


def forget_bookmarks(settings: Settings, graph_threads: Sequence[str]) -> None:
    """Delete these bookmarks; the conversations themselves stay."""
    from agent import bookmarks  # noqa: PLC0415 - the worker needs LangGraph for this once a day and for nothing else

    saver: bookmarks.Saver = (
        bookmarks.postgres_bookmarks(stores.bookmarks_url(settings.database_url))
        if settings.database_url
        else bookmarks.sqlite_bookmarks(settings.checkpoints_path)
    )
    try:
        bookmarks.forget(saver, graph_threads)
    finally:
        bookmarks.close(saver)

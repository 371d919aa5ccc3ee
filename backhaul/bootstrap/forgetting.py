"""How long this installation keeps what need not be kept for ever, and where the agent's bookmarks lie."""

from collections.abc import Sequence

from backhaul.bootstrap import stores
from backhaul.settings import Settings
from backhaul.workflows.retention import Kept


def kept(settings: Settings) -> Kept:
    """As the settings say."""
    return Kept(
        workflows=settings.keep_workflows_days,
        letters=settings.keep_letters_days,
        bookmarks=settings.keep_bookmarks_days,
    )


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

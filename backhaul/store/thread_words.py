"""The words of conversations, each once, so that a case is found by what was said in it."""

import re
import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.store.queue_tables import ThreadWordRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there

SPOKEN = ("customer", "technician")
"""Authors whose words are searched; ours say the same of every case"""
_WORD = re.compile(r"\w+(?:[-/.]\w+)*")
_WITHIN = re.compile(r"[-/.]")
_SHORTEST, _LONGEST = 2, 40
_HIGHEST = "\N{REPLACEMENT CHARACTER}"
"""Sorts after whatever a word may go on with"""


def words_of(text: str) -> list[str]:
    """Each word once, in order, in small letters; `SO-15093` is a word, and so are its parts."""
    whole = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    both = [part for word in whole for part in (word, *_WITHIN.split(word))]
    return [word for word in dict.fromkeys(both) if _SHORTEST <= len(word) <= _LONGEST]


def add(uow: UnitOfWork, thread_id: str, text: str) -> None:
    """Have a conversation found by these words as well."""
    if pairs := [{"word": word, "thread_id": thread_id} for word in words_of(text)]:
        # Past the session: what is pending there is none of ours to write out.
        uow.session.connection().execute(insert_unless_there(uow, ThreadWordRow), pairs)


def forget(uow: UnitOfWork, thread_id: str) -> None:
    """Nothing that was said in a conversation is to be found any more: its words are erased."""
    uow.session.execute(sa.delete(ThreadWordRow).where(ThreadWordRow.thread_id == thread_id))


def saying(word: str) -> sa.Select[str]:
    """Conversations in which somebody said a word that begins so."""
    begins = word.casefold()
    return sa.select(ThreadWordRow.thread_id).where(
        ThreadWordRow.word >= begins, ThreadWordRow.word < begins + _HIGHEST
    )


def searched(text: str) -> Sequence[str]:
    """What is looked for: whole words and numbers as they were typed."""
    return list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())))

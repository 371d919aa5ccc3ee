"""On PostgreSQL the doors have a role of their own: it takes notes in, and changes neither them nor keys."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from agent.understanding.offline import OfflineReader
from backhaul.domain.clock import SystemClock
from backhaul.intake.accounts import Accounts
from backhaul.intake.entering import State
from backhaul.intake.notes import Note, NotesIntake
from backhaul.store import api_keys, notes
from backhaul.store.database import open_engine
from backhaul.store.note_tables import ServiceNoteRow
from backhaul.store.unit_of_work import Store
from tests.store.test_web_role import ROLE, as_web
from tools.desk import Desk

NOTE = Note("SO-15086: 3 ea 6205 brgs noisy after 1 wk, credit pls", external_id="T-1")


@pytest.fixture
def web_store(postgres_database_url: str) -> Any:
    with as_web(postgres_database_url):
        pass
    url = make_url(postgres_database_url).update_query_dict({"options": f"-crole={ROLE}"})
    store = Store(open_engine(url.render_as_string(hide_password=False)), SystemClock())
    yield store
    store.close()


@pytest.fixture
def web_intake(web_store: Store, sqlite_house: Any, reader_cache: Path) -> NotesIntake:
    seen = sqlite_house.desk
    desk = Desk(web_store, seen.erp, web_store.clock, seen.ids, seen.blobs, seen.policies, seen.starter)
    return NotesIntake(desk, OfflineReader(reader_cache), "key:field-service", Accounts(desk.erp))


def test_the_web_role_takes_a_note_in_once(web_store: Store, web_intake: NotesIntake) -> None:
    first, again = web_intake.take(NOTE), web_intake.take(NOTE)

    assert (first.state, again.state, again.case_id) == (State.CREATED, State.DUPLICATE, first.case_id)
    with web_store.read() as uow:
        note = notes.of_case(uow, first.case_id)
        assert note is not None
        assert [row.order_number for row in notes.items(uow, note.id)] == ["SO-15086"]


def test_the_web_role_keeps_answers_and_finds_keys_by_their_secrets(web_store: Store) -> None:
    now = SystemClock().now()
    with web_store.begin() as uow:
        assert api_keys.key_of(uow, "bhk_unknown") is None
        assert api_keys.answered_before(uow, "field-service", "request-1") is None
        api_keys.keep_answer(
            uow, "field-service", "request-1", body_digest="d", status=201, answer={"results": []}, now=now
        )
    with web_store.begin() as uow:
        api_keys.forget_answers(uow, before=now)
        kept = api_keys.answered_before(uow, "field-service", "request-1")
    assert kept is not None
    assert (kept.status, kept.answer) == (201, {"results": []})


def test_the_web_role_neither_changes_notes_nor_makes_keys(web_store: Store, web_intake: NotesIntake) -> None:
    web_intake.take(NOTE)

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), web_store.begin() as uow:
        uow.session.execute(sa.update(ServiceNoteRow).values(external_id="T-2"))
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), web_store.begin() as uow:
        uow.session.execute(sa.delete(ServiceNoteRow))
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), web_store.begin() as uow:
        api_keys.add(uow, name="mine", scopes=["notes:write"], actor="web")

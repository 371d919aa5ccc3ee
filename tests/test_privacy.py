"""What is stored of a person, given out and erased in a house that they used."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from backhaul.bootstrap import privacy
from backhaul.cli.main import app
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.store import audit, corrections, reader_heads, staff
from backhaul.store import conversation as talk
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.effect_tables import LedgerEntryRow
from backhaul.store.house_tables import LetterRow
from backhaul.store.tables import AttachmentRow, MessageRow, ReturnLineRow, ThreadRow
from backhaul.workflows.retention import forget_words
from tests.claims import BUYER, a_photo, approved, goes_back
from tests.dock import staff_id
from tests.house import SPEAKER, House
from tests.learning import confirmed, correction, heads_biased_to, promoted, quick_house, shipped_file

ADA, RITA = "ada.admin@halden.example", "rita.reviewer@halden.example"
SECRETS = ("614-555-0142", "zinfandel-coloured", "Zebedee")
COLLEAGUE = Speaker(BUYER.account_id, "Sam", "contact:C-1010-1")


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from quick_house(seeded_home, reader_cache, tmp_path)


@pytest.fixture
def used(house: House) -> House:
    """The buyer sent something back, with a photo, and it is all over."""
    happened(house)
    return house


def happened(house: House) -> None:
    words = "Both zinfandel-coloured controllers are dead on arrival. Zebedee is on 614-555-0142."
    approved(house, goes_back(house, words=words).id)
    with house.store.begin() as uow:
        thread = uow.session.scalars(sa.select(ThreadRow).filter_by(account_id=BUYER.account_id)).one()
        blob = house.desk.blobs.put(a_photo(seed=99))
        photo = Photo(blob, "Zebedee.jpg", "image/jpeg", 1, None, None, ("0" * 16,))
        talk.add_message(
            uow, house.desk.ids, thread.id, author="customer", body="Zebedee again", photos=[photo]
        )
        row = LetterRow(
            key="L-1",
            recipient=house.world.erp.contacts(BUYER.account_id)[1].email.upper(),
            subject="Dear Zebedee",
            body="Zebedee",
            attachments=[],
            created_at=uow.clock.now(),
        )
        uow.session.add(row)


def person(house: House, who: str = "C-1010-2") -> Any:
    return privacy.person_called(house.settings, house.store, who)


def exported(house: House, who: str = "C-1010-2") -> zipfile.ZipFile:
    content = privacy.export(house.settings, house.store, person(house, who), by=staff_id(house, ADA))
    return zipfile.ZipFile(io.BytesIO(content))


def erased(house: House, who: str = "C-1010-2") -> privacy.Erased:
    return privacy.erase(house.settings, house.store, person(house, who), by=staff_id(house, ADA))


def found_in_files(house: House) -> set[tuple[str, str]]:
    """Every file of the home in which one of the words stands; the ERP's is not ours."""
    files = [one for one in house.settings.home.rglob("*") if one.is_file() and one.name != "erp.db"]
    return {(one.name, word) for one in files for word in SECRETS if word.encode() in one.read_bytes()}


def books(house: House) -> list[Any]:
    of, line = LedgerEntryRow, ReturnLineRow
    with house.store.read() as uow:
        entered = sa.select(of.id, of.kind, of.quantity, of.amount_minor).order_by(of.id)
        asked = sa.select(line.id, line.sku, line.quantity, line.reason).order_by(line.id)
        return [tuple(row) for query in (entered, asked) for row in uow.session.execute(query)]


def faults(house: House) -> list[str]:
    with house.store.read() as uow:
        return [one for chain in audit.chains(uow) for one in audit.faults(uow, chain)]


def test_the_export_holds_all_that_a_person_said_sent_and_got(used: House) -> None:
    file = exported(used)
    rows = json.loads(file.read("backhaul.json"))

    assert {
        "thread",
        "message",
        "attachment",
        "claim",
        "consent",
        "proposal",
        "verdict",
        "rma",
        "label",
    } <= set(rows)
    assert {"receipt", "inspection", "vendor_claim", "letter", "ledger_entry", "audit_event"} <= set(rows)
    assert [name for name in file.namelist() if name.startswith("photos/")] == [
        f"photos/{row['id']}.jpg" for row in rows["attachment"]
    ]
    assert "C-1010-2" in file.read("erp.json").decode()
    assert "614-555-0142" in file.read("backhaul.json").decode()
    assert "token" not in rows["permit"][0]
    assert "Dear Zebedee" in {row["subject"] for row in rows["letter"]}
    with used.store.read() as uow:
        (told,) = audit.events(uow, tag=Tag.PERSON_EXPORTED)
    assert told.subject == "C-1010-2"


def test_nothing_of_anybody_else_is_in_it(used: House) -> None:
    used.propose("SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="Quite another matter.")
    goes_back_of_colleague = talk_of(used, COLLEAGUE, "A word of the colleague.")

    text = exported(used).read("backhaul.json").decode()
    of_account = exported(used, "A-1010").read("backhaul.json").decode()

    assert "Quite another matter" not in text + of_account
    assert "A word of the colleague" not in text
    assert "A word of the colleague" in of_account
    assert goes_back_of_colleague in of_account


def talk_of(house: House, speaker: Speaker, words: str) -> str:
    with house.store.begin() as uow:
        thread = talk.open_thread(uow, house.desk.ids, speaker, channel="web").id
        talk.add_message(uow, house.desk.ids, thread, author="customer", body=words)
    return thread


def test_an_erased_person_is_in_no_file_of_the_house_while_books_and_log_stand(used: House) -> None:
    before = books(used)
    assert {word for _, word in found_in_files(used)} == set(SECRETS)

    done = erased(used)

    assert found_in_files(used) == set()
    assert (done.conversations, done.cases, done.photos) == (1, 1, 1)
    assert books(used) == before
    assert faults(used) == []
    with used.store.read() as uow:
        photo = uow.session.scalars(sa.select(AttachmentRow)).one()
        assert (photo.blob, photo.file_name) == ("", "(erased)")
        tombs = audit.events(uow, tag=Tag.PERSON_ERASED)
    assert {row.chain for row in tombs} > {"system"}


def test_a_photo_that_somebody_else_sent_too_stays_theirs(used: House) -> None:
    picture = a_photo(seed=99)
    with used.store.begin() as uow:
        other = talk.open_thread(uow, used.desk.ids, COLLEAGUE, channel="web").id
        photo = Photo(used.desk.blobs.put(picture), "a.jpg", "image/jpeg", 1, None, None, ())
        talk.add_message(uow, used.desk.ids, other, author="customer", body="look", photos=[photo])

    erased(used)

    assert used.desk.blobs.get(photo.blob) == picture


def test_nobody_is_erased_while_something_is_under_way(house: House) -> None:
    goes_back(house)  # its claim waits for a person

    with pytest.raises(BadInput, match="end it first"):
        erased(house)


def test_only_an_administrator_gives_out_and_erases(used: House) -> None:
    by = staff_id(used, RITA)
    for deed in (privacy.export, privacy.erase):
        with pytest.raises(NotAllowed):
            deed(used.settings, used.store, person(used), by=by)
    with pytest.raises(NotFound):
        person(used, "C-9999-9")


def test_what_their_words_taught_goes_and_what_others_taught_stays(used: House) -> None:
    colleague = Speaker(SPEAKER.account_id, "Kim", "contact:C-1001-2")
    theirs = confirmed(used, "the belts squeal all day", Reason.OTHER, Reason.DEFECTIVE)
    others = confirmed(used, "they are not what I meant", Reason.OTHER, Reason.WRONG_ITEM, speaker=colleague)
    assert shipped_file(used.settings).exists()
    heads = heads_biased_to(used, Reason.DEFECTIVE, [theirs, others])
    promoted(used, heads)
    with used.store.begin() as uow:
        close_reviews(uow)

    done = erased(used, "C-1001-1")

    assert done.heads == 1
    assert (correction(used, theirs).state, correction(used, theirs).words) == (corrections.ERASED, "")
    assert correction(used, others).words
    with used.store.read() as uow:
        assert reader_heads.in_use(uow) is None
    assert faults(used) == []


def close_reviews(uow: Any) -> None:
    uow.session.execute(sa.text("UPDATE review SET state = 'closed'"))
    uow.session.execute(
        sa.text("UPDATE rma SET state = 'closed', closed_at = created_at WHERE closed_at IS NULL")
    )


def test_words_go_by_themselves_when_they_were_kept_long_enough(used: House) -> None:
    now = used.store.clock.now()
    gone = [forget_words(used.world, now + timedelta(days=days)) for days in (-1, 1, 1)]

    assert gone == [0, 1, 0]
    with used.store.read() as uow:
        said = uow.session.scalars(sa.select(MessageRow.body)).all()
        told = audit.events(uow, tag=Tag.WORDS_ERASED)
    assert set(said) == {"(erased)"}
    assert {row.actor for row in told} == {"worker:retention"}
    assert faults(used) == []


def test_words_that_are_still_needed_stay_however_old(house: House) -> None:
    goes_back(house)  # its claim waits for a person

    assert forget_words(house.world, house.store.clock.now() + timedelta(days=9_999)) == 0


def test_on_postgresql_a_person_is_erased_and_the_books_stand_too(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, postgres_database_url: str
) -> None:
    for house in quick_house(seeded_home, reader_cache, tmp_path, postgres_database_url):
        happened(house)
        before = books(house)
        rows = json.loads(exported(house).read("backhaul.json"))

        assert "614-555-0142" in json.dumps(rows)
        assert erased(house).photos == 1
        assert not [word for word in SECRETS if word in exported(house).read("backhaul.json").decode()]
        assert books(house) == before
        assert faults(house) == []


def test_by_terminal_a_contact_is_given_out_and_erased_by_their_address(
    seeded_home: Path, tmp_path: Path, used: House
) -> None:
    del seeded_home
    email = used.world.erp.contacts(BUYER.account_id)[1].email
    env, out = {"BACKHAUL_HOME": str(used.settings.home)}, tmp_path / "dana.zip"
    ask = ["--as", ADA]

    given = CliRunner().invoke(app, ["privacy", "export", email, *ask, "--out", str(out)], env=env)
    gone = CliRunner().invoke(app, ["privacy", "erase", email, *ask, "--yes"], env=env)

    assert given.exit_code == 0, given.output
    assert out.stat().st_mode & 0o077 == 0
    assert zipfile.is_zipfile(out)
    assert gone.exit_code == 0, gone.output
    assert "erased C-1010-2: 1 conversations" in gone.output
    with used.store.read() as uow:
        assert staff.letters(uow, recipient=email) == []

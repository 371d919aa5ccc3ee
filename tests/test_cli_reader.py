"""`backhaul reader`: corrections get their second look, and teach, in the words of a terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.bootstrap.teaching import HeadsInUse, heads_file
from backhaul.cli.main import app
from backhaul.domain.codes import Reason
from backhaul.store import reader_heads
from tests.house import House
from tests.learning import ARNE, DORA, PETRA, RITA, confirmed, heads_biased_to, noted, promoted, quick_house

SPARE = ("we swapped the line over, the spares are in our way", Reason.OTHER, Reason.NO_LONGER_NEEDED)
LEARNT = (
    SPARE,
    ("project got shelved so the drives are surplus to us", Reason.OTHER, Reason.NO_LONGER_NEEDED),
    ("coil reads open circuit on the meter, never energised", Reason.NOT_AS_DESCRIBED, Reason.DEFECTIVE),
)


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from quick_house(seeded_home, reader_cache, tmp_path)


def reader(house: House, *arguments: str, control: str = "off") -> Result:
    env = {
        "BACKHAUL_HOME": str(house.settings.home),
        "BACKHAUL_DEMO": "1",
        "BACKHAUL_RELEASE_CONTROL": control,
        "COLUMNS": "200",
    }
    return CliRunner().invoke(app, ["reader", *arguments], env=env)


def test_a_second_look_is_given_by_somebody_else(house: House) -> None:
    first, second = (noted(house, *one) for one in LEARNT[:2])

    listed = reader(house, "corrections").stdout
    as_json = [json.loads(line) for line in reader(house, "corrections", "--json").stdout.splitlines()]
    own = reader(house, "confirm", first, "--as", RITA)
    dock = reader(house, "confirm", first, "--as", DORA)
    agreed = reader(house, "confirm", first, "--as", ARNE)
    again = reader(house, "confirm", first, "--as", PETRA)
    dismissed = reader(house, "dismiss", second, "--as", ARNE)
    unknown = reader(house, "dismiss", "CX-NONE", "--as", ARNE)

    assert "read as other, says no longer needed" in listed
    assert "2 for a second look" in listed
    assert [one["id"] for one in as_json] == [first, second]
    assert (own.exit_code, dock.exit_code, again.exit_code, unknown.exit_code) == (2, 2, 2, 2)
    assert "somebody else has to" in own.stderr
    assert "one of the roles" in dock.stderr
    assert (agreed.exit_code, "1 confirmed in all" in agreed.stdout) == (0, True)
    assert "its words are erased" in dismissed.stdout
    assert "no correction CX-NONE" in unknown.stderr


def test_what_cannot_be_done_is_told_in_a_line(house: House) -> None:
    nothing = reader(house, "train", "--as", PETRA)
    unknown = reader(house, "promote", "0" * 32, "--as", PETRA)
    short = reader(house, "compare", "0000")
    not_back = reader(house, "rollback", "--as", PETRA)
    nobody = reader(house, "forget", "A-9999", "--as", PETRA)
    not_theirs = reader(house, "forget", "A-1001", "--as", RITA)
    row = heads_biased_to(house, Reason.RECALL, [confirmed(house, *SPARE)])
    file = heads_file(house.settings, row.name)
    odd = file.with_name("odd.jsonl")
    odd.write_text('{"text": "it leaks", "label": "sulking"}\n')
    odd_label = reader(house, "compare", row.name, "--on", str(odd))
    not_compared = reader(house, "promote", row.name, "--as", PETRA)
    file.write_bytes(b"cut")
    damaged = reader(house, "promote", row.name, "--as", PETRA, "--force", "--why", "a test")

    for said, words in (
        (nothing, "no confirmed correction"),
        (unknown, "no trained heads 0000"),
        (short, "at least 8 characters"),
        (not_back, "nothing to go back from"),
        (nobody, "no account with a case A-9999"),
        (not_theirs, "one of the roles"),
        (odd_label, "line 1: no label sulking"),
        (not_compared, "compare it with shipped first"),
        (damaged, "is not what was trained"),
    ):
        assert (said.exit_code, words in said.stderr) == (2, True), said.stderr


def test_what_reads_is_shown_with_its_history_and_leaves_with_the_customer(house: House) -> None:
    row = heads_biased_to(house, Reason.RECALL, [confirmed(house, *SPARE)])
    before = reader(house, "show").stdout
    promoted(house, row)
    after = reader(house, "show").stdout
    taken_back = reader(house, "rollback", "--as", ARNE, "--why", "reads worse", control="required").stdout
    promoted(house, row)
    forgotten = reader(house, "forget", "A-1001", "--as", PETRA).stdout
    last = reader(house, "show").stdout

    assert "The shipped heads read." in before
    assert f"{row.name} reads." in after
    assert f"promoted: {row.name[:12]}, by {PETRA}: for a test" in after
    assert "the shipped heads read again" in taken_back
    assert "It is another release" in taken_back
    assert "1 trained heads with it" in forgotten
    assert "was in use: the shipped heads read from now on" in forgotten
    assert "The shipped heads read." in last
    assert "withdrawn: the shipped heads" in last


@pytest.mark.slow
@pytest.mark.long
def test_corrections_become_heads_that_are_compared_promoted_and_examined(house: House) -> None:
    """Everything as people do it, with real training: three minutes."""
    learnt = [confirmed(house, *one) for one in LEARNT]

    trained = reader(house, "train", "--as", PETRA)
    (row,) = heads_on_record(house)
    file = heads_file(house.settings, row.name).read_bytes()
    again = reader(house, "train", "--as", PETRA)
    seen = house.settings.home / "seen.jsonl"
    seen.write_text("".join(json.dumps({"text": words, "label": right}) + "\n" for words, _, right in LEARNT))
    compared = reader(house, "compare", row.name[:12], "--on", str(seen))
    promoted_ = reader(house, "promote", row.name[:12], "--as", PETRA, "--why", "three corrections")

    assert trained.exit_code == 0, trained.stderr
    assert "3 of them corrections (1 defective, 2 no longer needed)" in trained.stdout
    assert row.corrections == learnt
    assert (again.exit_code, heads_file(house.settings, row.name).read_bytes() == file) == (0, True)
    assert compared.exit_code == 0, compared.stdout + compared.stderr
    assert "exemplars in folds" in compared.stdout
    assert "the suites' first messages" in compared.stdout
    assert "cleared" in compared.stdout
    assert promoted_.exit_code == 0, promoted_.stderr
    heads_file(house.settings, row.name).unlink()
    confirmed(house, "it is covered by a notice of the maker", Reason.OTHER, Reason.RECALL)
    anew = reader(house, "train", "--as", PETRA, "--again", row.name[:12])
    assert anew.exit_code == 0, anew.stderr
    with house.store.read() as uow:
        assert HeadsInUse(house.settings, house.store).mark(uow) == row.sha256
        kept = reader_heads.named(uow, row.name).compared
    assert kept is not None
    assert [one["name"] for one in kept["figures"]] == [
        "exemplars in folds",
        str(seen),
        "the suites' first messages",
    ]
    (read,) = [one for one in kept["figures"] if one["name"] == str(seen)]
    assert read["after"] == 1.0, "what it was taught it reads right"


def heads_on_record(house: House) -> list[reader_heads.HeadsRow]:
    with house.store.read() as uow:
        return list(reader_heads.all_heads(uow))

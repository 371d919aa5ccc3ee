"""What leaves a simulated home says that it is simulated, and no letter of it reaches anybody."""

from dataclasses import replace

import pypdfium2

from backhaul.bootstrap import outside
from backhaul.connectors.ports import Letter
from backhaul.settings import Settings
from backhaul.store.staff import letter
from tests.claims import goes_back
from tests.house import House
from web.finance_tables import Cell, Table, as_csv


def test_a_letter_stays_in_the_house_whatever_mail_server_is_set(sqlite_house: House) -> None:
    house = sqlite_house
    house.settings.simulated_mark.write_text("{}", encoding="utf-8")
    # A port where nobody listens: a letter that left would raise.
    settings = Settings(home=house.settings.home, smtp_host="127.0.0.1", smtp_port=9)

    outside.notifier(settings, house.store, house.world.blobs).send(
        Letter("dana@example.com", "Your return", "Hello\n"), key="K-1"
    )

    with house.store.read() as uow:
        kept = letter(uow, "K-1")
        assert kept is not None
        assert kept.subject == "[Simulated] Your return"
        assert kept.body.startswith("Simulated: no customer, parcel or payment")


def test_each_row_of_a_spreadsheet_says_so() -> None:
    table = Table(("A",), [(Cell("1"),), (Cell("2"),)], "")

    assert as_csv(table, is_simulated=True).split() == ["A,Simulated", "1,yes", "2,yes"]
    assert "Simulated" not in as_csv(table)


def test_the_packet_of_a_claim_says_so(sqlite_house: House) -> None:
    house = sqlite_house
    house.engine.world = replace(house.world, is_simulated=True)

    claim = goes_back(house)

    document = pypdfium2.PdfDocument(house.world.blobs.get(claim.packet_blob or ""))
    assert "Simulated: nothing in this claim is real." in document[0].get_textpage().get_text_bounded()

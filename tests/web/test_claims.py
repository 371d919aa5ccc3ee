"""The pages of supplier recovery over a whole house: staff's list, and the supplier's page by its link."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from pwdlib import PasswordHash

from backhaul.bootstrap.demo_people import DEMO_PASSWORD
from backhaul.domain.claims import link_token
from backhaul.domain.codes import Role
from backhaul.store import heartbeat, staff
from tests.claims import a_photo, approved, goes_back, letters, newest, token_of
from tests.house import House
from tests.workflows.test_claims import days_pass
from web.world import Doors

FINANCE, AUDITOR, INSPECTOR = "fiona@halden.example", "olga@halden.example", "ivo@halden.example"
PEOPLE = {FINANCE: Role.FINANCE, AUDITOR: Role.AUDITOR, INSPECTOR: Role.INSPECTOR}


class Silent:
    """Nobody chats in these tests."""

    def post(self, *_: Any, **__: Any) -> int:
        raise AssertionError("nobody chats here")

    def run_pending(self, thread_id: str) -> Sequence[object]:
        del thread_id
        return ()

    def warm_up(self) -> None:
        """Nothing to load."""


@pytest.fixture
def desk(sqlite_house: House) -> House:
    """A house with finance, an auditor and an inspector of its own."""
    hashed = PasswordHash.recommended().hash(DEMO_PASSWORD)
    with sqlite_house.store.begin() as uow:
        heartbeat.beat(uow, "worker-1", bundle_hash="x", policy_problem=None)
        for email, role in PEOPLE.items():
            staff.add_staff(
                uow,
                sqlite_house.desk.ids,
                email=email,
                name=role.value.capitalize(),
                roles=[role],
                password_hash=hashed,
                actor="test",
                demo=True,
            )
    return sqlite_house


@pytest.fixture
def come(desk: House, at_the_doors_of: Any) -> Any:
    """A browser at the doors of that house."""
    settings = desk.settings.model_copy(update={"secure_cookies": False})
    doors = Doors(
        settings=settings,
        desk=desk.desk,
        conversation=Silent(),
        notifier=desk.world.notifier,
        link_key=desk.world.link_key,
    )

    def arrive(email: str = "") -> Any:
        visitor = at_the_doors_of(SimpleNamespace(doors=doors))
        if email:
            visitor.opens("/staff/sign-in")
            visitor.sees(visitor.sends("/staff/sign-in", email=email, password=DEMO_PASSWORD))
        return visitor

    return arrive


def filed(house: House) -> tuple[str, str]:
    """A claim that is with its supplier, and its link."""
    claim = approved(house, goes_back(house).id)
    assert claim.state == "filed", claim.why
    return claim.id, f"/supplier/{token_of(letters(house, claim.id)[-1])}"


def once(page: Any) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_a_supplier_reads_downloads_and_approves_without_signing_in(desk: House, come: Any) -> None:
    claim_id, link = filed(desk)
    supplier = come()

    page = supplier.opens(link)
    packet = supplier.client.get(f"{link}/packet.pdf")

    assert page.status_code == 200
    assert claim_id in page.text
    assert packet.headers["content-type"] == "application/pdf"
    assert packet.content.startswith(b"%PDF")
    assert "set-cookie" not in page.headers
    after = supplier.sends(link, answer="approve")
    assert "You approved" in after.text
    assert newest(desk, claim_id).state == "credited"


def test_the_page_tells_nothing_about_the_customer(desk: House, come: Any) -> None:
    _, link = filed(desk)
    account = desk.world.erp.account("A-1010")
    assert account is not None

    page = come().opens(link).text

    assert account.name not in page
    assert "A-1010" not in page
    assert not [one for one in desk.world.erp.contacts("A-1010") if one.name in page]


def test_a_part_is_named_in_dollars_and_what_was_typed_stays(desk: House, come: Any) -> None:
    claim_id, link = filed(desk)
    supplier = come()
    supplier.opens(link)

    wrong = supplier.sees(supplier.sends(link, answer="approve_part", amount="9,999,999", note="one works"))
    assert wrong.status_code == 422
    assert "Name an amount" in wrong.text
    assert "one works" in wrong.text
    supplier.sends(link, answer="approve_part", amount="$100.50", note="one works")

    assert newest(desk, claim_id).approved_minor == 10_050


def test_what_is_no_amount_is_no_answer(desk: House, come: Any) -> None:
    claim_id, link = filed(desk)
    supplier = come()
    supplier.opens(link)

    typed = ["", "nan", "-5", "0", "1.005", "all", "Infinity"]
    seen = {one: supplier.sends(link, answer="approve_part", amount=one).status_code for one in typed}

    assert seen == dict.fromkeys(typed, 422)
    assert newest(desk, claim_id).state == "filed"


def test_a_denial_needs_its_reason_and_a_second_click_changes_nothing(desk: House, come: Any) -> None:
    claim_id, link = filed(desk)
    supplier = come()
    supplier.opens(link)

    assert supplier.sends(link, answer="deny").status_code == 422
    supplier.sends(link, answer="deny", note="opened by the user")
    after = supplier.sends(link, answer="approve")

    assert "You declined" in after.text
    assert newest(desk, claim_id).state == "denied"


def test_a_picture_of_the_supplier_is_seen_by_staff_and_only_through_its_claim(
    desk: House, come: Any
) -> None:
    claim_id, link = filed(desk)
    supplier = come()
    supplier.opens(link)
    photo = ("label.jpg", a_photo(3), "image/jpeg")

    supplier.sends(link, files={"photos": photo}, answer="more_information", note="which label?")

    finance = come(FINANCE)
    page = finance.opens(f"/claims/{claim_id}")
    shown = re.search(rf"/claims/{claim_id}/pictures/([0-9a-f]+)", page.text)
    assert shown is not None
    assert "which label?" in page.text
    assert finance.client.get(shown[0]).headers["content-type"] == "image/jpeg"
    packet = newest(desk, claim_id).packet_blob
    assert finance.client.get(f"/claims/{claim_id}/pictures/{packet}").status_code == 404


def test_a_forged_link_leads_nowhere(desk: House, come: Any) -> None:
    _, link = filed(desk)
    visitor = come()

    for forged in (f"{link}x", link[:-1], "/supplier/abc", f"/supplier/{link_token('guess', 'x')}"):
        page = visitor.opens(forged)
        assert page.status_code == 404
        assert "This link does not work" in page.text
        assert visitor.client.get(f"{forged}/packet.pdf").status_code == 404


def test_a_link_ends_and_a_newer_one_replaces_it(desk: House, come: Any) -> None:
    claim_id, link = filed(desk)
    rita = come("rita.reviewer@halden.example")
    page = rita.opens(f"/claims/{claim_id}")
    rita.sends(f"/claims/{claim_id}/send", once=once(page))
    newer = f"/supplier/{token_of(letters(desk, claim_id)[-1])}"
    supplier = come()

    assert newer != link
    assert supplier.opens(link).status_code == 410
    assert supplier.opens(newer).status_code == 200
    days_pass(desk, 31)
    ended = supplier.opens(newer)
    assert ended.status_code == 410
    assert claim_id not in ended.text


def test_a_form_from_elsewhere_answers_nothing(desk: House, come: Any) -> None:
    claim_id, link = filed(desk)
    supplier = come()
    supplier.opens(link)

    strange = supplier.sends(link, headers={"origin": "https://elsewhere.example"}, answer="approve")
    supplier.token = "0" * 64

    assert strange.status_code == 403
    assert supplier.sends(link, answer="approve").status_code == 403
    assert newest(desk, claim_id).state == "filed"


def test_too_many_tries_have_to_wait(come: Any) -> None:
    visitor = come()

    seen = [visitor.opens("/supplier/abc").status_code for _ in range(61)]

    assert (seen[0], seen[-1]) == (404, 429)


def test_finance_completes_a_packet_and_it_goes_on(desk: House, come: Any) -> None:
    claim_id = goes_back(desk, photos=0).id
    finance = come(FINANCE)
    page = finance.opens(f"/claims/{claim_id}")
    assert "No photo of the fault" in page.text

    photo = ("fault.jpg", a_photo(5), "image/jpeg")
    after = finance.sends(f"/claims/{claim_id}/evidence", files={"photos": photo}, once=once(page))

    assert after.status_code == 200
    row = newest(desk, claim_id)
    assert (row.state, row.missing) == ("ready", [])
    assert approved(desk, claim_id).state == "filed"


def test_nothing_is_added_without_anything_or_to_an_unknown_purchase(desk: House, come: Any) -> None:
    claim_id = goes_back(desk, photos=0).id
    finance = come(FINANCE)
    key = once(finance.opens(f"/claims/{claim_id}"))

    assert finance.sends(f"/claims/{claim_id}/evidence", once=key).status_code == 422
    assert finance.sends(f"/claims/{claim_id}/evidence", once=key, purchase_order="P-0").status_code == 422
    assert newest(desk, claim_id).state == "incomplete"


def test_the_list_is_ranked_by_what_is_worth_most_per_day(desk: House, come: Any) -> None:
    dear = goes_back(desk)
    cheap = goes_back(desk, "SO-15064", serials=(), quantity=8, words="they run rough, all are defective")
    page = come(FINANCE).opens("/claims").text

    assert page.index(dear.id) < page.index(cheap.id)
    assert "worth most per day left" in page


ALLOWED = {
    "": ("/staff/sign-in", 401),
    INSPECTOR: (403, 403),
    AUDITOR: (200, 403),
    FINANCE: (200, 200),
    "rita.reviewer@halden.example": (200, 200),
    "petra.policy@halden.example": (403, 403),
    "arne.approver@halden.example": (403, 403),
}
"""What reading and working on claims comes to, by who it is"""


def test_who_may_read_and_work_on_claims(desk: House, come: Any) -> None:
    claim_id, _ = filed(desk)
    reads = ("/claims", f"/claims/{claim_id}", f"/claims/{claim_id}/packet.pdf")
    writes = (f"/claims/{claim_id}/evidence", f"/claims/{claim_id}/send")
    found = {}
    for who in ALLOWED:
        visitor = come(who)
        seen = [visitor.opens(path) for path in reads]
        read = {one.status_code if who else one.url.path for one in seen}
        written = {visitor.sends(path, once="CE-ABC", note="seen").status_code for path in writes}
        found[who] = (read, written)

    assert found == {who: ({read}, {write}) for who, (read, write) in ALLOWED.items()}

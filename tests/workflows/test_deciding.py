import pytest
import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Reason, Resolution
from backhaul.store import cases, conversation, ledger, reviews, rmas, staff
from backhaul.store.audit import events
from backhaul.store.conversation import Speaker
from backhaul.store.tables import VerdictRow
from tests.house import House

pytestmark = pytest.mark.bypass


def test_an_unused_part_inside_the_window_gets_an_rma_and_a_label(house: House) -> None:
    sent = house.propose(
        "SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="4 of the bearings are no longer needed"
    )

    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        rma = rmas.rma_of_proposal(uow, proposal.id)
        assert proposal.state == "permitted"
        assert rma is not None
        assert rma.erp_number is not None
        label = rmas.live_label(uow, rma.id)
        assert label is not None
        assert rma.state == "labelled"
        booked = house.world.erp.returns_on("SO-15086")
    assert [
        (line.line, line.quantity) for one in booked for line in one.lines if one.reference == rma.id
    ] == [(1, 4)]
    assert house.world.blobs.get(label.pdf_blob).startswith(b"%PDF")


def test_goods_delivered_140_days_ago_are_refused_with_the_clause_and_what_would_help(house: House) -> None:
    sent = house.propose(
        "SO-14174", 1, 1, Reason.NO_LONGER_NEEDED, words="we no longer need one solenoid valve"
    )

    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        verdict = cases.newest_verdict(uow, proposal.id)
        news = conversation.events_after(uow, cases.case(uow, sent.case_id).thread_id, 0, ["group_decided"])
    assert proposal.state == "denied"
    assert verdict is not None
    assert "140 days" in verdict.message
    (answer,) = news[0].payload["proposals"]
    assert answer["rules"] == ["RET-WINDOW"]
    assert answer["clauses"]
    assert house.world.erp.returns_on("SO-14174") == ()


def drives(house: House) -> tuple[str, str]:
    sent = house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="the project is cancelled, we no longer need the two drives",
        serials=("KX4-50-118803", "KX4-50-118804"),
    )
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        review = reviews.review_of_proposal(uow, proposal.id)
    assert review is not None
    return proposal.id, review.id


def approve(house: House, review_id: str, email: str) -> None:
    with house.store.begin() as uow:
        person = staff.staff_by_email(uow, email)
        assert person is not None
        review = reviews.review(uow, review_id)
        verdict = cases.newest_verdict(uow, review.proposal_id or "")
        assert verdict is not None
        row = reviews.at_version(uow, review_id, review.version, event="approval")
        reviews.approve(
            uow, house.desk.ids, row, user_id=person.id, command_digest=verdict.command_digest, note=""
        )
        house.engine.start(
            uow, workflow="resume-review", workflow_id=f"resume-{review_id}-{row.version}", args=[review_id]
        )


def test_nine_thousand_dollars_of_drives_wait_for_a_person_and_go_on_after_the_approval(
    sqlite_house: House,
) -> None:
    proposal_id, review_id = drives(sqlite_house)
    assert sqlite_house.world.erp.returns_on("SO-15093") == ()

    approve(sqlite_house, review_id, "arne.approver@halden.example")
    with sqlite_house.store.read() as uow:
        review = reviews.review(uow, review_id)
        marked = review.marked
        state = review.state
    if state == "open":
        assert marked == "needs another approval"
        approve(sqlite_house, review_id, "rita.reviewer@halden.example")

    with sqlite_house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, proposal_id)
        assert rma is not None
        assert rmas.live_label(uow, rma.id) is not None
        assert reviews.review(uow, review_id).state == "approved"


def test_a_wrong_item_is_made_good_before_the_goods_are_back(house: House) -> None:
    sent = house.propose(
        "SO-15122",
        1,
        2,
        Reason.WRONG_ITEM,
        words="two of the contactors are the wrong item, we got 120 V coils that we never ordered",
        resolution=Resolution.REPLACEMENT,
        received_words="contactor with 120 V coil",
    )

    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        rma = rmas.rma_of_proposal(uow, proposal.id)
        assert rma is not None, cases.newest_verdict(uow, proposal.id).message  # type: ignore[union-attr]
        (replacement,) = rmas.replacements(uow, rma.id)
    assert (replacement.sku, replacement.quantity) == ("CTR-018-024", 2)


def test_a_return_cannot_be_authorised_twice(house: House) -> None:
    house.propose("SO-15086", 2, 6, Reason.NO_LONGER_NEEDED, words="all six belts are no longer needed")
    again = house.propose("SO-15086", 2, 1, Reason.NO_LONGER_NEEDED, words="one belt is no longer needed")

    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=again.consent_id)
        verdict = cases.newest_verdict(uow, proposal.id)
    assert proposal.state == "denied"
    assert verdict is not None
    assert "RET-QTY" in str(verdict.decision)


CANADIAN = Speaker("A-1060", "Maplecrest Conveyors", "contact:C-1060-1")


def test_what_is_out_on_an_order_in_another_currency_is_counted_in_the_ledgers_own(
    sqlite_house: House,
) -> None:
    for _ in range(2):
        sqlite_house.propose(
            "SO-15106", 1, 1, Reason.NO_LONGER_NEEDED, words="one is no longer needed", speaker=CANADIAN
        )

    with sqlite_house.store.read() as uow:
        rows = uow.session.scalars(sa.select(VerdictRow).order_by(VerdictRow.decided_at)).all()
        first, second = [row.facts for row in rows if row.action == "create_rma"]
        out = ledger.paid_out_minor(uow, "SO-15106")
    assert first["unit_price_usd_minor"] < 23_800, "a Canadian dollar is less than one of the ledger's"
    assert second["order_paid_out_usd_minor"] == first["unit_price_usd_minor"]
    assert out == 2 * first["unit_price_usd_minor"]


@pytest.mark.parametrize(
    ("workflow", "args"),
    [
        pytest.param("return", ["RMA-FORGED22", ["PM-FORGED"]], id="an RMA that does not exist"),
        pytest.param("decide", ["PR-FORGED22"], id="a proposal that does not exist"),
        pytest.param("resume-review", ["RV-FORGED22"], id="a review that does not exist"),
        pytest.param("cancel-rma", ["RMA-FORGED22", "contact:x"], id="cancelling what does not exist"),
        pytest.param("reprint-label", ["RMA-FORGED22", "contact:x"], id="a label for what does not exist"),
    ],
)
def test_a_forged_start_does_nothing(sqlite_house: House, workflow: str, args: list[object]) -> None:
    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(uow, workflow=workflow, workflow_id="forged", args=args)

    result = sqlite_house.engine.results["forged"]
    assert "refused" in result or result["state"] == "refused"


def test_a_forged_start_with_the_permit_of_another_rma_does_nothing_and_is_written_down(
    sqlite_house: House,
) -> None:
    first = sqlite_house.propose(
        "SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, one of them"
    )
    second = sqlite_house.propose(
        "SO-15086", 1, 2, Reason.NO_LONGER_NEEDED, words="no longer needed, two of them"
    )
    with sqlite_house.store.read() as uow:
        rows = [cases.proposals(uow, consent_id=one.consent_id)[0] for one in (first, second)]
        one, other = [rmas.rma_of_proposal(uow, row.id) for row in rows]
        assert one is not None
        assert other is not None
        stolen = rmas.rma_lines(uow, other.id)[0].permit_id

    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(uow, workflow="return", workflow_id="forged", args=[one.id, [stolen]])

    assert sqlite_house.engine.results["forged"]["refused"] == "other RMA"
    with sqlite_house.store.read() as uow:
        refused = events(uow, tag=Tag.PERMIT_REFUSED)
    assert [event.subject for event in refused] == [one.id]

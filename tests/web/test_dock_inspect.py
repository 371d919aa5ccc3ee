"""Inspecting what is in quarantine: checklist, seal, grade, the customer's reason, part by part."""

from typing import Any

import pytest

from backhaul.domain.codes import ProductClass
from backhaul.domain.errors import BadInput
from backhaul.store import dock
from tests.web.dock_goods import announced, received, the_form
from tests.web.test_chat import as_file, carton
from web.dock_checklists import checklists, read_checklists

AS_NEW = {"check:wrapped": "yes", "check:marking": "yes", "check:mounted": "no", "check:rust_or_dirt": "no"}
ANSWERS = {**AS_NEW, "check:genuine": "na", "seal": "yes", "grade": "A", "finding": "confirmed"}


@pytest.fixture
def dora(visitor: Any) -> Any:
    visitor.is_staff("dock")
    return visitor


@pytest.fixture
def goods(house: Any) -> str:
    """Two bearings in quarantine."""
    return received(house, announced(house))


def inspections(house: Any, receipt: str) -> Any:
    with house.store.read() as uow:
        return list(dock.inspections(uow, receipt))


def inspects(dora: Any, receipt: str, **changed: str) -> Any:
    form = the_form(dora.opens(f"/dock/receipt/{receipt}")) | ANSWERS
    form |= {name.replace("check_", "check:"): value for name, value in changed.items()}
    return dora.sends(f"/dock/receipt/{receipt}/inspect", **form)


def test_an_inspection_is_kept_as_it_was_answered_and_leads_on(dora: Any, house: Any, goods: str) -> None:
    page = inspects(dora, goods, note="one box dented")

    (row,) = inspections(house, goods)
    assert page.url.path == f"/dock/inspection/{row.id}"
    assert (row.grade, row.finding, row.quantity, row.seal_intact) == ("A", "confirmed", 2, True)
    said = {name.removeprefix("check:"): answer for name, answer in ANSWERS.items() if "check:" in name}
    assert row.checklist == said
    assert row.note == "one box dented"


def test_the_checklist_is_that_of_the_product_class(dora: Any, goods: str) -> None:
    page = dora.opens(f"/dock/receipt/{goods}").text

    for question in checklists()[ProductClass.BEARING]:
        assert question.ask.replace("'", "&#39;") in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"check_mounted": ""}, "Answer: Are there marks of mounting or running?"),
        ({"seal": ""}, "Is the seal unbroken? Answer that too."),
        ({"grade": ""}, "Choose a grade."),
        ({"grade": "E"}, "Choose a grade."),
        ({"finding": ""}, "Is the customer right?"),
        ({"finding": "none"}, "Is the customer right?"),
        ({"finding": "differs"}, "what is it in truth?"),
        ({"finding": "differs", "found_reason": "no_longer_needed"}, "That is what the customer says."),
        ({"quantity": "3"}, "How many? 2 are waiting"),
        ({"quantity": "0"}, "How many? 2 are waiting"),
        ({"seal": "no"}, "Grade A is as new, and the seal is broken."),
        ({"check_mounted": "yes"}, "is answered yes. Change one of them."),
    ],
)
def test_what_is_missing_or_does_not_fit_is_asked_for_and_the_rest_is_kept(
    dora: Any, house: Any, goods: str, changed: dict[str, str], said: str
) -> None:
    page = inspects(dora, goods, note="greasy fingers", **changed)

    assert page.status_code == 422
    assert said in page.text
    assert ">greasy fingers</textarea>" in page.text
    assert 'name="check:wrapped" value="yes" checked' in page.text
    assert not inspections(house, goods)


def test_a_finding_that_differs_names_the_reason_in_truth(dora: Any, house: Any, goods: str) -> None:
    inspects(dora, goods, grade="D", finding="differs", found_reason="defective")

    assert inspections(house, goods)[0].found_reason == "defective"


def test_a_second_click_is_the_same_inspection(dora: Any, house: Any, goods: str) -> None:
    form = the_form(dora.opens(f"/dock/receipt/{goods}")) | ANSWERS

    pages = [dora.sends(f"/dock/receipt/{goods}/inspect", **form).url.path for _ in range(2)]

    assert pages[0] == pages[1]
    assert len(inspections(house, goods)) == 1


def test_pieces_in_different_condition_are_inspected_apart(dora: Any, house: Any, goods: str) -> None:
    inspects(dora, goods, quantity="1")
    rest = dora.opens(f"/dock/receipt/{goods}")
    inspects(dora, goods, quantity="1", grade="C", seal="no")

    assert 'name="quantity" value="1"' in rest.text
    assert [one.grade for one in inspections(house, goods)] == ["A", "C"]
    assert 'name="grade"' not in dora.opens(f"/dock/receipt/{goods}").text


def test_two_people_do_not_inspect_the_same_pieces(dora: Any, another: Any, house: Any, goods: str) -> None:
    another.is_staff("dock")
    mine = the_form(dora.opens(f"/dock/receipt/{goods}")) | ANSWERS
    inspects(another, goods)

    page = dora.sends(f"/dock/receipt/{goods}/inspect", **mine)

    assert page.status_code == 409
    assert len(inspections(house, goods)) == 1


def test_serials_are_ticked_for_those_that_are_inspected(dora: Any, house: Any) -> None:
    both = ("KX4-50-118803", "KX4-50-118804")
    receipt = received(house, announced(house, "SO-15093", 1, 2), sku="DRV-5000-480", serials=both)
    questions = checklists()[ProductClass.DRIVES_AND_MOTORS]
    form = the_form(dora.opens(f"/dock/receipt/{receipt}")) | {f"check:{one.key}": "na" for one in questions}
    form |= {"seal": "none", "grade": "B", "finding": "unclear", "quantity": "1"}

    wrong = dora.sends(f"/dock/receipt/{receipt}/inspect", **(form | {"serials": list(both)}))
    dora.sends(f"/dock/receipt/{receipt}/inspect", **(form | {"serials": both[1]}))

    assert "Tick the serials of the 1 you inspect." in wrong.text
    (row,) = inspections(house, receipt)
    assert row.serials == [both[1]]
    assert row.seal_intact is None


def test_photos_of_the_inspection_are_shown_with_it(dora: Any, goods: str) -> None:
    form = the_form(dora.opens(f"/dock/receipt/{goods}")) | ANSWERS
    picture = ("photos", ("ring.jpg", as_file(carton()), "image/jpeg"))

    page = dora.sends(f"/dock/receipt/{goods}/inspect", files=[picture], **form)

    assert f"{page.url.path}/photos/0" in page.text
    assert dora.client.get(f"{page.url.path}/photos/0").headers["content-type"] == "image/jpeg"


def test_what_is_not_booked_yet_is_not_inspected(dora: Any, house: Any) -> None:
    rma = announced(house)
    counted = dora.sends(f"/dock/rma/{rma}", **the_form(dora.opens(f"/dock/rma/{rma}")), act="count")

    receipt = counted.url.path
    tried = dora.sends(f"{receipt}/inspect", **ANSWERS, inspection="IN-22222222", quantity="1")

    assert "data-waits" in counted.text
    assert 'http-equiv="refresh"' in counted.text
    assert tried.status_code == 409


def test_every_class_has_three_to_six_questions() -> None:
    assert set(checklists()) == set(ProductClass)
    assert all(3 <= len(questions) <= 6 for questions in checklists().values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bearing: []", "at least 3"),
        ("nonsense: [{key: abc, ask: 'Is it?', good: 'yes'}]", "nonsense"),
        ("bearing: [", "checklists.yaml"),
        ("bearing: &a [&q {key: abc, ask: 'Is it?', good: 'yes'}, *q, *q]", "no checklist for"),
    ],
)
def test_a_checklist_file_with_a_fault_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_checklists(text)

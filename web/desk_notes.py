"""Asking, on a customer's behalf, for what a note names."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import BadInput
from backhaul.intake.requesting import Agreement, Chosen, How, request
from web.dock_form import Posted, pieces, text
from web.who import DeskMember, DoorsHere, staff_form

router = APIRouter(prefix="/desk")
_MOST_SERIALS = 100
_LONGEST_LINE = 4
"""Digits of a line of an order"""


@router.post("/{review_id}/request", dependencies=[Depends(staff_form)])
def ask_for(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    form: Posted,
    version: Annotated[int, Form(ge=1)],
) -> Response:
    """Ask for things of a note on the customer's behalf. The worker decides, and somebody else approves."""
    agreement = Agreement(_way(text(form, "how")), _with_whom(form), who.user_id)
    chosen = [_chosen(form, one) for one in form.getlist("take") if isinstance(one, str)]
    request(doors.desk, review_id, version=version, chosen=chosen, by=agreement)
    return RedirectResponse(f"/desk/{review_id}#noted", status_code=303)


def _way(typed: str) -> How:
    try:
        return How(typed)
    except ValueError:
        raise BadInput("Say how the customer agreed.", field="how") from None


def _with_whom(form: FormData) -> str:
    name = " ".join(text(form, "with_whom").split())[:100]
    if not name:
        raise BadInput("Say who of the customer's agreed: a request needs somebody's yes.", field="with_whom")
    return name


def _chosen(form: FormData, item_id: str) -> Chosen:
    order, _, line = text(form, f"line-{item_id}").upper().partition("/")
    if not order or not line.isdecimal() or len(line) > _LONGEST_LINE:
        raise BadInput("Name the order line, such as SO-10442/1.", field=f"line-{item_id}")
    try:
        reason, wish = Reason(text(form, f"reason-{item_id}")), Resolution(text(form, f"wish-{item_id}"))
    except ValueError:
        raise BadInput(
            "Say why it comes back, and what the customer wants.", field=f"reason-{item_id}"
        ) from None
    serials = text(form, f"serials-{item_id}").replace(";", ",").split(",")[:_MOST_SERIALS]
    return Chosen(
        item_id=item_id,
        order_number=order,
        line=int(line),
        quantity=pieces(text(form, f"quantity-{item_id}"), field=f"quantity-{item_id}"),
        reason=reason,
        resolution=wish,
        serials=tuple(dict.fromkeys(one.strip() for one in serials if one.strip())),
        received=text(form, f"received-{item_id}")[:200],
    )

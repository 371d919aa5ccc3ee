"""A supplier's own page: one claim, behind the link in our letter, and nothing else. Nobody signs in."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.claims import Answer, ClaimState, is_genuine, kept_as
from backhaul.domain.errors import BackhaulError, BadInput
from backhaul.domain.trade import Item
from backhaul.store import claims
from backhaul.store.claims import Said
from backhaul.store.money_tables import ClaimAnswerRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from web import claim_photos
from web.files import called
from web.pages import render
from web.shield import check_form, form_token
from web.sign_in import ThrottleHere
from web.throttle import SUPPLIER, place_of
from web.who import DoorsHere
from web.world import Doors

router = APIRouter(prefix="/supplier")
_LONGEST_TOKEN = 100
_LONGEST_NOTE = 2_000
_NEEDS_WORDS = {Answer.DENY: "Say why you decline it.", Answer.MORE_INFORMATION: "Say what you need from us."}

Words = Annotated[str, Form(max_length=_LONGEST_NOTE)]
Short = Annotated[str, Form(max_length=40)]
Pictures = Annotated[list[UploadFile] | None, File(alias="photos")]


class LinkGone(BackhaulError):
    """A link that leads nowhere. `was_ours` is True for a link of ours that has ended or was replaced."""

    code = "link_gone"

    def __init__(self, *, was_ours: bool) -> None:
        super().__init__("This link has ended." if was_ours else "This link does not work.")
        self.was_ours = was_ours


@dataclass(frozen=True, slots=True)
class Behind:
    """What a link leads to."""

    row: VendorClaimRow
    answer: ClaimAnswerRow | None
    """What was said through this very link"""

    @property
    def is_open(self) -> bool:
        """Whether an answer is still awaited."""
        return self.answer is None and self.row.state == ClaimState.FILED.value


def _behind(uow: UnitOfWork, doors: Doors, token: str) -> Behind:
    """Look up what a link leads to. A forged one is not looked up at all; LinkGone for both."""
    key = doors.link_key.get_secret_value()
    if len(token) > _LONGEST_TOKEN or not is_genuine(key, token):
        raise LinkGone(was_ours=False)
    row = claims.claim_of_link(uow, kept_as(key, token))
    if row is None or row.link_ends_at is None or row.link_ends_at <= uow.clock.now():
        raise LinkGone(was_ours=True)
    return Behind(row, claims.answer_through(uow, row))


@router.get("/{token}")
def page(request: Request, token: str, doors: DoorsHere, throttle: ThrottleHere) -> Response:
    """The claim, and the form to answer it; once answered, the answer."""
    throttle.check(SUPPLIER, "supplier", place_of(request))
    try:
        with doors.desk.store.read() as uow:
            behind = _behind(uow, doors, token)
    except LinkGone as gone:
        return _gone(request, doors, gone)
    return render(request, "supplier.html", _context(doors, token, behind))


def _context(doors: Doors, token: str, behind: Behind, **typed: str) -> dict[str, Any]:
    row = behind.row
    item: Item | None = doors.desk.erp.item(row.sku)
    return {
        "link": token,
        "token": form_token(token),
        "claim": row,
        "item": item,
        "asked_minor": row.cost_minor + row.allowance_minor,
        "behind": behind,
        "problem": "",
        "answer": "",
        "amount": "",
        "note": "",
        **typed,
    }


def _gone(request: Request, doors: Doors, gone: LinkGone) -> Response:
    status = HTTPStatus.GONE if gone.was_ours else HTTPStatus.NOT_FOUND
    context = {"was_ours": gone.was_ours, "write_to": doors.settings.smtp_from}
    return render(request, "supplier_gone.html", context, status=int(status))


@router.get("/{token}/packet.pdf")
def packet(request: Request, token: str, doors: DoorsHere, throttle: ThrottleHere) -> Response:
    """The packet with the evidence."""
    throttle.check(SUPPLIER, "supplier", place_of(request))
    try:
        with doors.desk.store.read() as uow:
            row = _behind(uow, doors, token).row
    except LinkGone as gone:
        return _gone(request, doors, gone)
    return as_pdf(doors.desk.blobs.get(row.packet_blob or ""), row.id)


def as_pdf(content: bytes, claim_id: str) -> Response:
    """A packet to be kept as a file."""
    return Response(content, media_type="application/pdf", headers=called(f"{claim_id}.pdf"))


@router.post("/{token}")
def say(
    request: Request,
    token: str,
    doors: DoorsHere,
    throttle: ThrottleHere,
    form: Annotated[str, Form(alias="token")] = "",
    answer: Short = "",
    amount: Short = "",
    note: Words = "",
    pictures: Pictures = None,
) -> Response:
    """Keep the supplier's answer; a second click finds the first one."""
    throttle.check(SUPPLIER, "supplier", place_of(request))
    try:
        with doors.desk.store.read() as uow:
            behind = _behind(uow, doors, token)
        check_form(request, secret=token, token=form)
        if behind.is_open:
            asked = behind.row.cost_minor + behind.row.allowance_minor
            said = _said(doors, asked, answer, amount, note.strip(), pictures or ())
            _keep(doors, token, said)
    except LinkGone as gone:
        return _gone(request, doors, gone)
    except BadInput as wrong:
        typed = {"problem": str(wrong), "answer": answer, "amount": amount, "note": note}
        context = _context(doors, token, behind, **typed)
        return render(request, "supplier.html", context, status=int(HTTPStatus.UNPROCESSABLE_ENTITY))
    return RedirectResponse(f"/supplier/{token}", status_code=303)


def _said(
    doors: Doors,
    asked_minor: int,
    answer: str,
    amount: str,
    note: str,
    pictures: list[UploadFile] | tuple[()],
) -> Said:
    """Read the form. An approval in part names its amount in dollars and cents.

    Raises:
        BadInput: No answer chosen, an amount that cannot be, no words where words are needed, or no picture.
    """
    part = answer == "approve_part"
    chosen = Answer.APPROVE if part else next((one for one in Answer if one.value == answer), None)
    if chosen is None:
        raise BadInput("Choose one of the answers.", field="answer")
    if chosen in _NEEDS_WORDS and not note:
        raise BadInput(_NEEDS_WORDS[chosen], field="note")
    minor = _cents(amount, asked_minor) if part else None
    return Said(chosen, minor, note, claim_photos.keep(doors.desk, pictures))


def _cents(typed: str, asked_minor: int) -> int:
    try:
        cents = Decimal(typed.replace("$", "").replace(",", "").strip()) * 100
    except InvalidOperation:
        cents = Decimal(0)
    if not cents.is_finite() or cents != cents.to_integral_value() or not 0 < cents <= asked_minor:
        most = f"{asked_minor // 100}.{asked_minor % 100:02d}"
        raise BadInput(f"Name an amount in dollars and cents, up to {most}.", field="amount")
    return int(cents)


def _keep(doors: Doors, token: str, said: Said) -> None:
    """Look at the claim once more under the writer's lock: it may have been answered in the meantime."""
    with doors.desk.store.begin() as uow:
        behind = _behind(uow, doors, token)
        if not behind.is_open:
            return
        given = claims.say(uow, behind.row, said)
        doors.desk.starter.start(
            uow, workflow="claim-answer", workflow_id=f"claim-answer-{given.id}", args=[given.id]
        )

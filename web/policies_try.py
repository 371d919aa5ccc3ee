"""Try a change: an owner's figures, or a document, proved and replayed before anything is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, UploadFile
from fastapi.responses import Response
from starlette.datastructures import FormData

from backhaul.domain.errors import BadInput, NotFound, PolicyError
from backhaul.store import decisions
from policies.bundle import Bundle, Edition
from policies.drafting import Draft, draft_document, draft_table, edition_of
from policies.tables import CellKey
from web.files import called
from web.pages import render
from web.policies import frame
from web.policies_form import TableForm, changed_cells, form_of
from web.policies_trial import try_draft
from web.policies_view import read_policies
from web.who import DoorsHere, Member, PolicyReader, staff_form
from web.world import Doors

router = APIRouter(prefix="/policies/try")
_LARGEST_DOCUMENT = 300_000
_DECEMBER = 12


async def posted(request: Request) -> FormData:
    """The form as it came: its cells have names of their own."""
    return await request.form()


Posted = Annotated[FormData, Depends(posted)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What an owner typed over the cells of an edition, and from which day on it should hold."""

    edition: Edition
    form: Mapping[str, str]
    first: str

    def cells(self, table: str) -> dict[CellKey, str]:
        """The cells that differ from the edition on the page."""
        return changed_cells(self.edition.grids[table], self.form)

    def day(self) -> date:
        """BadInput when it is no day."""
        try:
            return date.fromisoformat(self.first)
        except ValueError as wrong:
            raise BadInput(f"{self.first!r} is no day; write it like 2027-03-31.", field="first") from wrong


@router.get("")
def choose(request: Request, doors: DoorsHere, who: PolicyReader) -> Response:
    """Which table to change; or hand in a document."""
    return render(request, "policies_try.html", _choice(doors, who))


@router.post("", dependencies=[Depends(staff_form)])
def hand_in(request: Request, doors: DoorsHere, who: PolicyReader, document: UploadFile) -> Response:
    """Try a document as its author wrote it."""
    try:
        draft = _handed_in(doors, document)
    except (BadInput, PolicyError) as wrong:
        context = {**_choice(doors, who), "problem": str(wrong)}
        return render(request, "policies_try.html", context, status=422)
    return render(request, "policies_try.html", {**_choice(doors, who), "trial": try_draft(doors, draft)})


@router.get("/{table}")
def ask(request: Request, table: str, doors: DoorsHere, who: PolicyReader) -> Response:
    """A table to type other figures into."""
    return render(
        request, "policies_try_table.html", _table_page(doors, who, table, _untouched(doors, table))
    )


@router.post("/{table}", dependencies=[Depends(staff_form)])
def run(request: Request, table: str, doors: DoorsHere, who: PolicyReader, form: Posted) -> Response:
    """Try the figures that were typed."""
    typed = _typed(doors, table, form)
    context = _table_page(doors, who, table, typed)
    try:
        draft = _draft(doors, table, typed)
    except BadInput as wrong:
        return render(request, "policies_try_table.html", {**context, "problem": str(wrong)}, status=422)
    return render(request, "policies_try_table.html", {**context, "trial": try_draft(doors, draft)})


@router.post("/{table}/edition", dependencies=[Depends(staff_form)])
def edition(table: str, doors: DoorsHere, who: PolicyReader, form: Posted) -> Response:
    """The edition with these figures as a file, or the one before it with its end, for whoever signs it."""
    del who  # the dependency let them in
    draft = _draft(doors, table, _typed(doors, table, form))
    file = str(form.get("file") or next(iter(draft.files)))
    if file not in draft.files:
        raise NotFound("file of this draft", file)
    return Response(
        draft.files[file],
        media_type="application/yaml; charset=utf-8",
        headers=called(file),
    )


def _choice(doors: Doors, who: Member) -> dict[str, Any]:
    return {
        **frame(doors, who, "try"),
        "read": read_policies(doors.desk.policies().bundle, doors.desk.clock.now().date()),
        "problem": "",
        "trial": None,
        "on_record": _on_record(doors),
    }


def _table_page(doors: Doors, who: Member, table: str, typed: Typed) -> dict[str, Any]:
    form: TableForm = form_of(typed.edition, table, typed.form)
    return {
        **frame(doors, who, "try"),
        "table": form,
        "first": typed.first,
        "earliest": doors.desk.clock.now().date() + timedelta(days=1),
        "problem": "",
        "trial": None,
        "on_record": _on_record(doors),
    }


def _on_record(doors: Doors) -> int:
    with doors.desk.store.read() as uow:
        return decisions.count(uow)


def _handed_in(doors: Doors, document: UploadFile) -> Draft:
    name = (document.filename or "").rpartition("/")[2]
    if not name.endswith(".yaml"):
        raise BadInput("Choose a policy document; its name ends in .yaml.", field="document")
    content = document.file.read(_LARGEST_DOCUMENT + 1)
    if len(content) > _LARGEST_DOCUMENT:
        raise BadInput(f"{name} is larger than any policy document (300 kB).", field="document")
    try:
        text = content.decode()
    except UnicodeDecodeError as wrong:
        raise BadInput(f"{name} is no UTF-8 text.", field="document") from wrong
    bundle = doors.desk.policies().bundle
    return draft_document(bundle, name, text, today=doors.desk.clock.now().date())


def _untouched(doors: Doors, table: str) -> Typed:
    first = _next_month(doors.desk.clock.now().date())
    return Typed(_edition(doors.desk.policies().bundle, table, first), {}, first.isoformat())


def _typed(doors: Doors, table: str, form: FormData) -> Typed:
    """What was typed, held against the edition the page showed: what it did not show was not changed."""
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    bundle = doors.desk.policies().bundle
    lines = (edition for line in bundle.policies.values() for edition in line)
    shown = next((one for one in lines if one.policy.label == said.get("base") and table in one.grids), None)
    untouched = _untouched(doors, table)
    return Typed(shown or untouched.edition, said, said.get("first", untouched.first))


def _draft(doors: Doors, table: str, typed: Typed) -> Draft:
    return draft_table(
        doors.desk.policies().bundle,
        table,
        typed.cells(table),
        first=typed.day(),
        today=doors.desk.clock.now().date(),
    )


def _edition(bundle: Bundle, table: str, day: date) -> Edition:
    try:
        return edition_of(bundle, table, day)
    except BadInput as wrong:
        raise NotFound("table", table) from wrong


def _next_month(today: date) -> date:
    """Editions begin on the first of a month unless somebody has a reason."""
    year, month = (today.year + 1, 1) if today.month == _DECEMBER else (today.year, today.month + 1)
    return date(year, month, 1)

"""The keys of the desk as a page of their own, for who has no script or wants to read them in peace."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from web.pages import render
from web.who import DeskMember

router = APIRouter(prefix="/desk")


@router.get("/keys")
def keys(request: Request, who: DeskMember) -> Response:
    """What each key does."""
    return render(request, "desk_keys.html", {"who": who, "token": who.token})

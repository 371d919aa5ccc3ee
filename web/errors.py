"""What a person or a program sees when something cannot be done: from our errors to status codes."""

import json
import logging
import traceback
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from backhaul.domain.errors import (
    BackhaulError,
    BadInput,
    ConnectorError,
    ConnectorUnavailable,
    HeldByAnother,
    InvalidTransition,
    NotAllowed,
    NotFound,
    PolicyError,
    StalePage,
)
from web.pages import render

log = structlog.get_logger(__name__)
_OPERATORS_DOOR = "/cli/"
_API = "/api/"
_FOR_PROGRAMS = (_OPERATORS_DOOR, "/hooks/", _API)
_OWN_WORDS = (_OPERATORS_DOOR, _API)
"""Behind a key, the trade's own words help"""
_INNERMOST = 5


class TooOften(BackhaulError):
    """More requests than a person makes; `retry_after` is in seconds."""

    code = "too_often"
    retryable = True

    def __init__(self, retry_after: int) -> None:
        super().__init__("That was a lot in a short time. Wait a moment, then try again.")
        self.retry_after = retry_after


class NotSignedIn(BackhaulError):
    """The page needs somebody to be signed in; `door` is where that is done."""

    code = "not_signed_in"

    def __init__(self, door: str) -> None:
        super().__init__("Sign in first.")
        self.door = door


class NoApiKey(BackhaulError):
    """A program came without a key, or with one that is not in use."""

    code = "no_api_key"

    def __init__(self) -> None:
        super().__init__("This door needs an API key in use: Authorization: Bearer bhk_...")


class ForeignForm(BackhaulError):
    """A form that did not come from our own page, or came from one that is too old."""

    code = "foreign_form"

    def __init__(self) -> None:
        super().__init__(
            "This form is too old or came from another site. Go back, reload the page, try again."
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    status: HTTPStatus
    title: str
    words: str | None = None
    """Said instead of the error's own words, which are for the trade and not for a visitor."""


_ANSWERS: tuple[tuple[type[BackhaulError], _Answer], ...] = (
    (
        NotFound,
        _Answer(
            HTTPStatus.NOT_FOUND,
            "Nothing here",
            "There is no such page, or it is not one that you may see. Check the address, or start over.",
        ),
    ),
    (NotSignedIn, _Answer(HTTPStatus.UNAUTHORIZED, "Please sign in")),
    (NoApiKey, _Answer(HTTPStatus.UNAUTHORIZED, "No API key")),
    (ForeignForm, _Answer(HTTPStatus.FORBIDDEN, "That form was not accepted")),
    (NotAllowed, _Answer(HTTPStatus.FORBIDDEN, "Not yours to do")),
    (StalePage, _Answer(HTTPStatus.CONFLICT, "This has changed meanwhile")),
    (HeldByAnother, _Answer(HTTPStatus.CONFLICT, "A colleague has this")),
    (InvalidTransition, _Answer(HTTPStatus.CONFLICT, "Already dealt with")),
    (TooOften, _Answer(HTTPStatus.TOO_MANY_REQUESTS, "A little slower, please")),
    (BadInput, _Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "That cannot be used")),
    (
        ConnectorUnavailable,
        _Answer(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The order system does not answer",
            "Nothing is lost. Try again in a minute.",
        ),
    ),
    (
        ConnectorError,
        _Answer(HTTPStatus.BAD_GATEWAY, "The order system said no", "Nothing was changed. Ask for a person."),
    ),
    (
        PolicyError,
        _Answer(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The rules cannot be read just now",
            "Requests are kept and decided as soon as they can be.",
        ),
    ),
)
_UNEXPECTED = _Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong on our side",
    "Your messages are kept. Reload the page; if it happens again, tell us the number below.",
)


def answer_to(error: BackhaulError) -> _Answer:
    """Status, title and words for an error of ours."""
    found = next((answer for kind, answer in _ANSWERS if isinstance(error, kind)), None)
    return found or _UNEXPECTED


def wants_json(request: Request) -> bool:
    """Whether a program asks rather than a person."""
    return "application/json" in request.headers.get("accept", "") or request.url.path.startswith(
        _FOR_PROGRAMS
    )


def _behind_a_key(request: Request) -> bool:
    return request.url.path.startswith(_OWN_WORDS)


def install(app: FastAPI) -> None:
    """Every error leaves through here."""
    app.add_exception_handler(BackhaulError, _ours)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _of_the_form)
    app.add_exception_handler(Exception, _unexpected)
    # After our answer the server would print the trace, whose last line may quote what a customer wrote.
    logging.getLogger("uvicorn.error").addFilter(_is_no_trace)


def _is_no_trace(record: logging.LogRecord) -> bool:
    return record.exc_info is None


def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, BackhaulError):
        raise TypeError("only our own errors are answered here")
    answer = answer_to(error)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooOften) else {}
    if isinstance(error, NoApiKey):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, NotSignedIn) and not wants_json(request) and request.method == "GET":
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": error.door})
    words = None if _behind_a_key(request) else answer.words
    return _page(request, answer, words or f"{error}", code=error.code, headers=headers)


def _of_the_framework(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else _UNEXPECTED.status
    if status is HTTPStatus.NOT_FOUND:
        return _ours(request, NotFound("page", request.url.path))
    photos = "" if _behind_a_key(request) else " Photos may have 10 MB each."
    words = {
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"What you sent is too large.{photos}",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address cannot be used in that way.",
    }
    return _page(
        request,
        _Answer(status, status.phrase),
        words.get(status, status.description),
        code="http",
        headers={},
    )


def _of_the_form(request: Request, error: Exception) -> Response:
    fields = (
        [str(part["loc"][-1]) for part in error.errors()] if isinstance(error, RequestValidationError) else []
    )
    named = ", ".join(sorted(set(fields))) or "the form"
    return _ours(request, BadInput(f"Something is missing or has the wrong form: {named}.", field=named))


def _unexpected(request: Request, error: Exception) -> Response:
    number = uuid.uuid4().hex[:8]
    route = request.scope.get("route")
    log.error(
        "request_failed",
        number=number,
        kind=type(error).__name__,
        where=_where(error),
        route=getattr(route, "path", ""),
    )
    return _page(request, _UNEXPECTED, _UNEXPECTED.words or "", code="unexpected", number=number, headers={})


def _where(error: Exception) -> str:
    """The innermost lines of the trace, without what they were given."""
    frames = traceback.extract_tb(error.__traceback__)[-_INNERMOST:]
    return " > ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)


class _ProblemResponse(JSONResponse):
    """What was sent may stand in it, also half a character, which no encoding has."""

    media_type = "application/problem+json"

    def render(self, content: object) -> bytes:
        return json.dumps(content).encode("ascii")


def _page(
    request: Request, answer: _Answer, words: str, *, code: str, headers: dict[str, str], number: str = ""
) -> Response:
    status = int(answer.status)
    if wants_json(request):
        problem = {
            "type": "about:blank",
            "title": answer.title,
            "status": status,
            "detail": words,
            "code": code,
        }
        if number:
            problem["instance"] = f"urn:backhaul:error:{number}"
        return _ProblemResponse(problem, status_code=status, headers=headers)
    return render(
        request,
        "error.html",
        {"title": answer.title, "words": words, "number": number, "status": status},
        status=status,
        headers=headers,
    )

"""The document of `/api/v1`, OpenAPI 3.1, made from the routes; `docs/openapi.json` is that of this version.
`python -m web.api` prints it.
"""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute

from web.api_access import scope_of

VERSION = "1.0.0"
"""Of the API: a breaking change is another path, `/api/v2`"""
_ABOUT = (
    "Returns of a distributor, for programs. Every request needs a key (`backhaul key add`) with the scope "
    "that the operation names. Each write needs an Idempotency-Key. What cannot be done is answered with a "
    "problem as in RFC 9457. See docs/api.md."
)
_PROBLEMS = {
    400: "What was sent cannot be read",
    401: "No key in use",
    403: "The key lacks the scope, or it is not for this program to do",
    404: "No such record, or one of another account",
    409: "The record is in a state that does not allow it",
    413: "Too large",
    422: "Something is missing or cannot be used, or the Idempotency-Key came with another request",
    429: "Too often: see Retry-After",
    503: "Something that is needed does not answer; try again",
}
_ALWAYS, _OF_WRITES = frozenset({400, 401, 403, 404, 422, 429, 503}), frozenset({409, 413})
_LIMITS = {
    "RateLimit": {"description": "What is left of the quota, and in how many seconds there is more"},
    "RateLimit-Policy": {"description": "The quota and its window in seconds"},
}
_AS_TEXT = {"schema": {"type": "string"}}
_KEY = {"type": "http", "scheme": "bearer", "description": "A key of this house: bhk_..."}


class Problem(BaseModel):
    """Why something was not done (RFC 9457). `code` is stable; `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = Field(default=None, description="Number of a fault on our side")


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of those routes."""
    made = get_openapi(
        title="Backhaul", version=VERSION, openapi_version="3.1.0", description=_ABOUT, routes=routes
    )
    schemas: dict[str, Any] = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["components"]["responses"] = {_called(status): _problem(status) for status in _PROBLEMS}
    made["components"]["headers"] = {name: {**about, **_AS_TEXT} for name, about in _LIMITS.items()}
    made["components"]["securitySchemes"] = {"key": _KEY}
    scopes = {
        (route.path, method): scope_of(route)
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _complete(operation, path, method, scopes[path, method.upper()])
    return made


def _complete(operation: dict[str, Any], path: str, method: str, scope: str) -> None:
    """What holds for every operation alike: keys, problems, quotas."""
    operation["security"] = [{"key": [scope]}]
    operation["operationId"] = _name(operation["operationId"], path)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "Idempotency-Key":
            parameter["required"] = True
            parameter["schema"].pop("default", None)
    answers = {code: told for code, told in operation["responses"].items() if code != "422"}
    for told in answers.values():
        told["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _LIMITS}
    statuses = _ALWAYS if method == "get" else _ALWAYS | _OF_WRITES
    answers |= {str(status): {"$ref": f"#/components/responses/{_called(status)}"} for status in statuses}
    operation["responses"] = dict(sorted(answers.items()))


def _name(given: str, path: str) -> str:
    """The function's own name: `list_cases` rather than with path and method."""
    tail = path.strip("/").replace("/", "_").replace("{", "_").replace("}", "_")
    return given.partition(f"_{tail}")[0]


def _called(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _problem(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _PROBLEMS[status], "content": content}


def written(made: dict[str, Any]) -> str:
    """The document as it is committed."""
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"

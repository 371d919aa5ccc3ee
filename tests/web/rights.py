"""Who gets in at which door: one row for every method of every route of the application.

Another line of the product that adds a route adds a row here; `test_rights` fails until it does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

CALLERS = (
    "nobody",
    "customer",
    "reviewer",
    "approver",
    "dock",
    "finance",
    "policy owner",
    "auditor",
    "admin",
    "api key",
)
DESK = ("reviewer", "approver")
DOCK = ("dock", "admin")
CLAIMS = ("finance", "reviewer", "admin")
STUCK = ("reviewer", "admin")
RULES = ("reviewer", "approver", "policy owner", "finance", "auditor")
BOOKS = ("finance", "admin", "approver", "auditor")
EVERY_MEMBER = CALLERS[2:-1]

HIDDEN, STALE, UNUSABLE = 404, 409, 422
_SIGN_IN_FIRST, _NOT_YOURS = 401, 403
_DOORS = {"customer": "/sign-in", "staff": "/staff/sign-in"}


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` says who is let in (everybody, customer, staff, program, operator); they get `gets`."""

    kind: str
    gets: int
    roles: tuple[str, ...] = ()

    def expected(self, method: str, caller: str) -> int | str:
        """The status for this caller, or the door that a page sends them to."""
        if self.kind == "everybody" or caller in self.roles:
            return self.gets
        if self.kind == "operator":
            return _NOT_YOURS
        if self.kind == "staff" and caller in EVERY_MEMBER:
            return _NOT_YOURS
        leads_to_a_door = method in {"GET", "HEAD"} and self.kind in _DOORS
        return _DOORS[self.kind] if leads_to_a_door else _SIGN_IN_FIRST


def everybody(gets: int = 200) -> Row:
    return Row("everybody", gets)


def customers(gets: int) -> Row:
    return Row("customer", gets, ("customer",))


def staff(roles: tuple[str, ...], gets: int = 200) -> Row:
    return Row("staff", gets, roles)


def programs(gets: int) -> Row:
    return Row("program", gets, ("api key",))


OPERATOR = Row("operator", 403)

ROWS: dict[str, Row] = {
    "GET /": everybody(),
    "HEAD /": everybody(),
    "GET /static/{path}": everybody(),
    "GET /healthz": everybody(),
    "HEAD /healthz": everybody(),
    "GET /readyz": everybody(),
    "HEAD /readyz": everybody(),
    "GET /metrics": everybody(),
    "GET /mailbox": everybody(),
    "GET /mailbox/{key}/{position}": everybody(HIDDEN),
    "POST /demo/stories/{key}": everybody(HIDDEN),
    "POST /demo/personas/{key}": everybody(HIDDEN),
    "POST /demo/advance": everybody(UNUSABLE),
    "GET /sign-in": everybody(),
    "POST /sign-in/code": everybody(),
    "POST /sign-in/code/check": everybody(UNUSABLE),
    "POST /sign-in/order": everybody(UNUSABLE),
    "GET /staff/sign-in": everybody(),
    "POST /staff/sign-in": everybody(UNUSABLE),
    "GET /staff/sign-in/provider": everybody(HIDDEN),
    "GET /staff/sign-in/provider/back": everybody(HIDDEN),
    "POST /sign-out": customers(303),
    "POST /staff/sign-out": staff(EVERY_MEMBER, 303),
    "POST /hooks/carrier/{carrier}": everybody(HIDDEN),
    "GET /supplier/{token}": everybody(HIDDEN),
    "GET /supplier/{token}/packet.pdf": everybody(HIDDEN),
    "POST /supplier/{token}": everybody(HIDDEN),
    "GET /cli/home": everybody(UNUSABLE),
    "POST /cli/chat": OPERATOR,
    "POST /cli/threads/{thread_id}/turns": OPERATOR,
    "POST /api/v1/notes": programs(UNUSABLE),
    "GET /api/v1/openapi.json": everybody(),
    "GET /api/v1/conversations": programs(200),
    "POST /api/v1/conversations": programs(UNUSABLE),
    "GET /api/v1/conversations/{conversation_id}": programs(HIDDEN),
    "GET /api/v1/conversations/{conversation_id}/messages": programs(HIDDEN),
    "POST /api/v1/conversations/{conversation_id}/messages": programs(UNUSABLE),
    "GET /api/v1/cases": programs(200),
    "GET /api/v1/cases/{case_id}": programs(HIDDEN),
    "GET /api/v1/reviews": programs(200),
    "GET /api/v1/reviews/{review_id}": programs(200),
    "GET /api/v1/rmas": programs(200),
    "GET /api/v1/rmas/{rma_id}": programs(200),
    "POST /api/v1/rmas/{rma_id}/cancel": programs(UNUSABLE),
    "POST /api/v1/rmas/{rma_id}/labels": programs(UNUSABLE),
    "GET /api/v1/labels/{label_id}": programs(HIDDEN),
    "GET /api/v1/labels/{label_id}/{kind}": programs(HIDDEN),
    "POST /api/v1/events/parcels": programs(UNUSABLE),
    "POST /api/v1/events/receipts": programs(UNUSABLE),
    "GET /account": customers(200),
    "POST /account/sessions/end": customers(303),
    "GET /staff/account": staff(EVERY_MEMBER),
    "POST /staff/account/sessions/end": staff(EVERY_MEMBER, 303),
    "POST /staff/account/password": staff(EVERY_MEMBER, UNUSABLE),
    "GET /admin/people": staff(("admin",)),
    "POST /admin/people": staff(("admin",), UNUSABLE),
    "GET /admin/people/{staff_id}": staff(("admin",), HIDDEN),
    "POST /admin/people/{staff_id}/roles": staff(("admin",), UNUSABLE),
    "POST /admin/people/{staff_id}/deactivate": staff(("admin",), HIDDEN),
    "POST /admin/people/{staff_id}/reactivate": staff(("admin",), HIDDEN),
    "POST /admin/people/{staff_id}/password": staff(("admin",), HIDDEN),
    "GET /admin/sessions": staff(("admin",)),
    "POST /admin/sessions/end": staff(("admin",), UNUSABLE),
    # The conversation is somebody else's: for its owner see test_attacks.
    "GET /chat": customers(200),
    "POST /chat": customers(303),
    "GET /chat/{thread_id}": customers(HIDDEN),
    "GET /chat/{thread_id}/live": customers(HIDDEN),
    "GET /chat/{thread_id}/events": customers(HIDDEN),
    "GET /chat/{thread_id}/photos/{attachment_id}": customers(HIDDEN),
    "GET /chat/{thread_id}/labels/{label_id}/{kind}": customers(HIDDEN),
    "POST /chat/{thread_id}/messages": customers(HIDDEN),
    "POST /chat/{thread_id}/person": customers(HIDDEN),
    "GET /returns": customers(200),
    "GET /returns/{case_id}": customers(HIDDEN),
    "GET /returns/{case_id}/labels/{label_id}/{kind}": customers(HIDDEN),
    "POST /returns/{case_id}/cancel": customers(HIDDEN),
    "POST /returns/{case_id}/label": customers(HIDDEN),
    "GET /orders": customers(200),
    "POST /orders/slip": customers(UNUSABLE),
    "POST /orders/pick": customers(UNUSABLE),
    "GET /guided": customers(200),
    "POST /guided": customers(UNUSABLE),
    "GET /phone": staff(DESK),
    "POST /phone": staff(DESK, HIDDEN),
    "POST /phone/end": staff(DESK, 303),
    # The version in the form is an old one: whoever may act is told that the page is stale.
    "GET /desk": staff(DESK),
    "GET /desk/events": staff(DESK),
    "GET /desk/{review_id}": staff(DESK),
    "GET /desk/{review_id}/photos/{attachment_id}": staff(DESK, HIDDEN),
    "POST /desk/{review_id}/approve": staff(DESK, STALE),
    "POST /desk/{review_id}/reject": staff(DESK, STALE),
    "POST /desk/{review_id}/ask": staff(DESK, STALE),
    "POST /desk/{review_id}/credit-instead": staff(DESK, STALE),
    "POST /desk/{review_id}/blind": staff(DESK, UNUSABLE),
    "POST /desk/{review_id}/credit-early": staff(DESK, UNUSABLE),
    "POST /desk/{review_id}/request": staff(DESK, UNUSABLE),
    "POST /desk/{review_id}/end-return": staff(DESK, UNUSABLE),
    "POST /desk/outcomes/{outcome_id}/seen": staff(DESK, HIDDEN),
    "GET /desk/keys": staff(DESK),
    "GET /desk/{review_id}/audit": staff(DESK),
    "GET /desk/{review_id}/edit": staff(DESK),
    "GET /desk/{review_id}/edit/verdict": staff(DESK, UNUSABLE),
    "POST /desk/{review_id}/expert": staff(DESK, STALE),
    "POST /desk/{review_id}/undo": staff(DESK, STALE),
    "POST /desk/{review_id}/notes": staff(DESK, 303),
    "POST /desk/{review_id}/claim": staff(DESK, 303),
    "POST /desk/{review_id}/working": staff(DESK),
    "POST /desk/{review_id}/hand-over": staff(DESK, UNUSABLE),
    "POST /desk/{review_id}/take-over": staff(DESK, 303),
    # Given back at last, or the next one could not have it.
    "POST /desk/{review_id}/give-back": staff(DESK, 303),
    "POST /desk/{review_id}/snooze": staff(DESK, UNUSABLE),
    "POST /desk/{review_id}/wake": staff(DESK, 303),
    "GET /corrections": staff(DESK),
    "POST /corrections/{correction_id}/confirm": staff(DESK, HIDDEN),
    "POST /corrections/{correction_id}/dismiss": staff(DESK, HIDDEN),
    "GET /dock": staff(DESK + DOCK),
    "GET /dock/rma/{rma_id}": staff(DESK + DOCK),
    "GET /dock/receipt/{receipt_id}": staff(DESK + DOCK),
    "GET /dock/receipt/{receipt_id}/photos/{position}": staff(DESK + DOCK, HIDDEN),
    "GET /dock/inspection/{inspection_id}": staff(DESK + DOCK),
    "GET /dock/inspection/{inspection_id}/photos/{position}": staff(DESK + DOCK, HIDDEN),
    "GET /dock/unmatched/{receipt_id}": staff(DESK + DOCK),
    "GET /dock/unannounced": staff(DOCK),
    "POST /dock/rma/{rma_id}": staff(DOCK, STALE),
    "POST /dock/receipt/{receipt_id}/inspect": staff(DOCK, UNUSABLE),
    "POST /dock/inspection/{inspection_id}": staff(DOCK, UNUSABLE),
    "POST /dock/unannounced": staff(DOCK, UNUSABLE),
    "POST /dock/unmatched/{receipt_id}": staff(DOCK, STALE),
    "POST /dock/unmatched/{receipt_id}/send-back": staff((*DESK, "admin"), UNUSABLE),
    "GET /claims": staff((*CLAIMS, "auditor")),
    "GET /claims/{claim_id}": staff((*CLAIMS, "auditor"), HIDDEN),
    "GET /claims/{claim_id}/packet.pdf": staff((*CLAIMS, "auditor"), HIDDEN),
    "GET /claims/{claim_id}/pictures/{blob}": staff((*CLAIMS, "auditor"), HIDDEN),
    "POST /claims/{claim_id}/evidence": staff(CLAIMS, UNUSABLE),
    "POST /claims/{claim_id}/send": staff(CLAIMS, UNUSABLE),
    "GET /stuck": staff((*STUCK, "finance")),
    "POST /stuck": staff(STUCK, UNUSABLE),
    "GET /finance": staff(BOOKS),
    "GET /finance/{name}.csv": staff(BOOKS),
    "GET /insight": staff((*RULES, "admin")),
    "GET /insight/{key}": staff((*RULES, "admin")),
    "GET /insight/{key}.csv": staff((*RULES, "admin")),
    "GET /insight/{key}/cases": staff((*RULES, "admin")),
    "GET /insight/{key}/cases.csv": staff((*RULES, "admin")),
    "GET /insight/case/{case_id}": staff((*RULES, "admin"), HIDDEN),
    "GET /policies": staff(RULES),
    "GET /policies/editions": staff(RULES),
    "GET /policies/decisions/{verdict_id}": staff(RULES, HIDDEN),
    "GET /policies/autonomy": staff(RULES),
    "GET /policies/try": staff(RULES),
    "GET /policies/try/{table}": staff(RULES),
    "POST /policies/try": staff(RULES, UNUSABLE),
    "POST /policies/try/{table}": staff(RULES, UNUSABLE),
    "POST /policies/try/{table}/edition": staff(RULES, UNUSABLE),
}


def routes_of(app: Any) -> list[str]:
    """Every door of an application as `METHOD /path/{id}`, asked of the application itself."""
    return [f"{method} {path}" for route in iter_route_contexts(app.routes) for method, path in _told(route)]


def _told(route: Any) -> Iterable[tuple[str, str]]:
    if isinstance(route.original_route, Mount):
        return [("GET", f"{route.original_route.path}/{{path}}")]
    return [(method, route.path) for method in sorted(route.methods or ())]


class Absent(dict[str, str]):
    """Every other id is one of nothing."""

    def __missing__(self, key: str) -> str:
        return "XX-1"


def filled(path: str, ids: dict[str, str]) -> str:
    return path.format_map(Absent(ids))

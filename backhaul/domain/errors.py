"""Every error Backhaul raises on purpose.

BackhaulError
├── NotFound               no such order, line, RMA, case or account
├── BadInput               what was sent cannot be used; the message says what, where and what to do
│   └── CurrencyMismatch   two currencies met in one sum
├── InvalidTransition      the return is not in a state that allows this
├── StalePage              the record moved on since it was shown
├── HeldByAnother          a colleague works on it
├── NotAllowed             this person may not do this
├── PolicyError            a policy document cannot be loaded, or a rule could not be evaluated
├── PermitRefused          the gateway did not accept a permit
├── LedgerLawBroken        an entry would give out more than there is
└── ConnectorError         an ERP, carrier or warehouse did not do as asked
    ├── ConnectorRejected      it said no; repeating will not help
    └── ConnectorUnavailable   it did not answer; repeating may help

A refusal by policy is a Verdict, not an exception. HTTP status codes are `web/errors.py`'s business.
"""

from datetime import datetime


class BackhaulError(Exception):
    """Base of the tree: a stable `code`, and whether trying again may help."""

    code = "backhaul_error"
    retryable = False


class NotFound(BackhaulError):
    """No record of that kind under that id, or none that this account may see."""

    code = "not_found"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind, self.key = kind, key


class BadInput(BackhaulError):
    """What was sent cannot be used. `field` names where."""

    code = "bad_input"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class CurrencyMismatch(BadInput):
    """Two currencies met in one sum or comparison."""

    code = "currency_mismatch"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot combine {left} with {right}", field="currency")
        self.left, self.right = left, right


class InvalidTransition(BackhaulError):
    """The record is in a state from which this event is not possible."""

    code = "invalid_transition"

    def __init__(self, subject: str, *, state: str, event: str) -> None:
        super().__init__(f"{subject} is {state}; {event} is not possible from there")
        self.subject, self.state, self.event = subject, state, event


class StalePage(BackhaulError):
    """The row version shown to the person is no longer the current one."""

    code = "stale_page"

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} has changed since you opened it; look again and decide anew")
        self.subject = subject


class HeldByAnother(BackhaulError):
    """A colleague has claimed the review; `until` says for how long, unless they go on working on it."""

    code = "held_by_another"
    retryable = True

    def __init__(self, subject: str, *, holder: str, until: datetime) -> None:
        super().__init__(
            f"{holder} works on {subject} until {until:%H:%M} UTC. "
            "Leave it to them, or take it over and say why"
        )
        self.subject, self.holder, self.until = subject, holder, until


class NotAllowed(BackhaulError):
    """The person is known but has no right to this act."""

    code = "not_allowed"


class PolicyError(BackhaulError):
    """A policy document or the facts for it cannot be used; nothing is decided on a guess."""

    code = "policy_error"

    def __init__(self, message: str, *, file: str = "", line: int = 0, clause: str = "") -> None:
        where = ":".join(str(part) for part in (file, line or "") if part)
        head = " ".join(part for part in (where, f"[{clause}]" if clause else "") if part)
        super().__init__(f"{head}: {message}" if head else message)
        self.file, self.line, self.clause = file, line, clause


class PermitRefused(BackhaulError):
    """The gateway did not accept a permit; `check` names the one that failed."""

    code = "permit_refused"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(f"permit refused ({check}): {detail}")
        self.check, self.detail = check, detail


class LedgerLawBroken(BackhaulError):
    """An entry would break a conservation law of the ledger; nothing was entered.

    `law` says which, `figure` what the sum would be and `bound` what it may be, in pieces or in cents of the
    ledger currency; `order_number`, `order_line` and `rma_line_id` say where.
    """

    code = "ledger_law_broken"

    def __init__(
        self,
        law: str,
        *,
        figure: int,
        bound: int,
        order_number: str,
        order_line: int,
        rma_line_id: str | None,
    ) -> None:
        place = f"order {order_number} line {order_line}" if order_number else "goods without papers"
        on_rma = f", RMA line {rma_line_id}" if rma_line_id else ""
        super().__init__(f"{law}: it would be {figure} of {bound} ({place}{on_rma})")
        self.law, self.figure, self.bound = law, figure, bound
        self.order_number, self.order_line, self.rma_line_id = order_number, order_line, rma_line_id


class ConnectorError(BackhaulError):
    """A system outside did not do as asked; `peer` names it."""

    code = "connector_error"

    def __init__(self, peer: str, message: str) -> None:
        super().__init__(f"{peer}: {message}")
        self.peer = peer


class ConnectorRejected(ConnectorError):
    """The peer understood and said no. Repeating will not help."""

    code = "connector_rejected"


class ConnectorUnavailable(ConnectorError):
    """The peer did not answer, or asked to be left alone. Repeating may help."""

    code = "connector_unavailable"
    retryable = True

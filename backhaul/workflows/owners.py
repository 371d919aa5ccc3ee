"""Whose work a workflow is: the case behind the first thing it was told."""

from collections.abc import Callable

from backhaul.domain.errors import NotFound
from backhaul.store import cases, claims, dock, reviews, rmas
from backhaul.store.unit_of_work import UnitOfWork


def case_of(uow: UnitOfWork, workflow: str, subject: str) -> str | None:
    """The case that a workflow works for, by its name and its first argument.

    `None` when it is nobody's in particular, such as goods without papers, or there is no such thing.
    """
    owner = _OWNERS.get(workflow)
    try:
        return owner(uow, subject) if owner else None
    except NotFound:
        return None


def _of_proposal(uow: UnitOfWork, proposal_id: str) -> str | None:
    return cases.proposal(uow, proposal_id).case_id


def _of_rma(uow: UnitOfWork, rma_id: str) -> str | None:
    return rmas.rma(uow, rma_id.partition(":")[0]).case_id


def _of_receipt(uow: UnitOfWork, receipt_id: str) -> str | None:
    rma_id = dock.receipt(uow, receipt_id).rma_id
    return _of_rma(uow, rma_id) if rma_id else None


def _of_disposition(uow: UnitOfWork, disposition_id: str) -> str | None:
    rma_id = dock.disposition(uow, disposition_id).rma_id
    return _of_rma(uow, rma_id) if rma_id else None


def _of_review(uow: UnitOfWork, review_id: str) -> str | None:
    return reviews.review(uow, review_id).case_id


def _of_claim(uow: UnitOfWork, claim_id: str) -> str | None:
    return claims.claim(uow, claim_id).case_id


def _of_answer(uow: UnitOfWork, answer_id: str) -> str | None:
    return _of_claim(uow, claims.answer(uow, answer_id).claim_id)


_OWNERS: dict[str, Callable[[UnitOfWork, str], str | None]] = {
    "decide": _of_proposal,
    "credit": _of_proposal,
    "resume-review": _of_review,
    **dict.fromkeys(
        (
            "return",
            "cancel-rma",
            "end-return",
            "reprint-label",
            "credit-early",
            "late-parcel",
            "void-surplus",
        ),
        _of_rma,
    ),
    **dict.fromkeys(("receive", "match-receipt", "send-back"), _of_receipt),
    "dispose": _of_disposition,
    **dict.fromkeys(("claim-evidence", "claim-again"), _of_claim),
    "claim-answer": _of_answer,
}

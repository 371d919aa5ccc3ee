"""Blind second readings on record, and the holds that keep a segment from deciding by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.autonomy import BlindLabel, Read, Segment, Stratum
from backhaul.domain.codes import Outcome, Role
from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from backhaul.store.autonomy_tables import AutonomyHoldRow, BlindDrawRow, BlindLabelRow
from backhaul.store.effect_tables import LedgerEntryRow
from backhaul.store.reviews import FIRST_ACTS, OPEN_STATES, staff_roles, waits_to_be_read
from backhaul.store.tables import ProposalRow, ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork, in_turn

MAY_LIFT = frozenset({Role.POLICY_OWNER.value, Role.ADMIN.value})
"""Who may open a segment again that was closed by itself"""


def entries_on_line(uow: UnitOfWork, order_number: str, order_line: int) -> int:
    """How much was done on an order line so far: it never gets less, and a request alone adds nothing."""
    query = sa.select(sa.func.count()).select_from(LedgerEntryRow)
    of_line = (LedgerEntryRow.order_number == order_number, LedgerEntryRow.order_line == order_line)
    return uow.session.scalar(query.where(*of_line)) or 0


def is_known_unit(uow: UnitOfWork, unit: str) -> bool:
    """Whether the same was drawn before: asked once more it is no new evidence."""
    query = sa.select(BlindDrawRow.proposal_id).where(BlindDrawRow.unit == unit)
    return uow.session.scalars(query).first() is not None


def enter_draw(uow: UnitOfWork, row: BlindDrawRow, *, case_id: str) -> None:
    """Keep that a decision is read blind."""
    uow.session.add(row)
    uow.session.flush()
    facts = {"stratum": row.stratum, "share_permille": row.share_permille}
    uow.record(Tag.BLIND_DRAWN, actor="worker:guard", subject=row.proposal_id, case_id=case_id, facts=facts)


def draw_of(uow: UnitOfWork, proposal_id: str) -> BlindDrawRow | None:
    """The draw of a proposal, answered or not; None when it was not drawn."""
    return uow.session.get(BlindDrawRow, proposal_id)


def label_of(uow: UnitOfWork, proposal_id: str) -> BlindLabelRow | None:
    """What somebody read blind, or None."""
    return uow.session.get(BlindLabelRow, proposal_id)


def enter_label(uow: UnitOfWork, review: ReviewRow, read: Read, *, by: str) -> BlindLabelRow:
    """Keep what a person read before they saw anything else.

    Raises:
        InvalidTransition: Nothing is to be read blind here, or somebody has read it by now.
    """
    if review.proposal_id is None or not waits_to_be_read(uow, review):
        raise InvalidTransition(f"review {review.id}", state="not to be read blind", event="a blind reading")
    row = BlindLabelRow(
        proposal_id=review.proposal_id,
        order_line=read.order_line,
        quantity=read.quantity,
        reason=read.reason,
        outcome=read.outcome.value,
        said_by=by,
        said_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.BLIND_LABELLED,
        actor=f"staff:{by}",
        subject=review.proposal_id,
        case_id=review.case_id,
        facts={"outcome": row.outcome, "reason": row.reason},
    )
    return row


def labels(uow: UnitOfWork, *, since: datetime | None = None) -> list[BlindLabel]:
    """Every draw with what was said of it, oldest first."""
    query = (
        sa.select(BlindDrawRow, BlindLabelRow, ReviewRow.state)
        .outerjoin(BlindLabelRow, BlindLabelRow.proposal_id == BlindDrawRow.proposal_id)
        .join(ProposalRow, ProposalRow.id == BlindDrawRow.proposal_id)
        .outerjoin(
            ReviewRow,
            (ReviewRow.proposal_id == ProposalRow.id) & (ReviewRow.action == ProposalRow.action),
        )
        .order_by(BlindDrawRow.drawn_at, BlindDrawRow.proposal_id)
    )
    if since is not None:
        query = query.where(BlindDrawRow.drawn_at >= since)
    return [_label(draw, said, state) for draw, said, state in uow.session.execute(query)]


def _label(draw: BlindDrawRow, said: BlindLabelRow | None, state: str | None) -> BlindLabel:
    return BlindLabel(
        id=draw.proposal_id,
        segment=Segment(draw.product_class, draw.value_band),
        stratum=Stratum(draw.stratum),
        confidence_permille=draw.confidence_permille,
        draw=draw.draw,
        share_permille=draw.share_permille,
        machine=read_of(draw),
        person=read_of(said) if said else None,
        drawn_at=draw.drawn_at,
        is_over=state is not None and state not in OPEN_STATES,
    )


def read_of(row: BlindDrawRow | BlindLabelRow) -> Read:
    """What was read, by the machine or by a person."""
    return Read(row.order_line, row.quantity, row.reason, Outcome(row.outcome))


def holds(uow: UnitOfWork) -> Sequence[AutonomyHoldRow]:
    """The segments that are closed at present, oldest hold first."""
    query = sa.select(AutonomyHoldRow).where(AutonomyHoldRow.lifted_at.is_(None))
    return uow.session.scalars(query.order_by(AutonomyHoldRow.id)).all()


def past_holds(uow: UnitOfWork) -> Sequence[AutonomyHoldRow]:
    """The holds that were lifted, oldest first."""
    query = sa.select(AutonomyHoldRow).where(AutonomyHoldRow.lifted_at.is_not(None))
    return uow.session.scalars(query.order_by(AutonomyHoldRow.id)).all()


def segment_of(row: AutonomyHoldRow) -> Segment:
    """What a hold keeps closed."""
    return Segment(row.product_class, row.value_band)


def hold(
    uow: UnitOfWork, segment: Segment, *, why: str, figures: Mapping[str, Any]
) -> AutonomyHoldRow | None:
    """Close a segment; None when it is closed already, or something wider is."""
    in_turn(uow, "autonomy")
    if any(segment_of(one).holds(segment) for one in holds(uow)):
        return None
    row = AutonomyHoldRow(
        product_class=segment.product_class,
        value_band=segment.band,
        why=why,
        figures=dict(figures),
        set_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    facts = {"product_class": row.product_class, "value_band": row.value_band, "why": why}
    uow.record(Tag.AUTONOMY_HELD, actor="worker:watch", subject=str(row.id), facts=facts)
    return row


def lift(uow: UnitOfWork, hold_id: int, *, by: str, why: str) -> AutonomyHoldRow:
    """Let a segment decide by itself again, from the floors that the policy has for it.

    Raises:
        NotAllowed: They may not.
        BadInput: No reason is given.
        NotFound: There is no such hold.
        InvalidTransition: It was lifted before.
    """
    if not staff_roles(uow, by) & MAY_LIFT:
        raise NotAllowed(f"holds are lifted by people with one of the roles {', '.join(sorted(MAY_LIFT))}")
    if not why.strip():
        raise BadInput("say why it may decide by itself again; the record keeps it", field="why")
    in_turn(uow, "autonomy")
    row = uow.session.get(AutonomyHoldRow, hold_id)
    if row is None:
        raise NotFound("hold", str(hold_id))
    if row.lifted_at is not None:
        raise InvalidTransition(f"hold {hold_id}", state="lifted", event="lifting it")
    row.lifted_at, row.lifted_by, row.lifted_why = uow.clock.now(), by, why.strip()
    uow.record(Tag.AUTONOMY_LIFTED, actor=f"staff:{by}", subject=str(row.id), facts={"why": why.strip()})
    return row


def readings(uow: UnitOfWork, *, most: int) -> list[tuple[datetime, Mapping[str, Any]]]:
    """The newest first decisions on what customers asked for, oldest first: when, and the facts they saw.

    A request that was decided again counts once, as it was read first.
    """
    first = sa.select(sa.func.min(VerdictRow.decided_at).label("at"), VerdictRow.proposal_id)
    first_of = first.where(VerdictRow.action.in_(FIRST_ACTS)).group_by(VerdictRow.proposal_id).subquery()
    query = (
        sa.select(VerdictRow.decided_at, VerdictRow.facts)
        .join(
            first_of,
            (first_of.c.proposal_id == VerdictRow.proposal_id) & (first_of.c.at == VerdictRow.decided_at),
        )
        .where(VerdictRow.action.in_(FIRST_ACTS))
        .order_by(VerdictRow.decided_at.desc(), VerdictRow.id.desc())
        .limit(most)
    )
    return [(at, facts) for at, facts in uow.session.execute(query)][::-1]

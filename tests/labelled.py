"""Decisions that were drawn and read blind, many at once: copies of one that a house decided."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.autonomy import LEAVES, Segment, Stratum
from backhaul.domain.codes import Reason
from backhaul.store.autonomy_tables import BlindDrawRow, BlindLabelRow
from backhaul.store.tables import ProposalRow
from tests.house import House


def label_many(
    house: House, wrong: Sequence[bool], *, leaves: Sequence[Segment] = LEAVES, confidence: int = 990
) -> None:
    """One after the other, a minute apart and up to now, going round the leaves; each is right or wrong."""
    asked = house.propose("SO-14922", 2, 1, Reason.NO_LONGER_NEEDED, words="I do not need it any more.")
    with house.store.begin() as uow:
        row = uow.session.get(ProposalRow, asked.proposals[0][0])
        assert row is not None
        parts = {column.name: getattr(row, column.name) for column in ProposalRow.__table__.columns}
        first = uow.clock.now() - timedelta(minutes=len(wrong))
        ids = [f"PR-LABEL-{row.id}-{at}" for at in range(len(wrong))]
        uow.session.execute(
            sa.insert(ProposalRow), [{**parts, "id": one, "state": "permitted"} for one in ids]
        )
        read = {"order_line": 2, "quantity": 1, "outcome": "permit"}
        drawn = {
            **read,
            "draw": 0,
            "share_permille": 50,
            "stratum": Stratum.AUTOMATIC.value,
            "confidence_permille": confidence,
            "floor_permille": 600,
            "reason": "no_longer_needed",
            "reader": "test",
            "release": None,
        }
        places = [leaves[at % len(leaves)] for at in range(len(wrong))]
        uow.session.execute(
            sa.insert(BlindDrawRow),
            [
                {
                    **drawn,
                    "proposal_id": one,
                    "unit": one,
                    "product_class": place.product_class,
                    "value_band": place.band,
                    "drawn_at": first + timedelta(minutes=at),
                }
                for at, (one, place) in enumerate(zip(ids, places, strict=True))
            ],
        )
        uow.session.execute(
            sa.insert(BlindLabelRow),
            [
                {
                    **read,
                    "proposal_id": one,
                    "reason": "defective" if is_wrong else "no_longer_needed",
                    "said_by": "test",
                    "said_at": first + timedelta(minutes=at + 1),
                }
                for at, (one, is_wrong) in enumerate(zip(ids, wrong, strict=True))
            ],
        )

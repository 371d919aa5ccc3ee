"""The verifier for one chain of the audit log, quick enough for a page.

It trusts the public keys that this database holds. Who can rewrite the whole database can rewrite those as
well; `backhaul audit verify` with a key kept elsewhere finds that too.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.domain.tampering import Anchor, Tampering, anchored, tampering
from backhaul.store import audit
from backhaul.store.checkpoints import signed_of
from backhaul.store.effect_tables import SigningKeyRow
from backhaul.store.house_tables import AuditRow
from backhaul.store.money_tables import CheckpointRow
from backhaul.store.signatures import is_signed
from backhaul.store.unit_of_work import UnitOfWork, event_of


@dataclass(frozen=True, slots=True)
class ChainVerified:
    """The events of one chain, and what the verifier found."""

    events: tuple[AuditRow, ...]
    tampering: tuple[Tampering, ...]
    missing: tuple[str, ...]
    """What the rows of the case say has happened and no event tells"""
    sworn: Anchor | None
    """The last signed checkpoint that stands for this chain; None before the first"""

    @property
    def after_last(self) -> int:
        """Events that no checkpoint covers yet: of these only an edit or a gap can be found."""
        return len(self.events) - (self.sworn.seq if self.sworn else 0)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.tampering and not self.missing


def verified(uow: UnitOfWork, chain: str) -> ChainVerified:
    """Hold a chain against its own hashes, the signed checkpoints, and what its rows say has happened."""
    rows = tuple(audit.events(uow, chain=chain))
    anchors = _anchors(uow, chain, rows[0].id if rows else 0)
    found = tampering(chain, ((event_of(row), row.hash) for row in rows), anchors)
    kept = {row.seq: row.hash for row in rows}
    held = [one for one in anchors if kept.get(one.seq) == one.hash]
    return ChainVerified(rows, tuple(found), tuple(audit.unwitnessed(uow, chain)), held[-1] if held else None)


def _anchors(uow: UnitOfWork, chain: str, first_event: int) -> list[Anchor]:
    """What true checkpoints swear about the chain; forged ones swear nothing."""
    keys = {row.id: row.public_key for row in uow.session.scalars(sa.select(SigningKeyRow))}
    query = sa.select(CheckpointRow).where(
        CheckpointRow.last_event_id >= first_event,
        sa.cast(CheckpointRow.heads, sa.Text).contains(f'"{chain}"', autoescape=True),
    )
    stored = [(row.id, signed_of(row)) for row in uow.session.scalars(query.order_by(CheckpointRow.id))]
    true = [
        (number, one.checkpoint)
        for number, one in stored
        if one.checkpoint.digest == one.claimed_digest
        and one.key_id in keys
        and is_signed(one.checkpoint.signed_text, one.signature, keys[one.key_id])
    ]
    told = anchored((number, said.made_at, {chain: said.heads[chain]}) for number, said in true)
    return told.get(chain, [])

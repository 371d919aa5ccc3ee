"""Sign-ins at the company's own provider under way: kept here, so that any web process can end them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backhaul.store.house_tables import ProviderSignInRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Begun:
    """What has to come back as it was sent (nonce), and what proves that we are who began it (verifier)."""

    nonce: str
    code_verifier: str


def begin(uow: UnitOfWork, id_: str, begun: Begun, *, now: datetime, until: datetime) -> None:
    """Keep a sign-in until it ends; what nobody came back from is forgotten."""
    uow.session.execute(sa.delete(ProviderSignInRow).where(ProviderSignInRow.expires_at < now))
    uow.session.add(
        ProviderSignInRow(id=id_, nonce=begun.nonce, code_verifier=begun.code_verifier, expires_at=until)
    )


def take(uow: UnitOfWork, id_: str, *, now: datetime) -> Begun | None:
    """What was kept, this once; `None` when it ended already, is too old, or never began."""
    of = ProviderSignInRow
    gone = sa.delete(of).where(of.id == id_).returning(of.nonce, of.code_verifier, of.expires_at)
    row = uow.session.execute(gone).first()
    return Begun(row.nonce, row.code_verifier) if row is not None and row.expires_at > now else None

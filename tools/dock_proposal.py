"""The proposed disposition for inspected pieces, with its arithmetic as it is shown and kept."""

from dataclasses import asdict, dataclass
from typing import Any

from backhaul.domain.canonical import digest, plain
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BackhaulError, CurrencyMismatch, NotFound
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.net_recovery import SHOWN, Option, Ranking
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store import cases
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.dispositions import propose
from tools.dock_policy import OnTheBench, Permitted, asked_of_policy


@dataclass(frozen=True, slots=True)
class Offer:
    """What is proposed for the pieces that are left. Without a ranking, `why_none` says why."""

    ranking: Ranking | None
    why_none: str
    left: int
    needs_a_yes: bool = False
    """The policy permits nothing here without a person's approval"""

    @property
    def proposed(self) -> Disposition:
        """What most of the money is in; none where nothing is proposed."""
        first = self.ranking.proposed[0] if self.ranking and self.ranking.proposed else None
        return first.disposition if first else Disposition.NONE

    @property
    def quantity(self) -> int:
        """Pieces the first proposal is for; a lot may be split."""
        first = self.ranking.proposed[0] if self.ranking and self.ranking.proposed else None
        return first.quantity if first else self.left

    @property
    def split(self) -> tuple[tuple[str, int], ...]:
        """The parts of a lot that is split: disposition and pieces. Empty when it stays together."""
        parts = self.ranking.proposed if self.ranking else ()
        return tuple((one.disposition.value, one.quantity) for one in parts) if len(parts) > 1 else ()

    @property
    def options(self) -> tuple[Option, ...]:
        """Every disposition, best first; without figures where nothing could be worked out."""
        if self.ranking:
            return self.ranking.options
        return tuple(Option(one, 0, (), 0, permitted=False, limit="", why_not="") for one in SHOWN)

    @property
    def arithmetic(self) -> dict[str, Any]:
        """All of it as it is kept with the choice; amounts in cents of the ledger currency."""
        kept = asdict(self.ranking) if self.ranking else {"why_none": self.why_none}
        return {**plain(kept), "currency": LEDGER_CURRENCY, "left": self.left}

    @property
    def shown(self) -> str:
        """Tells this offer from one with other figures."""
        return digest(self.arithmetic)


def offer(uow: UnitOfWork, desk: Desk, bench: OnTheBench | None, *, left: int) -> Offer:
    """What is proposed for the pieces left of an inspection; without a bench nobody knows what they are.

    Where the policy permits nothing by itself, it is what a person may approve.
    """
    if bench is None:
        return Offer(None, "Nobody knows this article, so nothing can be worked out.", left)
    try:
        permitted = asked_of_policy(uow, desk, bench)
        ranking = _ranked(uow, desk, bench, permitted(approved=False))
        if ranking.proposed:
            return Offer(ranking, "", left)
        return Offer(_ranked(uow, desk, bench, permitted(approved=True)), "", left, needs_a_yes=True)
    except (NotFound, CurrencyMismatch) as unknown:
        return Offer(None, _in_words(unknown), left)


def _ranked(uow: UnitOfWork, desk: Desk, bench: OnTheBench, permitted: Permitted) -> Ranking:
    said = cases.return_line(uow, bench.line.line_id)
    return propose(
        desk.erp,
        sku=bench.receipt.sku,
        grade=Grade(bench.seen.grade),
        finding=Finding(bench.seen.finding),
        reason=Reason(bench.seen.found_reason or said.reason),
        quantity=bench.quantity,
        serials=bench.serials[: bench.quantity],
        facility_id=bench.receipt.facility_id,
        seal_intact=bench.seen.seal_intact is True,
        today=uow.clock.now().date(),
        permitted=permitted,
        lots=tuple(bench.receipt.lots),
    )


def _in_words(unknown: BackhaulError) -> str:
    if isinstance(unknown, CurrencyMismatch):
        return f"The article is priced in {unknown.left}, not in {LEDGER_CURRENCY}."
    return "The article is not in the catalogue, so nothing can be worked out."

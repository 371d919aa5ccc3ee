"""The proposed disposition for inspected pieces, with its arithmetic as it is shown and kept."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from backhaul.domain.canonical import digest, plain
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BackhaulError, CurrencyMismatch, NotFound
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.net_recovery import SHOWN, Option, Ranking
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.tables import ReturnLineRow
from tools.dispositions import propose
from web.world import Doors


@dataclass(frozen=True, slots=True)
class Offer:
    """What is proposed for the pieces that are left. Without a ranking, `why_none` says why."""

    ranking: Ranking | None
    why_none: str
    left: int

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


def offer(
    doors: Doors,
    goods: ReceiptRow,
    seen: InspectionRow,
    said: ReturnLineRow | None,
    *,
    left: int,
    serials: tuple[str, ...],
    today: date,
) -> Offer:
    """What is proposed for what is left of an inspection. The policy is asked by the worker, on the day."""
    if said is None or not goods.sku:
        return Offer(None, "Nobody knows this article, so nothing can be worked out.", left)
    try:
        ranking = propose(
            doors.desk.erp,
            sku=goods.sku,
            grade=Grade(seen.grade),
            finding=Finding(seen.finding),
            reason=Reason(seen.found_reason or said.reason),
            quantity=left,
            serials=serials[:left],
            facility_id=goods.facility_id,
            seal_intact=bool(seen.seal_intact),
            today=today,
            permitted=_nothing_against,
            lots=tuple(goods.lots),
        )
    except (NotFound, CurrencyMismatch) as unknown:
        return Offer(None, _in_words(unknown), left)
    return Offer(ranking, "", left)


def _nothing_against(disposition: Disposition) -> str | None:
    del disposition
    return None


def _in_words(unknown: BackhaulError) -> str:
    if isinstance(unknown, CurrencyMismatch):
        return f"The article is priced in {unknown.left}, not in {LEDGER_CURRENCY}."
    return "The article is not in the catalogue, so nothing can be worked out."

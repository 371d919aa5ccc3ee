"""Where a parcel stands when its scans come late, twice or out of order.

What counts is when a scan was made, never when we heard of it: the same scans in any order give the same
answer. A scan at our dock outranks every scan on the way, because a depot's clock may be wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backhaul.domain.receiving import ParcelStatus

_PROGRESS = (
    ParcelStatus.DROPPED_OFF,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.EXCEPTION,
    ParcelStatus.DELIVERED,
    ParcelStatus.REFUSED,
)
_AT_THE_DOCK = {ParcelStatus.DELIVERED, ParcelStatus.REFUSED}

NOT_SCANNED = frozenset(ParcelStatus) - frozenset(_PROGRESS)
"""What a carrier tells of a label, and nobody scanned on a parcel."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan that a parcel can be judged by; `at` is the carrier's time of the scan."""

    status: ParcelStatus
    at: datetime
    event_id: str

    @property
    def rank(self) -> tuple[bool, datetime, int, str]:
        """No two scans of a carrier rank alike: at the same moment the one further on wins."""
        return self.status in _AT_THE_DOCK, self.at, _PROGRESS.index(self.status), self.event_id


def of_parcel(scans: Iterable[Scan]) -> Scan | None:
    """The scan that tells where one parcel stands; `None` before the first."""
    return max(scans, key=lambda scan: scan.rank, default=None)


def of_return(parcels: Iterable[Scan]) -> Scan | None:
    """The one of several parcels of a return that tells how the return stands.

    One that has arrived comes first; one that was refused is followed by whatever was sent after it.
    """
    return max(
        parcels,
        key=lambda scan: (scan.status is ParcelStatus.DELIVERED, scan.at, _PROGRESS.index(scan.status)),
        default=None,
    )

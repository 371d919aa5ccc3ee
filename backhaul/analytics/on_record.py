"""The report on autonomy, of what is on record in a house."""

from dataclasses import replace

from backhaul.analytics.autonomy import Report, floors_of, report
from backhaul.analytics.earning import STANDARD
from backhaul.store import autonomy
from backhaul.store.unit_of_work import UnitOfWork
from policies.bundle import Bundle

_PERMILLE = 1_000


def report_of(uow: UnitOfWork, bundle: Bundle, *, wrong_permille: int) -> Report:
    """What the labels of a house say, held against the floors of its policy today.

    Raises:
        BadInput: Its policy has no tables of floors.
    """
    return report(
        autonomy.labels(uow),
        floors_of(bundle, uow.clock.now().date()),
        [autonomy.segment_of(one) for one in autonomy.holds(uow)],
        replace(STANDARD, alpha=wrong_permille / _PERMILLE),
    )

"""Who works at the dock."""

from backhaul.domain.codes import Role
from backhaul.store import reviews
from backhaul.store.unit_of_work import UnitOfWork

_AT_THE_DOCK = {Role.INSPECTOR.value, Role.ADMIN.value}


def works_at_the_dock(uow: UnitOfWork, staff_id: str) -> bool:
    """Whether an active member of staff may count, inspect and settle on dispositions."""
    return bool(reviews.staff_roles(uow, staff_id) & _AT_THE_DOCK)

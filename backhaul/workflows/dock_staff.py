"""Who works at the dock, and which programs count for it."""

from backhaul.domain.codes import Role
from backhaul.store import api_keys, reviews
from backhaul.store.unit_of_work import UnitOfWork

_AT_THE_DOCK = {Role.INSPECTOR.value, Role.ADMIN.value}


def works_at_the_dock(uow: UnitOfWork, staff_id: str) -> bool:
    """Whether an active member of staff may count, inspect and settle on dispositions."""
    return bool(reviews.staff_roles(uow, staff_id) & _AT_THE_DOCK)


def may_count(uow: UnitOfWork, counted_by: str) -> bool:
    """Whether a receipt comes from somebody of the dock, or from the warehouse's own system with its key."""
    return works_at_the_dock(uow, counted_by) or api_keys.may_do(uow, counted_by, api_keys.EVENTS_WRITE)

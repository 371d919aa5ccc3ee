"""Who speaks for the desk about goods that no return claims, and about returns whose goods will not come."""

from backhaul.domain.codes import Role
from backhaul.store import reviews
from backhaul.store.unit_of_work import UnitOfWork

_AT_THE_DESK = {Role.REVIEWER.value, Role.APPROVER.value, Role.ADMIN.value}


def works_at_the_desk(uow: UnitOfWork, staff_id: str) -> bool:
    """Whether an active member of staff may send goods back and end returns."""
    return bool(reviews.staff_roles(uow, staff_id) & _AT_THE_DESK)

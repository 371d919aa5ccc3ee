"""Every way a proposal could truly be otherwise, counted out one by one, with nothing shared with the search.

A way costs as many changes as people would have to make, and then as many steps. The reach bounds each one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Cost = tuple[int, int]
"""Changes, then steps"""
Values = Mapping[str, int | str | bool]
MOST_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """How far each change is counted out."""

    photos: int
    days: int
    pieces: int
    approvals: int = 2


@dataclass(frozen=True, slots=True)
class World:
    """The facts that are otherwise, and what it takes to bring that about."""

    cost: Cost
    otherwise: dict[str, int | str | bool]
    earlier: int = 0
    """So many days before the day on which the proposal was decided"""


def worlds(now: Values, reach: Reach) -> list[World]:
    """All of up to three changes within reach, the smallest first, without the proposal as it stands."""
    found = [World((0, 0), {})]
    for ways in (
        list(_goods(now, reach)),
        list(_days(now, reach)),
        list(_approvals(now, reach)),
        [World((1, more), {"photos": int(now["photos"]) + more}) for more in range(1, reach.photos + 1)],
        [World((1, 1), {"consent_given": True})] if not now["consent_given"] else [],
        [World((1, 1), {"received_item_known": True})] if not now["received_item_known"] else [],
    ):
        found += [
            both for one in found for way in ways if (both := _together(one, way)).cost[0] <= MOST_CHANGES
        ]
    return sorted(found[1:], key=lambda world: world.cost)


def _together(one: World, other: World) -> World:
    cost = (one.cost[0] + other.cost[0], one.cost[1] + other.cost[1])
    return World(cost, {**one.otherwise, **other.otherwise}, one.earlier + other.earlier)


def _goods(now: Values, reach: Reach) -> Iterator[World]:
    """Fewer pieces, their serial numbers going with them; and any number of right serial numbers."""
    asked = int(now["quantity"])
    for left in range(asked, max(0, asked - reach.pieces - 1), -1):
        fewer = asked - left
        given = min(int(now["serials_given"]), left) if fewer else int(now["serials_given"])
        right = min(int(now["serials_matching"]), left) if fewer else int(now["serials_matching"])
        goods = {"quantity": left, "serials_given": given, "serials_matching": right} if fewer else {}
        if fewer:
            yield World((1, fewer), dict(goods))
        for number in range(max(left, right) + 1) if now["serial_tracked"] else [0]:
            if (number, number) != (given, right):
                steps = fewer + _serial_steps(given, right, number)
                serials = {"serials_given": number, "serials_matching": number}
                yield World((1 + bool(fewer), steps), {**goods, **serials})


def _serial_steps(given: int, right: int, number: int) -> int:
    """Serial numbers written, put right or struck out, one by one, until `number` right ones stand there."""
    steps, wrong = 0, given - right
    while (right, wrong) != (number, 0):
        steps += 1
        if right < number:
            right, wrong = right + 1, max(wrong - 1, 0)
        elif wrong:
            wrong -= 1
        else:
            right -= 1
    return steps


def _days(now: Values, reach: Reach) -> Iterator[World]:
    """The same request so many days earlier, not before delivery."""
    for earlier in range(1, reach.days + 1):
        delivered = int(now["days_since_delivery"]) - earlier
        received = max(int(now["days_since_receipt"]) - earlier, 0)
        if delivered < 0:
            return
        changed = {"days_since_delivery": delivered, "days_since_receipt": received}
        if now["warranty_months"]:
            changed["warranty_days_left"] = int(now["warranty_days_left"]) + earlier
        yield World((1, earlier), dict(changed), earlier)


def _approvals(now: Values, reach: Reach) -> Iterator[World]:
    approvals = int(now["approvals"])
    for more in range(reach.approvals + 1):
        if more:
            yield World((1, more), {"approvals": approvals + more})
        if now["approver_is_requester"] or now["approver_is_authoriser"]:
            others = {"approver_is_requester": False, "approver_is_authoriser": False}
            yield World((1, more + 1), {"approvals": approvals + more, **others})

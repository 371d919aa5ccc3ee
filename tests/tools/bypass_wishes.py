"""What the customers of the demo distributor ask for: what goes through by itself, and what must not."""

from dataclasses import dataclass

from backhaul.domain.codes import Reason, Resolution
from backhaul.store.conversation import Speaker


@dataclass(frozen=True, slots=True)
class Wish:
    """One line that somebody wants to send back, as it is proposed."""

    order: str
    line: int
    quantity: int
    reason: Reason
    resolution: Resolution
    serials: tuple[str, ...] = ()
    words: str = "please take them back"
    other_side: str | None = None
    other_sku: str | None = None
    """The article that came instead of the ordered one, where the catalogue knows it"""


HARBOR = Speaker("A-1001", "Harbor Mechanical", "contact:C-1001-1")
PRAIRIE = Speaker("A-1002", "Prairie State Conveyor", "contact:C-1002-1")
SUNDOWN = Speaker("A-1003", "Sundown Water District", "contact:C-1003-1")
MAPLECREST = Speaker("A-1060", "Maplecrest Conveyors", "contact:C-1060-1")
SILENT = Speaker("A-1008", "An account whose contract nobody knows", "contact:C-1008-1")
BY_ARNE = Speaker("A-1001", "Harbor Mechanical", "cli:arne for A-1001")

CREDIT, EXCHANGE = Resolution.CREDIT, Resolution.REPLACEMENT
UNUSED, WRONG, SIZE = Reason.NO_LONGER_NEEDED, Reason.WRONG_ITEM, Reason.WRONG_SIZE
OTHER_COIL = "a contactor with a 120 V coil"

_CONTACTORS = Wish("SO-14945", 5, 10, WRONG, EXCHANGE, other_side=OTHER_COIL)
LIKELY: tuple[tuple[Speaker, Wish], ...] = (
    (HARBOR, Wish("SO-15086", 1, 4, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15086", 2, 6, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15122", 1, 2, WRONG, EXCHANGE, other_side=OTHER_COIL)),
    (PRAIRIE, Wish("SO-15100", 1, 5, UNUSED, CREDIT)),
    (SUNDOWN, Wish("SO-15072", 1, 4, UNUSED, CREDIT)),
    (MAPLECREST, Wish("SO-15106", 1, 1, UNUSED, CREDIT)),
)
"""What goes through by itself, at least the first time"""
MIXED: tuple[tuple[Speaker, tuple[Wish, Wish]], ...] = (
    (HARBOR, (_CONTACTORS, Wish("SO-14945", 1, 1, WRONG, CREDIT, other_side=OTHER_COIL))),
    (
        HARBOR,
        (
            Wish("SO-15086", 2, 2, WRONG, EXCHANGE, other_side="a belt"),
            Wish("SO-15086", 1, 3, UNUSED, CREDIT),
        ),
    ),
    (
        HARBOR,
        (
            Wish("SO-15122", 1, 2, WRONG, EXCHANGE, other_side=OTHER_COIL),
            Wish("SO-14945", 1, 1, WRONG, CREDIT, other_side=OTHER_COIL),
        ),
    ),
)
"""Two lines of one consent with different goods and wishes, which go through by themselves on one RMA"""
HARDER: tuple[tuple[Speaker, Wish], ...] = (
    (HARBOR, Wish("SO-15122", 1, 2, SIZE, EXCHANGE)),
    (HARBOR, Wish("SO-15093", 1, 2, UNUSED, CREDIT, ("KX4-50-118803", "KX4-50-118804"))),
    (HARBOR, Wish("SO-15093", 1, 1, WRONG, EXCHANGE, ("KX4-50-118803",), other_side="a smaller drive")),
    (BY_ARNE, Wish("SO-15093", 1, 1, UNUSED, CREDIT, ("KX4-50-118803",))),
    (HARBOR, Wish("SO-12792", 1, 1, Reason.WARRANTY_FAILURE, EXCHANGE, ("C20H-220871",))),
    (HARBOR, Wish("SO-14174", 1, 1, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15086", 1, 1, UNUSED, CREDIT, ("A-SERIAL",))),
    (HARBOR, Wish("SO-15086", 1, 3, UNUSED, CREDIT, words="mumble mumble")),
    (PRAIRIE, Wish("SO-15100", 2, 1, UNUSED, CREDIT, ("T15A-660412",))),
    (PRAIRIE, Wish("SO-15100", 2, 2, UNUSED, CREDIT, ("T15A-660412", "T15A-660412"))),
    (PRAIRIE, Wish("SO-14915", 1, 1, UNUSED, CREDIT)),
    (PRAIRIE, Wish("SO-15122", 1, 1, UNUSED, CREDIT)),
    (PRAIRIE, Wish("SO-15150", 1, 1, Reason.DAMAGED_IN_TRANSIT, EXCHANGE)),
    (SUNDOWN, Wish("SO-15114", 1, 1, Reason.DEFECTIVE, CREDIT)),
    (SUNDOWN, Wish("SO-15114", 2, 1, UNUSED, CREDIT)),
    (SUNDOWN, Wish("SO-15107", 1, 1, Reason.NOT_AS_DESCRIBED, CREDIT, ("TAC4-771206",))),
    (SUNDOWN, Wish("SO-15107", 2, 2, Reason.LATE_OR_MISSING, CREDIT)),
    (SUNDOWN, Wish("SO-15072", 1, 8, Reason.OTHER, CREDIT)),
    (SILENT, Wish("SO-15078", 1, 1, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15036", 1, 2, Reason.RECALL, CREDIT)),
)
"""What a person has to see, or what never goes through"""

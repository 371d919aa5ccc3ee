"""The faults, and what each does to one call of a peer: decided by seed, key and attempt alone."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Fault(StrEnum):
    """What goes wrong beside the crash."""

    NONE = "none"
    TIMEOUT = "timeout after success"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    SERVER_ERROR = "5xx"
    TOO_MANY = "429"
    GARBAGE = "garbage"
    SLOW = "slow"
    CARRIER_DOWN = "carrier down"
    ERP_DOWN = "ERP down"
    CLOCK_SKEW = "clock skew"
    DATABASE = "database restart"


OF_THE_HOUSE = (Fault.CLOCK_SKEW, Fault.DATABASE)
"""Those that strike everything in a home at once, and so need a home of their own"""


class Slip(StrEnum):
    """What becomes of one call."""

    NOTHING = "nothing"
    SILENT = "silent"
    """No answer, and nothing was done"""
    ANSWER_LOST = "answer lost"
    """Done, and no answer"""
    TWICE = "twice"
    NONSENSE = "nonsense"
    """Done, and the answer cannot be read"""
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a peer in a step of a case."""

    peer: str
    method: str
    writes: bool
    key: str
    attempt: int
    """Counting from 1, for this method and key"""
    of_peer: int
    """The same for all calls of this peer in the case"""


_TOO_MANY_CALLS = 3
_DOWN_FOR_CALLS = {"carrier": 8, "ERP": 4}


def slip(fault: Fault, call: Call, seed: int) -> Slip:
    """What becomes of this call under this fault."""
    if fault is Fault.CARRIER_DOWN or fault is Fault.ERP_DOWN:
        peer = "carrier" if fault is Fault.CARRIER_DOWN else "ERP"
        is_down = call.peer == peer and call.of_peer <= _DOWN_FOR_CALLS[peer]
        return Slip.SILENT if is_down else Slip.NOTHING
    if fault is Fault.TOO_MANY:
        # At the first calls it wants to be left alone; later only now and then, when something is written.
        too_many = call.of_peer <= _TOO_MANY_CALLS or (
            call.writes and call.attempt <= _drawn(seed, call.key) % 3
        )
        return Slip.SILENT if too_many else Slip.NOTHING
    if not call.writes or call.attempt > 1:
        return Slip.NOTHING
    if fault is Fault.SERVER_ERROR:
        # A 5xx does not say whether it was done.
        return Slip.ANSWER_LOST if _drawn(seed, call.key) % 2 else Slip.SILENT
    return _ON_THE_FIRST_WRITE.get(fault, Slip.NOTHING)


_ON_THE_FIRST_WRITE = {
    Fault.TIMEOUT: Slip.ANSWER_LOST,
    Fault.DUPLICATE: Slip.TWICE,
    Fault.GARBAGE: Slip.NONSENSE,
    Fault.SLOW: Slip.LATE,
}


def _drawn(seed: int, key: str) -> int:
    return int(sha256(f"{seed}:{key}".encode()).hexdigest()[:8], 16)

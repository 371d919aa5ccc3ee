"""What a simulation leaves behind, examined: the laws of the books, the audit log, and what leaks."""

from collections import Counter
from dataclasses import dataclass

from backhaul.domain.leaks import Leak, LeakKind
from backhaul.domain.tampering import Tampering
from backhaul.settings import Settings
from backhaul.simulation.floor import Floor
from backhaul.simulation.handing_over import hand_over
from backhaul.store import audit, checkpoints, conversation, dock_lists, leaks, projections, tallies
from backhaul.store.verify import verify
from backhaul.workflows.attest import attest_confirmed
from tools.permits import load_signer


@dataclass(frozen=True, slots=True)
class Findings:
    """How many there are of everything, and what is wrong."""

    returns: Counter[str]
    claims: Counter[str]
    open_reviews: int
    handed_over: int
    events: int
    tampering: tuple[Tampering, ...]
    untold: tuple[str, ...]
    """Effects that the audit log does not tell"""
    misplaced: int
    """RMAs whose stored state is not what their facts amount to"""
    leaked: tuple[Leak, ...]
    unplaced: tuple[Leak, ...]
    """Leaks that were told truly: pieces that the dock holds because they were not as announced"""
    under_way: int

    @property
    def in_order(self) -> bool:
        """Nothing is wrong."""
        return not (self.tampering or self.untold or self.misplaced or self.leaked)


def finish(settings: Settings, floor: Floor) -> Findings:
    """Read every effect back, hand over what waits, sign the log, and examine all of it."""
    while attest_confirmed(floor.world):
        pass
    handed_over = hand_over(floor, channel=floor.channel)
    signer = load_signer(settings.home / "worker")
    with floor.store.begin() as uow:
        # Nobody waits for an answer of the agent in these conversations.
        conversation.count_as_told(uow, floor.channel)
        checkpoints.sign_checkpoint(uow, signer, file=settings.home / checkpoints.FILE_NAME)
    filed = checkpoints.read_file(settings.home / checkpoints.FILE_NAME)
    verified = verify(floor.store.engine, {signer.key_id: signer.public_hex}, filed=filed)
    with floor.store.begin() as uow:
        misplaced = len(projections.rebuild(uow))
    with floor.store.read() as uow:
        found = leaks.leaks(uow)
        lost = [one for one in found if not one.under_way]
        held = dock_lists.cases_with_held_goods(uow)
        untold = tuple(one for chain in audit.chains(uow) for one in audit.unwitnessed(uow, chain))
        tally = tallies.tally(uow)
    return Findings(
        returns=tally.returns,
        claims=tally.claims,
        open_reviews=tally.open_reviews,
        handed_over=handed_over,
        events=verified.events,
        tampering=tuple(verified.tampering),
        untold=untold,
        misplaced=misplaced,
        leaked=tuple(one for one in lost if not _is_unplaced(one, held)),
        unplaced=tuple(one for one in lost if _is_unplaced(one, held)),
        under_way=len(found) - len(lost),
    )


def _is_unplaced(leak: Leak, held: set[str]) -> bool:
    """Goods that nobody can place, or that are awaited while others lie in their place; never money."""
    return leak.kind is LeakKind.UNMATCHED or (leak.kind is LeakKind.NEVER_CAME and leak.case_id in held)

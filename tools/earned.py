"""Earned autonomy: which decisions a person reads blind, and which segments decide nothing by themselves.

Who is drawn cannot be foreseen or tried for: the draw is a keyed hash of the order line, under a key that the
worker alone has, and asking once more for the same draws the same. It is drawn anew once something was done
on the line. Customers read no more than that a colleague takes a look.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace

from pydantic import SecretStr

from backhaul.domain.autonomy import DRAWS, FLOOR_TABLE, Segment, Stratum, is_drawn
from backhaul.domain.canonical import canonical_json
from backhaul.domain.codes import Outcome
from backhaul.store import autonomy, cases
from backhaul.store.autonomy_tables import BlindDrawRow
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import UnitOfWork
from policies.decision import PolicyDecision, RuleResult, Status, answer_of
from policies.facts import Source
from policies.ruleset import guards_finding

BLIND_RULE = "BLIND-SHARE"
HOLD_RULE = "AUTONOMY"
_BLIND_TITLE = "A share of the decisions is read by a person who is not told how the machine read them"
_HOLD_TITLE = "The segment may decide by itself"
_UNIT_CHARACTERS = 32
_READ = frozenset({"reason", "quantity", "resolution"})
"""Facts that come from reading the customer's words"""


@dataclass(frozen=True, slots=True)
class BlindShare:
    """How much is drawn, in permille of the decisions, and the key of the draw."""

    key: SecretStr
    automatic_permille: int = 0
    """Of what would be decided without anybody"""
    escalated_permille: int = 0
    """Of what goes to a person for nothing but the floor of its segment"""

    def share(self, stratum: Stratum) -> int:
        """The share of a stratum."""
        return self.escalated_permille if stratum is Stratum.ESCALATED else self.automatic_permille

    def drawn(self, order_number: str, order_line: int, entries: int) -> tuple[str, int]:
        """The unit of a draw, and the draw itself: uniform below DRAWS for whoever has not got the key."""
        told = canonical_json([order_number, order_line, entries]).encode()
        code = hmac.new(self.key.get_secret_value().encode(), told, hashlib.sha256).hexdigest()
        return code[:_UNIT_CHARACTERS], int(code[_UNIT_CHARACTERS:], 16) % DRAWS


NOTHING_DRAWN = BlindShare(SecretStr(""))


@dataclass(frozen=True, slots=True)
class Placed:
    """The segment of a decision, and the floor that the policy has there."""

    segment: Segment
    floor: int
    is_kept_out: bool
    """The reading was not sure enough for it"""


def placed(decision: PolicyDecision) -> Placed | None:
    """Where a decision belongs, told by the floor that the policy held it against; None where it has none."""
    for result in decision.results:
        if result.status not in {Status.PASSED, Status.FAILED}:
            continue
        for cell in result.cells:
            if cell.table.startswith(FLOOR_TABLE) and isinstance(cell.value, int):
                segment = Segment(cell.key[0], cell.table.removeprefix(FLOOR_TABLE))
                return Placed(segment, cell.value, is_kept_out=result.effect is Outcome.ESCALATE)
    return None


def looked_after(
    uow: UnitOfWork, share: BlindShare, decision: PolicyDecision, row: ProposalRow, release: str | None
) -> PolicyDecision:
    """The decision, or the same in the hands of a person: its segment is closed, or it is to be read blind.

    For what nobody has answered yet. What goes to a person for its floor alone may be read blind as well; it
    stays as it is.
    """
    place, stratum = placed(decision), _stratum(decision)
    if stratum is None:
        return decision
    if stratum is not Stratum.ESCALATED and (why := _hold(uow, decision, place)):
        return _to_person(decision, _hold_finding(why))
    if place is None or _was_typed_in(row) or not _draw(uow, share, decision, row, place, stratum, release):
        return decision
    return decision if stratum is Stratum.ESCALATED else _to_person(decision, _blind_finding())


def _was_typed_in(row: ProposalRow) -> bool:
    """A colleague asked for it on a customer's behalf: what was typed says nothing of a reader."""
    return row.requested_by.startswith("staff:")


def _stratum(decision: PolicyDecision) -> Stratum | None:
    if decision.outcome is Outcome.PERMIT:
        return Stratum.AUTOMATIC
    if decision.outcome is Outcome.DENY and any(_rests_on_reading(one) for one in decision.deciding):
        return Stratum.DENIED
    floors = [any(cell.table.startswith(FLOOR_TABLE) for cell in one.cells) for one in decision.deciding]
    return Stratum.ESCALATED if decision.outcome is Outcome.ESCALATE and floors and all(floors) else None


def _rests_on_reading(result: RuleResult) -> bool:
    return any(one.source is Source.CLAIM and one.name in _READ for one in result.inputs)


def _hold(uow: UnitOfWork, decision: PolicyDecision, place: Placed | None) -> str | None:
    held = autonomy.holds(uow)
    if not held:
        return None
    known = decision.facts.known()
    segment = place.segment if place else Segment(str(known.get("product_class", "")))
    return next((one.why for one in held if autonomy.segment_of(one).holds(segment)), None)


def _draw(
    uow: UnitOfWork,
    share: BlindShare,
    decision: PolicyDecision,
    row: ProposalRow,
    place: Placed,
    stratum: Stratum,
    release: str | None,
) -> bool:
    """Whether it is drawn; the first time that is written down."""
    if autonomy.draw_of(uow, row.id) is not None:
        return True
    permille = share.share(stratum)
    if not permille:
        return False
    entries = autonomy.entries_on_line(uow, row.order_number, row.order_line)
    unit, draw = share.drawn(row.order_number, row.order_line, entries)
    if not is_drawn(draw, permille):
        return False
    if not autonomy.is_known_unit(uow, unit):
        claim = cases.claim(uow, row.claim_id)
        drawn = BlindDrawRow(
            proposal_id=row.id,
            unit=unit,
            draw=draw,
            share_permille=permille,
            stratum=stratum.value,
            product_class=place.segment.product_class,
            value_band=place.segment.band,
            confidence_permille=decision.facts.confidence_permille,
            floor_permille=place.floor,
            order_line=row.order_line,
            quantity=row.quantity,
            reason=row.reason,
            outcome=(Outcome.DENY if stratum is Stratum.DENIED else Outcome.PERMIT).value,
            reader=claim.reader if claim else "",
            release=release,
            drawn_at=uow.clock.now(),
        )
        autonomy.enter_draw(uow, drawn, case_id=row.case_id)
    return True


def _to_person(decision: PolicyDecision, finding: RuleResult) -> PolicyDecision:
    results = (finding, *decision.results)
    outcome, shadowed = answer_of(results)
    return replace(decision, outcome=outcome, results=results, shadowed=shadowed, counterfactual=None)


def _hold_finding(why: str) -> RuleResult:
    message = f"This segment was closed and decides nothing by itself ({why}); a person decides."
    return _behind_the_desk(guards_finding(HOLD_RULE, _HOLD_TITLE, message, Outcome.ESCALATE))


def _blind_finding() -> RuleResult:
    message = "Drawn for a second reading by a person."
    return _behind_the_desk(guards_finding(BLIND_RULE, _BLIND_TITLE, message, Outcome.ESCALATE))


def _behind_the_desk(finding: RuleResult) -> RuleResult:
    """Customers read nothing of it, and the trace shows it as a rule that has the guard only watch."""
    return replace(finding, document="autonomy", status=Status.FAILED, confidential=True, shadow=True)

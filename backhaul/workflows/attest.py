"""Reading effects back: the ledger records the outcome, not the attempt.

A command is confirmed when its peer said yes. It is attested when the peer, asked later by the same key,
still shows the document it named.
"""

from collections.abc import Callable

import structlog

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store import ledger, rmas
from backhaul.store.effect_tables import CommandRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.claim_credit import VENDOR_CREDIT
from backhaul.workflows.effects import CLOSE_RMA, MATCH_RECEIPT, RECEIVE_GOODS, SEND_BACK
from backhaul.workflows.label_carriers import sold_under
from backhaul.workflows.stops import put_to_person
from backhaul.workflows.world import WorkerWorld, every_carrier

_AT_A_TIME = 50

log = structlog.get_logger("backhaul.attest")


def attest_confirmed(world: WorkerWorld) -> int:
    """Read back what was confirmed and not yet attested; returns how many were looked at.

    A peer that does not answer is asked in the next round, and holds up no other.
    """
    looked_at = 0
    for op, read_back in _READERS.items():
        try:
            looked_at += _attest(world, op, read_back)
        except ConnectorUnavailable as silent:
            log.warning("peer did not answer", peer=silent.peer, op=op)
    return looked_at


def _attest(world: WorkerWorld, op: str, read_back: "_Reader") -> int:
    with world.store.read() as uow:
        waiting = ledger.unattested(uow, op, limit=_AT_A_TIME)
    for row in waiting:
        shown = read_back(world, row)
        with world.store.begin() as uow:
            _note(world, uow, row.key, shown)
    return len(waiting)


def _note(world: WorkerWorld, uow: UnitOfWork, key: str, shown: str | None) -> None:
    row = ledger.command(uow, key, lock=True)
    if row is None or row.attested_at is not None or row.state != "confirmed":
        return
    if shown == row.external_id:
        row.attested_at = uow.clock.now()
        tag = Tag.EFFECT_ATTESTED
    else:
        row.state, row.error = (
            "unknown",
            f"the peer shows {shown or 'nothing'}, and had said {row.external_id}",
        )
        tag = Tag.EFFECT_CONTRADICTED
        _tell_a_person(world, uow, row)
    uow.record(tag, actor="worker:attest", subject=row.key, case_id=row.case_id or None, facts={"op": row.op})


def _tell_a_person(world: WorkerWorld, uow: UnitOfWork, row: CommandRow) -> None:
    rma_id = row.key.split(":", maxsplit=1)[0]
    if rmas.rma_lines(uow, rma_id):
        rma = rmas.rma(uow, rma_id)
        put_to_person(world, uow, rma, f"{row.op} was confirmed, but {row.error}.")


def _in_the_erp(world: WorkerWorld, row: CommandRow) -> str | None:
    booked = world.erp.booked_under(ledger.peer_key(row))
    return booked.number if booked else None


def _at_its_carrier(world: WorkerWorld, row: CommandRow) -> str | None:
    """Only whoever sold it is asked: another may have sold a surplus label under the same key."""
    seller = next((one for one in every_carrier(world) if one.name == row.result.get("carrier")), None)
    label = sold_under(seller, ledger.peer_key(row)) if seller else None
    return label.tracking_number if label else None


_Reader = Callable[[WorkerWorld, CommandRow], str | None]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(
        (
            Action.CREATE_RMA.value,
            Action.CANCEL_RMA.value,
            Action.REPLACEMENT.value,
            Action.CREDIT_MEMO.value,
            Action.RETURNLESS_REFUND.value,
            Action.MOVE_STOCK.value,
            Action.REPAIR_ORDER.value,
            RECEIVE_GOODS,
            MATCH_RECEIPT,
            CLOSE_RMA,
            SEND_BACK,
            VENDOR_CREDIT,
        ),
        _in_the_erp,
    ),
    Action.CREATE_LABEL.value: _at_its_carrier,
}
"""Who shows what an operation left behind. A voided label and a letter leave nothing to be asked for."""
READ_BACK = frozenset(_READERS)
"""Operations whose effects are read back"""

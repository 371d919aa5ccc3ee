"""A house in which returns of every kind were let in and nothing has come back yet: each walk has a copy."""

import shutil
import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backhaul.domain.codes import Reason, Resolution
from backhaul.store.conversation import Speaker
from tests.tools.bypass_annex import Annex
from tests.tools.bypass_dock_forger import DockHand
from tests.tools.bypass_dock_oracle import DockOracle
from tests.tools.bypass_dock_peers import CredulousSuppliers, DockErp, KeptBlobs
from tests.tools.bypass_peers import CredulousCarrier
from tests.tools.bypass_wishes import CREDIT, EXCHANGE, HARBOR, PRAIRIE, SUNDOWN, UNUSED, Wish
from tests.tools.bypass_world import Peers, Props, Stage, raise_stage

TRI_RIVER = Speaker("A-1010", "Tri-River", "contact:C-1010-2")
BROKEN = Reason.DEFECTIVE
RETURNS: tuple[tuple[Speaker, tuple[Wish, ...]], ...] = (
    (HARBOR, (Wish("SO-15086", 1, 6, UNUSED, CREDIT), Wish("SO-15086", 2, 4, UNUSED, CREDIT))),
    (HARBOR, (Wish("SO-15086", 1, 5, BROKEN, CREDIT),)),
    (HARBOR, (Wish("SO-15122", 1, 2, BROKEN, EXCHANGE),)),
    (PRAIRIE, (Wish("SO-15100", 1, 3, BROKEN, EXCHANGE),)),
    (HARBOR, (Wish("SO-14945", 3, 2, BROKEN, Resolution.REPAIR),)),
    (
        HARBOR,
        (
            Wish(
                "SO-14945",
                1,
                1,
                Reason.WRONG_ITEM,
                CREDIT,
                other_side="a contactor",
                other_sku="CTR-018-024",
            ),
        ),
    ),
    (TRI_RIVER, (Wish("SO-15090", 1, 2, BROKEN, CREDIT, ("TAM24-330418", "TAM24-330419")),)),
    (SUNDOWN, (Wish("SO-15072", 1, 4, Reason.OTHER, CREDIT),)),
)
"""Credit, exchange and repair; goods with lots, with serials and with neither; two RMAs on one order line; a
wrong article; and one that a person let in"""
_DEAREST = "SELECT sku, number, max(unit_cost_minor) FROM purchase_order GROUP BY sku"
_CARRIED_OVER = (
    "agreed",
    "yes",
    "issued",
    "spent",
    "books",
    "_stands_on",
    "_keys",
    "_erp_seen",
    "_carrier_seen",
)


@dataclass(frozen=True)
class LetIn:
    """The house after all of `RETURNS` were let in, with what its peers and its judge know by then."""

    template: Path
    erp: dict[str, Any]
    carrier_told: list[Any]
    known: dict[str, Any]
    dearest: dict[str, str]

    def again(self, props: Props, annexes: dict[str, Annex]) -> DockHand:
        """A copy of the house, with an attacker who may do what the dock may."""
        hand = _raise(props, annexes, self.template, self.dearest, seed=11)
        for name, value in deepcopy(self.erp).items():
            setattr(hand.stage.erp, name, value)
        hand.stage.carrier.told.extend(self.carrier_told)
        for name, value in deepcopy(self.known).items():
            setattr(hand.oracle, name, value)
        for told in hand.stage.erp.told:
            hand.judge.note_sent(told)
        return hand


def let_in(props: Props, annexes: dict[str, Annex], template: Path, erp_file: Path) -> LetIn:
    """Let every return in, honestly, and keep what there is then in a copy of the database."""
    dearest = _dearest_purchases(erp_file)
    hand = _raise(props, annexes, None, dearest, seed=7)
    for speaker, wishes in RETURNS:
        hand.propose(speaker, wishes)
        _carry_all(hand.stage, hand.oracle)
        for row in hand.open_reviews():
            if row.action == "create_rma":
                hand.decide(row, "arne", yes=True, command_of=hand.verdict_on(row), resume=True)
        _carry_all(hand.stage, hand.oracle)
    erp = hand.stage.erp
    kept = {name: deepcopy(getattr(erp, name)) for name in ("lines", "booked", "by_key", "told")}
    known = {name: deepcopy(getattr(hand.oracle, name)) for name in _CARRIED_OVER}
    told = list(hand.stage.carrier.told)
    hand.stage.close()
    shutil.copyfile(props.path, template)
    return LetIn(template, kept, told, known, dearest)


def _carry_all(stage: Stage, oracle: DockOracle) -> None:
    while ready := stage.engine.ready():
        stage.engine.advance(ready[0])
        oracle.look()


def _dearest_purchases(erp_file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(erp_file)) as connection:
        return {str(sku): str(number) for sku, number, _ in connection.execute(_DEAREST)}


def _raise(
    props: Props, annexes: dict[str, Annex], template: Path | None, dearest: dict[str, str], *, seed: int
) -> DockHand:
    suppliers = CredulousSuppliers()
    erp = DockErp(props.erp, props.clock.now().date(), dearest=dearest)
    around = Peers(erp, CredulousCarrier(), suppliers, suppliers, KeptBlobs())
    stage = raise_stage(props, around, template=template, seed=seed)
    oracle = DockOracle(stage, annexes, suppliers=suppliers)
    return DockHand(stage, oracle)

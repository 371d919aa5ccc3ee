"""Each check of the gateway is needed: with it the attack is refused by name, without it somebody notices.

An attack that gets through without its check is told by the oracle; one that runs into the next check is
refused under another name. Either way the missing check is missed.
"""

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backhaul.domain.errors import LedgerLawBroken
from backhaul.domain.money import Money
from backhaul.store import ledger
from tests.tools import bypass_attacks as attacks
from tests.tools.bypass_annex import Annex, Texts
from tests.tools.bypass_attacker import Attacker
from tests.tools.bypass_attacks import claims_of
from tests.tools.bypass_merits import Unauthorised
from tests.tools.bypass_oracle import Oracle
from tests.tools.bypass_world import SIGNER, STRANGER, Props, raise_stage
from tools import entering, gateway

pytestmark = pytest.mark.bypass

ROOMS = (gateway, entering)


@dataclass(frozen=True)
class Needed:
    """An attack that a check refuses under a name, and how it shows that the check is gone."""

    attack: Callable[[Attacker], None]
    refused_as: str
    without_it: str
    """Pattern of what the oracle says, of the check that refuses instead, or of the crash"""
    gone: Callable[..., Any] = lambda *_, **__: None
    """What stands in the place of the check"""


NEEDED = {
    "_check_each_has_a_permit": Needed(attacks.a_command_without_a_permit, "no permit", "IndexError"),
    "_check_readable": Needed(
        attacks.a_token_of_noise, "malformed", "refused as signature", gone=lambda _: SIGNER.key_id
    ),
    "_check_key": Needed(
        attacks.a_key_of_ones_own, "key", "which nobody spent", gone=lambda *_: STRANGER.public_hex
    ),
    "_check_signature": Needed(
        attacks.a_forged_signature, "signature", "which nobody spent", gone=lambda token, _: claims_of(token)
    ),
    "_check_not_expired": Needed(
        attacks.a_minute_too_late, "expired", "was spent 0:01:01 after it was given"
    ),
    "_check_command": Needed(attacks.five_for_four, "other command", r"permits .* 4\), entered was .* 5\)"),
    "_check_action": Needed(
        attacks.another_act, "other action", "permits create_rma, in the outbox .* create_label"
    ),
    "_check_policy": Needed(
        attacks.a_new_edition_in_between, "policy changed", "was spent under another policy"
    ),
    "_check_issued": Needed(
        attacks.a_permit_whose_transaction_was_given_up, "unknown", "refused as replayed"
    ),
    "_check_order_unchanged": Needed(attacks.an_order_that_moved_on, "stale order", "its order had moved on"),
    "_check_spent_once": Needed(
        attacks.one_permit_for_two_labels,
        "replayed",
        "carries two commands",
        gone=lambda uow, claims: ledger.spend(uow, claims.permit_id, uow.clock.now()),
    ),
    "_check_valued": Needed(
        attacks.a_permit_without_a_value,
        "value",
        "is worth 7480, entered was 0",
        gone=lambda claims, _: Money(claims.amount_minor or 0),
    ),
    "_check_pieces": Needed(
        attacks.more_pieces_than_were_shipped,
        "pieces",
        "refused as ledger law",
        gone=lambda _, permit, __: permit.claims.shipped_pieces,
    ),
    "_check_line": Needed(
        attacks.goods_of_another_line, "other line", "refused as ledger law", gone=lambda *_: None
    ),
    "_check_laws": Needed(
        attacks.stock_that_never_came,
        "ledger law",
        "LedgerLawBroken",
        gone=ledger.enter,
    ),
    "check_exposure": Needed(
        attacks.one_refund_split_into_two, "exposure", "84640 cents at stake .* nobody looked above 50000"
    ),
    "_check_known": Needed(
        attacks.a_command_on_a_permit_that_never_was, "unknown", "AttributeError", gone=lambda row, _: row
    ),
    "_check_own_token": Needed(
        attacks.a_row_with_the_token_of_another, "other permit", "refused as other subject"
    ),
    "_check_spent": Needed(attacks.a_permit_that_did_not_pass_the_gateway, "unspent", "which nobody spent"),
    "_check_subject": Needed(
        attacks.a_second_label_on_the_permit_of_the_first, "other subject", "create_label was done twice"
    ),
}


@pytest.fixture
def comes_to(
    bypass_props: Props, bypass_editions: dict[str, Texts]
) -> Callable[[Callable[[Attacker], None]], str]:
    """What an attack comes to, in words."""

    def outcome(attack: Callable[[Attacker], None]) -> str:
        stage = raise_stage(bypass_props)
        oracle = Oracle(stage, {name: Annex(texts) for name, texts in bypass_editions.items()})
        attacker = Attacker(stage, oracle)
        try:
            attack(attacker)
            oracle.look()
        except Unauthorised as found:
            return f"happened: {found}"
        except (AttributeError, IndexError, LedgerLawBroken) as crashed:
            return type(crashed).__name__
        finally:
            stage.close()
        return f"refused as {', '.join(attacker.refusals)}" if attacker.refusals else "nothing happened"

    return outcome


@pytest.mark.parametrize("check", NEEDED)
def test_every_check_of_the_gateway_is_missed_when_it_is_gone(
    comes_to: Callable[[Callable[[Attacker], None]], str], monkeypatch: pytest.MonkeyPatch, check: str
) -> None:
    needed = NEEDED[check]
    assert comes_to(needed.attack) == f"refused as {needed.refused_as}"

    monkeypatch.setattr(next(room for room in ROOMS if hasattr(room, check)), check, needed.gone)

    assert re.search(needed.without_it, comes_to(needed.attack))


def test_these_are_all_the_checks_there_are() -> None:
    sources = [ast.parse(inspect.getsource(room)) for room in ROOMS]
    functions = [one for source in sources for one in ast.walk(source) if isinstance(one, ast.FunctionDef)]
    refusing = {
        function.name
        for function in functions
        for inside in ast.walk(function)
        if isinstance(inside, ast.Raise)
        or (isinstance(inside, ast.Call) and ast.unparse(inside.func) == "read_token")
    }

    checks = {one.name for one in functions if one.name.lstrip("_").startswith("check_")}
    assert refusing == set(NEEDED) == checks

"""Each check of the gateway is needed: with it the attack is refused by name, without it somebody notices.

An attack that gets through without its check is told by the oracle; one that runs into the next check is
refused under another name. Either way the missing check is missed.
"""

import ast
import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from backhaul.domain.codes import Action, Resolution
from backhaul.domain.errors import PermitRefused
from backhaul.store import ledger
from backhaul.store.effect_tables import CommandRow
from backhaul.workflows.label_steps import buy_label
from tests.tools.bypass_annex import Annex, Texts
from tests.tools.bypass_attacker import Attacker, Held, Wish
from tests.tools.bypass_machine import HARBOR, SUNDOWN, UNUSED
from tests.tools.bypass_oracle import Oracle, Unauthorised
from tests.tools.bypass_world import SIGNER, STRANGER, Props, raise_stage
from tools import gateway
from tools.gateway import Intent, Presented
from tools.permits import PermitClaims

pytestmark = pytest.mark.bypass

BELTS = Wish("SO-15086", 2, 4, UNUSED, Resolution.CREDIT)
BEARINGS = Wish("SO-15086", 1, 1, UNUSED, Resolution.CREDIT)
CYLINDERS = Wish("SO-15072", 1, 4, UNUSED, Resolution.CREDIT)


def claims_of(token: str) -> PermitClaims:
    return PermitClaims.model_validate_json(bytes.fromhex(token.split(".", maxsplit=1)[0]))


def hold(attacker: Attacker, *wishes: Wish) -> list[Held]:
    """Permits for these wishes, each from a case of its own, judged before any of them was spent."""
    for wish in wishes:
        attacker.propose(SUNDOWN if wish is CYLINDERS else HARBOR, [wish])
    attacker.ask(attacker.proposals()[-len(wishes) :], Action.CREATE_RMA)
    return attacker.held[-len(wishes) :]


def done(attacker: Attacker, wish: Wish) -> str:
    """A return that was carried out up to its letter; its RMA."""
    attacker.propose(HARBOR, [wish])
    while ready := attacker.stage.engine.ready():
        attacker.stage.engine.advance(ready[-1])
        attacker.oracle.look()
    return attacker.proposal_with_rma(len(attacker.rmas()) - 1)[1]


def later(attacker: Attacker, action: Action, about: str) -> Held:
    """A permit for a later effect on the newest RMA."""
    attacker.ask([attacker.proposal_with_rma(len(attacker.rmas()) - 1)[0]], action, about=about)
    return attacker.held[-1]


def signed_anew(attacker: Attacker, held: Held, **changed: Any) -> Held:
    """The same permit with other claims under the worker's own key, as a mistaken worker would sign it."""
    claims = claims_of(held.token).model_copy(update=changed)
    token = SIGNER.sign(claims)
    with attacker.stage.store.begin() as uow:
        row = ledger.permit(uow, claims.permit_id)
        assert row is not None
        row.token = token
    return Held(token, held.command)


def show(attacker: Attacker, *held: Held) -> None:
    attacker.spend([Presented(one.token, one.command) for one in held], held[0].command.action)


def spend_into(attacker: Attacker, held: Held, *keys: str) -> None:
    """Spend one permit into the outbox under these keys."""
    presented = [Presented(held.token, held.command)]
    intents = [Intent(key, held.command.action, {}, presented) for key in keys]
    try:
        with attacker.stage.store.begin() as uow:
            gateway.spend(uow, intents, bundle_hash=attacker.stage.policy.book().bundle_hash)
    except PermitRefused as refused:
        attacker.refusals[refused.check] += 1


def smuggle(attacker: Attacker, key: str, permit_id: str) -> None:
    """Write a command into the outbox past the gateway."""
    attacker.oracle.forged.add(key)
    with attacker.stage.store.begin() as uow:
        case_id = attacker.rmas()[-1].case_id
        row = CommandRow(
            key=key,
            case_id=case_id,
            op="create_label",
            request={"permits": [permit_id]},
            request_hash="",
            permit_id=permit_id,
            state="intended",
            result={},
            attempts=0,
            created_at=uow.clock.now(),
        )
        uow.session.add(row)


def label(attacker: Attacker, rma_id: str, n: int) -> None:
    """Have the worker buy the n-th label of an RMA, whatever stands in the outbox for it."""
    answer = buy_label(attacker.stage.world, rma_id, n)
    refused = re.search(r"permit refused \(([^)]*)\)", str(answer.get("why")))
    if refused:
        attacker.refusals[refused[1]] += 1


def a_command_without_a_permit(attacker: Attacker) -> None:
    show_nothing: list[Presented] = []
    attacker.spend(show_nothing, Action.CREATE_RMA)


def a_token_of_noise(attacker: Attacker) -> None:
    (held,) = hold(attacker, BELTS)
    show(attacker, Held("not.a-token", held.command))


def a_key_of_ones_own(attacker: Attacker) -> None:
    hold(attacker, BELTS)
    attacker.forge(attacker.verdicts()[-1], key_id="my-own", into_the_table=True, order_version=0)


def a_forged_signature(attacker: Attacker) -> None:
    hold(attacker, BELTS)
    attacker.forge(attacker.verdicts()[-1], key_id=SIGNER.key_id, into_the_table=True, order_version=0)


def a_minute_too_late(attacker: Attacker) -> None:
    (held,) = hold(attacker, BELTS)
    attacker.oracle.look()
    attacker.stage.clock.advance(seconds=61)
    show(attacker, held)


def five_for_four(attacker: Attacker) -> None:
    (held,) = hold(attacker, BELTS)
    attacker.alter(held, "quantity", 1)


def another_act(attacker: Attacker) -> None:
    (held,) = hold(attacker, BELTS)
    attacker.as_another_act(held, Action.CREATE_LABEL)


def a_new_edition_in_between(attacker: Attacker) -> None:
    (held,) = hold(attacker, BELTS)
    attacker.oracle.look()
    attacker.stage.policy.edition = "doubled"
    show(attacker, held)


class _GivenUp(Exception):
    pass


def a_permit_whose_transaction_was_given_up(attacker: Attacker) -> None:
    attacker.propose(HARBOR, [BELTS])
    guard = attacker.stage.world.guard
    prepared = guard.prepare(attacker.proposals()[-1])
    with suppress(_GivenUp), attacker.stage.store.begin() as uow:
        judged = guard.judge(uow, prepared)
        raise _GivenUp
    assert judged.permit is not None
    show(attacker, Held(judged.permit.token, judged.command))


def an_order_that_moved_on(attacker: Attacker) -> None:
    rma = done(attacker, BELTS)
    held = later(attacker, Action.CANCEL_RMA, rma)
    attacker.oracle.look()
    done(attacker, BEARINGS)
    show(attacker, held)


def one_permit_for_two_labels(attacker: Attacker) -> None:
    rma = done(attacker, BELTS)
    held = later(attacker, Action.CREATE_LABEL, f"{rma}/2")
    spend_into(attacker, held, f"{rma}:label:2", f"{rma}:label:3")


def a_permit_without_a_value(attacker: Attacker) -> None:
    (held,) = hold(attacker, BELTS)
    show(attacker, signed_anew(attacker, held, amount_minor=None))


def more_pieces_than_were_shipped(attacker: Attacker) -> None:
    both = hold(attacker, BELTS, BELTS)
    show(attacker, *(signed_anew(attacker, one, exposure_minor=10**9) for one in both))


def one_refund_split_into_two(attacker: Attacker) -> None:
    show(attacker, *hold(attacker, CYLINDERS, CYLINDERS))


def a_command_on_a_permit_that_never_was(attacker: Attacker) -> None:
    rma = done(attacker, BELTS)
    smuggle(attacker, f"{rma}:label:2", "PM-NOBODY")
    label(attacker, rma, 2)


def a_row_with_the_token_of_another(attacker: Attacker) -> None:
    rma = done(attacker, BELTS)
    held = later(attacker, Action.CREATE_LABEL, f"{rma}/2")
    spend_into(attacker, held, f"{rma}:label:2")
    with attacker.stage.store.begin() as uow:
        row = ledger.permit(uow, claims_of(held.token).permit_id)
        first = next(one for one in attacker.spent() if one.command.action is Action.CREATE_LABEL)
        source = ledger.permit(uow, claims_of(first.token).permit_id)
        assert row is not None
        assert source is not None
        row.token, row.command = source.token, source.command
    label(attacker, rma, 2)


def a_permit_that_did_not_pass_the_gateway(attacker: Attacker) -> None:
    rma = done(attacker, BELTS)
    held = later(attacker, Action.CREATE_LABEL, f"{rma}/2")
    smuggle(attacker, f"{rma}:label:2", claims_of(held.token).permit_id)
    label(attacker, rma, 2)


def a_second_label_on_the_permit_of_the_first(attacker: Attacker) -> None:
    rma = done(attacker, BELTS)
    held = later(attacker, Action.CREATE_LABEL, f"{rma}/2")
    spend_into(attacker, held, f"{rma}:label:2")
    label(attacker, rma, 2)
    smuggle(attacker, f"{rma}:label:3", claims_of(held.token).permit_id)
    label(attacker, rma, 3)


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
    "_check_each_has_a_permit": Needed(a_command_without_a_permit, "no permit", "IndexError"),
    "_check_readable": Needed(
        a_token_of_noise, "malformed", "refused as signature", gone=lambda _: SIGNER.key_id
    ),
    "_check_key": Needed(a_key_of_ones_own, "key", "which nobody spent", gone=lambda *_: STRANGER.public_hex),
    "_check_signature": Needed(
        a_forged_signature, "signature", "which nobody spent", gone=lambda token, _: claims_of(token)
    ),
    "_check_not_expired": Needed(a_minute_too_late, "expired", "was spent 0:01:01 after it was given"),
    "_check_command": Needed(five_for_four, "other command", r"permits .* 4\), entered was .* 5\)"),
    "_check_action": Needed(another_act, "other action", "permits create_rma, in the outbox .* create_label"),
    "_check_policy": Needed(a_new_edition_in_between, "policy changed", "was spent under another policy"),
    "_check_issued": Needed(a_permit_whose_transaction_was_given_up, "unknown", "refused as replayed"),
    "_check_order_unchanged": Needed(an_order_that_moved_on, "stale order", "its order had moved on"),
    "_check_spent_once": Needed(
        one_permit_for_two_labels,
        "replayed",
        "carries two commands",
        gone=lambda uow, claims: ledger.spend(uow, claims.permit_id, uow.clock.now()),
    ),
    "_check_valued": Needed(
        a_permit_without_a_value,
        "value",
        "is worth 7480, entered was 0",
        gone=lambda claims: claims.amount_minor or 0,
    ),
    "_check_pieces": Needed(
        more_pieces_than_were_shipped, "pieces", "8 pieces .* authorised, 6 were shipped"
    ),
    "_check_exposure": Needed(
        one_refund_split_into_two, "exposure", "84640 cents at stake .* nobody looked above 50000"
    ),
    "_check_known": Needed(
        a_command_on_a_permit_that_never_was, "unknown", "AttributeError", gone=lambda row, _: row
    ),
    "_check_own_token": Needed(a_row_with_the_token_of_another, "other permit", "refused as other subject"),
    "_check_spent": Needed(a_permit_that_did_not_pass_the_gateway, "unspent", "which nobody spent"),
    "_check_subject": Needed(
        a_second_label_on_the_permit_of_the_first, "other subject", "create_label was done twice"
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
        except (AttributeError, IndexError) as crashed:
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

    monkeypatch.setattr(gateway, check, needed.gone)

    assert re.search(needed.without_it, comes_to(needed.attack))


def test_these_are_all_the_checks_there_are() -> None:
    source = ast.parse(inspect.getsource(gateway))
    functions = [one for one in ast.walk(source) if isinstance(one, ast.FunctionDef)]
    refusing = {
        function.name
        for function in functions
        for inside in ast.walk(function)
        if isinstance(inside, ast.Raise)
        or (isinstance(inside, ast.Call) and ast.unparse(inside.func) == "read_token")
    }

    assert refusing == set(NEEDED) == {one.name for one in functions if one.name.startswith("_check_")}

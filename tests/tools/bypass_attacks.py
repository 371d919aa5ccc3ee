"""One attack for each check of the gateway: it gets as far as that check, and without it further."""

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

from backhaul.domain.canonical import digest, plain
from backhaul.domain.codes import Action, Resolution
from backhaul.domain.errors import PermitRefused
from backhaul.store import ledger
from backhaul.store.effect_tables import CommandRow
from backhaul.workflows.label_steps import buy_label
from tests.tools.bypass_attacker import Attacker, Held
from tests.tools.bypass_wishes import HARBOR, SUNDOWN, UNUSED, Wish
from tests.tools.bypass_world import SIGNER
from tools import gateway
from tools.gateway import Intent, Presented
from tools.permits import PermitClaims

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


def mistaken(attacker: Attacker, held: Held, **changed: Any) -> Held:
    """The same permit for another command, as a mistaken worker would sign and keep it."""
    command = replace(held.command, **changed)
    with attacker.stage.store.begin() as uow:
        row = ledger.permit(uow, claims_of(held.token).permit_id)
        assert row is not None
        row.action, row.command, row.command_digest = command.action.value, plain(command), digest(command)
    anew = signed_anew(
        attacker,
        held,
        action=command.action.value,
        command_digest=digest(command),
        order_line=command.line,
    )
    return Held(anew.token, command)


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


def goods_of_another_line(attacker: Attacker) -> None:
    held = later(attacker, Action.CREATE_LABEL, done(attacker, BELTS))
    show(attacker, mistaken(attacker, held, action=Action.MOVE_STOCK, line=BEARINGS.line))


def stock_that_never_came(attacker: Attacker) -> None:
    held = later(attacker, Action.CREATE_LABEL, done(attacker, BELTS))
    show(attacker, mistaken(attacker, held, action=Action.MOVE_STOCK))


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

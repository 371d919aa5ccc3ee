"""What the gateway refuses: each case is a permit that was true once, or looks as if it were."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backhaul.domain.codes import Action, Reason
from backhaul.domain.errors import PermitRefused
from backhaul.store import ledger
from backhaul.store.business_clock import move_clock
from backhaul.workflows.durable import DurableClient
from tests.house import House, propose
from tools import gateway
from tools.desk import Desk
from tools.gateway import Intent, Presented
from tools.guard import Judged
from tools.permits import PermitClaims, Signer

pytestmark = pytest.mark.bypass


def permitted(house: House) -> Judged:
    """A proposal judged and permitted whose permit nobody has spent yet."""
    fields = {name: getattr(house.desk, name) for name in Desk.__slots__}
    idle = Desk(**{**fields, "starter": DurableClient(house.store)})
    sent = propose(idle, "SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four of them")
    prepared = house.world.guard.prepare(sent.proposals[0][0])
    with house.store.begin() as uow:
        judged = house.world.guard.judge(uow, prepared)
    assert judged.permit is not None
    return judged


def spend(house: House, token: str, judged: Judged, **changes: object) -> None:
    with house.store.begin() as uow:
        presented = Presented(token, replace(judged.command, **changes))  # type: ignore[arg-type]
        intent = Intent("RMA-TEST:create_rma:1", Action.CREATE_RMA, {}, [presented])
        gateway.spend(uow, [intent], bundle_hash=house.shelf.current().bundle_hash)


def entered(house: House) -> int:
    with house.store.read() as uow:
        return ledger.net_quantity(uow, "SO-15086", 1, ledger.AUTHORISED)


def token_of(judged: Judged) -> str:
    assert judged.permit is not None
    return judged.permit.token


def test_a_permit_is_spent_once_and_a_replay_is_refused(sqlite_house: House) -> None:
    judged = permitted(sqlite_house)
    spend(sqlite_house, token_of(judged), judged)

    with pytest.raises(PermitRefused):
        spend(sqlite_house, token_of(judged), judged)

    assert entered(sqlite_house) == 4


@pytest.mark.parametrize("change", [{"quantity": 5}, {"facility_id": "RNO1"}, {"order_number": "SO-15122"}])
def test_a_permit_for_one_command_is_none_for_another(sqlite_house: House, change: dict[str, object]) -> None:
    judged = permitted(sqlite_house)

    with pytest.raises(PermitRefused, match="other command"):
        spend(sqlite_house, token_of(judged), judged, **change)

    assert entered(sqlite_house) == 0


def another_key(token: str) -> str:
    claims = PermitClaims.model_validate_json(bytes.fromhex(token.split(".", maxsplit=1)[0]))
    return Signer(claims.key_id, Ed25519PrivateKey.generate()).sign(claims)


def one_byte_altered(token: str) -> str:
    body, signature = token.split(".")
    return f"{body}.{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(another_key, id="signed with another key"),
        pytest.param(one_byte_altered, id="one byte altered"),
        pytest.param(lambda _: "not.a-token", id="no token at all"),
    ],
)
def test_a_forged_permit_is_refused(sqlite_house: House, forge: Callable[[str], str]) -> None:
    judged = permitted(sqlite_house)

    with pytest.raises(PermitRefused):
        spend(sqlite_house, forge(token_of(judged)), judged)

    assert entered(sqlite_house) == 0


def test_a_permit_ends_after_a_minute(sqlite_house: House) -> None:
    judged = permitted(sqlite_house)
    with sqlite_house.store.begin() as uow:
        move_clock(uow, seconds=int(timedelta(seconds=61).total_seconds()), actor="test")

    with pytest.raises(PermitRefused, match="expired"):
        spend(sqlite_house, token_of(judged), judged)


def test_a_permit_is_stale_when_the_order_moved_on(sqlite_house: House) -> None:
    judged = permitted(sqlite_house)
    sqlite_house.propose("SO-15086", 2, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, one belt")

    with pytest.raises(PermitRefused, match="stale order"):
        spend(sqlite_house, token_of(judged), judged)

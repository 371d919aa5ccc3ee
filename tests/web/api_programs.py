"""Programs at the door of the API, for every test of it."""

from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from backhaul.store import api_keys


@dataclass
class ProgramOutside:
    """A program with a key. Each write has a key of its own unless it is given one."""

    client: TestClient
    secret: str
    sent: list[str] = field(default_factory=list)

    def reads(self, path: str, **query: Any) -> Response:
        return self.client.get(f"/api/v1{path}", params=query, headers=self._key())

    def sends(self, path: str, body: Any = None, *, once: str = "") -> Response:
        self.sent.append(path)
        headers = self._key() | {"idempotency-key": once or f"request-{len(self.sent):06}"}
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def _key(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"} if self.secret else {}


def program(
    house: Any, client: TestClient, *, name: str = "storefront", account: str | None = None, **changed: Any
) -> ProgramOutside:
    """A program whose key has every scope that a key of its kind may have, or those given."""
    may = [one for one in api_keys.SCOPES if account is None or one not in api_keys.OF_THE_HOUSE]
    with house.store.begin() as uow:
        secret = api_keys.add(
            uow, name=name, scopes=changed.get("scopes", may), actor="cli:ann", account_id=account
        )
    return ProgramOutside(client, secret)

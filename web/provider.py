"""The company's own OpenID provider, as its documents and its answers are read. Nobody is signed in here.

Authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207).
"""

import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backhaul.domain.errors import BackhaulError
from backhaul.settings import Settings
from backhaul.store.provider_sign_ins import Begun

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

BACK = "/staff/sign-in/provider/back"
_SCOPE = "openid email"
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that only the provider can make; one that we could make too, or none, proves nothing"""
_TIMEOUT_SECONDS = 10.0
_LEEWAY_SECONDS = 60
_KNOWN_FOR_SECONDS = 3_600.0
_LOCAL = frozenset({"localhost", "127.0.0.1"})


class ProviderFault(BackhaulError):
    """The provider does not answer, or answers what cannot be trusted; `why` is for the log."""

    code = "provider_fault"
    retryable = True

    def __init__(self, why: str) -> None:
        super().__init__("Your company's sign-in does not work just now. Try again, or use your password.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Documents:
    """What the provider says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    keys: "KeySet"
    names_itself: bool
    """Whether it sends `iss` with its answers"""
    until: float


@dataclass(slots=True)
class Provider:
    """One provider, for all who sign in; its documents are read again once an hour."""

    settings: Settings
    _documents: Documents | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def issuer(self) -> str:
        return self.settings.oidc_issuer

    def address(self, state: str, begun: Begun) -> str:
        """Where to send a browser.

        Raises:
            ProviderFault: The provider does not say where.
        """
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._read().authorization_endpoint,
                state=state,
                code_verifier=begun.code_verifier,
                nonce=begun.nonce,
            )
        return str(url)

    def verified_email(self, code: str, begun: Begun, *, named: str = "") -> str | None:
        """The address that the provider has verified of whoever comes back with that code, if it has any.

        Raises:
            ProviderFault: The code is not taken, or what comes for it is not signed for us and this sign-in.
        """
        documents = self._read()
        if named != self.issuer and (named or documents.names_itself):
            raise ProviderFault("another issuer answered")
        claims = self._claims(documents, self._id_token(documents, code, begun), begun)
        email = claims.get("email")
        return (
            email.strip().lower() if claims.get("email_verified") is True and isinstance(email, str) else None
        )

    def _id_token(self, documents: Documents, code: str, begun: Begun) -> str:
        import httpx2  # noqa: PLC0415 - only for those who sign in there
        from authlib.integrations.base_client import OAuthError  # noqa: PLC0415 - the same

        try:
            with self._client() as client:
                token = client.fetch_token(
                    documents.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=begun.code_verifier,
                )
        except (httpx2.HTTPError, OAuthError, ValueError) as wrong:
            raise ProviderFault(f"the code was not taken ({type(wrong).__name__})") from wrong
        if not isinstance(id_token := token.get("id_token"), str):
            raise ProviderFault("no id token came for the code")
        return id_token

    def _claims(self, documents: Documents, id_token: str, begun: Begun) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 - only for those who sign in there
        from joserfc import jwt  # noqa: PLC0415 - the same
        from joserfc.errors import JoseError  # noqa: PLC0415 - the same

        try:
            token = jwt.decode(id_token, documents.keys, algorithms=list(_ALGORITHMS))
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.settings.oidc_client_id},
                },
                params={"nonce": begun.nonce, "client_id": self.settings.oidc_client_id},
            )
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError) as wrong:
            # It may have new keys: the next one who tries reads them.
            self._documents = None
            raise ProviderFault(f"the id token does not hold ({type(wrong).__name__})") from wrong
        return dict(claims)

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415 - only for those who sign in

        return OAuth2Client(
            self.settings.oidc_client_id,
            self.settings.oidc_client_secret.get_secret_value() or None,
            scope=_SCOPE,
            redirect_uri=f"{self.settings.own_url}{BACK}",
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
        )

    def _read(self) -> Documents:
        with self._lock:
            if self._documents is None or self._documents.until < monotonic():
                self._documents = self._fetched()
            return self._documents

    def _fetched(self) -> Documents:
        import httpx2  # noqa: PLC0415 - only for those who sign in there
        from joserfc.errors import JoseError  # noqa: PLC0415 - the same
        from joserfc.jwk import KeySet  # noqa: PLC0415 - the same

        try:
            with httpx2.Client(timeout=_TIMEOUT_SECONDS) as client:
                told = _json(client, f"{self.issuer}/.well-known/openid-configuration")
                if str(told["issuer"]).rstrip("/") != self.issuer:
                    raise ProviderFault("the provider names another issuer")
                keys = KeySet.import_key_set(_json(client, self._private(told["jwks_uri"])))
        except (httpx2.HTTPError, JoseError, KeyError, TypeError, ValueError) as wrong:
            raise ProviderFault(f"its documents cannot be read ({type(wrong).__name__})") from wrong
        return Documents(
            authorization_endpoint=self._private(told["authorization_endpoint"]),
            token_endpoint=self._private(told["token_endpoint"]),
            keys=keys,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            until=monotonic() + _KNOWN_FOR_SECONDS,
        )

    def _private(self, url: object) -> str:
        """An address over https; a provider on this machine may do without."""
        parts, own = urlsplit(str(url)), urlsplit(self.issuer)
        if parts.scheme != "https" and not (own.hostname in _LOCAL and parts.hostname in _LOCAL):
            raise ProviderFault("the provider names an address without https")
        return str(url)


def _json(client: Any, url: str) -> Any:
    return client.get(url, headers={"Accept": "application/json"}).raise_for_status().json()

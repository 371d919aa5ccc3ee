"""An OpenID provider for tests, made of Authlib's own server parts; it runs as a process of its own.

    python -m tests.web.openid_provider PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI

Whoever signs in types an address. What stands before its @ says what goes wrong: see FAULTS.
"""

import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it speaks to this machine alone

import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

FAULTS = ("nonce", "audience", "issuer", "expired", "unsigned", "our-secret", "foreign-key", "unverified")
"""What the id token of `<fault>@...` has wrong"""


@dataclass
class Client(ClientMixin):
    """The one installation that may ask."""

    client_id: str
    client_secret: str
    redirect_uri: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(one for one in scope.split() if one in {"openid", "email"})

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic" and endpoint == "token"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """A code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    user: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return "another" if self.user.startswith("nonce@") else self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Payload(OAuth2Payload):
    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields

    @property
    def data(self) -> dict[str, str]:
        return dict(self.fields)

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in self.fields:
            found[name].append(value)
        return found


class Asked(OAuth2Request):
    def __init__(self, method: str, url: str, headers: Any, fields: list[tuple[str, str]]) -> None:
        super().__init__(method, url, headers=headers)
        self.payload = Payload(fields)

    @property
    def args(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.uri).query))

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


class Server(AuthorizationServer):
    def __init__(self, issuer: str, client: Client) -> None:
        super().__init__(scopes_supported=["openid", "email"])
        self.issuer, self.client = issuer, client
        self.codes: dict[str, Code] = {}
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: os.urandom(16).hex()))
        self.register_grant(Grant, [CodeChallenge(required=True), Claims(self)])

    def query_client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def save_token(self, token: Any, request: Any) -> None:
        """Nothing is done with it here."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        made = JSONResponse(body, status) if isinstance(body, dict) else HTMLResponse(body or "", status)
        made.headers.update(dict(headers))
        return made


class Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        said = request.payload.data
        self.server.codes[code] = Code(
            code,
            said["redirect_uri"],
            request.scope,
            said["nonce"],
            request.user,
            said["code_challenge"],
            said["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        del client
        return self.server.codes.get(code)  # type: ignore[no-any-return]

    def delete_authorization_code(self, authorization_code: Code) -> None:
        self.server.codes.pop(authorization_code.code)

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class Claims(OpenIDCode):
    """The id token, and what is wrong with it for some."""

    def __init__(self, server: Server) -> None:
        super().__init__(require_nonce=True)
        self.server = server

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        del request
        return any(one.nonce == nonce for one in self.server.codes.values())

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        del client
        return self.server.key

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.server.issuer, "aud": [client.client_id]}

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        del client
        return {"alg": "RS256", "kid": "one"}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        del scope
        return UserInfo(sub=f"s-{user}", email=user, email_verified=not user.startswith("unverified@"))

    def encode_id_token(self, token: Any, request: Any) -> str:
        made: str = super().encode_id_token(token, request)
        fault = request.user.partition("@")[0]
        claims = dict(jwt.decode(made, self.server.key).claims)
        wrong: dict[str, dict[str, Any]] = {
            "audience": {"aud": ["another-client"]},
            "issuer": {"iss": "https://another.example"},
            "expired": {"exp": int(time.time()) - 3_600, "iat": int(time.time()) - 7_200},
        }
        claims |= wrong.get(fault, {})
        if fault == "unsigned":
            return jwt.encode({"alg": "none"}, claims, None, ["none"])
        if fault == "our-secret":
            key = OctKey.import_key(self.server.client.client_secret)
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key)
        if fault == "foreign-key":
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.server.key)


def application(server: Server) -> Starlette:
    async def asked(request: Request) -> Asked:
        fields = parse_qsl(request.url.query) + parse_qsl((await request.body()).decode())
        return Asked(request.method, str(request.url), request.headers, fields)

    async def documents(request: Request) -> Response:
        del request
        return JSONResponse(
            {
                "issuer": server.issuer,
                "authorization_endpoint": f"{server.issuer}/authorize",
                "token_endpoint": f"{server.issuer}/token",
                "jwks_uri": f"{server.issuer}/keys",
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(request: Request) -> Response:
        del request
        return JSONResponse({"keys": [server.key.as_dict(private=False)]})

    async def authorize(request: Request) -> Response:
        said = await asked(request)
        user = said.payload.data.get("user", "")
        grant = server.get_consent_grant(said, end_user=user or None)
        if request.method == "GET":
            return HTMLResponse("<form method='post'><input name='user'><button>Sign in</button></form>")
        made: Response = server.create_authorization_response(said, grant_user=user, grant=grant)
        return made

    async def token(request: Request) -> Response:
        made: Response = server.create_token_response(await asked(request))
        return made

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", documents),
            Route("/keys", keys),
            Route("/authorize", authorize, methods=["GET", "POST"]),
            Route("/token", token, methods=["POST"]),
        ]
    )


if __name__ == "__main__":
    port, client_id, client_secret, redirect_uri = sys.argv[1:]
    server = Server(f"http://127.0.0.1:{port}", Client(client_id, client_secret, redirect_uri))
    uvicorn.run(application(server), host="127.0.0.1", port=int(port), log_level="warning")

"""Every knob, typed, with its unit and reason. Read once from the environment by bootstrap."""

import re
from datetime import date, time
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}")
_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")


class Settings(BaseSettings):
    """Settings from environment variables; docs/configuration.md explains each one."""

    model_config = SettingsConfigDict(env_prefix="BACKHAUL_", extra="ignore", frozen=True)

    home: Path = Path("var")
    """Folder of databases, blobs, caches and the worker's key (BACKHAUL_HOME)."""
    host: str = "127.0.0.1"
    """Address the doors listen on (BACKHAUL_HOST); put a TLS proxy before it to leave the machine."""
    port: int = Field(default=8000, ge=1, le=65535)
    """TCP port of the doors (BACKHAUL_PORT)."""
    demo: bool = True
    """Demo mode: persona cards, mailbox page, movable clock, printed passwords (BACKHAUL_DEMO=0 ends it)."""
    demo_stages: bool = True
    """Let `backhaul up` begin a demo with returns in every stage (BACKHAUL_DEMO_STAGES=0: with none)."""
    database_url: str = ""
    """PostgreSQL URL of the worker's role; empty means SQLite under `home` (BACKHAUL_DATABASE_URL)."""
    web_database_url: str = ""
    """URL of the web role, which may not write permits, outbox or ledger; empty means `database_url`."""
    public_url: str = ""
    """How customers reach the doors, for links in letters; empty means host and port."""
    secure_cookies: bool | None = None
    """Send cookies over HTTPS only; unset means outside demo (BACKHAUL_SECURE_COOKIES)."""

    desk_zone: str = "America/New_York"
    """Time zone of the desk, as the time zone database calls it (BACKHAUL_DESK_ZONE)."""
    desk_opens: time = time(8)
    """When the desk begins to work, Monday to Friday (BACKHAUL_DESK_OPENS)."""
    desk_closes: time = time(18)
    """When it stops; deadlines of reviews are in working time (BACKHAUL_DESK_CLOSES)."""
    desk_closed_on: tuple[date, ...] = ()
    """Further days without work, beside American holidays, as a JSON list (BACKHAUL_DESK_CLOSED_ON)."""

    policies: Path | None = None
    """Folder of the policy documents; empty means those that come with Backhaul (BACKHAUL_POLICIES)."""

    release_control: Literal["off", "required"] | None = None
    """Whether only a release that is signed off decides by itself; unset means outside demo
    (BACKHAUL_RELEASE_CONTROL).
    """

    blind_share_permille: int = Field(default=50, ge=0, le=1000)
    """How many of a thousand decisions that would be automatic a person reads blind; 0 draws none
    (BACKHAUL_BLIND_SHARE_PERMILLE).
    """
    blind_escalated_permille: int = Field(default=200, ge=0, le=1000)
    """The same of those that go to a person for nothing but an unsure reading
    (BACKHAUL_BLIND_ESCALATED_PERMILLE).
    """
    wrong_automatic_permille: int = Field(default=10, ge=1, le=200)
    """How many of a thousand automatic decisions may be wrong where autonomy counts as proved; to be set
    before labels are looked at (BACKHAUL_WRONG_AUTOMATIC_PERMILLE).
    """

    undo_seconds: int = Field(default=10, ge=0, le=600)
    """How long a decision of the desk can be taken back before anything comes of it (BACKHAUL_UNDO_SECONDS).
    """

    smtp_host: str = ""
    """Mail server for letters; empty in demo means the mailbox page (BACKHAUL_SMTP_HOST)."""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = "returns@halden.example"
    smtp_starttls: bool = True

    oidc_issuer: str = ""
    """OpenID provider that staff may sign in at, as in https://login.example.org; empty means none."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")

    carrier_webhook_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """Secret of each carrier that may tell us of scans, by its name in small letters with hyphens."""

    model_name: str = "gpt-5-mini"
    """Name of the language model, used only when OPENAI_API_KEY is set (BACKHAUL_MODEL_NAME)."""
    model_timeout_seconds: float = 20.0
    """Longest wait for one answer of the language model."""
    model_max_tokens: int = 1200
    """Longest answer of the language model."""
    model_phrases: bool = True
    """Let the language model word questions anew; the facts in them stay ours (BACKHAUL_MODEL_PHRASES)."""
    openai_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="OPENAI_API_KEY")
    openai_base_url: str = Field(default="", validation_alias="OPENAI_BASE_URL")

    verdict_wait_seconds: float = 5.0
    """How long a turn waits for the worker before it says "being decided"."""
    permit_seconds: int = 60
    """Longest life of a permit."""
    keep_workflows_days: int = Field(default=30, ge=1)
    """How long the durable engine remembers a workflow after its end."""
    keep_letters_days: int = Field(default=365, ge=1)
    """How long letters are kept with whom they went to and what they said."""
    keep_bookmarks_days: int = Field(default=30, ge=1)
    """How long the agent remembers its place in a conversation whose cases are over."""
    keep_words_days: int = Field(default=1_095, ge=30)
    """How long words and photos of conversations that are over are kept; the books stay."""
    poll_seconds: float = 0.03
    """How often the durable engine looks for new work: the queueing part of a verdict's latency."""

    @field_validator("policies", "release_control", mode="before")
    @classmethod
    def _is_said_or_nothing(cls, given: object) -> object:
        """An empty variable is none: the folder we happen to stand in holds no policies."""
        return given or None

    @field_validator("carrier_webhook_secrets")
    @classmethod
    def _can_be_signed_with(cls, secrets: dict[str, SecretStr]) -> dict[str, SecretStr]:
        """A secret that is found at the first scan to be none would leave the parcels standing."""
        for carrier, secret in secrets.items():
            if not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
                raise ValueError(f"{carrier}: a secret is whsec_ and the base64 of 24 to 64 bytes")
        return secrets

    @field_validator("oidc_issuer")
    @classmethod
    def _is_told_in_private(cls, url: str) -> str:
        """Over plain HTTP whoever listens could sign in as anybody."""
        if url and not re.match(r"https://|http://(localhost|127\.0\.0\.1)(:\d+)?(/|$)", url):
            raise ValueError("the provider of sign-ins needs https")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _knows_itself_at_the_provider(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("BACKHAUL_OIDC_ISSUER needs BACKHAUL_OIDC_CLIENT_ID")
        return self

    @field_validator("database_url", "web_database_url")
    @classmethod
    def _is_postgresql(cls, url: str, info: ValidationInfo) -> str:
        """Two processes on two databases would wait for each other for ever."""
        if url and not url.startswith(_POSTGRESQL):
            raise ValueError("only PostgreSQL has a URL, as in postgresql://role@host/database")
        if url and info.field_name == "web_database_url" and not info.data.get("database_url"):
            raise ValueError("the web side needs the worker's database: set BACKHAUL_DATABASE_URL too")
        return url

    @property
    def sqlite_path(self) -> Path:
        """Our tables and the durable engine's."""
        return self.home / "backhaul.db"

    @property
    def checkpoints_path(self) -> Path:
        """The agent's bookmarks, which can be rebuilt from the messages."""
        return self.home / "checkpoints.db"

    @property
    def erp_path(self) -> Path:
        """The embedded ERP."""
        return self.home / "erp.db"

    @property
    def carrier_path(self) -> Path:
        """The embedded carrier."""
        return self.home / "carrier.db"

    @property
    def second_carrier_path(self) -> Path:
        """The embedded carrier that is asked when the first does not answer, and that carries pallets."""
        return self.home / "carrier-second.db"

    @property
    def drop_off_path(self) -> Path:
        """The labels of our own, for when no carrier answers."""
        return self.home / "drop-off.db"

    @property
    def warehouse_path(self) -> Path:
        """The embedded warehouse's list of announced returns."""
        return self.home / "warehouse.db"

    @property
    def supplier_path(self) -> Path:
        """The embedded supplier desk: the numbers that suppliers gave for returns to them."""
        return self.home / "supplier.db"

    @property
    def simulated_mark(self) -> Path:
        """The file that says of a home that all in it was simulated."""
        return self.home / "simulated.json"

    @property
    def own_url(self) -> str:
        """Where browsers reach the doors."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def cookies_need_tls(self) -> bool:
        """Whether browsers may send our cookies over HTTPS only."""
        return not self.demo if self.secure_cookies is None else self.secure_cookies

    @property
    def releases_are_required(self) -> bool:
        """Whether a version that is not signed off leaves every decision to a person."""
        return not self.demo if self.release_control is None else self.release_control == "required"

    @property
    def model_is_on(self) -> bool:
        """Whether a language model may be asked."""
        return bool(self.openai_api_key.get_secret_value())

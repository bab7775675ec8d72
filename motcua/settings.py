"""Every setting, read from the environment (`MOTCUA_*`) or from files under `MOTCUA_SECRETS_DIR`."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where the rooms and the starter catalogue lie."""


class Settings(BaseSettings):
    """What an operator may set. `docs/settings.md` lists the same, and a test holds the two together."""

    model_config = SettingsConfigDict(
        env_prefix="MOTCUA_",
        extra="ignore",
        secrets_dir=os.environ.get("MOTCUA_SECRETS_DIR"),
    )

    home: Path = Field(ROOT / "var", description="Folder for everything the assistant writes.")
    database_url: str = Field("", description="SQLAlchemy URL of the database; empty means SQLite in the home folder.")
    encoder: str = Field(
        "", description="Folder or name of a sentence-transformers model; empty means the offline encoder."
    )
    encoder_threads: int = Field(2, ge=1, description="Processor threads for one encoding.")
    province: str = Field(
        "", description="Name of the own province; its own procedures are then preferred, others' hidden."
    )
    host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    port: int = Field(8080, ge=1, le=65535, description="Port the gateway listens on.")
    rasa_port: int = Field(5005, ge=1, le=65535, description="Loopback port of Rasa.")
    actions_port: int = Field(5055, ge=1, le=65535, description="Loopback port of the actions server.")
    bot_python: Path = Field(ROOT / "bot" / ".venv" / "bin" / "python", description="Python of Rasa's own environment.")
    internal_token: SecretStr = Field(
        SecretStr(""),
        description="Token between gateway, Rasa and actions; empty means a fresh one at every `motcua run`.",
    )
    reply_timeout: float = Field(1.8, gt=0, description="Seconds the gateway waits for Rasa before it apologises.")
    session_hours: int = Field(24, ge=1, description="Hours a web chat session lasts.")
    message_length: int = Field(1000, ge=50, le=2000, description="Characters of a message that are read.")
    rate_per_session: str = Field(
        "20/minute", description="Messages one web session may send (syntax of the limits library)."
    )
    rate_per_address: str = Field(
        "120/minute", description="Requests one network address may make (syntax of the limits library)."
    )
    rate_storage: str = Field(
        "memory://", description="Where requests are counted (URI of the limits library: memory, Redis)."
    )
    allowed_origins: str = Field(
        "", description="Web origins, comma separated, that may use the chat API from another site."
    )
    trusted_proxies: str = Field(
        "", description="Proxy addresses, comma separated, whose X-Forwarded-For header is believed."
    )
    frame_ancestors: str = Field(
        "'none'",
        description="Who may show the page in a frame (Content-Security-Policy: 'none', 'self', origins).",
    )
    public_url: str = Field(
        "",
        description="Address under which people reach the gateway, such as https://motcua.example.vn, for links and QR "
        "codes on printed sheets; empty means as each request names it.",
    )
    link_domains: str = Field(
        "gov.vn",
        description="Domains, comma separated, that links in answers may lead to, subdomains included.",
    )
    kiosk_idle: int = Field(
        90, ge=5, description="Seconds without a touch after which a kiosk counts down to erasing the conversation."
    )
    event_heartbeat: int = Field(15, ge=1, description="Seconds between signs of life on an event stream.")
    dossier_source: Literal["sql", "http", "chain"] = Field(
        "sql",
        description="Where dossiers are looked up: sql (imported exports), http (the province's system), "
        "chain (that system, then what was last known).",
    )
    dossier_demo: bool = Field(
        True, description="Whether made-up dossiers to try are there until real ones are imported (sql only)."
    )
    counters_demo: bool = Field(
        True,
        description="Whether a made-up service centre with two counters is there, to try queue numbers and "
        "appointments, until a table of counters is imported.",
    )
    dossier_url: str = Field("", description="Root address of the province's dossier system.")
    dossier_map: str = Field(
        "", description="YAML file with that system's paths and field names; empty means the usual ones."
    )
    dossier_client_id: str = Field("", description="Client id for that system (OAuth client credentials).")
    dossier_client_secret: SecretStr = Field(SecretStr(""), description="Client secret for that system.")
    dossier_connect_timeout: float = Field(2.0, gt=0, description="Seconds for a connection to that system.")
    dossier_read_timeout: float = Field(4.0, gt=0, description="Seconds for each wait for its bytes.")
    dossier_patience: float = Field(
        6.0, gt=0, description="Seconds for a whole look-up there, with token and repeated tries."
    )
    dossier_stale_hours: int = Field(
        30, ge=1, description="Hours after which what is known of a dossier, or an import, counts as stale."
    )
    dossier_key_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret that second keys (last four digits) are hashed with, 16 characters or more; empty means "
        "one that is made once and kept in the home folder.",
    )
    dossier_answer_within: float = Field(
        0.95,
        gt=0,
        description="Seconds that an answer about a dossier may take before it says that the system is silent; "
        "less than MOTCUA_ACTIONS_TIMEOUT_S of Rasa (1.2).",
    )
    dossier_tries_all: int = Field(
        200,
        ge=10,
        description="Wrong tries at dossiers an hour, over all persons and codes, after which none are taken for a "
        "while.",
    )
    dossier_days_off: str = Field(
        "",
        description="YAML table of the staff with days off and make-up working days; empty means days-off.yaml in "
        "the home folder.",
    )
    console_second_factor: Literal["optional", "administrators", "everyone"] = Field(
        "optional", description="Who must have a second factor (a code of their telephone) for the staff console."
    )
    console_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret that second factors of the staff are sealed with, 16 characters or more, the same for all "
        "gateways; empty means one that is made once and kept in the home folder.",
    )
    console_idle_minutes: int = Field(
        30, ge=1, description="Minutes without a request after which a member of the staff must sign in again."
    )
    console_session_hours: int = Field(
        10, ge=1, description="Hours after which a member of the staff must sign in again in any case."
    )
    console_code_hours: int = Field(
        72, ge=1, description="Hours for which the one-time code of a new or reset account counts."
    )
    log_level: str = Field("INFO", description="Level of the log (DEBUG, INFO, WARNING, ERROR).")
    following: bool = Field(True, description="Whether people who asked for it are told when their dossier changes.")
    following_interval: float = Field(60.0, ge=1, description="Seconds between two looks for changes of dossiers.")
    following_look_minutes: int = Field(
        30,
        ge=1,
        description="Minutes after which each followed dossier is looked up in the province's system again, which "
        "may have no list of changes (http and chain only).",
    )
    following_quiet_from: int = Field(
        21, ge=0, le=23, description="Hour in Vietnam from which on no such notice is sent."
    )
    following_quiet_until: int = Field(
        7, ge=0, le=23, description="Hour in Vietnam at which they are sent again; the same hour: always."
    )

    handover_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret that what people write to officers, and their telephone numbers, are sealed with, 16 "
        "characters or more; empty means one that is made once and kept in the home folder.",
    )
    handover_answer_minutes: int = Field(
        10,
        ge=1,
        description="Minutes a person waits for an officer before being told so; an officer's case then goes back "
        "to the queue.",
    )
    handover_keep_days: int = Field(
        30, ge=1, description="Days after which cases of officers, with telephone numbers and notes, are deleted."
    )
    chat_keep_days: int = Field(
        30, ge=0, description="Days after its end that a web chat session is kept, with its messages and ratings."
    )

    zalo_oa_id: str = Field("", description="Id of the Zalo Official Account; empty means that there is none.")
    zalo_oa_app_id: str = Field("", description="Id of the application that the Official Account has consented to.")
    zalo_oa_app_secret: SecretStr = Field(
        SecretStr(""), description="Secret of that application (App Secret), for tokens."
    )
    zalo_oa_secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key that Zalo signs webhooks with (OA Secret Key); it is not the App Secret.",
    )
    zalo_oa_pkce_verifier: SecretStr = Field(
        SecretStr(""),
        description="PKCE verifier, 43 characters, whose challenge is saved in Zalo's console; empty means none.",
    )
    zalo_oa_send_proof: bool = Field(
        False, description="Whether each call proves its token (appsecret_proof), where Zalo asks for it."
    )
    zalo_oa_token_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret that the account's tokens are sealed with, 16 characters or more; empty means one that is "
        "made once and kept in the home folder.",
    )
    zalo_oa_oauth_url: str = Field(
        "https://oauth.zaloapp.com/v4", description="Where Zalo gives tokens of Official Accounts."
    )
    zalo_oa_api_url: str = Field("https://openapi.zalo.me", description="Where Zalo takes messages of accounts.")
    zalo_oa_templates_url: str = Field(
        "https://business.openapi.zalo.me", description="Where Zalo takes template messages by telephone number."
    )
    zalo_oa_templates_mode: Literal["development", "production"] = Field(
        "development",
        description="Whether template messages by telephone number reach administrators only, or everybody.",
    )
    zalo_oa_text_length: int = Field(2000, ge=100, le=2000, description="Characters of one message of the account.")
    zalo_bot_token: SecretStr = Field(
        SecretStr(""), description="Token of the Zalo bot; empty means that there is none."
    )
    zalo_bot_url: str = Field(
        "https://bot-api.zaloplatforms.com",
        description="Where Zalo's Bot API is; https://bot-api.zapps.me is its older address.",
    )
    zalo_bot_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret that comes back with every update of the bot, 8 to 256 characters."
    )
    zalo_bot_poll_seconds: int = Field(30, ge=1, le=120, description="Seconds that Zalo may hold one poll of the bot.")
    zalo_bot_text_length: int = Field(2000, ge=100, le=2000, description="Characters of one message of the bot.")
    zalo_bot_markdown: bool = Field(True, description="Whether the bot makes titles bold.")

    durable_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret that what comes from and goes to pushing channels (Zalo) is sealed with while it waits, 16 "
        "characters or more; empty means one that is made once and kept in the home folder.",
    )
    durable_window: float = Field(
        0.4,
        ge=0,
        le=5,
        description="Seconds that an event of such a channel waits for earlier ones of its conversation.",
    )
    durable_lease: float = Field(
        30.0,
        ge=1,
        description="Seconds without a sign of life after which what a gateway has in hand is taken up by another, or "
        "by itself after a restart.",
    )
    durable_attempts: int = Field(
        12,
        ge=1,
        description="Tries of an event, or calls for a message, before it is given up and an alert is raised.",
    )
    durable_settle_after: float = Field(
        10.0,
        ge=0,
        description="Seconds after which the channel is asked what became of a call whose outcome is not known; "
        "longer than the channel may take to process one.",
    )
    durable_at_once: int = Field(
        64, ge=1, description="Conversations that one gateway works at side by side, in each direction."
    )
    durable_keep_days: int = Field(
        14,
        ge=1,
        description="Days that answered events and sent messages (without their text), and what was given up (with "
        "it), are kept; for so long an event that comes again is known again.",
    )

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'motcua.db'}"

    @property
    def encoder_folder(self) -> Path:
        """Where the offline encoder lies."""
        return self.home / "encoder" / "me5-small"

    @property
    def encoder_in_force(self) -> str:
        """The folder or model name that search encodes with."""
        return self.encoder or str(self.encoder_folder)

    @property
    def index_folder(self) -> Path:
        """Where search index versions lie."""
        return self.home / "index"

    @property
    def dossier_key_file(self) -> Path:
        """Where the secret for second keys is kept when none is set."""
        return self.home / "dossier-key"

    @property
    def handover_secret_file(self) -> Path:
        """Where the secret of hand-overs is kept when none is set."""
        return self.home / "handover-key"

    @property
    def zalo_oa_token_secret_file(self) -> Path:
        """Where the secret of Zalo tokens is kept when none is set."""
        return self.home / "zalo-key"

    @property
    def durable_secret_file(self) -> Path:
        """Where the secret of the durable inbox is kept when none is set."""
        return self.home / "durable-key"

    @property
    def dossier_days_off_file(self) -> Path:
        """The staff's table of days off; it need not be there."""
        return Path(self.dossier_days_off) if self.dossier_days_off else self.home / "days-off.yaml"

    @property
    def console_secret_file(self) -> Path:
        """Where the secret of the console is kept when none is set."""
        return self.home / "console-key"

    @property
    def cache_folder(self) -> Path:
        """Downloads and embedding cache: may be deleted at any time."""
        return self.home / "cache"

    @property
    def models_folder(self) -> Path:
        """Trained Rasa models, one per content hash."""
        return self.home / "models"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Reads the settings once per process."""
    return Settings()

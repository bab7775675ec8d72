"""The sources that the settings ask for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import Engine

from actions.dossiers.chain import DossierChain
from actions.dossiers.errors import NotConfigured
from actions.dossiers.http_source import Client, HttpDossiers
from actions.dossiers.keys import KeyBook
from actions.dossiers.sql_source import SqlDossiers
from actions.dossiers.system_map import load_system_map
from motcua.kept_secret import kept_secret
from motcua.settings import Settings
from motcua.working_days import WorkingDays


def open_keys(config: Settings) -> KeyBook:
    """Gives what second keys are hashed with; without a setting the secret is made once and kept in the home folder.

    Raises:
        NotConfigured: the secret can be neither read nor kept.
        BadKey: it is too short.
    """
    told = config.dossier_key_secret.get_secret_value().strip()
    if told:
        return KeyBook(told.encode())
    try:
        return KeyBook(kept_secret(config.dossier_key_file))
    except OSError as cause:
        raise NotConfigured(
            f"the secret for second keys cannot be kept in {config.dossier_key_file} ({cause.strerror}): "
            "set MOTCUA_DOSSIER_KEY_SECRET"
        ) from None


def open_dossiers(config: Settings, engine: Engine, *, transport: httpx.BaseTransport | None = None) -> DossierChain:
    """Opens the sources of dossiers; nothing is asked yet.

    Args:
        config: the settings in force.
        engine: the database, brought up to date.
        transport: replaces the network of the live system, for tests.

    Raises:
        NotConfigured: the live system is wanted and its address, client id or secret is missing.
        BadMap: its map cannot be used.
        BadKey: the secret for second keys is too short.
    """
    keys = open_keys(config)
    stale_after = timedelta(hours=config.dossier_stale_hours)
    live = None if config.dossier_source == "sql" else _live(config, keys, transport)
    known = None if config.dossier_source == "http" else SqlDossiers(engine, keys, stale_after=stale_after)
    return DossierChain(keys, live=live, known=known, stale_after=stale_after)


def open_working_days(config: Settings) -> WorkingDays:
    """Opens the calendar of working days with the staff's table."""
    return WorkingDays(config.dossier_days_off_file)


def _live(config: Settings, keys: KeyBook, transport: httpx.BaseTransport | None) -> HttpDossiers:
    secret = config.dossier_client_secret.get_secret_value()
    for value, setting in (
        (config.dossier_url, "URL"),
        (config.dossier_client_id, "CLIENT_ID"),
        (secret, "CLIENT_SECRET"),
    ):
        if not value:
            raise NotConfigured(
                f"MOTCUA_DOSSIER_SOURCE is {config.dossier_source}, so MOTCUA_DOSSIER_{setting} must be set"
            )
    try:
        url = httpx.URL(config.dossier_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise NotConfigured("MOTCUA_DOSSIER_URL is no address such as https://lgsp.example.gov.vn")
    client = Client(
        config.dossier_url,
        config.dossier_client_id,
        secret,
        connect_s=config.dossier_connect_timeout,
        read_s=config.dossier_read_timeout,
        patience_s=config.dossier_patience,
    )
    how = load_system_map(Path(config.dossier_map) if config.dossier_map else None)
    return HttpDossiers(client, how, keys, transport=transport)

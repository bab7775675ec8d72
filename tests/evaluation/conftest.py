"""Search over the whole real catalogue, where the data and the encoder are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.search import engine_for
from knowledge.search import SearchEngine
from motcua.settings import Settings
from nlu.encoder import is_encoder_folder


@pytest.fixture(scope="session")
def real_settings() -> Settings:
    """The settings of this clone, with its built encoder and its caches."""
    settings = Settings()
    if not is_encoder_folder(settings.encoder_folder):
        pytest.skip(f"no encoder in {settings.encoder_folder}: run `motcua encoder build`")
    return settings


@pytest.fixture(scope="session")
def full_engine(shared: Path, real_settings: Settings) -> SearchEngine:
    """Search over all real procedures; the first time, building its index takes minutes."""
    return engine_for(real_settings, shared / "data" / "procedures.jsonl.gz", lambda *_: None)

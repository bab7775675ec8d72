"""Keeps what Rasa and its libraries say about themselves out of the output of our programs.

Only modules that are not ours are silenced, and only their deprecations and start-up notices: Rasa 3.6 is
pinned to libraries whose warnings nobody here can act on.
"""

from __future__ import annotations

import logging
import os
import warnings

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "LOG_LEVEL": "WARNING",
}
_NOT_OURS = "rasa|pkg_resources|sanic|sanic_cors|tensorflow|jax|keras|matplotlib|flatbuffers|skops|importlib"


def quiet() -> None:
    """Sets what must be set before Rasa is imported; what is set already stays."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import sanic  # noqa: F401  (asks for every deprecation to be shown, so our filter comes after)

    warnings.filterwarnings("ignore", category=DeprecationWarning, module=_NOT_OURS)
    # Said of every domain, whatever stands in it.
    warnings.filterwarnings("ignore", message=".*Slot auto-fill has been removed", category=UserWarning)
    from rasa.utils.log_utils import configure_structlog

    # Below WARNING, Rasa writes what it reads to the log.
    logging.getLogger("rasa").setLevel(logging.WARNING)
    configure_structlog(logging.WARNING)

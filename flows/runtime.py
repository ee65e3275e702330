"""Prefect set up for one home: its own PREFECT_HOME, no telemetry, no console noise; import this first."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from her2lit.home import Home


def prefect_environment(home: Home) -> dict[str, str]:
    """Return the settings under which Prefect keeps to *home* and to this machine."""
    return {
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_PROFILES_PATH": str(home.prefect / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The default of 20 s is too short for a slow disk's first start (15 s measured on a quiet one).
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "her2lit",
    }


@contextmanager
def prefect_runtime(
    home: Home, *, environ: MutableMapping[str, str] = os.environ, use_server: bool = True
) -> Iterator[None]:
    """
    Make Prefect ready for flows of *home* for as long as the block lasts, and quiet on the console for good.

    With PREFECT_API_URL in the environment flows report to that server, unless *use_server* is
    False; otherwise Prefect starts a throw-away server of its own. The user's own profile is not
    read or written: PREFECT_HOME points into the home. Prefect reads its environment when it is
    first imported, so nothing may have imported it before.
    """
    if "prefect" not in sys.modules:
        environ.update(prefect_environment(home))
        if not use_server:
            environ.pop("PREFECT_API_URL", None)
    from prefect.logging.configuration import setup_logging
    from prefect.logging.handlers import PrefectConsoleHandler
    from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    # Prefect would set its handlers up at the first flow run; now they are there to be moved.
    setup_logging()
    # A heartbeat only helps a server that watches for dead runs; without one it costs a second a flow.
    watched = use_server and bool(environ.get("PREFECT_API_URL"))
    updates: dict[Any, Any] = {} if watched else {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    if not use_server:
        # A .env or prefect.toml in the folder one stands in may name a server too.
        updates[PREFECT_API_URL] = None
    _log_to(home.logs / "prefect.log", PrefectConsoleHandler)
    with temporary_settings(updates):
        yield


class RunLogFile(logging.FileHandler):
    """
    The file that takes what Prefect would print; a class of its own, so that it is known again.

    Prefect sets logging up anew when its flow engine is imported, but leaves a root logger alone
    that has a handler with a formatter and a public name.
    """


def _log_to(path: Path, console_handler: type[logging.Handler]) -> None:
    """
    Send what Prefect prints on the console to *path*, for the rest of the process.

    It is not given back at the end of a run: Prefect's throw-away server takes its leave only when
    the process ends.
    """
    handler = RunLogFile(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for logger in (logging.getLogger(), logging.getLogger("fastapi"), logging.getLogger("uvicorn")):
        replaced = [h for h in logger.handlers if isinstance(h, console_handler | RunLogFile)]
        for old in replaced:
            logger.removeHandler(old)
            if isinstance(old, RunLogFile):
                old.close()
        if replaced:
            logger.addHandler(handler)

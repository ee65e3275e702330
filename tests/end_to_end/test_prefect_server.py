"""The nightly flow against a running Prefect server, as a team would have one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from nights import small_corpus

from her2lit.clock import SystemClock
from her2lit.home import Home
from her2lit.replica.server import Replica

pytestmark = [pytest.mark.extra, pytest.mark.xdist_group("prefect"), pytest.mark.timeout(300)]

EMAIL = "operator@her2lit.invalid"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Prefect server on loopback with a folder of its own; its API's address and that folder."""
    from flows.runtime import prefect_environment

    home = Home(tmp_path_factory.mktemp("server"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | prefect_environment(home)
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (
        (home.root / "server.log").open("wb") as log,
        subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        ) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/health", process)
            yield f"http://127.0.0.1:{port}/api", home.root
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _wait_for(url, process, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(url, timeout=2).raise_for_status()
        except requests.RequestException:
            time.sleep(0.5)
        else:
            return
    pytest.fail("the Prefect server did not start")


def ask(url, body):
    """POST *body* as JSON and return the reply."""
    reply = requests.post(url, json=body, timeout=10)
    reply.raise_for_status()
    return reply.json()


def test_the_night_is_seen_on_the_server_with_its_tasks_and_its_artifact_but_no_address(tmp_path, server):
    """
    The same flow, told only by PREFECT_API_URL; what the server stores names no mail address.
    """
    api, server_folder = server
    with Replica(small_corpus(tmp_path / "index"), SystemClock(), strict=True) as replica:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")} | {
            "PREFECT_API_URL": api,
            "HER2LIT_EMAIL": EMAIL,
            "HER2LIT_EUTILS_URL": replica.base_url,
        }
        finished = subprocess.run(
            [sys.executable, "-m", "her2lit", "--home", str(tmp_path / "home"), "nightly", "--since", "2021-05-29"],
            env=environment, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "6 new" in finished.stdout
    assert replica.violations == 0
    [flow_run] = ask(f"{api}/flow_runs/filter", {})
    assert flow_run["state_name"] == "Completed"
    assert EMAIL not in json.dumps(flow_run)
    names = sorted(run["name"].rsplit("-", 1)[0] for run in ask(f"{api}/task_runs/filter", {}))
    assert names == [
        "annotate", "audit", "fetch", "load", "match-strategies", "parse", "probe", "publish", "report", "search", "watch",
    ]  # fmt: skip
    [artifact] = ask(f"{api}/artifacts/filter", {})
    assert artifact["key"] == "nightly"
    assert [
        path for path in Path(server_folder).rglob("*") if path.is_file() and EMAIL.encode() in path.read_bytes()
    ] == []

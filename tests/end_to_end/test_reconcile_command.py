"""``her2lit reconcile`` as an operator runs it: through Prefect, in a process of its own, after a night."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from nights import small_corpus

from her2lit.clock import SystemClock
from her2lit.replica.server import Replica

pytestmark = [pytest.mark.extra, pytest.mark.xdist_group("prefect"), pytest.mark.timeout(600)]

EMAIL = "operator@her2lit.invalid"


def test_a_reconciliation_after_a_night_is_clean_and_a_second_one_finds_nothing_to_fetch(tmp_path):
    with Replica(small_corpus(tmp_path / "index"), SystemClock(), strict=True) as replica:

        def her2lit(*arguments):
            environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")} | {
                "HER2LIT_EMAIL": EMAIL,
                "HER2LIT_EUTILS_URL": replica.base_url,
            }
            return subprocess.run(
                [sys.executable, "-m", "her2lit", "--home", str(tmp_path / "home"), *arguments],
                env=environment, capture_output=True, text=True, timeout=200, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip

        night = her2lit("nightly", "--since", "2021-05-29", "--quiet")
        first = her2lit("reconcile")
        second = her2lit("reconcile", "--quiet")
        status = her2lit("status", "--check")

    assert (night.returncode, first.returncode, second.returncode, status.returncode) == (0, 0, 0, 0), first.stderr
    assert "is clean: " in first.stdout
    assert "gap 0, absent 0, deleted 0, revised 0" in first.stdout
    assert "0 of 0 fetched" in second.stdout
    assert "reconcile CLEAN" in status.stdout
    assert replica.violations == 0
    assert [
        str(path) for path in (tmp_path / "home").rglob("*") if path.is_file() and EMAIL.encode() in path.read_bytes()
    ] == []

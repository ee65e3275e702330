"""
Kill the writer at random moments and see that nothing is lost, doubled or unreadable.

    python bench/kills.py [--kills 200] [--seed 1] [--json OUT.json]

Three works are done again and again, each in a process of its own that gets SIGKILL after a random time:

nights    open and migrate, load a night of 40 records (new, revised, deleted), publish; every other night the file
          is rewritten without its dead space first.
migrate   bring the stored file of schema 5 (tests/warehouse/schema_0005.duckdb.xz) up to date and index its texts.

A work that was killed is started again until it comes through. After each kill the published file must open and read to
its last row, and a reader that was opened before must read the same rows as then. At the end every table is compared,
row by row, with a twin that nobody killed. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import json
import lzma
import mmap
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
# bench/warehouse.py must not stand before the package of that name.
sys.path[:] = [p for p in sys.path if Path(p).resolve() != ROOT / "bench"]
sys.path += [str(ROOT / "bench"), str(ROOT / "tests" / "support")]
from contents import contents  # noqa: E402 - found by the path set above
from synthetic import DRUGS, Synthetic, parsed  # noqa: E402

from her2lit.records import Deletion, NightLoad  # noqa: E402
from warehouse import compact, ledger, migrate  # noqa: E402
from warehouse import load as loading  # noqa: E402
from warehouse import publish as publishing  # noqa: E402
from warehouse.connection import open_snapshot, open_writer  # noqa: E402

FIRST = date(2021, 6, 5)
PHASES = (
    "starting",
    "open and migrate",
    "load",
    "checkpoint and close",
    "audit and digest",
    "compact",
    "copy and check",
    "rename",
    "done",
)


class Drug:
    """A drug as load_drugs wants it."""

    def __init__(self, drug_id: str) -> None:
        self.drug_id, self.name, self.drug_class = drug_id, drug_id, "made"
        self.is_her2_targeted, self.rolls_up_to = True, None


def made_nights(n: int) -> list[NightLoad]:
    """Return *n* nights: each brings 25 new records, revises 12 and deletes 3."""
    source = Synthetic(seed=7)
    known: list[Any] = []
    nights = []
    for number in range(n):
        label = FIRST + timedelta(days=number)
        new = list(source.articles(25))
        revised = [source.revised(a) for a in known[:12]]
        gone = known[12:15]
        articles = [*new, *revised]
        nights.append(
            NightLoad(
                run_id="",
                label=label,
                started_at=datetime(label.year, label.month, label.day, 6, 30),
                is_history=number == 0,
                articles=tuple(parsed(a) for a in articles),
                annotations=tuple(source.annotation(a) for a in articles),
                rejects=(),
                search_runs=(),
                search_hits=(),
                watermarks=(("harvest", "crdt", label),),
                deletions=tuple(Deletion(pmid=a.pmid, pmid_version=1) for a in gone),
            )
        )
        known = [*known[15:], *new]
    return nights


def do_night(home: Path, night: NightLoad, *, is_compacting: bool, say: Callable[[str], None]) -> None:
    """Load *night* into the warehouse of *home* and publish it, as a run does that was started again."""
    say("open and migrate")
    with open_writer(home / "warehouse.duckdb") as connection:
        loading.load_drugs(connection, [Drug(d) for d in DRUGS], seen_at=night.started_at)
        run_id = ledger.start_run(
            connection,
            kind="nightly",
            label=night.label,
            started_at=night.started_at,
            her2lit_version="0",
            rule_version="made-1",
        )
        say("load")
        report = loading.load_night(connection, dataclasses.replace(night, run_id=run_id))
        ledger.finish_run(connection, run_id, outcome="clean", finished_at=night.started_at, report=report)
        say("checkpoint and close")
    say("audit and digest")
    compact.MIN_BYTES, compact.MAX_FREE = (0, -1.0) if is_compacting else (1 << 60, 1.0)
    _saying(compact, "_copy_tables", "compact", say)
    _saying(publishing, "_copy", "copy and check", say)
    _saying(publishing, "_keep_old", "rename", say)
    publishing.publish(
        home / "warehouse.duckdb",
        home / "published",
        label=night.label,
        published_at=night.started_at,
        data_as_of=night.started_at,
    )


def _saying(module: Any, name: str, phase: str, say: Callable[[str], None]) -> None:
    original = getattr(module, name)

    def told(*given: Any, **named: Any) -> Any:
        say(phase)
        return original(*given, **named)

    setattr(module, name, told)


def do_migrate(path: Path, *, say: Callable[[str], None]) -> None:
    """Bring the file at *path* up to date."""
    say("open and migrate")
    with open_writer(path):
        say("checkpoint and close")


class Killer:
    """Runs works in processes of their own, and kills them until enough were killed."""

    def __init__(self, kills: int, seed: int) -> None:
        self.left, self.random = kills, random.Random(seed)
        self.killed: collections.Counter[str] = collections.Counter()
        self.faults: list[str] = []
        self.phase = mmap.mmap(-1, 1)
        #: Seconds that a work takes when nobody kills it
        self.usual_s: dict[str, float] = {}

    def run(self, name: str, work: Callable[[Callable[[str], None]], None], *, is_killed: bool = False) -> bool:
        """Run *work* to its end, or to its death at a random moment; return whether it came through."""
        self.phase[0] = 0
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work(self._say)
                self._say("done")
                code = 0
            except BaseException as error:  # noqa: BLE001 - the parent is told by the code
                print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            finally:
                sys.stderr.flush()
                os._exit(code)
        if is_killed:
            time.sleep(self.random.uniform(0, 1.05 * self.usual_s[name]))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            self.killed[PHASES[self.phase[0]]] += 1
            self.left -= 1
            return False
        if os.WEXITSTATUS(status):
            self.faults.append(f"{name} failed after {sum(self.killed.values())} kills")
            self.left = 0
        self.usual_s[name] = time.monotonic() - started if not is_killed else self.usual_s[name]
        return True

    def _say(self, phase: str) -> None:
        self.phase[0] = PHASES.index(phase)

    def ask(self, question: Callable[[], Any]) -> Any:
        """Return the answer to *question*, asked in a process of its own: DuckDB's threads must not be forked."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                answer = json.dumps(question(), default=str)
            except BaseException as error:  # noqa: BLE001 - the parent is told
                answer = json.dumps({"error": f"{type(error).__name__}: {error}"})
            with os.fdopen(writing, "w") as pipe:
                pipe.write(answer)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        return json.loads(answer)


class Reader:
    """A process that keeps the published file open and counts its rows when asked."""

    def __init__(self, database: Path) -> None:
        self.asking, self.answering = os.pipe(), os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.asking[1])
            connection = open_snapshot(database)
            while os.read(self.asking[0], 1):
                os.write(self.answering[1], f"{_scan(connection)}\n".encode())
            os._exit(0)
        os.close(self.asking[0])
        self.first = self.count()

    def count(self) -> str:
        """Return what the reader sees."""
        os.write(self.asking[1], b"?")
        return os.read(self.answering[0], 200).decode().strip()

    def close(self) -> None:
        """End the reader."""
        os.close(self.asking[1])
        os.waitpid(self.child, 0)
        os.close(self.answering[0])
        os.close(self.answering[1])


def _scan(connection: duckdb.DuckDBPyConnection) -> str:
    [row] = connection.execute(
        "SELECT count(*), bit_xor(hash(v)), (SELECT bit_xor(hash(s)) FROM main.abstract_sections AS s),"
        " (SELECT count(*) FROM out.find('trastuzumab')) FROM main.article_versions AS v"
    ).fetchall()
    return "/".join(str(value) for value in row)


def read_published(database: Path) -> str:
    """Open the published file anew and read it."""
    with contextlib.closing(open_snapshot(database)) as connection:
        return _scan(connection)


def differing(killer: Killer, one: Path, other: Path) -> list[str]:
    """Return the tables in which two files differ, row by row, outside the ledger."""

    def compare() -> list[str]:
        left, right = contents(one), contents(other)
        return sorted(
            f"{name}: {len(left.get(name, []))} rows against {len(right.get(name, []))}"
            for name in left.keys() | right.keys()
            if left.get(name) != right.get(name)
        )

    answer = killer.ask(compare)
    return [answer["error"]] if isinstance(answer, dict) else answer


def kill_nights(killer: Killer, root: Path, until: int) -> None:
    """Kill nights until *until* kills are left; then compare with the twin."""
    nights = made_nights(max(3, min(12, (killer.left - until) // 4)))
    home, twin = root / "killed", root / "twin"
    for folder in (home, twin):
        folder.mkdir()
    for number, night in enumerate(nights):
        is_compacting = number % 2 == 1

        def work(
            say: Callable[[str], None], folder: Path, night: NightLoad = night, is_compacting: bool = is_compacting
        ) -> None:
            do_night(folder, night, is_compacting=is_compacting, say=say)

        killer.run("night", lambda say, work=work: work(say, twin))
        database = home / "published" / publishing.SNAPSHOT
        reader = Reader(database) if database.exists() else None
        # A night that came through is simply run again: the same night twice changes nothing.
        enough = killer.left - (killer.left - until) // (len(nights) - number)
        while killer.left > enough:
            killer.run("night", lambda say, work=work: work(say, home), is_killed=True)
            if database.exists() and isinstance(
                answer := killer.ask(lambda database=database: read_published(database)), dict
            ):
                killer.faults.append(f"the published file does not open: {answer['error']}")
            if reader and reader.count() != reader.first:
                killer.faults.append("an old reader sees other rows")
        killer.run("night", lambda say, work=work: work(say, home))
        if reader:
            reader.close()
    killer.faults += differing(killer, home / "warehouse.duckdb", twin / "warehouse.duckdb")
    killer.faults += differing(
        killer, home / "published" / publishing.SNAPSHOT, twin / "published" / publishing.SNAPSHOT
    )
    left_over = [p.name for p in (*home.glob(".*"), *(home / "published").glob(".*")) if p.is_file()]
    killer.faults += [f"left behind: {name}" for name in left_over]


def kill_migrations(killer: Killer, root: Path, until: int) -> None:
    """Kill migrations until *until* kills are left; each survivor is compared with the twin."""
    stored = lzma.decompress((ROOT / "tests" / "warehouse" / "schema_0005.duckdb.xz").read_bytes())
    path, twin = root / "old.duckdb", root / "migrated.duckdb"
    twin.write_bytes(stored)
    killer.run("migrate", lambda say: do_migrate(twin, say=say))
    while killer.left > until:
        path.write_bytes(stored)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        while killer.left > until and not killer.run("migrate", lambda say: do_migrate(path, say=say), is_killed=True):
            pass
        killer.run("migrate", lambda say: do_migrate(path, say=say))
        if killer.faults:
            return
    killer.faults += differing(killer, path, twin)


def main() -> None:
    """Kill, compare, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    migrate.views()  # read once, before any fork
    killer = Killer(arguments.kills, arguments.seed)
    with tempfile.TemporaryDirectory(prefix="her2lit-kills-") as folder:
        kill_migrations(killer, Path(folder), until=arguments.kills * 3 // 4)
        if not killer.faults:
            kill_nights(killer, Path(folder), until=0)
    result = {"kills": sum(killer.killed.values()), "by_phase": dict(killer.killed), "faults": killer.faults}
    text = json.dumps(result, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    sys.exit(1 if killer.faults else 0)


if __name__ == "__main__":
    main()

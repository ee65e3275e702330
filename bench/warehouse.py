"""
The warehouse at size: a night's load, views, queries, find, publishing and growth; pandas, SQLite and executemany beside it.

    python bench/warehouse.py [--sizes 10000,100000] [--nights 100] [--json OUT.json]

Each size is filled with synthetic articles (bench/synthetic.py) through the same load_night that a real night uses,
in loads of 10,000. Then:

load       a night of 1,000 changed records (400 new, 600 revised: three in four by indexing only, the rest in their
           text): load_night with its commit, index and all, then CHECKPOINT; articles are parsed and judged before
           the clock starts. Median and worst of five nights.
audit      all audits. publish: audits, digests, copy, check and Parquet, as the nightly run does.
views      every row and column of each view of schema out. queries: each file of warehouse/queries, five times each.
find       out.find(…) ORDER BY score LIMIT 20, median of nine, and the index made anew.
growth     --nights nights one after the other with the compaction that publishing does, against a fresh rebuild.
peers      the rows of 1,000 articles into tables of the same columns: Arrow (ours), pandas, DuckDB's executemany, SQLite.

Wall seconds; CPU seconds beside them, since a machine is seldom alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import duckdb
import pandas as pd

# This file must not stand before the package of its name.
_BENCH = str(Path(__file__).resolve().parent)
sys.path[:] = [p for p in sys.path if str(Path(p).resolve()) != _BENCH]
sys.path.append(_BENCH)
from synthetic import DRUGS, Synthetic, parsed  # noqa: E402 - found by the path set above

from her2lit.records import Article, NightLoad  # noqa: E402
from warehouse import ledger  # noqa: E402
from warehouse.arrow import arrow_table, column_types, registered  # noqa: E402
from warehouse.audit import run_audits  # noqa: E402
from warehouse.connection import open_snapshot, open_writer  # noqa: E402
from warehouse.load import load_drugs, load_night  # noqa: E402
from warehouse.migrate import sql_folder  # noqa: E402
from warehouse.postings import bring_up_to_date  # noqa: E402
from warehouse.publish import publish  # noqa: E402
from warehouse.rows import ARTICLE_TABLES  # noqa: E402

FILL = 10_000
FIRST = date(2021, 6, 5)
MEMORY = "3GB"
QUESTIONS = (
    "trastuzumab", "breast cancer", "brain metastases tucatinib", "her2 positive breast cancer survival trial",
    '"breast cancer" -pertuzumab', "t-dm1",
)  # fmt: skip


class Drug:
    """A drug as load_drugs wants it."""

    def __init__(self, drug_id: str) -> None:
        self.drug_id, self.name, self.drug_class = drug_id, drug_id, "made"
        self.is_her2_targeted, self.rolls_up_to = True, None


class Clock:
    """Wall and CPU seconds of one block."""

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu


def night(number: int, articles: list[Article], source: Synthetic, *, is_history: bool = False) -> NightLoad:
    """Return the night *number* with *articles* parsed and judged."""
    label = FIRST + timedelta(days=number)
    return NightLoad(
        run_id=f"{label}.1",
        label=label,
        started_at=datetime(label.year, label.month, label.day, 6, 30),
        is_history=is_history,
        articles=tuple(parsed(a) for a in articles),
        annotations=tuple(source.annotation(a) for a in articles),
        rejects=(),
        search_runs=(),
        search_hits=(),
        watermarks=(),
    )


@contextlib.contextmanager
def writer(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the writer's file with a memory limit."""
    with open_writer(path) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        yield connection


class Warehouse:
    """A warehouse of synthetic articles that grows."""

    def __init__(self, path: Path, source: Synthetic) -> None:
        self.path, self.source = path, source
        self.number = 0
        #: Some of the articles that are stored, to be revised
        self.stored: list[Article] = []

    def load(self, articles: list[Article], *, is_history: bool = False, checkpoint: bool = True) -> dict[str, float]:
        """Load one night and return its seconds."""
        made = night(self.number, articles, self.source, is_history=is_history)
        self.number += 1
        with writer(self.path) as connection:
            run_id = ledger.start_run(
                connection,
                kind="nightly",
                label=made.label,
                started_at=made.started_at,
                her2lit_version="0",
                rule_version="made-1",
            )
            with Clock() as loading:
                report = load_night(connection, made)
            ledger.finish_run(connection, run_id, outcome="clean", finished_at=made.started_at, report=report)
            with Clock() as flushing:
                if checkpoint:
                    connection.execute("CHECKPOINT")
        return {"load_s": loading.wall, "checkpoint_s": flushing.wall, "cpu_s": loading.cpu + flushing.cpu}

    def fill(self, size: int) -> list[dict[str, float]]:
        """Fill up to *size* articles; return the seconds of each load with what was stored before it."""
        steps = []
        for start in range(0, size, FILL):
            batch = list(self.source.articles(min(FILL, size - start)))
            steps.append({"stored": start, **self.load(batch, is_history=True)})
            self.stored += [
                batch[int(i)] for i in self.source.rng.integers(0, len(batch), max(1, 40_000 * len(batch) // size))
            ]
        return steps

    def repeat(self, times: int) -> None:
        """Store everything *times* times in all, under other PMIDs and keys: sizes that Python would take hours to make."""
        with writer(self.path) as connection:
            tables = connection.execute(
                "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = current_database()"
                " AND schema_name = 'main' AND column_name IN ('pmid', 'version_id', 'annotation_id', 'event_id', 'document_id')"
                " GROUP BY table_name"
            ).fetchall()
            tables = [(t, keys) for t, keys in tables if not t.startswith(("digest", "search", "reject"))]
            highest = {
                key: max(
                    connection.execute(f"SELECT coalesce(max({key}), 0) FROM main.{t}").fetchall()[0][0]
                    for t, keys in tables
                    if key in keys
                )
                for key in ("pmid", "version_id", "annotation_id", "event_id", "document_id")
            }
            for table, keys in tables:
                for n in range(1, times):
                    shifted = ", ".join(f"{key} + {n * highest[key]} AS {key}" for key in keys)
                    connection.execute(
                        f"INSERT INTO main.{table} SELECT h.* REPLACE ({shifted}) FROM main.{table} AS h"
                        f" WHERE h.{keys[0]} <= {highest[keys[0]]}"
                    )
            connection.execute("CHECKPOINT")

    def changed(self, n: int) -> list[Article]:
        """Return *n* records of a night: two in five new, the others revisions of stored ones."""
        rng = self.source.rng
        revised = {}
        while len(revised) < n * 3 // 5:
            at = int(rng.integers(0, len(self.stored)))
            self.stored[at] = self.source.revised(self.stored[at])
            revised[self.stored[at].pmid] = self.stored[at]
        return [*self.source.articles(n - len(revised)), *revised.values()]


def timed(work: Callable[[], object], times: int) -> dict[str, float]:
    """Return median and worst milliseconds of *times* runs, and the median of CPU milliseconds."""
    clocks = []
    for _ in range(times):
        with Clock() as clock:
            work()
        clocks.append(clock)
    return {
        "median_ms": round(statistics.median(c.wall for c in clocks) * 1000, 1),
        "worst_ms": round(max(c.wall for c in clocks) * 1000, 1),
        "cpu_ms": round(statistics.median(c.cpu for c in clocks) * 1000, 1),
    }


def measure_views(database: Path) -> dict[str, dict[str, float]]:
    """Read every row and column of each view, as a tool that shows it would."""
    with contextlib.closing(open_snapshot(database)) as connection:
        names = connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE schema_name = 'out' AND database_name = 'her2lit' ORDER BY 1"
        ).fetchall()
        return {
            name: timed(
                lambda name=name: connection.execute(
                    f"SELECT count(*), bit_xor(hash(r)) FROM out.{name} AS r"
                ).fetchall(),
                3,
            )
            for (name,) in names
        }


def measure_queries(database: Path) -> dict[str, dict[str, float]]:
    """Run every sample query."""
    folder = sql_folder("queries")
    files = [f for f in folder.iterdir() if f.name.endswith(".sql")] if folder.is_dir() else []
    with contextlib.closing(open_snapshot(database)) as connection:
        return {
            name: timed(lambda text=text: connection.execute(text).fetchall(), 5)
            for name, text in sorted((f.name, f.read_text(encoding="utf-8")) for f in files)
        }


def measure_find(database: Path) -> dict[str, dict[str, float]]:
    """Ask every question."""
    with contextlib.closing(open_snapshot(database)) as connection:
        sql = "SELECT * FROM out.find(?) ORDER BY score DESC LIMIT 20"
        return {
            question: {
                **timed(lambda question=question: connection.execute(sql, [question]).fetchall(), 9),
                "n_found": connection.execute("SELECT count(*) FROM out.find(?)", [question]).fetchall()[0][0],
            }
            for question in QUESTIONS
        }


def measure_index(path: Path) -> dict[str, float]:
    """Make the full-text index of a copy of *path* anew."""
    copy = path.with_name("index.duckdb")
    shutil.copyfile(path, copy)
    try:
        with writer(copy) as connection:
            connection.execute("DELETE FROM main.find_index")
            with Clock() as clock:
                for table in ("find_postings", "find_documents"):
                    connection.execute(f"DELETE FROM main.{table}")
                bring_up_to_date(connection)
                connection.execute("CHECKPOINT")
            [(n_postings,)] = connection.execute("SELECT count(*) FROM main.find_postings").fetchall()
            blocks = connection.execute(
                "SELECT count(DISTINCT block_id) FROM pragma_storage_info('find_postings') WHERE persistent"
            ).fetchall()[0][0]
        return {"build_s": clock.wall, "build_cpu_s": clock.cpu, "n_postings": n_postings, "mb": blocks * 0.262144}
    finally:
        copy.unlink()


def measure_publish(warehouse: Warehouse, folder: Path) -> dict[str, float]:
    """Audit and publish as the nightly run does."""
    with writer(warehouse.path) as connection, Clock() as audits:
        results = run_audits(connection)
    failed = [r.name for r in results if not r.is_clean]
    if failed:
        sys.exit(f"audits failed: {failed}")
    label = FIRST + timedelta(days=warehouse.number - 1)
    at = datetime(label.year, label.month, label.day, 7)
    with Clock() as clock:
        publish(warehouse.path, folder, label=label, published_at=at, data_as_of=at)
    return {"audit_s": audits.wall, "publish_s": clock.wall, "publish_cpu_s": clock.cpu}


def measure_size(size: int, root: Path, *, made: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return everything that is measured at *size*."""
    warehouse = Warehouse(root / "warehouse.duckdb", Synthetic())
    with writer(warehouse.path) as connection:
        load_drugs(connection, [Drug(drug_id) for drug_id in DRUGS], seen_at=datetime(2021, 1, 1))
    with Clock() as filling:
        steps = warehouse.fill(min(size, made))
        if size > made:
            warehouse.repeat(size // made)
    say(f"{size:,}: filled in {filling.wall:.0f} s, {warehouse.path.stat().st_size / 1e6:,.0f} MB")
    nights = [warehouse.load(warehouse.changed(1000)) for _ in range(5)]
    seconds = [n["load_s"] + n["checkpoint_s"] for n in nights]
    published = measure_publish(warehouse, root / "published")
    say(
        f"{size:,}: a night of 1,000 in {statistics.median(seconds):.2f} s (CPU {statistics.median(n['cpu_s'] for n in nights):.2f}), published in {published['publish_s']:.1f} s"
    )
    database = root / "published" / "her2lit.duckdb"
    figures: dict[str, Any] = {
        "size": size,
        "file_mb": warehouse.path.stat().st_size / 1e6,
        "fill": steps,
        "night": {
            "median_s": statistics.median(seconds),
            "worst_s": max(seconds),
            "median_cpu_s": statistics.median(n["cpu_s"] for n in nights),
            "nights": nights,
        },
        "publish": published,
    }
    for name, measure, given in (
        ("find", measure_find, database),
        ("views", measure_views, database),
        ("queries", measure_queries, database),
        ("index", measure_index, warehouse.path),
    ):
        figures[name] = measure(given)
        say(f"{size:,}: {name} measured: {json.dumps(figures[name])}")
    return figures


def measure_growth(n_nights: int, size: int, root: Path) -> dict[str, Any]:
    """Return how the file grows over *n_nights* nights of 1,000, each published."""
    warehouse = Warehouse(root / "warehouse.duckdb", Synthetic(seed=2))
    with writer(warehouse.path) as connection:
        load_drugs(connection, [Drug(drug_id) for drug_id in DRUGS], seen_at=datetime(2021, 1, 1))
    warehouse.fill(size)
    sizes = [warehouse.path.stat().st_size]
    for _ in range(n_nights):
        warehouse.load(warehouse.changed(1000))
        measure_publish(warehouse, root / "published")
        sizes.append(warehouse.path.stat().st_size)
    fresh = rebuilt_bytes(warehouse.path, root / "fresh.duckdb")
    return {"start_mb": sizes[0] / 1e6, "peak_mb": max(sizes) / 1e6, "end_mb": sizes[-1] / 1e6, "fresh_mb": fresh / 1e6,
            "ratio": sizes[-1] / fresh, "worst_ratio": max(sizes) / fresh}  # fmt: skip


def rebuilt_bytes(path: Path, fresh: Path) -> int:
    """Return the size of a new file with the same rows."""
    with open_writer(fresh) as connection:
        connection.execute(f"ATTACH '{path}' AS old (READ_ONLY)")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND schema_name = 'main'"
            " AND table_name NOT IN ('schema_migrations', 'schema_views', 'data_dictionary', 'find_index')"
        ).fetchall()
        for (table,) in tables:
            condition = {
                "find_postings": "WHERE document_id IN (SELECT document_id FROM old.main.find_documents WHERE is_current)"
                " ORDER BY term, document_id",
                "find_documents": "WHERE is_current",
            }.get(table, "")
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM old.main.{table} {condition}")
        connection.execute("DETACH old")
        connection.execute("CHECKPOINT")
    return fresh.stat().st_size


def measure_peers(root: Path, n: int = 1000) -> dict[str, float]:
    """Return seconds that each way takes to insert the child rows of *n* articles."""
    articles = list(Synthetic(seed=3).articles(n))
    tables = {
        t.name: (("pmid", *t.columns), [(a.pmid, *row) for a in articles for row in t.rows(a)]) for t in ARTICLE_TABLES
    }
    path = root / "beside.duckdb"
    with open_writer(path) as connection:
        types = {name: column_types(connection, name) for name in tables}
    ways: dict[str, Callable[[], None]] = {
        "Arrow (ours)": lambda: _insert(path, tables, types, _by_arrow),
        "pandas": lambda: _insert(path, tables, types, _by_pandas),
        "DuckDB executemany": lambda: _insert(path, tables, types, _by_executemany),
        "SQLite executemany": lambda: _insert_sqlite(root / "beside.sqlite", tables),
    }
    seconds = {"n_rows": float(sum(len(rows) for _, rows in tables.values()))}
    for name, way in ways.items():
        with Clock() as clock:
            way()
        seconds[name] = clock.wall
    return seconds


def _insert(path: Path, tables: Any, types: Any, way: Callable[..., None]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS peers")
        connection.execute("BEGIN")
        for name, (columns, rows) in tables.items():
            declared = ", ".join(f'"{c}" {types[name][c]}' for c in columns)
            connection.execute(f"CREATE OR REPLACE TABLE peers.{name} ({declared})")
            if rows:
                way(connection, name, columns, types[name], rows)
        connection.execute("COMMIT")


def _by_arrow(connection: duckdb.DuckDBPyConnection, name: str, columns: Any, types: Any, rows: Any) -> None:
    with registered(connection, "given", arrow_table(columns, types, rows)):
        connection.execute(f"INSERT INTO peers.{name} SELECT * FROM given")


def _by_pandas(connection: duckdb.DuckDBPyConnection, name: str, columns: Any, _types: Any, rows: Any) -> None:
    connection.register("frame", pd.DataFrame(rows, columns=list(columns)))
    connection.execute(f"INSERT INTO peers.{name} SELECT * FROM frame")
    connection.unregister("frame")


def _by_executemany(connection: duckdb.DuckDBPyConnection, name: str, columns: Any, _types: Any, rows: Any) -> None:
    connection.executemany(
        f"INSERT INTO peers.{name} VALUES ({', '.join('?' * len(columns))})", [list(row) for row in rows]
    )


def _insert_sqlite(path: Path, tables: Any) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for name, (columns, rows) in tables.items():
            quoted = ", ".join(f'"{c}"' for c in columns)
            connection.execute(f"CREATE TABLE {name} ({quoted})")
            plain = [tuple(str(v) if isinstance(v, date | list) else v for v in row) for row in rows]
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", plain)


def table(results: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = [
        f"{'articles':>10} {'MB':>7} {'night s':>8} {'CPU s':>6} {'worst':>6} {'audits s':>9} {'publish s':>10} {'index s':>8} {'index MB':>9}"
    ]
    lines += [
        f"{r['size']:>10,} {r['file_mb']:>7,.0f} {r['night']['median_s']:>8.2f} {r['night']['median_cpu_s']:>6.2f} {r['night']['worst_s']:>6.2f}"
        f" {r['publish']['audit_s']:>9.2f} {r['publish']['publish_s']:>10.1f} {r['index']['build_s']:>8.1f} {r['index']['mb']:>9.0f}"
        for r in results["sizes"]
    ]
    for r in results["sizes"]:
        for kind in ("views", "queries", "find"):
            lines.append(f"\n{kind} at {r['size']:,}: median, worst and CPU ms")
            lines += [
                f"  {v['median_ms']:>9.1f} {v['worst_ms']:>9.1f} {v['cpu_ms']:>9.1f}  {name}"
                for name, v in r[kind].items()
            ]
            if r[kind]:
                worst = sorted(v["worst_ms"] for v in r[kind].values())
                lines.append(f"  p95 of the worst runs: {worst[int(0.95 * (len(worst) - 1))]:.1f} ms")
    if "growth" in results:
        g = results["growth"]
        lines.append(
            f"\ngrowth: {g['start_mb']:.0f} -> {g['end_mb']:.0f} MB, fresh {g['fresh_mb']:.0f} MB: {g['ratio']:.2f} x (worst {g['worst_ratio']:.2f} x)"
        )
    if "peers" in results:
        lines.append(f"\n{results['peers']['n_rows']:,.0f} rows of 1,000 articles")
        lines += [f"  {seconds:>8.2f} s  {name}" for name, seconds in results["peers"].items() if name != "n_rows"]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="articles stored, by commas")
    parser.add_argument(
        "--made",
        type=int,
        default=100_000,
        help="articles made one by one; a larger size repeats them under other PMIDs",
    )
    parser.add_argument("--nights", type=int, default=0, help="nights of 1,000 for growth; 0 leaves growth out")
    parser.add_argument("--growth-size", type=int, default=10_000, help="articles stored before the nights")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--work", type=Path, help="folder for the files (default: a temporary one)")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    results: dict[str, Any] = {"duckdb": duckdb.__version__, "sizes": []}

    def folder() -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="her2lit-bench-", dir=arguments.work)

    def keep() -> None:
        if arguments.json:
            arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")

    for size in (int(text) for text in arguments.sizes.split(",") if text):
        with folder() as root:
            results["sizes"].append(
                measure_size(size, Path(root), made=arguments.made, say=lambda line: print(line, file=sys.stderr))
            )
        keep()
    if arguments.nights:
        with folder() as root:
            results["growth"] = measure_growth(arguments.nights, arguments.growth_size, Path(root))
        keep()
    if not arguments.no_peers:
        with folder() as root:
            results["peers"] = measure_peers(Path(root))
        keep()
    print(table(results))


if __name__ == "__main__":
    main()

"""Make a warehouse again from journals and raw replies, without asking PubMed. Plain functions, no Prefect."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flows.retention import lacking_batches
from flows.steps import annotate_articles, parse_batches
from her2lit import __version__
from her2lit.errors import HomeError, UsageError
from her2lit.home import Home
from her2lit.journal import is_pending, journal_paths, read_journal, run_of
from her2lit.pubmed.archive import RawArchive
from her2lit.records import NightLoad
from her2lit.topic.topic import Topic, load_topic
from warehouse import ledger
from warehouse.compare import ANNOTATION_TABLE_NAMES, rules_held, rules_up_to, run_digests
from warehouse.connection import open_copy, open_writer, translated
from warehouse.contents import table_digests
from warehouse.load import load_drugs, load_night, load_strategies, load_trials

#: What a replay does not make again: when somebody asked, what the topic said before, and what readers were sent.
NOT_REPLAYED = frozenset({"runs", "drug_versions", "digests", "digest_items"})


def replay(home: Home, into: Path, *, last_run: str | None, say: Callable[[str], None]) -> int:
    """
    Load every journaled run of *home* up to *last_run* into the new file *into*; return how many.

    Raises:
        UsageError: *into* exists already, or there is no such run.
        HomeError: A journal is damaged, or raw replies were pruned or lost; the message says of which runs.
        ArchiveDamaged: A raw reply cannot be read.
    """
    if into.exists():
        raise UsageError(f"{into} exists already; a replay makes a new file. Choose another name.")
    nights = [read_journal(path) for path in journals_up_to(home, last_run)]
    _require_batches(home, nights)
    # Under another name until it is whole: a replay that fails leaves no half-made warehouse.
    unfinished = into.with_name(f".{into.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        _replay_into(unfinished, nights, RawArchive(home.raw), say)
        unfinished.replace(into)
    finally:
        unfinished.unlink(missing_ok=True)
        unfinished.with_name(f"{unfinished.name}.wal").unlink(missing_ok=True)
    return len(nights)


def _replay_into(path: Path, nights: Iterable[NightLoad], archive: RawArchive, say: Callable[[str], None]) -> None:
    topic = load_topic()
    with translated(path), open_writer(path) as connection:
        load_drugs(connection, topic.drugs)
        load_strategies(connection, topic.strategies)
        load_trials(connection, topic.trials)
        for night in nights:
            label, _, attempt = night.run_id.rpartition(".")
            ledger.start_run(
                connection,
                kind="replay",
                label=night.label,
                started_at=night.started_at,
                her2lit_version=__version__,
                rule_version=topic.version,
                attempt=int(attempt),
            )
            report = load_night(connection, remade(night, archive, topic))
            ledger.finish_run(
                connection, night.run_id, outcome="clean", finished_at=night.started_at, message=None, report=report
            )
            say(f"{label} attempt {attempt}: {report.n_new} new, {report.n_revised} revised")


def _require_batches(home: Home, nights: Iterable[NightLoad]) -> None:
    lacking = lacking_batches(home, nights)
    if not lacking:
        return
    runs = tuple(lacking)
    raise HomeError(
        f"{sum(lacking.values())} raw batches of {len(runs)} runs are not in {home.raw}: pruned, or lost."
        f" {runs[0]} cannot be replayed, nor any run after it, since each builds on those before"
        f" (lacking: {', '.join(runs[:5])}{', …' if len(runs) > 5 else ''})."
        " Restore them from a backup, or keep to the warehouse file and its backups."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """One run as it was replayed beside the run as the warehouse has it."""

    n_runs: int
    n_rows: int
    #: A line for each table whose rows of that run differ
    differing: tuple[str, ...]
    #: Why annotations were left out; None when they were compared
    left_out: str | None


def replay_run(home: Home, run_id: str, *, say: Callable[[str], None]) -> RunComparison:
    """
    Make *run_id* again, and all runs it builds on, in a temporary file; compare its rows with the warehouse's.

    Raises:
        UsageError: There is no such run.
        HomeError, ArchiveDamaged: The warehouse, a journal or a raw reply is missing or damaged.
        WarehouseLocked: A run is at work.
    """
    require_warehouse(home)
    journals_up_to(home, run_id)
    with open_copy(home.warehouse) as connection:
        if not ledger.has_run(connection, run_id):
            raise UsageError(
                f"{home.warehouse} knows no run {run_id!r}, although it has a journal: was an older file restored?"
                " `her2lit replay --into FILE` makes the warehouse again."
            )
        held, rules = run_digests(connection, run_id), rules_up_to(connection, run_id)
    with tempfile.TemporaryDirectory(prefix="her2lit-replay-") as folder:
        again = Path(folder) / "again.duckdb"
        n_runs = replay(home, again, last_run=run_id, say=say)
        with translated(again), open_writer(again) as connection:
            made = run_digests(connection, run_id)
    # Also when only a run before it had other rules: from there on annotations are made, and numbered, otherwise.
    left_out = _why_annotations_differ(rules, "up to this run ")
    if left_out:
        held = {table: digest for table, digest in held.items() if table not in ANNOTATION_TABLE_NAMES}
    return RunComparison(
        n_runs=n_runs,
        n_rows=sum(n_rows for n_rows, _ in held.values()),
        differing=tuple(
            f"{table}: {digest[0]} rows against {made[table][0]}"
            for table, digest in sorted(held.items())
            if digest != made[table]
        ),
        left_out=left_out,
    )


def _why_annotations_differ(rules: Iterable[str], where: str = "") -> str | None:
    """Return why annotations cannot be compared when *rules* made some of them; None when today's made all."""
    today = load_topic().version
    older = [version for version in rules if version != today]
    if not older:
        return None
    made = f"rules {', '.join(older)} made some, rules {today} would make all of them now"
    return f"annotations are not compared: {where}{made}"


def compare_with_replay(home: Home, made: Path) -> tuple[tuple[str, ...], str | None]:
    """
    Return what ``differing_tables`` says of the warehouse and the replayed file *made*, and why annotations were left out.

    Raises:
        WarehouseError: One of them is missing, in use, or cannot be read.
    """
    with open_copy(home.warehouse) as connection:
        left_out = _why_annotations_differ(rules_held(connection))
    return differing_tables(home.warehouse, made, without=ANNOTATION_TABLE_NAMES if left_out else frozenset()), left_out


def require_warehouse(home: Home) -> None:
    """
    Make sure that there is something to compare with.

    Raises:
        HomeError: The home has no warehouse: lost, or no night has run.
    """
    if not home.warehouse.is_file():
        raise HomeError(
            f"{home.warehouse} does not exist: there is nothing to compare with. If it was lost, restore a backup,"
            " or make it again with `her2lit replay --into FILE`."
        )


def journals_up_to(home: Home, last_run: str | None) -> tuple[Path, ...]:
    """
    Return the journals up to and including *last_run*, or all of them.

    Raises:
        UsageError: There is no such run.
        HomeError: There is no journal at all.
        WarehouseLocked: The last run is just being loaded.
    """
    paths = _loaded_journals(home)
    if not paths:
        raise HomeError(f"{home.root} holds no journal of any run: nothing has been loaded here yet.")
    if last_run is None:
        return paths
    names = [run_of(path) for path in paths]
    if last_run not in names:
        raise UsageError(f"There is no journal of a run {last_run!r}. The last one is {names[-1]}.")
    return paths[: names.index(last_run) + 1]


def _loaded_journals(home: Home) -> tuple[Path, ...]:
    """
    Return the journals of runs that were loaded.

    Of a run that was killed while it loaded only the warehouse knows. Without a warehouse it counts
    as loaded: what its raw replies say is better kept than lost.
    """
    paths = journal_paths(home.journal)
    if not any(map(is_pending, paths)) or not home.warehouse.exists():
        return paths
    with open_copy(home.warehouse) as connection:
        loaded = ledger.read_loaded_runs(connection)
    return tuple(path for path in paths if not is_pending(path) or run_of(path) in loaded)


def remade(night: NightLoad, archive: RawArchive, topic: Topic) -> NightLoad:
    """Return *night* with its articles parsed and annotated again from the raw replies."""
    wanted = {pmid for batch in night.batches for pmid in batch.pmids}
    parsed = parse_batches(archive, [batch.batch_sha256 for batch in night.batches], wanted)
    return dataclasses.replace(night, articles=parsed, annotations=annotate_articles(parsed, topic))


def differing_tables(one: Path, other: Path, *, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """
    Return a line for each table whose content differs between the warehouse *one* and *other*, a replayed one.

    The ledger of runs, what readers were sent and the tables *without* are left out. Both files are only read.

    Raises:
        WarehouseError: One of them is missing, in use, or cannot be read.
    """
    with open_copy(one) as connection:
        left = {d.table: d for d in table_digests(connection) if d.table not in NOT_REPLAYED | without}
    with open_copy(other) as connection:
        right = {d.table: d for d in table_digests(connection) if d.table not in NOT_REPLAYED | without}
    return tuple(
        f"{table}: {left[table].n_rows} rows against {right[table].n_rows}"
        for table in sorted(left.keys() & right.keys())
        if left[table].digest != right[table].digest
    )

"""Figures of a season, for the test, the benchmark and the documentation."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

import duckdb

from her2lit.pubmed.client import POST_CAP
from her2lit.pubmed.fetch import BATCH_SIZE
from her2lit.pubmed.watch import NOTICE_WORDS
from her2lit.replica.disturb import KINDS
from her2lit.topic.topic import load_topic
from soak.oracle import Judgement
from soak.season import Season, read_requests
from soak.weather import LIES

#: NCBI counts by the second; without a key three may start in one.
LIMIT, WINDOW_S = 3, 1.0


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of fault over the season."""

    n_struck: int = 0
    #: Outcome of a run -> how many runs in which it struck ended so
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Figures:
    """What a season cost and what it left behind."""

    seed: int
    n_nights: int
    outcomes: Counter[str]
    n_refused_rivals: int
    n_requests: int
    n_reconciles: int
    n_reconcile_requests: int
    #: Nights that neither met a fault nor were killed: their requests, and the fewest that could have done
    n_quiet: int
    n_quiet_requests: int
    n_quiet_minimum: int
    faults: dict[str, Fault]
    n_violations: int
    judgement: Judgement
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        j = self.judgement
        return {
            "seed": self.seed,
            "nights": self.n_nights,
            "runs": dict(sorted(self.outcomes.items())),
            "rivals_refused": self.n_refused_rivals,
            "requests": self.n_requests,
            "reconciliations": {"runs": self.n_reconciles, "requests": self.n_reconcile_requests},
            "quiet_runs": {
                "runs": self.n_quiet, "requests": self.n_quiet_requests, "minimum": self.n_quiet_minimum,
            },
            "faults": {kind: {"struck": f.n_struck, "runs": dict(f.outcomes)} for kind, f in self.faults.items()},
            "kinds_never_struck": sorted(KINDS.keys() - self.faults.keys()),
            "rate_violations": self.n_violations,
            "lost": j.lost, "doubled": j.doubled, "wrong": j.wrong,
            "records": j.n_records, "versions": j.n_versions, "events": j.n_events, "runs_loaded": j.n_committed,
            "stale": j.n_stale, "ghosts": j.n_ghosts, "unseen": j.n_unseen,
            "wall_s": round(self.wall_s, 1), "cpu_s": round(self.cpu_s, 1),
        }  # fmt: skip

    def table(self) -> str:
        """Return the figures as lines for people."""
        j = self.judgement
        ratio = self.n_quiet_requests / max(1, self.n_quiet_minimum)
        lines = [
            ("nights", f"{self.n_nights} of a year"),
            ("runs", ", ".join(f"{n} {outcome}" for outcome, n in self.outcomes.most_common())),
            ("second runs at once refused", self.n_refused_rivals),
            ("faults", f"{sum(f.n_struck for f in self.faults.values())} of {len(self.faults)} kinds (of {len(KINDS)})"),
            ("requests", f"{self.n_requests}, faster than allowed: {self.n_violations}"),
            ("reconciliations", f"{self.n_reconciles} with {self.n_reconcile_requests} requests"),
            ("undisturbed nights", self.n_quiet),
            ("their requests", f"{self.n_quiet_requests}, at least needed {self.n_quiet_minimum}, ratio {ratio:.2f}"),
            ("held", f"{j.n_records} records in {j.n_versions} versions, {j.n_events} events, from {j.n_committed} loads"),
            ("lost", len(j.lost)), ("doubled", len(j.doubled)), ("otherwise wrong", len(j.wrong)),
            ("not as PubMed shows it", f"{j.n_stale} in other words, {j.n_ghosts} deleted but held, {j.n_unseen} in scope but not held"),
            ("took", f"{self.wall_s:.0f} s, {self.cpu_s:.0f} s of CPU"),
        ]  # fmt: skip
        shown = [f"{name:28}{value}" for name, value in lines]
        shown += [
            f"  {kind:26}{fault.n_struck:5}  {dict(fault.outcomes)}" for kind, fault in sorted(self.faults.items())
        ]
        return "\n".join(shown + [f"! {line}" for line in (*j.lost[:20], *j.doubled[:20], *j.wrong[:20])])


def figures_of(season: Season, judgement: Judgement, *, seed: int) -> Figures:
    """Count what *season* did."""
    faults: defaultdict[str, Fault] = defaultdict(Fault)
    quiet = []
    n_reconciles = n_reconcile_requests = 0
    for attempt in season.attempts:
        requests = read_requests(season.log, attempt.first_request, attempt.last_request)
        struck = Counter(request["fault"] for request in requests if request["fault"])
        for kind, n_struck in struck.items():
            faults[kind].n_struck += n_struck
            faults[kind].outcomes[attempt.outcome] += 1
        if attempt.night.is_reconcile:
            n_reconciles += 1
            n_reconcile_requests += len(requests)
        elif attempt.outcome == "clean" and not struck:
            quiet.append((attempt.run_id, len(requests)))
    with duckdb.connect(str(season.home.warehouse), read_only=True) as connection:
        minimum = {run_id: _minimum(connection, str(run_id)) for run_id, _ in quiet}
    requests = read_requests(season.log)
    return Figures(
        seed=seed,
        n_nights=len({attempt.label for attempt in season.attempts}),
        outcomes=Counter(attempt.outcome for attempt in season.attempts),
        n_refused_rivals=season.n_refused_rivals,
        n_requests=len(requests),
        n_reconciles=n_reconciles,
        n_reconcile_requests=n_reconcile_requests,
        n_quiet=len(quiet),
        n_quiet_requests=sum(n for _, n in quiet),
        n_quiet_minimum=sum(minimum.values()),
        faults=dict(faults),
        n_violations=sum(r["is_rate_violation"] for r in requests) + n_too_fast(requests),
        judgement=judgement,
    )


def _minimum(connection: duckdb.DuckDBPyConnection, run_id: str) -> int:
    """Return the fewest requests for what a run asked and brought: every search once, and what was new in full batches."""

    def number(sql: str) -> int:
        [(value,)] = connection.execute(sql, [run_id]).fetchall()
        return int(value)

    n_new = number("SELECT count(*) FROM article_versions WHERE run_id = ?")
    n_set = number("SELECT count(DISTINCT pmid) FROM search_hits WHERE run_id = ? AND arm <> 'provenance'")
    is_watching = number("SELECT count(*) FROM search_runs WHERE run_id = ? AND arm = 'known_set'") > 0
    n_arms = number(
        "SELECT count(DISTINCT arm) FROM search_runs WHERE run_id = ? AND arm NOT IN ('provenance', 'known_set')"
    )
    probe, post = 1, 1
    matching = ceil(n_set / POST_CAP) * (post + len(load_topic().provenance))
    watching = (post + len(NOTICE_WORDS)) if is_watching else 0
    return probe + n_arms + watching + matching + ceil(n_new / BATCH_SIZE)


def n_too_fast(requests: list[dict[str, Any]]) -> int:
    """
    Count requests that were the fourth within a second, from the instants in the log.

    The replica counts for itself, at the start of each request; this looks at all processes together.
    """
    instants = sorted(datetime.fromisoformat(request["at"]).timestamp() for request in requests)
    return sum(later - earlier < WINDOW_S - 1e-6 for earlier, later in zip(instants, instants[LIMIT:], strict=False))


__all__ = ["LIES", "Fault", "Figures", "figures_of", "n_too_fast"]

"""
Throw damaged documents at the parser, by hand and for as long as wanted.

    python bench/fuzz.py [--inputs 1000000] [--seed 0] [--json OUT.json]

Real and self-written records are damaged in eighteen ways (tests/support/damaged.py), parsed, and counted.
Whatever comes out except a result or a ParseError is a failure, and so are a lost neighbour, a document that
takes more than two seconds of CPU, and memory that grows. Says how far it is every 10,000; can be stopped
with Ctrl-C or kill, and then prints what was found so far. A failure is tried again with --seed N --inputs 1.

Every 10,000 documents have a thread of their own: libxml2 keeps each distinct name that a thread ever met (damage
makes new ones all the time, some 140 bytes a document) and lets go of them with the thread. --one-thread shows that.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from damaged import FIRST, Outcomes, peak_mib, try_one  # noqa: E402 - found by the path set above
from oracle_tally import cut  # noqa: E402

#: After this many inputs every cache is full; from there memory must not grow by more than the margin.
WARM = 20_000
MARGIN_MIB = 64
EACH_THREAD = 10_000
MOST_CPU_S = 2.0


def records() -> list[bytes]:
    """Return the records to damage: small ones mostly, since what breaks a parser is seldom long."""
    own = [record for path in sorted((HERE.parent / "tests" / "pubmed" / "xml").glob("*.xml")) for record in cut(path)]
    shared = HERE.parent.parent / "shared" / "data" / "pubmed_records.xml.gz"
    real = [r for r in islice(cut(shared), 0, None, 10) if len(r) < 12_000] if shared.is_file() else []
    return [*own, *real, *([FIRST] * (2 * len(real) + len(own)))]


def try_each(to_damage: list[bytes], seeds: range, outcomes: Outcomes) -> None:
    """Damage and parse, once per seed; say each failure at once."""
    for seed in seeds:
        n_failures = len(outcomes.failures)
        try_one(to_damage[seed % len(to_damage)], seed, outcomes)
        if len(outcomes.failures) > n_failures:
            print(outcomes.failures[-1], flush=True)


def main() -> None:
    """Damage, parse, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0, help="number of the first input")
    parser.add_argument("--one-thread", action="store_true", help="keep what libxml2 remembers of names")
    parser.add_argument("--json", type=Path, metavar="OUT.json")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    to_damage, outcomes, warm_mib = records(), Outcomes(), 0.0
    begin = time.process_time()
    with suppress(KeyboardInterrupt):
        for first in range(options.seed, options.seed + options.inputs, EACH_THREAD):
            seeds = range(first, min(first + EACH_THREAD, options.seed + options.inputs))
            if options.one_thread:
                try_each(to_damage, seeds, outcomes)
            else:
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(try_each, to_damage, seeds, outcomes).result()
            if outcomes.n_total == WARM:
                warm_mib = peak_mib()
            print(f"{outcomes.n_total:,} inputs, {len(outcomes.failures)} failures, {peak_mib():.0f} MiB", flush=True)
    grown = peak_mib() - warm_mib if warm_mib else 0.0
    if outcomes.slowest[0] > MOST_CPU_S:
        outcomes.failures.append(f"{outcomes.slowest[1]} took {outcomes.slowest[0]:.1f} s of CPU")
    if grown > MARGIN_MIB:
        outcomes.failures.append(f"memory grew by {grown:.0f} MiB after the first {WARM:,} inputs")
    found = {
        "n_inputs": outcomes.n_total,
        "by_kind": outcomes.n_inputs,
        "n_articles": outcomes.n_articles,
        "n_rejects": outcomes.n_rejects,
        "n_refused": sum(outcomes.n_refused.values()),
        "refused_by_kind": outcomes.n_refused,
        "slowest_cpu_s": outcomes.slowest,
        "cpu_s": time.process_time() - begin,
        "peak_mib": peak_mib(),
        "grown_mib_after_warming": grown,
        "failures": outcomes.failures,
    }
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.exit(bool(outcomes.failures))


if __name__ == "__main__":
    main()

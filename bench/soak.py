"""
The soak: nights and reconciliations over a year of a living PubMed with faults and kills, judged by an oracle.

    python bench/soak.py --nights 300 --seed 7 --kill [--json OUT.json] [--keep FOLDER]

The world, its faults and the moments of death come from the seed. With --kill a night that is to
die runs in a process of its own and gets SIGKILL; without it, an exception that nobody catches.
Ctrl-C ends the year after the night under way; what there was is judged.
Exit code 1 when anything was lost, doubled, wrong, or asked too fast.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# This folder holds a warehouse.py of its own, which must not stand in for the package.
sys.path[:] = [str(ROOT / "tests" / "support"), *(p for p in sys.path if Path(p).resolve() != ROOT / "bench")]


def main() -> int:
    """Run one season, print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=300, help="nights to run, spread over a year with outages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lives", type=int, help="records that live their stories; default: three a night and 100")
    parser.add_argument("--kill", action="store_true", help="kill processes for real")
    parser.add_argument("--real", type=Path, metavar="FILE", help="pubmed_revisions.xml.gz: real revisions join in")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep home, corpus and request log here")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()
    # The path to them is set above.
    from soak.figures import figures_of  # noqa: PLC0415
    from soak.oracle import Oracle  # noqa: PLC0415
    from soak.play import play  # noqa: PLC0415

    interrupted = threading.Event()
    signal.signal(signal.SIGINT, lambda _number, _frame: interrupted.set())
    with ExitStack() as stack:
        root = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="her2lit-soak-")))
        root.mkdir(parents=True, exist_ok=True)
        wall, cpu = time.perf_counter(), time.process_time()
        season = play(
            root,
            seed=options.seed,
            n_nights=options.nights,
            n_lives=options.lives or 3 * options.nights + 100,
            kills_for_real=options.kill,
            real=options.real,
            say=lambda line: print(line, flush=True),
            is_over=interrupted.is_set,
        )
        figures = figures_of(season, Oracle(season).judge(), seed=options.seed)
        figures.wall_s, figures.cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    print(figures.table())
    if options.json:
        options.json.write_text(json.dumps(figures.as_json(), indent=2) + "\n", encoding="utf-8")
    return 0 if figures.judgement.is_clean and not figures.n_violations else 1


if __name__ == "__main__":
    sys.exit(main())

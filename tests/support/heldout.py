"""The held-out labels with their records, which lie outside the project: found by PMID, parsed alone."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

from her2lit.pubmed.medline import iter_medline
from her2lit.pubmed.parse import iter_records
from her2lit.records import Article

LABELS = Path(__file__).resolve().parent.parent / "annotate" / "heldout"
XML = ("pubmed_records.xml.gz", "pubmed_revisions.xml.gz")


def read_labels(name: str) -> list[dict[str, Any]]:
    """Return the rows of ``heldout/<name>.jsonl``; findings and quotes are half-open spans of ``abstract_text``."""
    return [json.loads(line) for line in (LABELS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def read_articles(pmids: set[int], shared: Path, update_file: Path) -> dict[int, Article]:
    """Return those of *pmids* that the shared folder or the real update file holds, first found first."""
    found: dict[int, Article] = {}
    for file in (*(shared / "data" / name for name in XML), update_file):
        found = {**_cut_xml(file, pmids - found.keys()), **found}
    for file in sorted((shared / "data" / "medline").glob("*.nbib")):
        found = {**_cut_medline(file, pmids - found.keys()), **found}
    return found


def with_text(row: dict[str, Any], article: Article) -> dict[str, Any]:
    """Return *row* with its spans replaced by what stands there."""

    def text(span: list[int] | None) -> str | None:
        return article.abstract_text[slice(*span)] if span else None

    outcomes = [{**outcome, "quote": text(outcome["quote"])} for outcome in row["outcomes"]]
    return {**row, "finding": text(row["finding"]), "outcomes": outcomes}


def _cut_xml(file: Path, pmids: set[int]) -> dict[int, Article]:
    if not pmids:
        return {}
    content = gzip.decompress(file.read_bytes())
    wanted = b"|".join(b"%d" % pmid for pmid in sorted(pmids))
    blocks: dict[bytes, bytes] = {}
    for match in re.finditer(rb'<MedlineCitation[^>]*>\s*<PMID Version="\d+">(%b)</PMID>' % wanted, content):
        start = content.rindex(b"<PubmedArticle>", 0, match.start())
        stop = content.index(b"</PubmedArticle>", match.end())
        blocks.setdefault(match.group(1), content[start:stop] + b"</PubmedArticle>")
    if not blocks:
        return {}
    whole = (
        b'<?xml version="1.0" encoding="utf-8"?><PubmedArticleSet>' + b"".join(blocks.values()) + b"</PubmedArticleSet>"
    )
    return {record.pmid: record for record in iter_records(io.BytesIO(whole)) if isinstance(record, Article)}


def _cut_medline(file: Path, pmids: set[int]) -> dict[int, Article]:
    blocks = re.split(rb"\n\s*\n(?=PMID- )", file.read_bytes())
    wanted = [block for block in blocks if int(re.search(rb"PMID- (\d+)", block).group(1)) in pmids]  # type: ignore[union-attr]
    if not wanted:
        return {}
    lines = [line + b"\n" for block in wanted for line in (*block.splitlines(), b"")]
    return {record.pmid: record for record in iter_medline(lines) if isinstance(record, Article)}

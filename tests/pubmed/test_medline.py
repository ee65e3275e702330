"""MEDLINE text gives the same article as XML for what both carry."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from her2lit.errors import ParseError
from her2lit.pubmed.medline import iter_medline
from her2lit.pubmed.parse import iter_records
from her2lit.records import Affiliation, Article, Author, CommentCorrection, MeshHeading, Qualifier, Reject

TEXT = """\
PMID- 5
OWN - NLM
TI  - A title that
      goes on.
FAU - Doe, Jane Jr
AU  - Doe J Jr
AD  - First
      place.
AD  - Second place.
CN  - The Group
MH  - Breast Neoplasms/*drug therapy/mortality
ROF - Roe R. J Inv. 2020;
      1:1. PMID: 6
XYZ - new

PMC - PMC7

PMID- none
TI  - Lost.
"""


def test_a_record_is_read_whole_with_wrapped_lines_and_a_late_field():
    unknown: Counter[str] = Counter()

    article, reject = iter_medline(io.BytesIO(TEXT.encode()), unknown=unknown)

    assert isinstance(article, Article)
    assert (article.pmid, article.title, article.pmcid) == (5, "A title that goes on.", "PMC7")
    assert article.authors == (
        Author(
            last_name="Doe",
            fore_name="Jane",
            initials="J",
            suffix="Jr",
            affiliations=(Affiliation(text="First place."), Affiliation(text="Second place.")),
        ),
        Author(collective_name="The Group"),
    )
    assert article.mesh_headings == (
        MeshHeading(
            descriptor="Breast Neoplasms",
            descriptor_ui=None,
            major_topic=False,
            qualifiers=(
                Qualifier(name="drug therapy", ui=None, major_topic=True),
                Qualifier(name="mortality", ui=None, major_topic=False),
            ),
        ),
    )
    assert article.comments_corrections == (
        CommentCorrection(
            ref_type="RetractionOf", ref_source="Roe R. J Inv. 2020; 1:1.", pmid=6, pmid_version=None, note=None
        ),
    )
    assert isinstance(reject, Reject)
    assert reject.reason == "no PMID that is a number"
    assert unknown == {"medline/XYZ": 1}


def test_text_without_a_record_is_refused():
    with pytest.raises(ParseError, match="not MEDLINE text"):
        list(iter_medline(io.BytesIO(b"hello\n")))


@pytest.fixture(scope="module")
def exports(shared):
    """Every record of the shared exports."""
    return [record for file in sorted((shared / "data" / "medline").glob("*.nbib")) for record in iter_medline(file)]


@pytest.fixture(scope="module")
def from_xml(shared):
    """The shared XML records by PMID."""
    return {record.pmid: record for record in iter_records(shared / "data" / "pubmed_records.xml.gz")}


def test_every_shared_export_reads_without_a_reject(exports):
    assert Counter(map(type, exports)) == {Article: 2531}


@pytest.mark.parametrize("pmid", [151222, 30158200, 33278872, 35196497])
def test_both_forms_of_a_record_agree_on_what_both_carry(exports, from_xml, pmid):
    """Text loses UIs and non-ASCII letters; names, dates, links and headings stay."""
    [ours] = [record for record in exports if record.pmid == pmid]
    theirs = from_xml[pmid]

    for name in ("created_date", "entry_date", "mesh_date", "date_completed", "status", "doi", "languages"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert [a.last_name for a in ours.authors] == [a.last_name for a in theirs.authors]
    assert [(h.descriptor, h.major_topic, len(h.qualifiers)) for h in ours.mesh_headings] == [
        (h.descriptor, h.major_topic, len(h.qualifiers)) for h in theirs.mesh_headings
    ]

"""MEDLINE text gives the same article as XML for what both carry."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from oracle_tally import cut
from text_twins import agreement, letters

from her2lit.errors import ParseError
from her2lit.pubmed.medline import iter_medline
from her2lit.pubmed.parse import parse_articles
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


def test_every_shared_export_reads_without_a_reject(exports):
    assert Counter(map(type, exports)) == {Article: 2531}


@pytest.fixture(scope="module")
def twins(exports, shared):
    """Every PMID of the exports that is among the shared XML records: (text, XML of the nearest revision)."""
    texts = {record.pmid: record for record in reversed(exports)}
    files = [shared / "data" / name for name in ("pubmed_records.xml.gz", "pubmed_revisions.xml.gz")]
    found = {}
    for record in (r for file in files for r in cut(file)):
        pmid = int(record[record.index(b">", record.index(b"<PMID")) + 1 : record.index(b"</PMID>")])
        if pmid in texts:
            [article] = parse_articles(b"<PubmedArticleSet>" + record + b"</PubmedArticleSet>").articles
            text = texts[pmid]
            if pmid not in found or article.date_revised == text.date_revised:
                found[pmid] = (text, article)
    return found


#: The exports are of other days than the XML: what NLM changed in between, by PMID.
CHANGED_SINCE = {
    "history": [28415597],
    "article_ids": [28415597],
    "pmcid": [28415597],
    "medline_pgn": [28415597],
    "authors: affiliations": [28415597],
}


def test_both_forms_of_a_record_agree_on_what_both_carry(twins):
    """Text has no UIs, sections, markup and references, and spells all letters in ASCII; the rest is the same."""
    assert sorted(twins) == [151222, 11600210, 28415597, 30158200, 33278872, 33279447, 35196497]

    found = agreement(twins.values())

    assert len(found) > 30
    differing = {name: sorted(others) for name, (_, _, others) in found.items() if others}
    assert differing == {name: pmids for name, pmids in CHANGED_SINCE.items() if pmids}


def test_every_person_of_the_exports_has_initials_that_fit_the_name(exports):
    """Authors are printed as FAU and AU, investigators as IR and FIR; taken wrongly, each has the next one's initials."""
    people = [person for record in exports for person in (*record.authors, *record.investigators)]
    named = [person for person in people if person.initials and person.fore_name]

    assert len(named) > 17_000
    assert [p for p in named if letters(p.initials)[:1] != letters(p.fore_name)[:1]] == []
    assert {person.suffix for person in people} == {None, "Jr", "Sr"}


def test_initials_of_several_words_are_no_suffix():
    text = b"PMID- 1\nFAU - Fin, Irani do Carmo Francischetto\nAU  - Fin Ido CF\nFAU - Doe, Jane Jr\nAU  - Doe J Jr\n"

    [article] = iter_medline(io.BytesIO(text))

    assert [(p.fore_name, p.initials, p.suffix) for p in article.authors] == [
        ("Irani do Carmo Francischetto", "Ido CF", None),
        ("Jane", "J", "Jr"),
    ]

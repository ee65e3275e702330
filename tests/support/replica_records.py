"""Small self-written PubMed records for the replica, and ways to ask it."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime

from her2lit.clock import SimulatedClock
from her2lit.replica.corpus import Corpus
from her2lit.replica.desk import Desk
from her2lit.replica.evaluate import Dialect
from her2lit.replica.history import HistoryStore
from her2lit.replica.index import Index
from her2lit.replica.parameters import Parameters
from her2lit.replica.service import answer

NOON = datetime(2021, 6, 8, 12, 0, tzinfo=UTC)
PUBSTATUS_ENTREZ = 'PubMedPubDate PubStatus="entrez"'
QUOTED_NOTNLM = '"NOTNLM"'
#: Two types of one record differ by their UI.
TYPE_UIS = {"Journal Article": "D016428", "Retracted Publication": "D016441"}
AS_NCBI = Dialect(unsupported="as-ncbi")


def parts(tag, day):
    """Year, Month and Day inside *tag*, unpadded as in History."""
    if day is None:
        return ""
    year, month, number = day.split("-")
    return f"<{tag}><Year>{year}</Year><Month>{int(month)}</Month><Day>{int(number)}</Day></{tag.split(' ')[0]}>"


def record(
    pmid,
    *,
    title="A title.",
    abstract=None,
    version=1,
    valid_from=None,
    created="2021-06-01",
    entry=None,
    mesh_date=None,
    revised="2021-06-01",
    completed=None,
    published="<Year>2021</Year><Month>Jun</Month>",
    electronic=None,
    status="Publisher",
    mesh="",
    substances="",
    types=("Journal Article",),
    keywords=(),
    links="",
    authors=(("Smith", "John A", "JA"),),
    journal="J Test",
    extra="",
    references="",
):
    """One PubmedArticle; dates are ISO days, *valid_from* an instant for the replica's instruction."""
    instruction = f'<?her2lit-replica valid-from="{valid_from}"?>\n' if valid_from else ""
    body = f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract>" if abstract else ""
    people = "".join(
        f'<Author ValidYN="Y"><LastName>{a}</LastName><ForeName>{b}</ForeName><Initials>{c}</Initials></Author>'
        for a, b, c in authors
    )
    kinds = "".join(f'<PublicationType UI="{TYPE_UIS.get(name, "D000000")}">{name}</PublicationType>' for name in types)
    words = "".join(f'<Keyword MajorTopicYN="N">{word}</Keyword>' for word in keywords)
    history = "".join(
        parts(f'PubMedPubDate PubStatus="{name}"', day)
        for name, day in (("pubmed", entry or created), ("medline", mesh_date or entry or created), ("entrez", created))
        if day
    )
    online = parts('ArticleDate DateType="Electronic"', electronic)
    return (
        f'{instruction}<PubmedArticle><MedlineCitation Status="{status}" Owner="NLM">'
        f'<PMID Version="{version}">{pmid}</PMID>{parts("DateCompleted", completed)}{parts("DateRevised", revised)}'
        '<Article PubModel="Print"><Journal><ISSN IssnType="Print">0000-0001</ISSN><JournalIssue CitedMedium="Print">'
        f"<Volume>7</Volume><Issue>2</Issue><PubDate>{published}</PubDate></JournalIssue>"
        f"<Title>Journal of testing</Title></Journal><ArticleTitle>{title}</ArticleTitle>{body}"
        f'<AuthorList CompleteYN="Y">{people}</AuthorList><Language>eng</Language>'
        f"<PublicationTypeList>{kinds}</PublicationTypeList>{online}</Article>"
        f"<MedlineJournalInfo><MedlineTA>{journal}</MedlineTA><NlmUniqueID>1</NlmUniqueID></MedlineJournalInfo>"
        f"{wrapped('ChemicalList', substances)}{wrapped('CommentsCorrectionsList', links)}"
        f"{wrapped('MeshHeadingList', mesh)}{wrapped('KeywordList', words, ' Owner=' + QUOTED_NOTNLM)}{extra}"
        f"</MedlineCitation><PubmedData><History>{history}</History><PublicationStatus>ppublish</PublicationStatus>"
        f'<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList>{references}</PubmedData>'
        "</PubmedArticle>"
    )


def wrapped(tag, inside, attributes=""):
    """*inside* in an element, nothing without content."""
    return f"<{tag}{attributes}>{inside}</{tag}>" if inside else ""


def heading(name, *qualifiers, major="N"):
    """One MeshHeading."""
    below = "".join(f'<QualifierName UI="Q000000" MajorTopicYN="N">{each}</QualifierName>' for each in qualifiers)
    return (
        f'<MeshHeading><DescriptorName UI="D000000" MajorTopicYN="{major}">{name}</DescriptorName>{below}</MeshHeading>'
    )


def link(ref_type, pmid=None):
    """One CommentsCorrections."""
    number = f'<PMID Version="1">{pmid}</PMID>' if pmid else ""
    return f'<CommentsCorrections RefType="{ref_type}"><RefSource>J Test. 2021;7(2)</RefSource>{number}</CommentsCorrections>'


def write_corpus(path, *records, packed=False):
    """Write a PubMed file holding *records* and return its path."""
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n' + "\n".join(records) + "\n</PubmedArticleSet>\n"
    )
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


class Asked:
    """The utilities over a corpus, asked without HTTP."""

    def __init__(self, corpus, *, at=NOON, dialect=None):
        self.clock = SimulatedClock(at)
        self.desk = Desk(
            corpus=corpus,
            index=Index(corpus),
            clock=self.clock,
            history=HistoryStore(self.clock),
            dialect=dialect or Dialect(),
        )

    def __call__(self, utility, **parameters):
        """Return the Reply of one request."""
        pairs = tuple((name, value) for name, value in parameters.items())
        return answer(self.desk, utility, Parameters(pairs))

    def pairs(self, utility, *pairs):
        """The same with parameters that may repeat."""
        return answer(self.desk, utility, Parameters(pairs))

    def search(self, term, **parameters):
        """Return the text of an ESearch reply."""
        return self("esearch", term=term, **{"retmax": "9999"} | parameters).body.decode()

    def found(self, term, **parameters):
        """Return the PMIDs that a term finds, ascending."""
        return sorted(ids(self.search(term, **parameters)))


def ids(text):
    """The PMIDs of an ESearch reply, in its order."""
    return [int(each) for each in re.findall(r"<Id>(\d+)</Id>", text)]


def element(name, text):
    """The content of the first element called *name*, None without one."""
    match = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return match[1] if match else None


def asked_over(tmp_path, *records, **settings):
    """An ``Asked`` over *records*."""
    return Asked(Corpus.from_files([write_corpus(tmp_path / "corpus.xml", *records)]), **settings)


def many_corpus(folder):
    """
    10,020 one-line records titled "Many.", published in 2021: one page too many for the window of a search.

    Created: 6,000 on 3 June, 4,000 on 5 June, 20 on 6 June.
    """
    days = (3,) * 6_000 + (5,) * 4_000 + (6,) * 20
    rows = (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">{n}</PMID>'
        '<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate><Year>2021</Year></PubDate>'
        "</JournalIssue></Journal><ArticleTitle>Many.</ArticleTitle></Article><MedlineJournalInfo><MedlineTA>J"
        "</MedlineTA></MedlineJournalInfo></MedlineCitation><PubmedData><History>"
        f"{parts(PUBSTATUS_ENTREZ, f'2021-06-{day:02d}')}</History></PubmedData></PubmedArticle>"
        for n, day in enumerate(days, start=1)
    )
    return Corpus.from_files([write_corpus(folder / "many.xml", *rows)])

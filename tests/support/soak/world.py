"""Records that change: what PubMed shows of each PMID, from when until when."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

from her2lit.clock import NLM_TIME_ZONE

JOURNAL_ARTICLE = ("D016428", "Journal Article")
RETRACTED = ("D016441", "Retracted Publication")
RETRACTION_NOTICE = ("D016440", "Retraction of Publication")
PUBLISHED_ERRATUM = ("D016425", "Published Erratum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A CommentsCorrections. Whoever is named, the source names the PMID of the other end: that is its identity."""

    ref_type: str
    #: The other end, also where the reference does not print its PMID; of real records without one, the source
    other: int | str
    has_pmid: bool = True

    @property
    def source(self) -> str:
        """The citation as printed."""
        return f"J Made Up. 2023;1:{self.other}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A self-written record at one time."""

    pmid: int
    title: str
    abstract: str
    created: date
    #: [edat]
    entry: date
    #: [lr]
    revised: date
    #: [mhda] once indexed
    mesh_date: date | None = None
    version: int = 1
    status: str = "Publisher"
    types: tuple[tuple[str, str], ...] = (JOURNAL_ARTICLE,)
    references: tuple[Reference, ...] = ()
    is_topical: bool = True
    is_book: bool = False

    @property
    def content(self) -> str:
        """What the record says, without NLM's bookkeeping: two drafts of one PMID with the same content are no news."""
        links = sorted((r.ref_type, r.other if r.has_pmid else r.source) for r in self.references)
        said = (self.title, self.abstract, None if self.is_book else self.status, self.mesh_date is not None)
        return json.dumps([said, sorted(self.types), [] if self.is_book else links], default=str)

    def xml(self) -> str:
        """The record as PubMed prints it."""
        return _book(self) if self.is_book else _article(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One version of a record as PubMed shows it from *valid_from* on; what the oracle knows of it."""

    pmid: int
    version: int
    valid_from: datetime
    xml: str
    #: The harvest strategy matches it
    is_topical: bool
    #: Arm -> the date it is searched by
    dates: dict[str, date | None]
    has_mesh: bool
    references: tuple[Reference, ...]
    types: tuple[str, ...]
    #: Known for self-written records; None for real ones
    content: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A PMID that PubMed no longer has from *at* on, until a later face."""

    pmid: int
    at: datetime


class World:
    """Every face and removal, and what PubMed shows at an instant."""

    def __init__(self, faces: Iterable[Face], removals: Iterable[Removal]) -> None:
        self.faces = tuple(sorted(faces, key=lambda face: (face.valid_from, face.pmid, face.version)))
        self.removals = tuple(sorted(removals, key=lambda removal: (removal.at, removal.pmid)))
        steps = [(face.valid_from, face.pmid, face) for face in self.faces]
        steps += [(removal.at, removal.pmid, None) for removal in self.removals]
        self._steps = sorted(steps, key=lambda step: step[:2])
        self._instants = [instant for instant, _, _ in self._steps]
        self._shown: dict[int, Face] = {}
        self._n_applied = 0

    def at(self, instant: datetime) -> dict[int, Face]:
        """Return PMID -> face shown at *instant*; cheap when asked in the order of time."""
        n_steps = bisect_right(self._instants, instant)
        if n_steps < self._n_applied:
            self._shown, self._n_applied = {}, 0
        for _, pmid, face in self._steps[self._n_applied : n_steps]:
            if face is None:
                self._shown.pop(pmid, None)
            else:
                self._shown[pmid] = face
        self._n_applied = n_steps
        return dict(self._shown)

    def is_still(self, since: datetime, until: datetime) -> bool:
        """Tell whether nothing changed after *since*, up to *until*."""
        return bisect_right(self._instants, since) == bisect_right(self._instants, until)

    def write(self, path: Path) -> Path:
        """Write everything as one corpus file of the replica, and return its path."""
        lines = ['<?xml version="1.0" encoding="utf-8"?>', "<PubmedArticleSet>"]
        for face in self.faces:
            lines += [f'<?her2lit-replica valid-from="{face.valid_from.isoformat()}"?>', face.xml]
        lines += [f'<?her2lit-replica delete="{r.pmid}" at="{r.at.isoformat()}"?>' for r in self.removals]
        path.write_text("\n".join([*lines, "</PubmedArticleSet>", ""]), encoding="utf-8")
        return path


def face_of(draft: Draft, valid_from: datetime) -> Face:
    """Return *draft* as shown from *valid_from* on."""
    return Face(
        pmid=draft.pmid,
        version=draft.version,
        valid_from=valid_from,
        xml=draft.xml(),
        is_topical=draft.is_topical,
        # [mhda] equals [edat] until MeSH is attached.
        dates={"crdt": draft.created, "lr": draft.revised, "mhda": draft.mesh_date or draft.entry},
        has_mesh=draft.mesh_date is not None and not draft.is_book,
        references=() if draft.is_book else draft.references,
        types=tuple(name for _, name in draft.types),
        content=draft.content,
    )


def eastern(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant by NLM's clock, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NLM_TIME_ZONE).astimezone(UTC)


# -- XML ---------------------------------------------------------------------------------------


def _day(tag: str, day: date | None, attributes: str = "") -> str:
    if day is None:
        return ""
    return f"<{tag}{attributes}><Year>{day.year}</Year><Month>{day.month:02}</Month><Day>{day.day:02}</Day></{tag}>"


def _history(draft: Draft) -> str:
    dates = (("pubmed", draft.entry), ("medline", draft.mesh_date or draft.entry), ("entrez", draft.created))
    steps = "".join(_day("PubMedPubDate", day, f' PubStatus="{status}"') for status, day in dates)
    number = f'<ArticleId IdType="pubmed">{draft.pmid}</ArticleId>'
    return f"<History>{steps}</History><PublicationStatus>ppublish</PublicationStatus><ArticleIdList>{number}</ArticleIdList>"


def _abstract(draft: Draft) -> str:
    return f"<Abstract><AbstractText>{escape(draft.abstract)}</AbstractText></Abstract>" if draft.abstract else ""


def _types(draft: Draft) -> str:
    return "".join(f'<PublicationType UI="{ui}">{name}</PublicationType>' for ui, name in draft.types)


_AUTHORS = (
    '<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Invented</LastName><ForeName>Ada</ForeName>'
    "<Initials>A</Initials></Author></AuthorList>"
)


def _reference(reference: Reference) -> str:
    number = f'<PMID Version="1">{reference.other}</PMID>' if reference.has_pmid else ""
    return (
        f'<CommentsCorrections RefType="{reference.ref_type}"><RefSource>{reference.source}</RefSource>'
        f"{number}</CommentsCorrections>"
    )


def _headings(draft: Draft) -> str:
    if draft.mesh_date is None:
        return ""
    organ = ("D001943", "Breast Neoplasms") if draft.is_topical else ("D015179", "Colorectal Neoplasms")
    names = (("D006801", "Humans"), organ)
    inside = "".join(
        f'<MeshHeading><DescriptorName UI="{ui}" MajorTopicYN="N">{name}</DescriptorName></MeshHeading>'
        for ui, name in names
    )
    return f"<MeshHeadingList>{inside}</MeshHeadingList>"


def _article(draft: Draft) -> str:
    links = "".join(map(_reference, draft.references))
    corrections = f"<CommentsCorrectionsList>{links}</CommentsCorrectionsList>" if links else ""
    return (
        f'<PubmedArticle><MedlineCitation Status="{draft.status}" Owner="NLM"><PMID Version="{draft.version}">'
        f"{draft.pmid}</PMID>{_day('DateCompleted', draft.mesh_date)}{_day('DateRevised', draft.revised)}"
        '<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><Volume>1</Volume><PubDate>'
        f"<Year>{draft.entry.year}</Year></PubDate></JournalIssue><Title>Journal of made-up findings</Title></Journal>"
        f"<ArticleTitle>{escape(draft.title)}</ArticleTitle>{_abstract(draft)}{_AUTHORS}<Language>eng</Language>"
        f"<PublicationTypeList>{_types(draft)}</PublicationTypeList></Article>"
        "<MedlineJournalInfo><MedlineTA>J Made Up</MedlineTA><NlmUniqueID>1</NlmUniqueID></MedlineJournalInfo>"
        f"{corrections}{_headings(draft)}</MedlineCitation><PubmedData>{_history(draft)}</PubmedData></PubmedArticle>"
    )


def _book(draft: Draft) -> str:
    authors = _AUTHORS.replace("<AuthorList", '<AuthorList Type="authors"')
    return (
        f'<PubmedBookArticle><BookDocument><PMID Version="{draft.version}">{draft.pmid}</PMID><ArticleIdList>'
        f'<ArticleId IdType="bookaccession">NBK{draft.pmid}</ArticleId></ArticleIdList><Book><Publisher>'
        "<PublisherName>Made-up Press</PublisherName></Publisher><BookTitle>A made-up handbook</BookTitle>"
        f'<PubDate><Year>{draft.entry.year}</Year></PubDate></Book><ArticleTitle book="made-up">{escape(draft.title)}'
        f"</ArticleTitle><Language>eng</Language>{authors}"
        f"{_types(draft)}{_abstract(draft)}{_day('DateRevised', draft.revised)}</BookDocument>"
        f"<PubmedBookData>{_history(draft)}</PubmedBookData></PubmedBookArticle>"
    )

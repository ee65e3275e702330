"""The lives of records: added, revised, indexed, corrected, questioned, retracted, deleted, returned. Seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

from her2lit.pubmed.parse import parse_articles
from soak.world import (
    PUBLISHED_ERRATUM,
    RETRACTED,
    RETRACTION_NOTICE,
    Draft,
    Face,
    Reference,
    Removal,
    World,
    eastern,
    face_of,
)

#: PMIDs of self-written records; far beyond any that NLM has given out.
FIRST_PMID = 980_000_001
#: A night asks at 02:30; what changes in this hour changes between its search and its fetch.
IN_THE_NIGHT = 4
#: What PubMed held before: an empty one would lose a fifth of its count by a single deletion.
_STOCK = 60
_DRUGS = ("Trastuzumab deruxtecan", "Trastuzumab emtansine", "Tucatinib", "Pertuzumab", "Neratinib", "Margetuximab")
_DESIGNS = ("a randomised phase III trial", "a single-arm phase II trial", "a retrospective cohort", "a case report")


class Author:
    """Writes lives into a world; every choice comes from one seed."""

    def __init__(self, seed: int, first: date, last: date) -> None:
        self.random = random.Random(seed)
        self.first, self.last = first, last
        self.faces: list[Face] = []
        self.removals: list[Removal] = []
        self._pmids = count(FIRST_PMID)

    def new(self, day: date, *, is_topical: bool = True, **changes: object) -> Draft:
        """Return a new record created on *day*; nobody sees it yet."""
        pmid = next(self._pmids)
        title, abstract = self.words(pmid, is_topical=is_topical)
        made = {"pmid": pmid, "title": title, "abstract": abstract, "created": day, "entry": day, "revised": day}
        return Draft(**made | {"is_topical": is_topical} | changes)

    def words(self, number: int, *, is_topical: bool) -> tuple[str, str]:
        """Return a title and an abstract; nothing in them was ever observed."""
        pick = self.random
        months, ratio = pick.randrange(30, 300) / 10, pick.randrange(30, 99) / 100
        if not is_topical:
            return f"Dietary fibre and colorectal adenoma, cohort {number}.", f"Median follow-up was {months} months."
        drug, design = pick.choice(_DRUGS), pick.choice(_DESIGNS)
        abstract = (
            f"{pick.randrange(20, 900)} patients with HER2-positive metastatic breast cancer received {drug.lower()}. "
            f"Median progression-free survival was {months} months (hazard ratio {ratio}; P = 0.01)."
        )
        return f"{drug} in HER2-positive metastatic breast cancer, study {number}: {design}.", abstract

    def later(self, day: date, low: int, high: int) -> date:
        """Return a day *low* to *high* days after *day*."""
        return day + timedelta(days=self.random.randint(low, high))

    def show(self, draft: Draft, day: date, *, hour: int | None = None, **changes: object) -> Draft:
        """Publish *draft* with *changes* on *day*; what lies beyond the last day is never seen."""
        shown = replace(draft, **changes)
        if day <= self.last:
            self.faces.append(face_of(shown, self._moment(day, hour)))
        return shown

    def revise(self, draft: Draft, day: date, **changes: object) -> Draft:
        """The same with DateRevised moved to *day*, as NLM does."""
        return self.show(draft, day, revised=day, **changes)

    def remove(self, draft: Draft, day: date) -> None:
        """Delete a record."""
        if day <= self.last:
            self.removals.append(Removal(pmid=draft.pmid, at=self._moment(day, None)))

    def _moment(self, day: date, hour: int | None) -> object:
        if hour is None:
            hour = IN_THE_NIGHT if self.random.random() < 0.08 else self.random.randint(6, 22)
        return eastern(day, hour, self.random.randint(5, 50))


# -- lives -------------------------------------------------------------------------------------
#
# Each takes the author and the day on which the record is created.


def ordinary(author: Author, day: date) -> None:
    """Added, then indexed weeks later, over a status in between."""
    draft = author.show(author.new(day), day)
    day = author.later(day, 2, 20)
    draft = author.revise(draft, day, status="In-Process")
    day = author.later(day, 5, 90)
    author.revise(draft, day, status="MEDLINE", mesh_date=day)


def never_indexed(author: Author, day: date) -> None:
    """Added and left alone."""
    author.show(author.new(day), day)


def off_topic(author: Author, day: date) -> None:
    """Nothing the watch asks for."""
    draft = author.show(author.new(day, is_topical=False), day)
    author.revise(draft, author.later(day, 3, 30), abstract="Said otherwise.")


def revised_often(author: Author, day: date) -> None:
    """Three revisions within days: some fall between the same two nights."""
    draft = author.show(author.new(day), day)
    for number in range(3):
        day = author.later(day, 0, 6)
        draft = author.revise(draft, day, abstract=f"{draft.abstract} Amended {number}.")


def only_touched(author: Author, day: date) -> None:
    """NLM moves the date of revision and says nothing new."""
    draft = author.show(author.new(day), day)
    author.revise(draft, author.later(day, 3, 40))


def back_dated(author: Author, day: date) -> None:
    """Added today with an entry date of last year: [edat] never shows it, [crdt] does."""
    author.show(author.new(day, entry=day - timedelta(days=author.random.randint(200, 500))), day)


def comes_late(author: Author, day: date) -> None:
    """Created long ago, comes into scope by a revision: a late arrival."""
    old = day - timedelta(days=author.random.randint(60, 300))
    draft = author.new(old, is_topical=False)
    author.show(draft, author.first - timedelta(days=1), hour=6)
    title, abstract = author.words(draft.pmid, is_topical=True)
    author.revise(draft, day, title=title, abstract=abstract, is_topical=True)


def seen_late(author: Author, day: date) -> None:
    """The index shows it days after the dates it carries."""
    author.show(author.new(day), author.later(day, 1, 4))


def seen_too_late(author: Author, day: date) -> None:
    """The index shows it weeks after: no window of a night reaches back so far."""
    author.show(author.new(day), author.later(day, 25, 40))


def leaves_and_returns(author: Author, day: date) -> None:
    """Loses the match by a revision, is revised out of sight, and matches again."""
    draft = author.show(author.new(day), day)
    title, abstract = draft.title, draft.abstract
    day = author.later(day, 2, 30)
    words = dict(zip(("title", "abstract"), author.words(draft.pmid, is_topical=False), strict=True))
    draft = author.revise(draft, day, is_topical=False, **words)
    day = author.later(day, 2, 30)
    draft = author.revise(draft, day, abstract="Seen by nobody who asks for a word.")
    if author.random.random() < 0.5:
        author.revise(draft, author.later(day, 2, 30), is_topical=True, title=title, abstract=f"{abstract} Restored.")


def silently_changed(author: Author, day: date) -> None:
    """Another abstract under the same date of revision: no date window shows it."""
    draft = author.show(author.new(day), day)
    author.show(draft, author.later(day, 12, 60), abstract=f"{draft.abstract} Changed without a word.")


def corrected(author: Author, day: date) -> None:
    """An erratum, linked with or without a new date of revision; a second one may follow."""
    draft = author.show(author.new(day), day)
    for _ in range(author.random.randint(1, 2)):
        day = author.later(day, 3, 40)
        notice = author.new(day, types=(PUBLISHED_ERRATUM,))
        named = Reference(ref_type="ErratumFor", other=draft.pmid)
        author.show(notice, day, references=(named,), title=f"Correction: {draft.title}", abstract="")
        link = Reference(ref_type="ErratumIn", other=notice.pmid)
        linked = author.later(day, 0, 5)
        show = author.revise if author.random.random() < 0.5 else author.show
        draft = show(draft, linked, references=(*draft.references, link))


def correction_gains_its_number(author: Author, day: date) -> None:
    """The record first names its erratum without a PMID; later the PMID is there: the same notice."""
    draft = author.show(author.new(day), day)
    notice = author.new(day, is_topical=False)
    day = author.later(day, 3, 30)
    unnamed = Reference(ref_type="ErratumIn", other=notice.pmid, has_pmid=False)
    draft = author.revise(draft, day, references=(unnamed,))
    author.revise(draft, author.later(day, 1, 20), references=(replace(unnamed, has_pmid=True),))


def questioned_then_retracted(author: Author, day: date) -> None:
    """An expression of concern, months later the retraction; its notice may come first."""
    draft = author.show(author.new(day), day)
    day = author.later(day, 5, 60)
    concern = Reference(ref_type="ExpressionOfConcernIn", other=author.new(day).pmid)
    draft = author.revise(draft, day, references=(concern,))
    day = author.later(day, 5, 60)
    notice = author.new(day, types=(RETRACTION_NOTICE,))
    named = Reference(ref_type="RetractionOf", other=draft.pmid)
    author.show(notice, day, references=(named,), title=f"Retraction: {draft.title}", abstract="")
    link = Reference(ref_type="RetractionIn", other=notice.pmid)
    linked = author.later(day, 0, 9)
    author.revise(draft, linked, references=(concern, link), types=(*draft.types, RETRACTED))


def retracted_silently(author: Author, day: date) -> None:
    """Retracted without a new date of revision, by a link or by its type alone: only the watch sees it."""
    draft = author.show(author.new(day), day)
    link = Reference(ref_type="RetractionIn", other=author.new(day).pmid)
    references, types = author.random.choice([((link,), draft.types), ((), (*draft.types, RETRACTED))])
    author.show(draft, author.later(day, 10, 90), references=references, types=types)


def corrected_and_republished(author: Author, day: date) -> None:
    """The corrected text is a record of its own; the old one is linked without a new date of revision."""
    draft = author.show(author.new(day), day)
    again = author.new(author.later(day, 10, 60), title=f"{draft.title[:-1]}, corrected.")
    author.show(again, again.created, references=(Reference(ref_type="CorrectedandRepublishedFrom", other=draft.pmid),))
    link = Reference(ref_type="CorrectedandRepublishedIn", other=again.pmid)
    author.show(draft, author.later(again.created, 0, 5), references=(link,))


def retracted_without_number(author: Author, day: date) -> None:
    """A retraction whose notice has no PMID, or which only a publication type tells."""
    draft = author.show(author.new(day), day)
    link = Reference(ref_type="RetractionIn", other=author.new(day).pmid, has_pmid=False)
    references = (link,) if author.random.random() < 0.6 else ()
    day = author.later(day, 5, 60)
    draft = author.revise(draft, day, references=references, types=(*draft.types, RETRACTED))
    if author.random.random() < 0.4:
        day = author.later(day, 5, 40)
        # Taken back: the record stands again.
        author.revise(draft, day, references=(), types=draft.types[:-1])


def republished(author: Author, day: date) -> None:
    """Retracted and republished: both ends say so."""
    draft = author.show(author.new(day), day)
    day = author.later(day, 5, 60)
    again = author.new(day, title=f"{draft.title[:-1]}, republished.")
    author.show(again, day, references=(Reference(ref_type="RetractedandRepublishedFrom", other=draft.pmid),))
    author.revise(draft, day, references=(Reference(ref_type="RetractedandRepublishedIn", other=again.pmid),))


def deleted(author: Author, day: date) -> None:
    """Taken out of PubMed."""
    draft = author.show(author.new(day), day)
    author.remove(draft, author.later(day, 8, 60))


def deleted_and_returned(author: Author, day: date) -> None:
    """Out for a day or for weeks, then back, perhaps with other words; once in a while it was retracted."""
    draft = author.show(author.new(day), day)
    if author.random.random() < 0.3:
        day = author.later(day, 2, 9)
        link = Reference(ref_type="RetractionIn", other=author.new(day).pmid)
        draft = author.revise(draft, day, references=(link,), types=(*draft.types, RETRACTED))
    day = author.later(day, 2, 20)
    author.remove(draft, day)
    day = author.later(day, 1, 30)
    author.revise(draft, day, abstract=author.random.choice([draft.abstract, f"{draft.abstract} Back again."]))


def book_chapter(author: Author, day: date) -> None:
    """A chapter of a book, updated once."""
    draft = author.show(author.new(day, is_book=True), day)
    author.revise(draft, author.later(day, 10, 60), abstract=f"{draft.abstract} Updated.")


def second_version(author: Author, day: date) -> None:
    """A second version under the same PMID."""
    draft = author.show(author.new(day), day)
    author.revise(draft, author.later(day, 3, 40), version=2, abstract=f"{draft.abstract} Second version.")


#: Life and how often it is lived.
LIVES: tuple[tuple[Callable[[Author, date], None], int], ...] = (
    (ordinary, 22), (never_indexed, 14), (off_topic, 6), (revised_often, 5), (only_touched, 3), (back_dated, 3),
    (comes_late, 4), (seen_late, 4), (seen_too_late, 1), (leaves_and_returns, 4), (silently_changed, 3),
    (corrected, 6), (correction_gains_its_number, 2), (questioned_then_retracted, 4), (retracted_silently, 3),
    (retracted_without_number, 4), (republished, 2), (corrected_and_republished, 2), (deleted, 3), (deleted_and_returned, 3), (book_chapter, 2),
    (second_version, 2),
)  # fmt: skip


def live(seed: int, first: date, last: date, *, n_lives: int, burst: int = 0) -> World:
    """
    Return a world of *n_lives* lives that begin between *first* and *last*, every kind at least once.

    Args:
        burst: Records that all enter on one day, as when NLM loads a journal's backlog.
    """
    author = Author(seed, first, last)
    n_days = (last - first).days
    kinds = [life for life, _ in LIVES]
    kinds += author.random.choices(kinds, [weight for _, weight in LIVES], k=max(0, n_lives - len(kinds)))
    for life in kinds:
        life(author, first + timedelta(days=author.random.randrange(n_days)))
    for _ in range(_STOCK):
        # On the topic, created long before the watch began: no night asks for it.
        author.show(author.new(first - timedelta(days=400)), first - timedelta(days=1), hour=6)
    day = first + timedelta(days=author.random.randrange(n_days // 2, n_days))
    for _ in range(burst):
        never_indexed(author, day)
    return World(author.faces, author.removals)


# -- real revisions ----------------------------------------------------------------------------

_IN_SCOPE = (
    '<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="N">HER2 breast cancer trastuzumab</Keyword></KeywordList>'
)


def real_revisions(records: dict[int, list[str]], seed: int, first: date, last: date) -> list[Face]:
    """
    Return real revisions of records as faces of the year: dates moved into it, a keyword brings them into scope.

    Args:
        records: PMID -> its revisions as printed, oldest first.
    """
    pick = random.Random(seed)
    faces = []
    for pmid, revisions in sorted(records.items()):
        day = created = first + timedelta(days=pick.randrange((last - first).days // 2))
        for text in revisions:
            xml = _moved(text, created=created, revised=day)
            [article] = parse_articles(f"<PubmedArticleSet>{xml}</PubmedArticleSet>".encode()).articles
            faces.append(
                Face(
                    pmid=pmid,
                    version=article.pmid_version,
                    valid_from=eastern(day, pick.randint(6, 22), pick.randint(5, 50)),
                    xml=xml,
                    is_topical=True,
                    dates={
                        "crdt": article.created_date,
                        "lr": article.date_revised,
                        "mhda": article.mesh_date or article.entry_date,
                    },
                    has_mesh=bool(article.mesh_headings),
                    references=tuple(
                        Reference(ref_type=link.ref_type, other=link.pmid or link.ref_source or "")
                        for link in article.comments_corrections
                    ),
                    types=tuple(kind.name for kind in article.publication_types),
                    content=None,
                )
            )
            day += timedelta(days=pick.randint(1, 60))
            if day > last:
                break
    return faces


def _moved(text: str, *, created: date, revised: date) -> str:
    """Return a real record revised on *revised* and created on *created*, brought into scope."""

    def day(tag: str, attributes: str, on: date) -> str:
        return f"<{tag}{attributes}><Year>{on.year}</Year><Month>{on.month}</Month><Day>{on.day}</Day></{tag}>"

    text = re.sub(r"<DateRevised>.*?</DateRevised>", day("DateRevised", "", revised), text, flags=re.DOTALL)
    entrez = day("PubMedPubDate", ' PubStatus="entrez"', created)
    text = re.sub(r'<PubMedPubDate PubStatus="entrez">.*?</PubMedPubDate>', entrez, text, flags=re.DOTALL)
    return text.replace("</MedlineCitation>", f"{_IN_SCOPE}</MedlineCitation>", 1)

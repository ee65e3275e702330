"""
PubMed XML written from ``Article`` records, without any help of the parser or its XML library.

What XML leaves open is chosen at random: how a character is spelled, where a line breaks and how far
it is indented, comments between elements, values that the DTD also supplies by default. None of that
may make a difference to a reader.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from her2lit.records import (
    AbstractSection,
    Affiliation,
    Article,
    ArticleId,
    Author,
    Book,
    BookLink,
    ELocation,
    Grant,
    HistoryDate,
    Identifier,
    Keyword,
    MeshHeading,
    PubDate,
    PublicationType,
    Reference,
)

_PIECES = re.compile(r"(<[^>]*>)")
_CHARACTERS = re.compile(r"&(?:\w+|#\w+);|.", re.DOTALL)


class Writer:
    """Writes records; *chance* decides whatever makes no difference."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    # -- the parts of XML ---------------------------------------------------------------------

    def _maybe(self, percent: int) -> bool:
        return self._chance.randrange(100) < percent

    def _spelled(self, character: str) -> str:
        """Return one character of text as itself or as a reference to it."""
        name = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}.get(character)
        number = ord(character)
        ways = [f"&#{number};", f"&#x{number:x};", f"&#x{number:04X};"]
        if name is None:
            return character if not self._maybe(6) else self._chance.choice(ways)
        if character in "'\"" and self._maybe(60):
            return character
        return name if self._maybe(70) else self._chance.choice(ways)

    def _text(self, text: str) -> str:
        """Return *text* as it may stand between tags, its blanks as any white space."""
        if self._maybe(4) and "]]>" not in text:
            return f"<![CDATA[{text}]]>"
        written = "".join(self._spelled(character) if character != " " else self._blank() for character in text)
        return f"{self._margin()}{written}{self._margin()}"

    def _blank(self) -> str:
        return " " if not self._maybe(10) else self._chance.choice(["\n", "  ", "\n        ", "\t", " \r\n"])

    def _margin(self) -> str:
        return "" if not self._maybe(10) else self._chance.choice(["\n   ", " ", "\n"])

    def _fragment(self, markup: str) -> str:
        """Return markup with its texts spelled anew, its tags as they are."""
        pieces = _PIECES.split(markup)
        return "".join(piece if piece.startswith("<") else self._respelled(piece) for piece in pieces)

    def _respelled(self, escaped: str) -> str:
        known = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
        characters = (known.get(found, found) for found in _CHARACTERS.findall(escaped))
        return "".join(self._spelled(c) if c != " " else self._blank() for c in characters)

    def _attributes(self, attributes: dict[str, str | None]) -> str:
        given = [(name.rstrip("_"), value) for name, value in attributes.items() if value is not None]
        self._chance.shuffle(given)
        return "".join(f' {name}="{self._attribute(value)}"' for name, value in given)

    def _attribute(self, value: str) -> str:
        return "".join("&quot;" if c == '"' else self._spelled(c) for c in value)

    def _element(self, name: str, content: str, **attributes: str | None) -> str:
        tag = f"{name}{self._attributes(attributes)}"
        if not content and self._maybe(50):
            return f"<{tag}/>"
        return f"<{tag}>{content}</{name}>{self._gap()}"

    def _gap(self) -> str:
        """Return what may stand between two elements."""
        if self._maybe(3):
            return self._chance.choice(["<!-- <PMID>1</PMID> -->", "<?pmcsd ?>", "<!---->"])
        return self._margin()

    def _leaf(self, name: str, text: str | None, **attributes: str | None) -> str:
        return "" if text is None else self._element(name, self._text(text), **attributes)

    def _mixed(self, name: str, text: str | None, markup: str | None, **attributes: str | None) -> str:
        if text is None:
            return ""
        return self._element(name, self._text(text) if markup is None else self._fragment(markup), **attributes)

    def _list(self, name: str, items: Iterable[str], **attributes: str | None) -> str:
        content = "".join(items)
        return self._element(name, content, **attributes) if content else ""

    def _yes(self, *, is_so: bool, default: bool | None = None) -> str | None:
        """Return Y or N, or nothing where that says the same."""
        return None if is_so is default and self._maybe(50) else "Y" if is_so else "N"

    def _default(self, value: str | None, default: str) -> str | None:
        return None if value == default and self._maybe(50) else value

    # -- whole records ------------------------------------------------------------------------

    def document(self, articles: Iterable[Article]) -> bytes:
        """Return a whole PubmedArticleSet."""
        prolog = '<?xml version="1.0" encoding="UTF-8"?>\n' if self._maybe(70) else ""
        doctype = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.example/pubmed.dtd">\n'
        records = "".join(self.record(article) for article in articles)
        return (
            f"{prolog}{doctype if self._maybe(70) else ''}<PubmedArticleSet>\n{records}</PubmedArticleSet>\n".encode()
        )

    def record(self, article: Article) -> str:
        """Return one PubmedArticle or PubmedBookArticle."""
        if article.kind == "book":
            inner = self._element("BookDocument", self._document_of(article)) + self._data("PubmedBookData", article)
            return f"<PubmedBookArticle>{inner}</PubmedBookArticle>\n"
        inner = self._citation(article) + self._data("PubmedData", article)
        return f"<PubmedArticle>{inner}</PubmedArticle>\n"

    def _citation(self, a: Article) -> str:
        parts = [
            self._leaf("PMID", str(a.pmid), Version=self._default(str(a.pmid_version), "1")),
            self._whole_day("DateCreated", a.medline_created),
            self._whole_day("DateCompleted", a.date_completed),
            self._whole_day("DateRevised", a.date_revised),
            self._article(a),
            self._journal_info(a),
            self._list("ChemicalList", map(self._substance, a.substances)),
            self._list(
                "SupplMeshList",
                (self._leaf("SupplMeshName", s.name, Type=s.type, UI=s.ui) for s in a.supplementary_mesh),
            ),
            *(self._leaf("CitationSubset", subset) for subset in a.citation_subsets),
            self._list("CommentsCorrectionsList", map(self._comment, a.comments_corrections)),
            self._list("GeneSymbolList", (self._leaf("GeneSymbol", symbol) for symbol in a.gene_symbols)),
            self._list("MeshHeadingList", map(self._heading, a.mesh_headings)),
            self._leaf("NumberOfReferences", a.number_of_references),
            self._list(
                "PersonalNameSubjectList",
                (
                    self._element(
                        "PersonalNameSubject",
                        self._names(s.last_name, s.fore_name, s.initials)
                        + self._mixed("Suffix", s.suffix, s.suffix_markup),
                    )
                    for s in a.personal_name_subjects
                ),
            ),
            *(self._leaf("OtherID", other.text, Source=other.source) for other in a.other_ids),
            *(
                self._element(
                    "OtherAbstract",
                    self._sections(other.sections, other.copyright),
                    Type=other.type,
                    Language=self._default(other.language, "eng"),
                )
                for other in a.other_abstracts
            ),
            *self._keyword_lists(a.keywords),
            self._mixed("CoiStatement", a.coi_statement, a.coi_statement_markup),
            *(self._leaf("SpaceFlightMission", mission) for mission in a.space_flight_missions),
            *self._investigator_lists(a.investigators),
            *(self._leaf("GeneralNote", n.text, Owner=self._default(n.source, "NLM")) for n in a.general_notes),
        ]
        return self._element(
            "MedlineCitation",
            "".join(parts),
            Status=a.status,
            Owner=self._default(a.owner, "NLM"),
            IndexingMethod=a.indexing_method,
            VersionID=a.version_id,
            VersionDate=a.version_date,
        )

    def _article(self, a: Article) -> str:
        parts = [
            self._journal(a),
            self._mixed("ArticleTitle", a.title, a.title_markup),
            self._pages(a),
            *map(self._elocation, a.elocations),
            self._abstract(a),
            self._author_list(a.authors, complete=a.authors_complete, kind=a.author_list_type),
            *(self._leaf("Language", language) for language in a.languages),
            self._databanks(a),
            self._grants(a),
            self._list("PublicationTypeList", map(self._publication_type, a.publication_types)),
            self._mixed("VernacularTitle", a.vernacular_title, a.vernacular_title_markup),
            *(
                self._element("ArticleDate", self._printed(day.verbatim), DateType=day.date_type)
                for day in a.article_dates
            ),
        ]
        return self._element("Article", "".join(parts), PubModel=a.pub_model)

    def _data(self, name: str, a: Article) -> str:
        references = "" if a.kind == "book" else "".join(self._reference_lists(a.references))
        parts = [
            self._list("History", map(self._history_date, a.history)),
            self._leaf("PublicationStatus", a.publication_status),
            self._list("ArticleIdList", map(self._article_id, a.article_ids)),
            self._list(
                "ObjectList",
                (
                    self._element(
                        "Object",
                        "".join(self._element("Param", self._text(v or ""), Name=n) for n, v in o.params),
                        Type=o.type,
                    )
                    for o in a.objects
                ),
            ),
            references,
        ]
        return self._element(name, "".join(parts))

    # -- dates --------------------------------------------------------------------------------

    def _whole_day(self, name: str, day: object) -> str:
        return "" if day is None else self._element(name, self._printed(str(day)))

    def _printed(self, verbatim: str) -> str:
        """Return Year, Month and Day of "2021-6-7"."""
        return "".join(
            self._leaf(name, part) for name, part in zip(("Year", "Month", "Day"), verbatim.split("-"), strict=True)
        )

    def _pub_date(self, name: str, pub_date: PubDate | None) -> str:
        """Return a date in parts where it has them, else as Season or MedlineDate."""
        if pub_date is None:
            return ""
        words = pub_date.verbatim.split()
        if pub_date.precision in {"year", "month", "day"}:
            names = ("Year", "Month", "Day")
            return self._element(name, "".join(self._leaf(n, w) for n, w in zip(names, words, strict=False)))
        if pub_date.precision in {"season", "range"} and len(words) == 2 and self._maybe(50):
            return self._element(name, self._leaf("Year", words[0]) + self._leaf("Season", words[1]))
        return self._element(name, self._leaf("MedlineDate", pub_date.verbatim))

    def _history_date(self, day: HistoryDate) -> str:
        clock = (("Hour", day.hour), ("Minute", day.minute), ("Second", day.second))
        parts = self._printed(day.verbatim) + "".join(
            self._leaf(name, str(value)) for name, value in clock if value is not None
        )
        return self._element("PubMedPubDate", parts, PubStatus=day.status)

    # -- the parts of a record ----------------------------------------------------------------

    def _journal(self, a: Article) -> str:
        if a.journal is None:
            return ""
        issue = self._element(
            "JournalIssue",
            self._leaf("Volume", a.journal.volume)
            + self._leaf("Issue", a.journal.issue)
            + self._pub_date("PubDate", a.pub_date),
            CitedMedium=a.journal.cited_medium,
        )
        # @IssnType without an ISSN has no place to stand in, so the element is there, empty.
        issn = self._element("ISSN", self._text(a.journal.issn or ""), IssnType=a.journal.issn_type)
        names = self._leaf("Title", a.journal.title) + self._leaf("ISOAbbreviation", a.journal.iso_abbreviation)
        return self._element("Journal", issn + issue + names)

    def _journal_info(self, a: Article) -> str:
        if a.journal is None:
            return ""
        parts = (
            ("Country", a.journal.country),
            ("MedlineTA", a.journal.medline_ta),
            ("NlmUniqueID", a.journal.nlm_unique_id),
            ("ISSNLinking", a.journal.issn_linking),
        )
        return self._list("MedlineJournalInfo", (self._leaf(name, value) for name, value in parts))

    def _pages(self, a: Article) -> str:
        parts = (("StartPage", a.start_page), ("EndPage", a.end_page), ("MedlinePgn", a.medline_pgn))
        return self._list("Pagination", (self._leaf(name, value) for name, value in parts))

    def _elocation(self, e: ELocation) -> str:
        return self._leaf("ELocationID", e.value, EIdType=e.id_type, ValidYN=self._yes(is_so=e.is_valid, default=True))

    def _abstract(self, a: Article) -> str:
        return self._list("Abstract", (self._sections(a.abstract, a.abstract_copyright),))

    def _sections(self, sections: Iterable[AbstractSection], copyright_line: str | None) -> str:
        written = (
            self._mixed("AbstractText", s.text, s.markup, Label=s.label, NlmCategory=s.nlm_category) for s in sections
        )
        return "".join(written) + self._leaf("CopyrightInformation", copyright_line)

    def _author_list(
        self, authors: tuple[Author, ...], *, complete: bool | None = None, kind: str | None = None
    ) -> str:
        yes = None if complete is None else self._yes(is_so=complete, default=True)
        return self._list("AuthorList", map(self._author, authors), CompleteYN=yes, Type=kind)

    def _names(self, last: str | None, fore: str | None, initials: str | None) -> str:
        return self._leaf("LastName", last) + self._leaf("ForeName", fore) + self._leaf("Initials", initials)

    def _author(self, a: Author) -> str:
        if a.collective_name is None:
            names = self._names(a.last_name, a.fore_name, a.initials) + self._mixed("Suffix", a.suffix, a.suffix_markup)
        else:
            names = self._mixed("CollectiveName", a.collective_name, a.collective_name_markup, Investigators=a.group_id)
        return self._element(
            "Author",
            names + self._places(a),
            ValidYN=self._yes(is_so=a.is_valid, default=True),
            EqualContrib=self._yes(is_so=a.has_equal_contribution, default=False),
        )

    def _places(self, a: Author) -> str:
        return "".join(map(self._identifier, a.identifiers)) + "".join(map(self._affiliation, a.affiliations))

    def _identifier(self, i: Identifier) -> str:
        value = i.value
        if i.source == "ORCID" and self._maybe(70):
            bare = value.replace("-", "")
            value = self._chance.choice([bare, f"http://orcid.org/{bare}", f"https://orcid.org/{value}", value])
            if not _is_orcid(i.value):
                value = i.value
        return self._leaf("Identifier", value, Source=i.source)

    def _affiliation(self, a: Affiliation) -> str:
        text = self._mixed("Affiliation", a.text, a.markup)
        return self._element("AffiliationInfo", text + "".join(map(self._identifier, a.identifiers)))

    def _investigator_lists(self, people: Iterable[Author]) -> Iterator[str]:
        for group_id, members in groupby(people, key=lambda person: person.group_id):
            yield self._list("InvestigatorList", map(self._investigator, members), ID=group_id)

    def _investigator(self, a: Author) -> str:
        names = self._names(a.last_name, a.fore_name, a.initials) + self._mixed("Suffix", a.suffix, a.suffix_markup)
        return self._element("Investigator", names + self._places(a), ValidYN=self._yes(is_so=a.is_valid, default=True))

    def _databanks(self, a: Article) -> str:
        banks = (
            self._element(
                "DataBank",
                self._leaf("DataBankName", row.databank)
                + self._list("AccessionNumberList", (self._leaf("AccessionNumber", row.accession),)),
            )
            for row in a.databank_accessions
        )
        return self._list("DataBankList", banks, CompleteYN=self._complete(a.databanks_complete))

    def _complete(self, complete: bool | None) -> str | None:
        return None if complete is None else self._yes(is_so=complete, default=True)

    def _grants(self, a: Article) -> str:
        return self._list("GrantList", map(self._grant, a.grants), CompleteYN=self._complete(a.grants_complete))

    def _grant(self, g: Grant) -> str:
        parts = (("GrantID", g.grant_id), ("Acronym", g.acronym), ("Agency", g.agency), ("Country", g.country))
        return self._element("Grant", "".join(self._leaf(name, value) for name, value in parts))

    def _publication_type(self, p: PublicationType) -> str:
        return self._leaf("PublicationType", p.name, UI=p.ui)

    def _substance(self, s: object) -> str:
        number = self._leaf("RegistryNumber", s.registry_number or "0")
        return self._element("Chemical", number + self._leaf("NameOfSubstance", s.name, UI=s.ui))

    def _comment(self, c: object) -> str:
        version = None if c.pmid_version is None else str(c.pmid_version)
        parts = (
            self._leaf("RefSource", c.ref_source)
            + self._leaf("PMID", None if c.pmid is None else str(c.pmid), Version=version)
            + self._leaf("Note", c.note)
        )
        return self._element("CommentsCorrections", parts, RefType=c.ref_type)

    def _heading(self, m: MeshHeading) -> str:
        descriptor = self._leaf(
            "DescriptorName",
            m.descriptor,
            UI=m.descriptor_ui,
            MajorTopicYN=self._yes(is_so=m.major_topic, default=False),
            Type=m.type,
            AutoHM="Y" if m.is_auto else None,
        )
        qualifiers = (
            self._leaf(
                "QualifierName",
                q.name,
                UI=q.ui,
                MajorTopicYN=self._yes(is_so=q.major_topic, default=False),
                AutoHM="Y" if q.is_auto else None,
            )
            for q in m.qualifiers
        )
        return self._element("MeshHeading", descriptor + "".join(qualifiers))

    def _keyword_lists(self, keywords: Iterable[Keyword]) -> Iterator[str]:
        for owner, words in groupby(keywords, key=lambda word: word.owner):
            written = (
                self._mixed("Keyword", w.term, w.markup, MajorTopicYN=self._yes(is_so=w.major_topic, default=False))
                for w in words
            )
            yield self._list("KeywordList", written, Owner=self._default(owner, "NLM"))

    def _article_id(self, i: ArticleId) -> str:
        return self._leaf("ArticleId", i.value, IdType=self._default(i.id_type, "pubmed"))

    def _reference_lists(self, references: Iterable[Reference]) -> Iterator[str]:
        for title, cited in groupby(references, key=lambda reference: reference.list_title):
            content = self._leaf("Title", title) + "".join(map(self._reference, cited))
            written = self._element("ReferenceList", content)
            yield self._element("ReferenceList", written) if self._maybe(20) else written

    def _reference(self, r: Reference) -> str:
        ids = self._list("ArticleIdList", map(self._article_id, r.ids))
        return self._element("Reference", self._mixed("Citation", r.citation, r.markup) + ids)

    # -- books --------------------------------------------------------------------------------

    def _document_of(self, a: Article) -> str:
        book = a.book or Book()
        parts = [
            self._leaf("PMID", str(a.pmid), Version=self._default(str(a.pmid_version), "1")),
            self._book(book),
            *(self._element("LocationLabel", self._text(text or ""), Type=kind) for kind, text in book.location_labels),
            self._mixed("ArticleTitle", a.title, a.title_markup, **_link(book.chapter_link)),
            self._mixed("VernacularTitle", a.vernacular_title, a.vernacular_title_markup),
            self._pages(a),
            *(self._leaf("Language", language) for language in a.languages),
            self._author_list(a.authors, complete=a.authors_complete, kind=a.author_list_type),
            *self._investigator_lists(a.investigators),
            *map(self._publication_type, a.publication_types),
            self._abstract(a),
            self._list("Sections", self._book_sections(book)),
            *self._keyword_lists(a.keywords),
            self._pub_date("ContributionDate", book.contribution_date),
            self._whole_day("DateRevised", a.date_revised),
            self._grants(a),
            *(
                self._element(
                    "ItemList", "".join(self._leaf("Item", item) for item in items.items), ListType=items.type
                )
                for items in book.item_lists
            ),
            *self._reference_lists(a.references),
        ]
        return "".join(parts)

    def _book(self, b: Book) -> str:
        publisher = self._mixed("PublisherName", b.publisher, b.publisher_markup) + self._leaf(
            "PublisherLocation", b.publisher_location
        )
        parts = [
            self._list("Publisher", (publisher,)),
            self._mixed("BookTitle", b.title, b.title_markup, **_link(b.title_link)),
            self._pub_date("PubDate", b.pub_date),
            self._pub_date("BeginningDate", b.beginning_date),
            self._pub_date("EndingDate", b.ending_date),
            self._author_list(b.authors, complete=b.authors_complete, kind="authors"),
            self._author_list(b.editors, complete=b.editors_complete, kind="editors"),
            *self._investigator_lists(b.investigators),
            self._leaf("Volume", b.volume),
            self._mixed("VolumeTitle", b.volume_title, b.volume_title_markup),
            self._leaf("Edition", b.edition),
            self._mixed(
                "CollectionTitle", b.collection_title, b.collection_title_markup, **_link(b.collection_title_link)
            ),
            *(self._leaf("Isbn", isbn) for isbn in b.isbns),
            *map(self._elocation, b.elocations),
            self._leaf("Medium", b.medium),
            self._leaf("ReportNumber", b.report_number),
        ]
        return self._element("Book", "".join(parts))

    def _book_sections(self, book: Book) -> Iterator[str]:
        """Write the flat list as the tree it came from: a section ends where the next is no deeper."""
        open_depths: list[int] = []
        for section in book.sections:
            while open_depths and open_depths[-1] >= section.depth:
                open_depths.pop()
                yield "</Section>"
            open_depths.append(section.depth)
            yield "<Section>"
            yield self._leaf("LocationLabel", section.label, Type=section.label_type)
            yield self._mixed("SectionTitle", section.title, section.title_markup, **_link(section.link))
        yield "</Section>" * len(open_depths)


def _link(link: BookLink | None) -> dict[str, str | None]:
    return {"book": link.book, "part": link.part, "sec": link.sec} if link else {}


def _is_orcid(value: str) -> bool:
    """Return whether the check character is right: only then may an ORCID be printed in another form."""
    total = 0
    for digit in value.replace("-", ""):
        total = (total * 2 + (10 if digit == "X" else int(digit))) % 11
    return total == 1


def write_records(articles: Iterable[Article], seed: int) -> bytes:
    """Return *articles* as one PubmedArticleSet; *seed* decides whatever makes no difference."""
    return Writer(random.Random(seed)).document(articles)

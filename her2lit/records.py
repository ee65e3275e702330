"""The values that pass between stages: frozen, typed, in the field's own words.

``None`` always means "not given by NLM", never an empty string. What NLM wrote is kept beside
what we read from it. A ``#:`` line says where a field comes from in PubMed XML (DTD 250101).
Tuples keep document order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

# ---------------------------------------------------------------------------------------------
# What PubMed says: the article
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PubDate:
    """A publication date as NLM wrote it, beside the days it can mean."""

    #: JournalIssue/PubDate: the parts, or MedlineDate, joined by single blanks, as printed.
    verbatim: str
    #: First day the date can mean; None when no year could be read.
    start: date | None
    #: Last day the date can mean, inclusive; equals ``start`` for a full date.
    end: date | None
    #: "day", "month", "season", "range", "year" or "unknown".
    precision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDate:
    """PubmedData/History/PubMedPubDate. "entrez" is [crdt], "pubmed" is [edat], "medline" is [mhda]."""

    #: @PubStatus
    status: str
    #: Year, Month, Day; None when they form no calendar date.
    on: date | None
    #: Hour, Minute as printed; None when absent.
    hour: int | None
    minute: int | None
    #: As printed, unpadded, e.g. "2021-6-7".
    verbatim: str
    #: Second as printed; almost always None
    second: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDate:
    """Article/ArticleDate."""

    #: @DateType, "Electronic" in practice.
    date_type: str | None
    on: date | None
    verbatim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstractSection:
    """One AbstractText. An unlabelled abstract is one section whose label is None."""

    #: @Label as printed
    label: str | None
    #: @NlmCategory
    nlm_category: str | None
    #: Plain text; inline markup removed without losing or gluing words.
    text: str
    #: The inner XML where it differs from ``text`` (i, b, sub, sup, u, MathML), else None.
    markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAbstract:
    """OtherAbstract: never mixed into the abstract."""

    #: @Type: Publisher, plain-language-summary, KIE, ...
    type: str | None
    #: @Language, default eng
    language: str | None
    sections: tuple[AbstractSection, ...] = ()
    copyright: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Article/Journal and MedlineJournalInfo. ``nlm_unique_id`` is the key."""

    #: Journal/Title
    title: str | None = None
    #: Journal/ISOAbbreviation
    iso_abbreviation: str | None = None
    #: MedlineJournalInfo/MedlineTA
    medline_ta: str | None = None
    #: MedlineJournalInfo/NlmUniqueID
    nlm_unique_id: str | None = None
    #: Journal/ISSN and @IssnType
    issn: str | None = None
    issn_type: str | None = None
    #: MedlineJournalInfo/ISSNLinking
    issn_linking: str | None = None
    #: MedlineJournalInfo/Country
    country: str | None = None
    #: JournalIssue/Volume, Issue, @CitedMedium
    volume: str | None = None
    issue: str | None = None
    cited_medium: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """An Identifier of an author or affiliation; ORCID is normalised to 0000-0000-0000-0000."""

    #: @Source
    source: str | None
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    """AffiliationInfo."""

    text: str
    identifiers: tuple[Identifier, ...] = ()
    #: The inner XML where it differs from ``text``, else None
    markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """AuthorList/Author or InvestigatorList/Investigator: a person, or a collective."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    #: CollectiveName; then the personal names are None.
    collective_name: str | None = None
    #: @ValidYN; False is a superseded spelling.
    is_valid: bool = True
    #: @EqualContrib
    has_equal_contribution: bool = False
    #: The author's ORCID, bare and hyphenated, when one is given and well formed.
    orcid: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    #: CollectiveName/@Investigators, or InvestigatorList/@ID: links a group to its investigators
    group_id: str | None = None
    #: CollectiveName's inner XML where it differs from ``collective_name``, else None
    collective_name_markup: str | None = None
    #: Suffix's inner XML where it differs from ``suffix``: 2<sup>nd</sup>
    suffix_markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationType:
    """PublicationTypeList/PublicationType."""

    name: str
    #: @UI, e.g. D016449
    ui: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifier:
    """MeshHeading/QualifierName."""

    name: str
    ui: str | None
    major_topic: bool
    #: @AutoHM
    is_auto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshHeading:
    """MeshHeadingList/MeshHeading; its qualifiers stay under their descriptor."""

    descriptor: str
    descriptor_ui: str | None
    #: DescriptorName/@MajorTopicYN alone; a heading is major if this or any qualifier's is set.
    major_topic: bool
    #: @Type, "Geographic" or None
    type: str | None = None
    #: @AutoHM
    is_auto: bool = False
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementaryMesh:
    """SupplMeshList/SupplMeshName."""

    name: str
    ui: str | None
    #: @Type: Disease, Protocol, Organism, Anatomy, Population
    type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """ChemicalList/Chemical."""

    #: NameOfSubstance
    name: str
    #: NameOfSubstance/@UI
    ui: str | None
    #: RegistryNumber; "0" becomes None
    registry_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """KeywordList/Keyword."""

    term: str
    #: KeywordList/@Owner: NOTNLM for author keywords
    owner: str | None
    major_topic: bool = False
    #: The inner XML where it differs from ``term``, else None
    markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """GrantList/Grant."""

    grant_id: str | None
    acronym: str | None
    agency: str | None
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabankAccession:
    """DataBankList/DataBank: one row per accession; a bank without accessions has one with None."""

    databank: str
    accession: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCorrection:
    """CommentsCorrectionsList/CommentsCorrections. The PMID may be missing: the RefType alone counts."""

    #: @RefType: RetractionIn, ErratumIn, ExpressionOfConcernIn, CommentOn, UpdateOf, ...
    ref_type: str
    ref_source: str | None
    pmid: int | None
    pmid_version: int | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleId:
    """PubmedData/ArticleIdList/ArticleId or a valid Article/ELocationID, by direct path only."""

    #: @IdType: pubmed, doi, pii, pmc, mid, bookaccession ...
    id_type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ELocation:
    """Article/ELocationID."""

    id_type: str | None
    value: str
    #: @ValidYN
    is_valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """PubmedData/ReferenceList//Reference: a cited work, with its own ids, never mixed with ours."""

    citation: str | None
    ids: tuple[ArticleId, ...] = ()
    #: Title of the ReferenceList it stands in
    list_title: str | None = None
    #: The citation's inner XML where it differs from ``citation``, else None
    markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedText:
    """A text with an owner or source: OtherID, GeneralNote."""

    source: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalNameSubject:
    """PersonalNameSubjectList/PersonalNameSubject."""

    last_name: str | None
    fore_name: str | None
    initials: str | None
    suffix: str | None
    #: Suffix's inner XML where it differs from ``suffix``, else None
    suffix_markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedObject:
    """PubmedData/ObjectList/Object: a related object and its parameters."""

    #: @Type
    type: str | None
    #: Param/@Name and its text
    params: tuple[tuple[str | None, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLink:
    """Attributes @book, @part and @sec of a title: where the text stands in NCBI Bookshelf."""

    book: str | None = None
    part: str | None = None
    sec: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSection:
    """BookDocument/Sections/Section, flattened in document order; ``depth`` 0 is the top level."""

    title: str | None
    depth: int = 0
    label: str | None = None
    #: LocationLabel/@Type
    label_type: str | None = None
    link: BookLink | None = None
    #: SectionTitle's inner XML where it differs from ``title``, else None
    title_markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """BookDocument/ItemList, e.g. Synonyms."""

    #: @ListType
    type: str | None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """BookDocument/Book, for records that are book chapters or reports."""

    title: str | None = None
    publisher: str | None = None
    publisher_location: str | None = None
    pub_date: PubDate | None = None
    beginning_date: PubDate | None = None
    ending_date: PubDate | None = None
    edition: str | None = None
    volume: str | None = None
    volume_title: str | None = None
    collection_title: str | None = None
    medium: str | None = None
    report_number: str | None = None
    isbns: tuple[str, ...] = ()
    editors: tuple[Author, ...] = ()
    #: BookDocument/ContributionDate
    contribution_date: PubDate | None = None
    title_markup: str | None = None
    title_link: BookLink | None = None
    collection_title_link: BookLink | None = None
    #: Book/AuthorList without @Type "editors"
    authors: tuple[Author, ...] = ()
    #: Book/InvestigatorList
    investigators: tuple[Author, ...] = ()
    #: Book/ELocationID
    elocations: tuple[ELocation, ...] = ()
    #: BookDocument/LocationLabel: (@Type, text)
    location_labels: tuple[tuple[str | None, str | None], ...] = ()
    #: BookDocument/Sections
    sections: tuple[BookSection, ...] = ()
    #: BookDocument/ItemList
    item_lists: tuple[ItemList, ...] = ()
    #: BookDocument/ArticleTitle/@book, @part, @sec
    chapter_link: BookLink | None = None
    #: Inner XML of PublisherName, CollectionTitle and VolumeTitle where it differs from the text
    publisher_markup: str | None = None
    collection_title_markup: str | None = None
    volume_title_markup: str | None = None
    #: Book/AuthorList/@CompleteYN of the editors and of the authors; None without such a list
    editors_complete: bool | None = None
    authors_complete: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """
    One PubMed record, whole: PubmedArticle or PubmedBookArticle.

    Identity is (pmid, pmid_version); the same PMID can come in several versions, the highest
    is the current one.
    """

    #: "article" or "book"
    kind: str
    #: MedlineCitation/PMID and its @Version
    pmid: int
    pmid_version: int
    #: ArticleTitle (plain text), its inner XML where that differs
    title: str | None = None
    title_markup: str | None = None
    #: Article/VernacularTitle
    vernacular_title: str | None = None
    abstract: tuple[AbstractSection, ...] = ()
    #: Abstract/CopyrightInformation
    abstract_copyright: str | None = None
    other_abstracts: tuple[OtherAbstract, ...] = ()
    journal: Journal | None = None
    book: Book | None = None
    #: JournalIssue/PubDate
    pub_date: PubDate | None = None
    article_dates: tuple[ArticleDate, ...] = ()
    history: tuple[HistoryDate, ...] = ()
    #: [crdt], when NCBI added the record: PubMedPubDate "entrez"
    created_date: date | None = None
    #: [edat], back-dated for late additions: PubMedPubDate "pubmed"
    entry_date: date | None = None
    #: [mhda], moves when MeSH is attached: PubMedPubDate "medline"
    mesh_date: date | None = None
    #: [lr]: MedlineCitation/DateRevised
    date_revised: date | None = None
    #: [dcom]: MedlineCitation/DateCompleted
    date_completed: date | None = None
    #: MedlineCitation/@Status, @Owner, @IndexingMethod, @VersionDate
    status: str | None = None
    owner: str | None = None
    indexing_method: str | None = None
    version_date: str | None = None
    #: Article/@PubModel
    pub_model: str | None = None
    #: PubmedData/PublicationStatus
    publication_status: str | None = None
    #: Pagination/MedlinePgn, StartPage, EndPage
    medline_pgn: str | None = None
    start_page: str | None = None
    end_page: str | None = None
    elocations: tuple[ELocation, ...] = ()
    article_ids: tuple[ArticleId, ...] = ()
    #: The record's own DOI, lower case, or None
    doi: str | None = None
    #: The record's own PMC id, e.g. "PMC1234567", or None
    pmcid: str | None = None
    #: Article/Language, ISO 639-2/B
    languages: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    #: AuthorList/@CompleteYN; None without a list
    authors_complete: bool | None = None
    #: AuthorList/@Type: "authors" or "editors"; None in nearly all records
    author_list_type: str | None = None
    #: MedlineCitation/InvestigatorList
    investigators: tuple[Author, ...] = ()
    publication_types: tuple[PublicationType, ...] = ()
    mesh_headings: tuple[MeshHeading, ...] = ()
    supplementary_mesh: tuple[SupplementaryMesh, ...] = ()
    substances: tuple[Substance, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    grants: tuple[Grant, ...] = ()
    databank_accessions: tuple[DatabankAccession, ...] = ()
    comments_corrections: tuple[CommentCorrection, ...] = ()
    references: tuple[Reference, ...] = ()
    citation_subsets: tuple[str, ...] = ()
    gene_symbols: tuple[str, ...] = ()
    personal_name_subjects: tuple[PersonalNameSubject, ...] = ()
    other_ids: tuple[OwnedText, ...] = ()
    general_notes: tuple[OwnedText, ...] = ()
    space_flight_missions: tuple[str, ...] = ()
    #: NumberOfReferences as printed
    number_of_references: str | None = None
    #: CoiStatement
    coi_statement: str | None = None
    #: Inner XML of VernacularTitle and CoiStatement where it differs from the text
    vernacular_title_markup: str | None = None
    coi_statement_markup: str | None = None
    #: MedlineCitation/DateCreated, printed until 2018; not [crdt]
    medline_created: date | None = None
    #: MedlineCitation/@VersionID as printed; ``pmid_version`` is PMID/@Version
    version_id: str | None = None
    #: GrantList/@CompleteYN and DataBankList/@CompleteYN; None without a list
    grants_complete: bool | None = None
    databanks_complete: bool | None = None
    #: PubmedData/ObjectList
    objects: tuple[LinkedObject, ...] = ()

    @property
    def abstract_text(self) -> str:
        """Return the abstract as one text: sections joined by newlines, labels as "LABEL: "."""
        return "\n".join(f"{s.label}: {s.text}" if s.label else s.text for s in self.abstract)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One record that could not be read; counted and kept with its reason, never silently lost."""

    #: The PMID where it could still be read
    pmid: int | None
    #: Byte offset of the record in its (decompressed) input
    offset: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """DeleteCitation/PMID of an update file."""

    pmid: int
    pmid_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseResult:
    """What one input yields: nothing that came in is unaccounted for."""

    articles: tuple[Article, ...] = ()
    rejects: tuple[Reject, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    #: Paths of elements and attributes the parser does not know, with their counts
    unknown: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Hash of normalised content, whole and by field, so that a change can be named."""

    #: 64 hex digits over ``fields``
    content_sha256: str
    #: (field name of Article, 16 hex digits), sorted by name; empty fields are left out
    fields: tuple[tuple[str, str], ...]


# ---------------------------------------------------------------------------------------------
# What we say about it: the annotation
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a value came from: the place, the exact sentence and the offsets of the match in it."""

    #: "title", "abstract", "keyword", "publication_type", "mesh", "substance" or "databank"
    place: str
    #: The sentence (or term) as NLM wrote it
    sentence: str
    #: Half-open character offsets of the match in ``sentence``
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugTag:
    """A drug named by a record and the strongest role it has there."""

    #: Key of topic/drugs.toml
    drug_id: str
    #: "studied", "comparator", "prior", "background" or "negated"
    role: str
    #: "text", "substance" or "mesh"
    decided_by: str
    evidence: Evidence
    #: Unmasked mentions in the record
    n_mentions: int
    #: The rule that decided the role
    rule: str | None = None
    #: The drug this id rolls up to (a biosimilar's reference), else None
    rolls_up_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One value of a multi-valued statement, with the text that triggered it."""

    #: "her2_status", "tumour", "setting", "line", "cns", "resistance", "safety", "class_mention";
    #: as a source of a single value "phase", "secondary", "n", "trial_id" or "finding"
    facet: str
    value: str
    evidence: Evidence
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An effect estimate printed in title or abstract; None where nothing is printed."""

    #: PFS OS DFS IDFS EFS TTP TTF RFS MFS ORR CBR DCR pCR DoR or other
    endpoint: str
    #: HR OR RR median_months rate_percent difference
    measure: str
    value: float
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    #: As printed, ASCII, e.g. "<0.001"
    p: str | None
    arm: str | None
    timepoint_months: float | None
    #: Exact substring of the abstract
    quote: str
    #: "outside_ci", "implausible", "quoted" (a review reports it of others); empty when plausible
    flags: tuple[str, ...] = ()
    #: The sentence and where in it the estimate stands
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What we say of one record version, and by which rules."""

    pmid: int
    pmid_version: int
    #: Version of lexicon and rules, see Topic.version
    rule_version: str
    drugs: tuple[DrugTag, ...] = ()
    facets: tuple[Facet, ...] = ()
    #: One of the designs of topic/evidence.toml
    design: str = "other"
    #: "text", "publication_type", "comments_corrections", "mesh" or "default"
    design_decided_by: str = "default"
    design_rule: str | None = None
    design_evidence: Evidence | None = None
    is_secondary: bool = False
    #: "1", "1/2", "2", "2/3", "3", "4" or None
    phase: str | None = None
    n_patients: int | None = None
    #: Registry ids printed anywhere in the record
    trial_ids: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    #: Exact substring of the abstract that states the main result, or None
    finding: str | None = None
    #: Where phase, secondary, n, trial ids and finding came from
    sources: tuple[Facet, ...] = ()
    #: 0-100, and its visible parts
    evidence_rank: int = 0
    evidence_rank_parts: tuple[tuple[str, int], ...] = ()
    #: Integrity status read from the record: "retracted", "concern", "corrected",
    #: "retraction_notice", "erratum_notice", "concern_notice"
    integrity: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------
# The ledger: what was asked, what came back
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Whole days, half-open: [since, until). PubMed ranges include both ends, so until - 1 day is sent."""

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRun:
    """One search as sent and as answered; a row of ``search_runs``."""

    #: Key of topic/strategies.toml
    strategy: str
    #: "crdt", "lr", "mhda", "provenance", "known_set"; "whole" without dates; "covered" and "outside" of a reconciliation
    arm: str
    #: SHA-256 of the strategy's text
    strategy_sha256: str
    #: The term as sent, window included
    term: str
    query_translation: str | None
    #: Every PhraseNotFound, QuotedPhraseNotFound, OutputMessage ..., as "kind: text"
    warnings: tuple[str, ...]
    count: int | None
    window: Window | None
    started_at: datetime
    finished_at: datetime
    #: "clean", "held" or "failed"
    outcome: str
    #: Why it was held or failed
    reason: str | None = None
    n_requests: int = 1
    #: How PubMed's reading differs from the pinned one; None when it does not, or nothing is pinned yet
    drift: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """Strategy *strategy* matched *pmid* on arm *arm* in this run; a row of ``search_hits``."""

    strategy: str
    arm: str
    pmid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRef:
    """A fetched batch by reference: its bytes lie in the raw archive under this hash."""

    #: SHA-256 of the uncompressed reply
    batch_sha256: str
    #: PMIDs asked for, in order
    pmids: tuple[int, ...]
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """What fetching brought: requested = received + missing + rejected, or the run is incomplete."""

    batches: tuple[BatchRef, ...]
    requested: tuple[int, ...]
    received: tuple[int, ...]
    #: Asked for and not returned although everything else was
    missing: tuple[int, ...]
    #: Returned though not asked for; discarded
    extra: tuple[int, ...]
    rejects: tuple[Reject, ...]
    #: PMIDs that could not be fetched, with the reason; not empty means incomplete
    failed: tuple[tuple[int, str], ...] = ()
    n_requests: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedArticle:
    """A parsed record on its way into the warehouse."""

    article: Article
    fingerprint: Fingerprint
    #: The raw batch it was read from
    batch_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A held record that PubMed did not show tonight; two such nights, each agreed by two utilities, are a deletion."""

    pmid: int
    #: Which said so: "efetch", "esummary"
    utilities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelCheck:
    """Whether the harvest strategy still finds a landmark paper; a row of ``sentinel_checks``."""

    pmid: int
    #: Name of the trial in topic/landmarks.toml
    trial: str
    #: None when PubMed could not be asked
    is_in_pubmed: bool | None
    is_matched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """PubMed's reading of a strategy on one arm, to be compared with later ones; a row of ``strategy_pins``."""

    strategy: str
    arm: str
    strategy_sha256: str
    #: QueryTranslation without dates and posted sets
    translation: str
    #: Count that came with it; only compared on arm "whole"
    count: int | None
    #: True when a person approved it: it replaces what is pinned. A first reading is pinned where nothing is
    is_approved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLoad:
    """Everything one run hands to the warehouse; loaded in one transaction."""

    run_id: str
    #: The night's label: calendar date in America/New_York at its start
    label: date
    #: UTC; becomes first_seen_at of what is new
    started_at: datetime
    #: True when what is new here is history (a first run, --since, backfill)
    is_history: bool
    articles: tuple[ParsedArticle, ...]
    annotations: tuple[Annotation, ...]
    rejects: tuple[Reject, ...]
    search_runs: tuple[SearchRun, ...]
    search_hits: tuple[SearchHit, ...]
    #: strategy, arm -> new watermark (exclusive end of the clean window); only clean arms
    watermarks: tuple[tuple[str, str, date], ...]
    batches: tuple[BatchRef, ...] = ()
    #: From update files; nightly and weekly absences are weighed over nights instead
    deletions: tuple[Deletion, ...] = ()
    #: Held records that PubMed did not show; empty on a night whose counts cannot be trusted
    absences: tuple[Absence, ...] = ()
    #: Held and existing PMIDs that the harvest strategy does not match; None when the whole set was not compared
    unmatched: tuple[int, ...] | None = None
    sentinels: tuple[SentinelCheck, ...] = ()
    pins: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load changed, in numbers; all zero means the night brought nothing new."""

    n_articles: int
    n_new: int
    n_revised: int
    n_unchanged: int
    n_reannotated: int
    #: (event_type, count), sorted
    events: tuple[tuple[str, int], ...] = ()

    @property
    def has_changes(self) -> bool:
        """Return whether any row outside the run ledger changed."""
        return bool(self.n_new or self.n_revised or self.n_reannotated or self.events)


# ---------------------------------------------------------------------------------------------
# What readers are shown: rows of the out views, as the mail and the page need them
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One row of out.new_evidence: an event and one drug the record names (None where it names none)."""

    event_id: int
    event_type: str
    run_label: date
    pmid: int
    title: str | None
    journal: str | None
    #: Verbatim
    pub_date: str | None
    created_date: date | None
    first_author: str | None
    drug_id: str | None
    role: str | None
    #: "text", "substance" or "mesh"
    decided_by: str | None
    design: str | None
    #: "text" and "default" are machine guesses; the others repeat what NLM says
    design_decided_by: str | None
    is_secondary: bool
    phase: str | None
    n_patients: int | None
    her2_status: tuple[str, ...]
    has_cns: bool
    has_resistance: bool
    safety: tuple[str, ...]
    evidence_rank: int
    #: Exact substring of the abstract
    finding: str | None
    doi: str | None
    trial_ids: tuple[str, ...]
    is_retracted: bool
    has_concern: bool
    is_corrected: bool
    is_on_topic: bool
    #: Provenance strategies that matched
    strategies: tuple[str, ...]
    changed_fields: tuple[str, ...]
    has_abstract: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrityAlert:
    """One row of out.retraction_alerts: a paper was corrected, questioned, retracted or reinstated."""

    event_id: int
    #: "retracted", "concern", "corrected" or "reinstated"
    event_type: str
    run_label: date
    pmid: int
    title: str | None
    drug_ids: tuple[str, ...]
    notice_pmid: int | None
    notice_source: str | None
    ref_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHealth:
    """One row of out.run_health: how a run went."""

    run_id: str
    label: date
    kind: str
    #: "running", "clean", "incomplete", "failed" or "interrupted"
    outcome: str
    #: UTC, without a zone
    started_at: datetime
    message: str | None
    n_articles: int | None
    n_new: int | None
    n_requests: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugName:
    """One row of drugs, for readers."""

    drug_id: str
    drug_name: str
    drug_class: str
    is_her2_targeted: bool
    rolls_up_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugMonth:
    """One row of out.drug_month."""

    drug_id: str
    #: First day of the month
    month: date
    n_articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedStrategy:
    """A search strategy as readers see it: key, title in words, and a short fingerprint of its term."""

    strategy: str
    #: "harvest" or "provenance"
    kind: str
    title: str
    strategy_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRows:
    """Everything a digest or a page is made of; nothing else is read while it is built."""

    #: Nights by run label: [since, until)
    period: Window
    #: Start (UTC) of the newest run whose data is in here; None when nothing has been loaded
    data_as_of: datetime | None
    #: Events of the period, and those that earlier digests held over
    evidence: tuple[EvidenceRow, ...]
    alerts: tuple[IntegrityAlert, ...]
    #: Runs whose label lies in the period, oldest first
    runs: tuple[RunHealth, ...]
    drugs: tuple[DrugName, ...]
    strategies: tuple[SearchedStrategy, ...]
    #: The last twelve months, oldest first
    drug_months: tuple[DrugMonth, ...]
    #: Version of lexicon and rules of the newest run
    rule_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """One row of digest_items: what stood where in a digest."""

    position: int
    #: "alert", "new", "late" or "indexed"
    section: str
    event_id: int | None
    pmid: int
    drug_id: str | None

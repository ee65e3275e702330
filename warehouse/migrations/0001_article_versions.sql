-- The record itself: its versions, its text, its people.
--
-- No foreign keys and no secondary indexes anywhere: DuckDB checks them over-eagerly in updates and then
-- refuses ALTER; keys are checked by the audits instead. Timestamps are UTC without a zone.

CREATE SCHEMA core;
CREATE SCHEMA out;

CREATE TABLE article_versions (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    pmid_version INTEGER NOT NULL,
    content_sha256 VARCHAR NOT NULL,
    field_hashes MAP(VARCHAR, VARCHAR) NOT NULL,
    seen_from TIMESTAMP NOT NULL,
    seen_to TIMESTAMP,
    run_id VARCHAR NOT NULL,
    batch_sha256 VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR,
    title_markup VARCHAR,
    vernacular_title VARCHAR,
    vernacular_title_markup VARCHAR,
    abstract_copyright VARCHAR,
    journal_title VARCHAR,
    iso_abbreviation VARCHAR,
    medline_ta VARCHAR,
    nlm_unique_id VARCHAR,
    issn VARCHAR,
    issn_type VARCHAR,
    issn_linking VARCHAR,
    journal_country VARCHAR,
    volume VARCHAR,
    issue VARCHAR,
    cited_medium VARCHAR,
    pub_date VARCHAR,
    pub_date_start DATE,
    pub_date_end DATE,
    pub_date_precision VARCHAR,
    pub_year INTEGER,
    created_date DATE,
    entry_date DATE,
    mesh_date DATE,
    date_revised DATE,
    date_completed DATE,
    medline_created DATE,
    status VARCHAR,
    owner VARCHAR,
    indexing_method VARCHAR,
    version_date VARCHAR,
    medline_version_id VARCHAR,
    pub_model VARCHAR,
    publication_status VARCHAR,
    medline_pgn VARCHAR,
    start_page VARCHAR,
    end_page VARCHAR,
    doi VARCHAR,
    pmcid VARCHAR,
    authors_complete BOOLEAN,
    grants_complete BOOLEAN,
    databanks_complete BOOLEAN,
    number_of_references VARCHAR,
    coi_statement VARCHAR,
    coi_statement_markup VARCHAR
);
COMMENT ON TABLE article_versions IS 'One row per content of a PubMed record that her2lit has seen; append-only, only seen_to and date_revised of a row ever change';
COMMENT ON COLUMN article_versions.version_id IS 'Surrogate key, counting up in the order of loading';
COMMENT ON COLUMN article_versions.pmid IS 'PubmedArticle/MedlineCitation/PMID';
COMMENT ON COLUMN article_versions.pmid_version IS 'PMID/@Version; the highest one held is the current one';
COMMENT ON COLUMN article_versions.content_sha256 IS 'SHA-256 of the normalised content; date_revised is left out of it';
COMMENT ON COLUMN article_versions.field_hashes IS 'Hash of each field that is not empty, so that a change can be named';
COMMENT ON COLUMN article_versions.seen_from IS 'Start (UTC) of the run that first saw this content as the record''s current one';
COMMENT ON COLUMN article_versions.seen_to IS 'Start (UTC) of the run that saw it replaced or deleted; NULL while it is current';
COMMENT ON COLUMN article_versions.run_id IS 'The run that loaded this row';
COMMENT ON COLUMN article_versions.batch_sha256 IS 'SHA-256 of the raw reply it was read from';
COMMENT ON COLUMN article_versions.kind IS 'article or book';
COMMENT ON COLUMN article_versions.title IS 'ArticleTitle, plain text; NULL when not given';
COMMENT ON COLUMN article_versions.title_markup IS 'ArticleTitle with its inline markup, where that differs';
COMMENT ON COLUMN article_versions.vernacular_title IS 'VernacularTitle';
COMMENT ON COLUMN article_versions.vernacular_title_markup IS 'VernacularTitle with its inline markup, where that differs';
COMMENT ON COLUMN article_versions.abstract_copyright IS 'Abstract/CopyrightInformation';
COMMENT ON COLUMN article_versions.journal_title IS 'Journal/Title';
COMMENT ON COLUMN article_versions.iso_abbreviation IS 'Journal/ISOAbbreviation';
COMMENT ON COLUMN article_versions.medline_ta IS 'MedlineJournalInfo/MedlineTA';
COMMENT ON COLUMN article_versions.nlm_unique_id IS 'MedlineJournalInfo/NlmUniqueID, the key of the journal';
COMMENT ON COLUMN article_versions.issn IS 'Journal/ISSN';
COMMENT ON COLUMN article_versions.issn_type IS 'Journal/ISSN/@IssnType: Print or Electronic';
COMMENT ON COLUMN article_versions.issn_linking IS 'MedlineJournalInfo/ISSNLinking';
COMMENT ON COLUMN article_versions.journal_country IS 'MedlineJournalInfo/Country: where the journal is published, not where the study was done';
COMMENT ON COLUMN article_versions.volume IS 'JournalIssue/Volume';
COMMENT ON COLUMN article_versions.issue IS 'JournalIssue/Issue';
COMMENT ON COLUMN article_versions.cited_medium IS 'JournalIssue/@CitedMedium';
COMMENT ON COLUMN article_versions.pub_date IS 'JournalIssue/PubDate as printed, e.g. 2021 Jun or 1998 Dec-1999 Jan';
COMMENT ON COLUMN article_versions.pub_date_start IS 'First day pub_date can mean';
COMMENT ON COLUMN article_versions.pub_date_end IS 'Last day pub_date can mean, inclusive';
COMMENT ON COLUMN article_versions.pub_date_precision IS 'day, month, season, range, year or unknown';
COMMENT ON COLUMN article_versions.pub_year IS 'Year of pub_date_start; NULL when no year could be read';
COMMENT ON COLUMN article_versions.created_date IS '[crdt], when NCBI added the record: PubMedPubDate entrez';
COMMENT ON COLUMN article_versions.entry_date IS '[edat], back-dated for late additions: PubMedPubDate pubmed';
COMMENT ON COLUMN article_versions.mesh_date IS '[mhda], moves when MeSH is attached: PubMedPubDate medline';
COMMENT ON COLUMN article_versions.date_revised IS '[lr], MedlineCitation/DateRevised; kept up to date without a new version';
COMMENT ON COLUMN article_versions.date_completed IS '[dcom], MedlineCitation/DateCompleted';
COMMENT ON COLUMN article_versions.medline_created IS 'MedlineCitation/DateCreated, printed until 2018; not [crdt]';
COMMENT ON COLUMN article_versions.status IS 'MedlineCitation/@Status, e.g. Publisher, PubMed-not-MEDLINE, MEDLINE';
COMMENT ON COLUMN article_versions.owner IS 'MedlineCitation/@Owner';
COMMENT ON COLUMN article_versions.indexing_method IS 'MedlineCitation/@IndexingMethod: Automated, Curated or NULL';
COMMENT ON COLUMN article_versions.version_date IS 'MedlineCitation/@VersionDate';
COMMENT ON COLUMN article_versions.medline_version_id IS 'MedlineCitation/@VersionID as printed';
COMMENT ON COLUMN article_versions.pub_model IS 'Article/@PubModel';
COMMENT ON COLUMN article_versions.publication_status IS 'PubmedData/PublicationStatus: ppublish, epublish, aheadofprint';
COMMENT ON COLUMN article_versions.medline_pgn IS 'Pagination/MedlinePgn';
COMMENT ON COLUMN article_versions.start_page IS 'Pagination/StartPage';
COMMENT ON COLUMN article_versions.end_page IS 'Pagination/EndPage';
COMMENT ON COLUMN article_versions.doi IS 'The record''s own DOI, lower case';
COMMENT ON COLUMN article_versions.pmcid IS 'The record''s own PMC id, e.g. PMC1234567';
COMMENT ON COLUMN article_versions.authors_complete IS 'AuthorList/@CompleteYN; NULL without a list';
COMMENT ON COLUMN article_versions.grants_complete IS 'GrantList/@CompleteYN; NULL without a list';
COMMENT ON COLUMN article_versions.databanks_complete IS 'DataBankList/@CompleteYN; NULL without a list';
COMMENT ON COLUMN article_versions.number_of_references IS 'NumberOfReferences as printed';
COMMENT ON COLUMN article_versions.coi_statement IS 'CoiStatement';
COMMENT ON COLUMN article_versions.coi_statement_markup IS 'CoiStatement with its inline markup, where that differs';

CREATE TABLE abstract_sections (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    label VARCHAR,
    nlm_category VARCHAR,
    text VARCHAR NOT NULL,
    markup VARCHAR
);
COMMENT ON TABLE abstract_sections IS 'One row per AbstractText of a record version; an unlabelled abstract is one section';
COMMENT ON COLUMN abstract_sections.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN abstract_sections.pmid IS 'PubMed identifier';
COMMENT ON COLUMN abstract_sections.position IS 'Order in the document, from 1';
COMMENT ON COLUMN abstract_sections.label IS '@Label as printed, e.g. METHODS';
COMMENT ON COLUMN abstract_sections.nlm_category IS '@NlmCategory';
COMMENT ON COLUMN abstract_sections.text IS 'Plain text';
COMMENT ON COLUMN abstract_sections.markup IS 'Inner XML, where that differs from text';

CREATE TABLE other_abstract_sections (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    abstract_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    type VARCHAR,
    language VARCHAR,
    copyright VARCHAR,
    label VARCHAR,
    nlm_category VARCHAR,
    text VARCHAR,
    markup VARCHAR
);
COMMENT ON TABLE other_abstract_sections IS 'One row per AbstractText of an OtherAbstract (plain-language summaries, other languages), never mixed into the abstract';
COMMENT ON COLUMN other_abstract_sections.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN other_abstract_sections.pmid IS 'PubMed identifier';
COMMENT ON COLUMN other_abstract_sections.abstract_position IS 'Order of the OtherAbstract, from 1';
COMMENT ON COLUMN other_abstract_sections.position IS 'Order of the section in its OtherAbstract, from 1; 0 stands for an OtherAbstract without text';
COMMENT ON COLUMN other_abstract_sections.type IS 'OtherAbstract/@Type';
COMMENT ON COLUMN other_abstract_sections.language IS 'OtherAbstract/@Language';
COMMENT ON COLUMN other_abstract_sections.copyright IS 'CopyrightInformation';
COMMENT ON COLUMN other_abstract_sections.label IS '@Label as printed';
COMMENT ON COLUMN other_abstract_sections.nlm_category IS '@NlmCategory';
COMMENT ON COLUMN other_abstract_sections.text IS 'Plain text';
COMMENT ON COLUMN other_abstract_sections.markup IS 'Inner XML, where that differs from text';

CREATE TABLE authors (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    last_name VARCHAR,
    fore_name VARCHAR,
    initials VARCHAR,
    suffix VARCHAR,
    collective_name VARCHAR,
    collective_name_markup VARCHAR,
    is_valid BOOLEAN NOT NULL,
    has_equal_contribution BOOLEAN NOT NULL,
    orcid VARCHAR,
    group_id VARCHAR
);
COMMENT ON TABLE authors IS 'One row per entry of AuthorList, a person or a collective';
COMMENT ON COLUMN authors.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN authors.pmid IS 'PubMed identifier';
COMMENT ON COLUMN authors.position IS 'Order in the document, from 1';
COMMENT ON COLUMN authors.last_name IS 'LastName';
COMMENT ON COLUMN authors.fore_name IS 'ForeName';
COMMENT ON COLUMN authors.initials IS 'Initials';
COMMENT ON COLUMN authors.suffix IS 'Suffix';
COMMENT ON COLUMN authors.collective_name IS 'CollectiveName; then the personal names are NULL';
COMMENT ON COLUMN authors.collective_name_markup IS 'CollectiveName with its inline markup, where that differs';
COMMENT ON COLUMN authors.is_valid IS '@ValidYN; false is a superseded spelling';
COMMENT ON COLUMN authors.has_equal_contribution IS '@EqualContrib';
COMMENT ON COLUMN authors.orcid IS 'ORCID, bare and hyphenated, where well formed';
COMMENT ON COLUMN authors.group_id IS 'CollectiveName/@Investigators or InvestigatorList/@ID: links a group to its investigators';

CREATE TABLE investigators (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    last_name VARCHAR,
    fore_name VARCHAR,
    initials VARCHAR,
    suffix VARCHAR,
    collective_name VARCHAR,
    collective_name_markup VARCHAR,
    is_valid BOOLEAN NOT NULL,
    has_equal_contribution BOOLEAN NOT NULL,
    orcid VARCHAR,
    group_id VARCHAR
);
COMMENT ON TABLE investigators IS 'One row per entry of MedlineCitation/InvestigatorList';
COMMENT ON COLUMN investigators.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN investigators.pmid IS 'PubMed identifier';
COMMENT ON COLUMN investigators.position IS 'Order in the document, from 1';
COMMENT ON COLUMN investigators.last_name IS 'LastName';
COMMENT ON COLUMN investigators.fore_name IS 'ForeName';
COMMENT ON COLUMN investigators.initials IS 'Initials';
COMMENT ON COLUMN investigators.suffix IS 'Suffix';
COMMENT ON COLUMN investigators.collective_name IS 'CollectiveName; then the personal names are NULL';
COMMENT ON COLUMN investigators.collective_name_markup IS 'CollectiveName with its inline markup, where that differs';
COMMENT ON COLUMN investigators.is_valid IS '@ValidYN; false is a superseded spelling';
COMMENT ON COLUMN investigators.has_equal_contribution IS '@EqualContrib';
COMMENT ON COLUMN investigators.orcid IS 'ORCID, bare and hyphenated, where well formed';
COMMENT ON COLUMN investigators.group_id IS 'CollectiveName/@Investigators or InvestigatorList/@ID: links a group to its investigators';

CREATE TABLE book_people (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    person_list VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    last_name VARCHAR,
    fore_name VARCHAR,
    initials VARCHAR,
    suffix VARCHAR,
    collective_name VARCHAR,
    collective_name_markup VARCHAR,
    is_valid BOOLEAN NOT NULL,
    has_equal_contribution BOOLEAN NOT NULL,
    orcid VARCHAR,
    group_id VARCHAR
);
COMMENT ON TABLE book_people IS 'One row per editor, author or investigator of the book that a book record is part of';
COMMENT ON COLUMN book_people.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN book_people.pmid IS 'PubMed identifier';
COMMENT ON COLUMN book_people.person_list IS 'book_editor, book_author or book_investigator';
COMMENT ON COLUMN book_people.position IS 'Order in the document, from 1';
COMMENT ON COLUMN book_people.last_name IS 'LastName';
COMMENT ON COLUMN book_people.fore_name IS 'ForeName';
COMMENT ON COLUMN book_people.initials IS 'Initials';
COMMENT ON COLUMN book_people.suffix IS 'Suffix';
COMMENT ON COLUMN book_people.collective_name IS 'CollectiveName; then the personal names are NULL';
COMMENT ON COLUMN book_people.collective_name_markup IS 'CollectiveName with its inline markup, where that differs';
COMMENT ON COLUMN book_people.is_valid IS '@ValidYN; false is a superseded spelling';
COMMENT ON COLUMN book_people.has_equal_contribution IS '@EqualContrib';
COMMENT ON COLUMN book_people.orcid IS 'ORCID, bare and hyphenated, where well formed';
COMMENT ON COLUMN book_people.group_id IS 'CollectiveName/@Investigators or InvestigatorList/@ID: links a group to its investigators';

CREATE TABLE affiliations (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    person_list VARCHAR NOT NULL,
    person_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    affiliation VARCHAR NOT NULL,
    markup VARCHAR
);
COMMENT ON TABLE affiliations IS 'One row per AffiliationInfo of a person';
COMMENT ON COLUMN affiliations.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN affiliations.pmid IS 'PubMed identifier';
COMMENT ON COLUMN affiliations.person_list IS 'author, investigator, book_editor, book_author or book_investigator';
COMMENT ON COLUMN affiliations.person_position IS 'position of the person in that list';
COMMENT ON COLUMN affiliations.position IS 'Order among the person''s affiliations, from 1';
COMMENT ON COLUMN affiliations.affiliation IS 'Affiliation';
COMMENT ON COLUMN affiliations.markup IS 'Inner XML, where that differs';

CREATE TABLE person_identifiers (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    person_list VARCHAR NOT NULL,
    person_position INTEGER NOT NULL,
    affiliation_position INTEGER,
    position INTEGER NOT NULL,
    source VARCHAR,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE person_identifiers IS 'One row per Identifier of a person or of one of a person''s affiliations';
COMMENT ON COLUMN person_identifiers.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN person_identifiers.pmid IS 'PubMed identifier';
COMMENT ON COLUMN person_identifiers.person_list IS 'author, investigator, book_editor, book_author or book_investigator';
COMMENT ON COLUMN person_identifiers.person_position IS 'position of the person in that list';
COMMENT ON COLUMN person_identifiers.affiliation_position IS 'position of the affiliation it belongs to; NULL when it is the person''s own';
COMMENT ON COLUMN person_identifiers.position IS 'Order, from 1';
COMMENT ON COLUMN person_identifiers.source IS '@Source, e.g. ORCID, ROR';
COMMENT ON COLUMN person_identifiers.value IS 'Identifier; an ORCID is bare and hyphenated';

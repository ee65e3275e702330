-- The record's indexing, identifiers, dates and links.

CREATE TABLE publication_types (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    publication_type VARCHAR NOT NULL,
    publication_type_ui VARCHAR
);
COMMENT ON TABLE publication_types IS 'One row per PublicationType; most are assigned by NLM only at indexing';
COMMENT ON COLUMN publication_types.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN publication_types.pmid IS 'PubMed identifier';
COMMENT ON COLUMN publication_types.position IS 'Order in the document, from 1';
COMMENT ON COLUMN publication_types.publication_type IS 'PublicationType';
COMMENT ON COLUMN publication_types.publication_type_ui IS '@UI, e.g. D016449';

CREATE TABLE mesh_headings (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    descriptor VARCHAR NOT NULL,
    descriptor_ui VARCHAR,
    major_topic BOOLEAN NOT NULL,
    type VARCHAR,
    is_auto BOOLEAN NOT NULL
);
COMMENT ON TABLE mesh_headings IS 'One row per MeshHeading; its qualifiers are in mesh_qualifiers';
COMMENT ON COLUMN mesh_headings.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN mesh_headings.pmid IS 'PubMed identifier';
COMMENT ON COLUMN mesh_headings.position IS 'Order in the document, from 1';
COMMENT ON COLUMN mesh_headings.descriptor IS 'DescriptorName';
COMMENT ON COLUMN mesh_headings.descriptor_ui IS 'DescriptorName/@UI, e.g. D001943';
COMMENT ON COLUMN mesh_headings.major_topic IS 'DescriptorName/@MajorTopicYN alone; a heading is major if this or any qualifier''s is';
COMMENT ON COLUMN mesh_headings.type IS '@Type: Geographic or NULL';
COMMENT ON COLUMN mesh_headings.is_auto IS '@AutoHM';

CREATE TABLE mesh_qualifiers (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    heading_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    qualifier VARCHAR NOT NULL,
    qualifier_ui VARCHAR,
    major_topic BOOLEAN NOT NULL,
    is_auto BOOLEAN NOT NULL
);
COMMENT ON TABLE mesh_qualifiers IS 'One row per QualifierName of a heading';
COMMENT ON COLUMN mesh_qualifiers.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN mesh_qualifiers.pmid IS 'PubMed identifier';
COMMENT ON COLUMN mesh_qualifiers.heading_position IS 'position of the heading in mesh_headings';
COMMENT ON COLUMN mesh_qualifiers.position IS 'Order under the heading, from 1';
COMMENT ON COLUMN mesh_qualifiers.qualifier IS 'QualifierName';
COMMENT ON COLUMN mesh_qualifiers.qualifier_ui IS '@UI, e.g. Q000188';
COMMENT ON COLUMN mesh_qualifiers.major_topic IS '@MajorTopicYN';
COMMENT ON COLUMN mesh_qualifiers.is_auto IS '@AutoHM';

CREATE TABLE supplementary_mesh (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    supplementary_concept VARCHAR NOT NULL,
    supplementary_concept_ui VARCHAR,
    type VARCHAR
);
COMMENT ON TABLE supplementary_mesh IS 'One row per SupplMeshName';
COMMENT ON COLUMN supplementary_mesh.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN supplementary_mesh.pmid IS 'PubMed identifier';
COMMENT ON COLUMN supplementary_mesh.position IS 'Order in the document, from 1';
COMMENT ON COLUMN supplementary_mesh.supplementary_concept IS 'SupplMeshName';
COMMENT ON COLUMN supplementary_mesh.supplementary_concept_ui IS '@UI, C…';
COMMENT ON COLUMN supplementary_mesh.type IS '@Type: Disease, Protocol, Organism, Anatomy, Population';

CREATE TABLE substances (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    substance VARCHAR NOT NULL,
    substance_ui VARCHAR,
    registry_number VARCHAR
);
COMMENT ON TABLE substances IS 'One row per Chemical of ChemicalList';
COMMENT ON COLUMN substances.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN substances.pmid IS 'PubMed identifier';
COMMENT ON COLUMN substances.position IS 'Order in the document, from 1';
COMMENT ON COLUMN substances.substance IS 'NameOfSubstance';
COMMENT ON COLUMN substances.substance_ui IS 'NameOfSubstance/@UI';
COMMENT ON COLUMN substances.registry_number IS 'RegistryNumber: CAS, UNII or EC number; NULL for 0';

CREATE TABLE keywords (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    keyword VARCHAR NOT NULL,
    owner VARCHAR,
    major_topic BOOLEAN NOT NULL,
    markup VARCHAR
);
COMMENT ON TABLE keywords IS 'One row per Keyword';
COMMENT ON COLUMN keywords.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN keywords.pmid IS 'PubMed identifier';
COMMENT ON COLUMN keywords.position IS 'Order in the document, from 1';
COMMENT ON COLUMN keywords.keyword IS 'Keyword';
COMMENT ON COLUMN keywords.owner IS 'KeywordList/@Owner; NOTNLM for author keywords';
COMMENT ON COLUMN keywords.major_topic IS '@MajorTopicYN';
COMMENT ON COLUMN keywords.markup IS 'Inner XML, where that differs';

CREATE TABLE databank_accessions (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    databank VARCHAR NOT NULL,
    accession VARCHAR
);
COMMENT ON TABLE databank_accessions IS 'One row per AccessionNumber of a DataBank, e.g. ClinicalTrials.gov and NCT02131064';
COMMENT ON COLUMN databank_accessions.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN databank_accessions.pmid IS 'PubMed identifier';
COMMENT ON COLUMN databank_accessions.position IS 'Order in the document, from 1';
COMMENT ON COLUMN databank_accessions.databank IS 'DataBankName';
COMMENT ON COLUMN databank_accessions.accession IS 'AccessionNumber; NULL for a bank named without one';

CREATE TABLE comments_corrections (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    ref_type VARCHAR NOT NULL,
    ref_source VARCHAR,
    ref_pmid BIGINT,
    ref_pmid_version INTEGER,
    note VARCHAR
);
COMMENT ON TABLE comments_corrections IS 'One row per CommentsCorrections: retractions, errata, comments, updates; the RefType alone counts, the PMID may be missing';
COMMENT ON COLUMN comments_corrections.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN comments_corrections.pmid IS 'PubMed identifier';
COMMENT ON COLUMN comments_corrections.position IS 'Order in the document, from 1';
COMMENT ON COLUMN comments_corrections.ref_type IS '@RefType: RetractionIn, ErratumFor, CommentOn, UpdateOf, …';
COMMENT ON COLUMN comments_corrections.ref_source IS 'RefSource';
COMMENT ON COLUMN comments_corrections.ref_pmid IS 'PMID of the other end; NULL when not given';
COMMENT ON COLUMN comments_corrections.ref_pmid_version IS 'Its @Version';
COMMENT ON COLUMN comments_corrections.note IS 'Note';

CREATE TABLE article_references (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    list_title VARCHAR,
    citation VARCHAR,
    markup VARCHAR
);
COMMENT ON TABLE article_references IS 'One row per cited work; its identifiers are in reference_ids and never mixed with the record''s own';
COMMENT ON COLUMN article_references.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_references.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_references.position IS 'Order in the document, from 1';
COMMENT ON COLUMN article_references.list_title IS 'ReferenceList/Title';
COMMENT ON COLUMN article_references.citation IS 'Citation';
COMMENT ON COLUMN article_references.markup IS 'Inner XML, where that differs';

CREATE TABLE reference_ids (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    reference_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id_type VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE reference_ids IS 'One row per identifier of a cited work';
COMMENT ON COLUMN reference_ids.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN reference_ids.pmid IS 'PubMed identifier';
COMMENT ON COLUMN reference_ids.reference_position IS 'position in article_references';
COMMENT ON COLUMN reference_ids.position IS 'Order, from 1';
COMMENT ON COLUMN reference_ids.id_type IS '@IdType';
COMMENT ON COLUMN reference_ids.value IS 'ArticleId';

CREATE TABLE history_dates (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    status VARCHAR NOT NULL,
    history_date DATE,
    hour INTEGER,
    minute INTEGER,
    second INTEGER,
    verbatim VARCHAR NOT NULL
);
COMMENT ON TABLE history_dates IS 'One row per PubMedPubDate of History';
COMMENT ON COLUMN history_dates.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN history_dates.pmid IS 'PubMed identifier';
COMMENT ON COLUMN history_dates.position IS 'Order in the document, from 1';
COMMENT ON COLUMN history_dates.status IS '@PubStatus: entrez is [crdt], pubmed is [edat], medline is [mhda], received, accepted, …';
COMMENT ON COLUMN history_dates.history_date IS 'Year, Month, Day; NULL when they form no calendar date';
COMMENT ON COLUMN history_dates.hour IS 'Hour as printed';
COMMENT ON COLUMN history_dates.minute IS 'Minute as printed';
COMMENT ON COLUMN history_dates.second IS 'Second as printed';
COMMENT ON COLUMN history_dates.verbatim IS 'As printed, unpadded';

CREATE TABLE article_dates (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    date_type VARCHAR,
    article_date DATE,
    verbatim VARCHAR NOT NULL
);
COMMENT ON TABLE article_dates IS 'One row per Article/ArticleDate';
COMMENT ON COLUMN article_dates.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_dates.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_dates.position IS 'Order in the document, from 1';
COMMENT ON COLUMN article_dates.date_type IS '@DateType, Electronic in practice';
COMMENT ON COLUMN article_dates.article_date IS 'Year, Month, Day; NULL when they form no calendar date';
COMMENT ON COLUMN article_dates.verbatim IS 'As printed';

CREATE TABLE article_ids (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    id_type VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE article_ids IS 'One row per own identifier of the record';
COMMENT ON COLUMN article_ids.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_ids.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_ids.position IS 'Order in the document, from 1';
COMMENT ON COLUMN article_ids.id_type IS '@IdType: pubmed, doi, pii, pmc, mid, …';
COMMENT ON COLUMN article_ids.value IS 'ArticleId as printed; article_versions.doi is lower case';

CREATE TABLE elocations (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    belongs_to VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    id_type VARCHAR,
    value VARCHAR NOT NULL,
    is_valid BOOLEAN NOT NULL
);
COMMENT ON TABLE elocations IS 'One row per Article/ELocationID (or the book''s)';
COMMENT ON COLUMN elocations.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN elocations.pmid IS 'PubMed identifier';
COMMENT ON COLUMN elocations.belongs_to IS 'article or book';
COMMENT ON COLUMN elocations.position IS 'Order in the document, from 1';
COMMENT ON COLUMN elocations.id_type IS '@EIdType: doi or pii';
COMMENT ON COLUMN elocations.value IS 'ELocationID';
COMMENT ON COLUMN elocations.is_valid IS '@ValidYN';

CREATE TABLE grants (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    grant_id VARCHAR,
    acronym VARCHAR,
    agency VARCHAR,
    country VARCHAR
);
COMMENT ON TABLE grants IS 'One row per Grant';
COMMENT ON COLUMN grants.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN grants.pmid IS 'PubMed identifier';
COMMENT ON COLUMN grants.position IS 'Order in the document, from 1';
COMMENT ON COLUMN grants.grant_id IS 'GrantID';
COMMENT ON COLUMN grants.acronym IS 'Acronym';
COMMENT ON COLUMN grants.agency IS 'Agency';
COMMENT ON COLUMN grants.country IS 'Country';

CREATE TABLE languages (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    language VARCHAR NOT NULL
);
COMMENT ON TABLE languages IS 'One row per Article/Language';
COMMENT ON COLUMN languages.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN languages.pmid IS 'PubMed identifier';
COMMENT ON COLUMN languages.position IS 'Order in the document, from 1';
COMMENT ON COLUMN languages.language IS 'ISO 639-2/B code';

CREATE TABLE citation_subsets (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    citation_subset VARCHAR NOT NULL
);
COMMENT ON TABLE citation_subsets IS 'One row per CitationSubset';
COMMENT ON COLUMN citation_subsets.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN citation_subsets.pmid IS 'PubMed identifier';
COMMENT ON COLUMN citation_subsets.position IS 'Order in the document, from 1';
COMMENT ON COLUMN citation_subsets.citation_subset IS 'CitationSubset';

CREATE TABLE gene_symbols (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    gene_symbol VARCHAR NOT NULL
);
COMMENT ON TABLE gene_symbols IS 'One row per GeneSymbol (records of 1991-1995)';
COMMENT ON COLUMN gene_symbols.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN gene_symbols.pmid IS 'PubMed identifier';
COMMENT ON COLUMN gene_symbols.position IS 'Order in the document, from 1';
COMMENT ON COLUMN gene_symbols.gene_symbol IS 'GeneSymbol';

CREATE TABLE space_flight_missions (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    space_flight_mission VARCHAR NOT NULL
);
COMMENT ON TABLE space_flight_missions IS 'One row per SpaceFlightMission';
COMMENT ON COLUMN space_flight_missions.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN space_flight_missions.pmid IS 'PubMed identifier';
COMMENT ON COLUMN space_flight_missions.position IS 'Order in the document, from 1';
COMMENT ON COLUMN space_flight_missions.space_flight_mission IS 'SpaceFlightMission';

CREATE TABLE personal_name_subjects (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    last_name VARCHAR,
    fore_name VARCHAR,
    initials VARCHAR,
    suffix VARCHAR
);
COMMENT ON TABLE personal_name_subjects IS 'One row per PersonalNameSubject: a person the record is about';
COMMENT ON COLUMN personal_name_subjects.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN personal_name_subjects.pmid IS 'PubMed identifier';
COMMENT ON COLUMN personal_name_subjects.position IS 'Order in the document, from 1';
COMMENT ON COLUMN personal_name_subjects.last_name IS 'LastName';
COMMENT ON COLUMN personal_name_subjects.fore_name IS 'ForeName';
COMMENT ON COLUMN personal_name_subjects.initials IS 'Initials';
COMMENT ON COLUMN personal_name_subjects.suffix IS 'Suffix';

CREATE TABLE other_ids (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    source VARCHAR,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE other_ids IS 'One row per OtherID';
COMMENT ON COLUMN other_ids.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN other_ids.pmid IS 'PubMed identifier';
COMMENT ON COLUMN other_ids.position IS 'Order in the document, from 1';
COMMENT ON COLUMN other_ids.source IS '@Source';
COMMENT ON COLUMN other_ids.value IS 'OtherID';

CREATE TABLE general_notes (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    owner VARCHAR,
    note VARCHAR NOT NULL
);
COMMENT ON TABLE general_notes IS 'One row per GeneralNote';
COMMENT ON COLUMN general_notes.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN general_notes.pmid IS 'PubMed identifier';
COMMENT ON COLUMN general_notes.position IS 'Order in the document, from 1';
COMMENT ON COLUMN general_notes.owner IS '@Owner';
COMMENT ON COLUMN general_notes.note IS 'GeneralNote';

CREATE TABLE linked_object_params (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    object_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    type VARCHAR,
    name VARCHAR,
    value VARCHAR
);
COMMENT ON TABLE linked_object_params IS 'One row per Param of PubmedData/ObjectList/Object';
COMMENT ON COLUMN linked_object_params.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN linked_object_params.pmid IS 'PubMed identifier';
COMMENT ON COLUMN linked_object_params.object_position IS 'Order of the object, from 1';
COMMENT ON COLUMN linked_object_params.position IS 'Order of the parameter, from 1; 0 stands for an object without parameters';
COMMENT ON COLUMN linked_object_params.type IS 'Object/@Type';
COMMENT ON COLUMN linked_object_params.name IS 'Param/@Name';
COMMENT ON COLUMN linked_object_params.value IS 'Param';

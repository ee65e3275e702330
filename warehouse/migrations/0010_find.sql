-- Full-text search over titles and abstracts: an inverted index in plain tables, kept up by the writer.
--
-- Rows of find_postings are only ever added. A document whose text was replaced or whose record was deleted
-- stays behind as not current until the file is compacted; no question looks at it.

CREATE TABLE find_documents (
    document_id INTEGER NOT NULL,
    pmid BIGINT NOT NULL,
    text_md5 VARCHAR NOT NULL,
    is_current BOOLEAN NOT NULL,
    n_terms INTEGER NOT NULL,
    n_words INTEGER NOT NULL
);
COMMENT ON TABLE find_documents IS 'One row per text (title and abstract) that was made findable; the current one of each record is what find() looks at';
COMMENT ON COLUMN find_documents.document_id IS 'Key, counting up in the order of loading; used by find_postings only';
COMMENT ON COLUMN find_documents.pmid IS 'PubMed identifier';
COMMENT ON COLUMN find_documents.text_md5 IS 'MD5 of title and abstract as indexed, to notice a changed text';
COMMENT ON COLUMN find_documents.is_current IS 'False once the text was replaced or the record deleted';
COMMENT ON COLUMN find_documents.n_terms IS 'Different terms in it: its rows in find_postings';
COMMENT ON COLUMN find_documents.n_words IS 'Occurrences of terms in it, the length that BM25 divides by';

CREATE TABLE find_postings (
    term VARCHAR NOT NULL,
    document_id INTEGER NOT NULL,
    n_in_title SMALLINT NOT NULL,
    n_in_abstract SMALLINT NOT NULL
);
COMMENT ON TABLE find_postings IS 'One row per term and document that has it, sorted by term within each load';
COMMENT ON COLUMN find_postings.term IS 'A word as core.find_term writes it: lower case, without accents, singular, American spelling';
COMMENT ON COLUMN find_postings.document_id IS 'Key of find_documents';
COMMENT ON COLUMN find_postings.n_in_title IS 'Times the term stands in the title';
COMMENT ON COLUMN find_postings.n_in_abstract IS 'Times the term stands in the abstract';

CREATE TABLE find_index (
    tokeniser_sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE find_index IS 'One row: by which definition of words and terms the index was made; another one and it is made anew';
COMMENT ON COLUMN find_index.tokeniser_sha256 IS 'SHA-256 of the macros that cut text into terms';

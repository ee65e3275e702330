-- What only book records have.

CREATE TABLE books (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    title VARCHAR,
    title_markup VARCHAR,
    title_book VARCHAR,
    title_part VARCHAR,
    title_sec VARCHAR,
    publisher VARCHAR,
    publisher_location VARCHAR,
    book_pub_date VARCHAR,
    book_pub_date_start DATE,
    book_pub_date_end DATE,
    book_pub_date_precision VARCHAR,
    beginning_date VARCHAR,
    beginning_date_start DATE,
    beginning_date_end DATE,
    beginning_date_precision VARCHAR,
    ending_date VARCHAR,
    ending_date_start DATE,
    ending_date_end DATE,
    ending_date_precision VARCHAR,
    contribution_date VARCHAR,
    contribution_date_start DATE,
    contribution_date_end DATE,
    contribution_date_precision VARCHAR,
    edition VARCHAR,
    volume VARCHAR,
    volume_title VARCHAR,
    collection_title VARCHAR,
    collection_title_book VARCHAR,
    collection_title_part VARCHAR,
    collection_title_sec VARCHAR,
    medium VARCHAR,
    report_number VARCHAR,
    chapter_book VARCHAR,
    chapter_part VARCHAR,
    chapter_sec VARCHAR
);
COMMENT ON TABLE books IS 'One row per book record version: the book the chapter or report stands in';
COMMENT ON COLUMN books.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN books.pmid IS 'PubMed identifier';
COMMENT ON COLUMN books.title IS 'Book/BookTitle';
COMMENT ON COLUMN books.title_markup IS 'Book/BookTitle with its markup, where that differs';
COMMENT ON COLUMN books.title_book IS 'BookTitle/@book: where it stands in NCBI Bookshelf';
COMMENT ON COLUMN books.title_part IS 'BookTitle/@part';
COMMENT ON COLUMN books.title_sec IS 'BookTitle/@sec';
COMMENT ON COLUMN books.publisher IS 'Publisher/PublisherName';
COMMENT ON COLUMN books.publisher_location IS 'Publisher/PublisherLocation';
COMMENT ON COLUMN books.book_pub_date IS 'Book/PubDate as printed';
COMMENT ON COLUMN books.book_pub_date_start IS 'First day book_pub_date can mean';
COMMENT ON COLUMN books.book_pub_date_end IS 'Last day book_pub_date can mean, inclusive';
COMMENT ON COLUMN books.book_pub_date_precision IS 'Precision of book_pub_date: day, month, season, range, year or unknown';
COMMENT ON COLUMN books.beginning_date IS 'Book/BeginningDate as printed';
COMMENT ON COLUMN books.beginning_date_start IS 'First day beginning_date can mean';
COMMENT ON COLUMN books.beginning_date_end IS 'Last day beginning_date can mean, inclusive';
COMMENT ON COLUMN books.beginning_date_precision IS 'Precision of beginning_date: day, month, season, range, year or unknown';
COMMENT ON COLUMN books.ending_date IS 'Book/EndingDate as printed';
COMMENT ON COLUMN books.ending_date_start IS 'First day ending_date can mean';
COMMENT ON COLUMN books.ending_date_end IS 'Last day ending_date can mean, inclusive';
COMMENT ON COLUMN books.ending_date_precision IS 'Precision of ending_date: day, month, season, range, year or unknown';
COMMENT ON COLUMN books.contribution_date IS 'BookDocument/ContributionDate as printed';
COMMENT ON COLUMN books.contribution_date_start IS 'First day contribution_date can mean';
COMMENT ON COLUMN books.contribution_date_end IS 'Last day contribution_date can mean, inclusive';
COMMENT ON COLUMN books.contribution_date_precision IS 'Precision of contribution_date: day, month, season, range, year or unknown';
COMMENT ON COLUMN books.edition IS 'Edition';
COMMENT ON COLUMN books.volume IS 'Volume';
COMMENT ON COLUMN books.volume_title IS 'VolumeTitle';
COMMENT ON COLUMN books.collection_title IS 'CollectionTitle';
COMMENT ON COLUMN books.collection_title_book IS 'CollectionTitle/@book: where it stands in NCBI Bookshelf';
COMMENT ON COLUMN books.collection_title_part IS 'CollectionTitle/@part';
COMMENT ON COLUMN books.collection_title_sec IS 'CollectionTitle/@sec';
COMMENT ON COLUMN books.medium IS 'Medium';
COMMENT ON COLUMN books.report_number IS 'ReportNumber';
COMMENT ON COLUMN books.chapter_book IS 'BookDocument/ArticleTitle/@book: where it stands in NCBI Bookshelf';
COMMENT ON COLUMN books.chapter_part IS 'BookDocument/ArticleTitle/@part';
COMMENT ON COLUMN books.chapter_sec IS 'BookDocument/ArticleTitle/@sec';

CREATE TABLE book_isbns (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    isbn VARCHAR NOT NULL
);
COMMENT ON TABLE book_isbns IS 'One row per Isbn of a book';
COMMENT ON COLUMN book_isbns.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN book_isbns.pmid IS 'PubMed identifier';
COMMENT ON COLUMN book_isbns.position IS 'Order in the document, from 1';
COMMENT ON COLUMN book_isbns.isbn IS 'Isbn';

CREATE TABLE book_location_labels (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    type VARCHAR,
    label VARCHAR
);
COMMENT ON TABLE book_location_labels IS 'One row per BookDocument/LocationLabel';
COMMENT ON COLUMN book_location_labels.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN book_location_labels.pmid IS 'PubMed identifier';
COMMENT ON COLUMN book_location_labels.position IS 'Order in the document, from 1';
COMMENT ON COLUMN book_location_labels.type IS '@Type';
COMMENT ON COLUMN book_location_labels.label IS 'LocationLabel';

CREATE TABLE book_sections (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    label VARCHAR,
    label_type VARCHAR,
    title VARCHAR,
    link_book VARCHAR,
    link_part VARCHAR,
    link_sec VARCHAR
);
COMMENT ON TABLE book_sections IS 'One row per BookDocument/Sections/Section, flattened in document order';
COMMENT ON COLUMN book_sections.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN book_sections.pmid IS 'PubMed identifier';
COMMENT ON COLUMN book_sections.position IS 'Order in the document, from 1';
COMMENT ON COLUMN book_sections.depth IS '0 is the top level';
COMMENT ON COLUMN book_sections.label IS 'LocationLabel';
COMMENT ON COLUMN book_sections.label_type IS 'LocationLabel/@Type';
COMMENT ON COLUMN book_sections.title IS 'SectionTitle';
COMMENT ON COLUMN book_sections.link_book IS 'SectionTitle/@book';
COMMENT ON COLUMN book_sections.link_part IS 'SectionTitle/@part';
COMMENT ON COLUMN book_sections.link_sec IS 'SectionTitle/@sec';

CREATE TABLE book_list_items (
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    list_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    type VARCHAR,
    item VARCHAR
);
COMMENT ON TABLE book_list_items IS 'One row per Item of a BookDocument/ItemList';
COMMENT ON COLUMN book_list_items.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN book_list_items.pmid IS 'PubMed identifier';
COMMENT ON COLUMN book_list_items.list_position IS 'Order of the list, from 1';
COMMENT ON COLUMN book_list_items.position IS 'Order of the item, from 1; 0 stands for an empty list';
COMMENT ON COLUMN book_list_items.type IS '@ListType, e.g. Synonyms';
COMMENT ON COLUMN book_list_items.item IS 'Item';

-- What the DTD allows and had no column yet: markup in names and titles, the kind of a list of authors; and what no reader knew.

ALTER TABLE article_versions ADD COLUMN author_list_type VARCHAR;
ALTER TABLE authors ADD COLUMN suffix_markup VARCHAR;
ALTER TABLE investigators ADD COLUMN suffix_markup VARCHAR;
ALTER TABLE book_people ADD COLUMN suffix_markup VARCHAR;
ALTER TABLE personal_name_subjects ADD COLUMN suffix_markup VARCHAR;
ALTER TABLE books ADD COLUMN publisher_markup VARCHAR;
ALTER TABLE books ADD COLUMN collection_title_markup VARCHAR;
ALTER TABLE books ADD COLUMN volume_title_markup VARCHAR;
ALTER TABLE books ADD COLUMN editors_complete BOOLEAN;
ALTER TABLE books ADD COLUMN authors_complete BOOLEAN;
ALTER TABLE book_sections ADD COLUMN title_markup VARCHAR;
COMMENT ON COLUMN article_versions.author_list_type IS 'AuthorList/@Type: authors or editors; NULL in nearly all records';
COMMENT ON COLUMN authors.suffix_markup IS 'Suffix with its inline markup, where that differs';
COMMENT ON COLUMN investigators.suffix_markup IS 'Suffix with its inline markup, where that differs';
COMMENT ON COLUMN book_people.suffix_markup IS 'Suffix with its inline markup, where that differs';
COMMENT ON COLUMN personal_name_subjects.suffix_markup IS 'Suffix with its inline markup, where that differs';
COMMENT ON COLUMN books.publisher_markup IS 'PublisherName with its inline markup, where that differs';
COMMENT ON COLUMN books.collection_title_markup IS 'CollectionTitle with its inline markup, where that differs';
COMMENT ON COLUMN books.volume_title_markup IS 'VolumeTitle with its inline markup, where that differs';
COMMENT ON COLUMN books.editors_complete IS 'Book/AuthorList/@CompleteYN of the editors; NULL without such a list';
COMMENT ON COLUMN books.authors_complete IS 'Book/AuthorList/@CompleteYN of the authors; NULL without such a list';
COMMENT ON COLUMN book_sections.title_markup IS 'SectionTitle with its inline markup, where that differs';

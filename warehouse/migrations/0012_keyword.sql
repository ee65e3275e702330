-- A drug that only the authors' keywords name is told apart from one that title or abstract name.

COMMENT ON COLUMN article_drugs.decided_by IS 'text, keyword, substance or mesh';

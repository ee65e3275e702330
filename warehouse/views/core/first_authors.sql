-- One row per record version that has authors: the first of them, as printed.
CREATE OR REPLACE VIEW core.first_authors AS
SELECT
    p.version_id,
    coalesce(p.collective_name, concat_ws(' ', p.last_name, p.initials)) AS first_author
FROM main.authors AS p
WHERE p.position = 1;

COMMENT ON VIEW core.first_authors IS 'The first author of each record version';
COMMENT ON COLUMN core.first_authors.version_id IS 'The record version: key of article_versions';
COMMENT ON COLUMN core.first_authors.first_author IS 'First author as "Last FM", or the collective';

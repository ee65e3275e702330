-- One row per PMID that PubMed showed at the instant *as_of* (UTC): its current version then.
-- Deleted records are absent; retracted ones are present, flagged by integrity_as_of.
CREATE OR REPLACE MACRO out.articles_as_of(as_of) AS TABLE
SELECT v.*
FROM main.article_versions AS v
WHERE
    v.seen_from <= as_of
    AND (v.seen_to IS NULL OR v.seen_to > as_of);

COMMENT ON MACRO TABLE out.articles_as_of IS 'Articles as her2lit knew them at an instant (UTC): one row per PMID, the columns of article_versions';

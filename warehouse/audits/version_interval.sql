-- A version is never seen to end before it was first seen.
SELECT
    version_id,
    pmid,
    seen_from,
    seen_to
FROM main.article_versions
WHERE seen_to < seen_from;

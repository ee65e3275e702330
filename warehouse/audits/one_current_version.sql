-- A PMID has at most one current version.
SELECT
    pmid,
    count(*) AS n_current
FROM main.article_versions
WHERE seen_to IS NULL
GROUP BY pmid
HAVING count(*) > 1;

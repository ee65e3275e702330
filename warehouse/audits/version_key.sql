-- version_id is the key of article_versions.
SELECT
    version_id,
    count(*) AS n_rows
FROM main.article_versions
GROUP BY version_id
HAVING count(*) > 1;

-- digest_id is the key of digests.
SELECT
    digest_id,
    count(*) AS n_rows
FROM main.digests
GROUP BY digest_id
HAVING count(*) > 1;

-- A version has at most one judgement that holds.
SELECT
    version_id,
    count(*) AS n_judgements
FROM main.article_evidence
WHERE superseded_at IS NULL
GROUP BY version_id
HAVING count(*) > 1;

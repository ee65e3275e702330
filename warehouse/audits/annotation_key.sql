-- annotation_id is the key of article_evidence.
SELECT
    annotation_id,
    count(*) AS n_rows
FROM main.article_evidence
GROUP BY annotation_id
HAVING count(*) > 1;

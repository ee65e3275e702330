-- A judgement tags a drug once.
SELECT
    annotation_id,
    drug_id,
    count(*) AS n_tags
FROM main.article_drugs
GROUP BY annotation_id, drug_id
HAVING count(*) > 1;

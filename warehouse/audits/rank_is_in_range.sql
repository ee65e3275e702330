-- evidence_rank runs from 0 to 100.
SELECT
    e.annotation_id,
    e.evidence_rank
FROM main.article_evidence AS e
WHERE e.evidence_rank NOT BETWEEN 0 AND 100;

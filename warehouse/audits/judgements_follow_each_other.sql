-- At any instant one judgement of a version held: evidence_as_of finds one.
SELECT
    e.version_id,
    e.annotation_id,
    e.annotated_at
FROM main.article_evidence AS e
WHERE e.annotated_at IS DISTINCT FROM e.superseded_at
QUALIFY
    coalesce(e.superseded_at, TIMESTAMP 'infinity')
    > lead(e.annotated_at) OVER (PARTITION BY e.version_id ORDER BY e.annotated_at, e.annotation_id);

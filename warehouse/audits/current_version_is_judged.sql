-- Every current record has a judgement that holds.
SELECT
    v.version_id,
    v.pmid
FROM main.article_versions AS v
ANTI JOIN main.article_evidence AS e ON v.version_id = e.version_id AND e.superseded_at IS NULL
WHERE v.seen_to IS NULL;

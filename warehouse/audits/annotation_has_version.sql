-- Every judgement is about a version that is held.
SELECT
    e.annotation_id,
    e.version_id,
    e.pmid
FROM main.article_evidence AS e
ANTI JOIN main.article_versions AS v ON e.version_id = v.version_id AND e.pmid = v.pmid;

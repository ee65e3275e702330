-- Every event is about a version that is held, of the same record.
SELECT
    e.event_id,
    e.pmid,
    e.version_id
FROM main.evidence_events AS e
ANTI JOIN main.article_versions AS v ON e.version_id = v.version_id AND e.pmid = v.pmid;

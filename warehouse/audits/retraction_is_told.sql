-- A current record that is retracted was told as such, or was history or deleted when it came.
SELECT i.pmid
FROM core.integrity_as_of(TIMESTAMP 'infinity') AS i
SEMI JOIN main.article_versions AS v ON i.pmid = v.pmid AND v.seen_to IS NULL
ANTI JOIN main.evidence_events AS e
    ON i.pmid = e.pmid AND e.event_type IN ('retracted', 'loaded')
WHERE i.is_retracted;

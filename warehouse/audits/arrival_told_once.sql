-- A PMID arrives once: it has exactly one of appeared, late_arrival and loaded.
SELECT
    v.pmid,
    count(e.event_id) AS n_arrivals
FROM (SELECT DISTINCT s.pmid FROM main.article_versions AS s) AS v
LEFT JOIN main.evidence_events AS e
    ON v.pmid = e.pmid AND e.event_type IN ('appeared', 'late_arrival', 'loaded')
GROUP BY v.pmid
HAVING count(e.event_id) <> 1;

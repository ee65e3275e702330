-- A change is told once: no two events of one run agree in type, record and notice.
SELECT
    run_id,
    event_type,
    pmid,
    notice_pmid,
    notice_source,
    count(*) AS n_events
FROM main.evidence_events
GROUP BY run_id, event_type, pmid, notice_pmid, notice_source
HAVING count(*) > 1;

-- event_id is the key of evidence_events.
SELECT
    event_id,
    count(*) AS n_rows
FROM main.evidence_events
GROUP BY event_id
HAVING count(*) > 1;

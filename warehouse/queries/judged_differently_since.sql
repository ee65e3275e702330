-- Which papers would have been read differently at an earlier instant (UTC): other design, rank or standing?
SELECT DISTINCT
    n.pmid,
    e.design AS design_then,
    n.design AS design_now,
    e.evidence_rank AS rank_then,
    n.evidence_rank AS rank_now,
    e.is_retracted AS was_retracted,
    n.is_retracted,
    e.is_corrected AS was_corrected,
    n.is_corrected
FROM out.evidence_as_of(TIMESTAMP '2021-06-06 00:00:00') AS e
INNER JOIN out.new_evidence AS n ON e.event_id = n.event_id
WHERE
    e.design IS DISTINCT FROM n.design
    OR e.evidence_rank IS DISTINCT FROM n.evidence_rank
    OR e.is_retracted <> n.is_retracted
    OR e.is_corrected <> n.is_corrected
ORDER BY n.pmid;

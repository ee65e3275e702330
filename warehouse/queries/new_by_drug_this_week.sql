-- What was new in the last seven nights on each HER2-targeted drug, best evidence first?
SELECT DISTINCT
    n.drug_name,
    n.evidence_rank,
    n.design,
    n.pmid,
    n.is_retracted,
    n.title
FROM out.new_evidence AS n
WHERE
    n.is_on_topic
    AND NOT n.is_deleted
    AND n.is_her2_targeted
    AND n.role IN ('studied', 'comparator')
    AND n.event_type IN ('appeared', 'late_arrival')
    AND n.run_label > (SELECT max(r.label) FROM out.run_health AS r) - 7
ORDER BY n.drug_name ASC, n.evidence_rank DESC, n.pmid ASC;

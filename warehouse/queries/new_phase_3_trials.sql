-- Which reports of phase 3 trials were news in the last 30 nights, by drug?
SELECT DISTINCT
    n.drug_name,
    n.pmid,
    n.run_label,
    n.phase,
    n.n_patients,
    n.is_secondary,
    n.is_retracted,
    n.title
FROM out.new_evidence AS n
WHERE
    n.is_on_topic
    AND NOT n.is_deleted
    AND n.role = 'studied'
    AND n.design IN ('phase3_rct', 'phase3_nonrandomised')
    AND n.event_type IN ('appeared', 'late_arrival')
    AND n.run_label > (SELECT max(r.label) FROM out.run_health AS r) - 30
ORDER BY n.drug_name, n.run_label, n.pmid;

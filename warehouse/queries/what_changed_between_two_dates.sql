-- What changed between two nights: which records, how, and in which fields?
SELECT DISTINCT
    n.run_label,
    n.event_type,
    n.pmid,
    n.changed_fields,
    n.title
FROM out.new_evidence AS n
WHERE
    n.run_label BETWEEN DATE '2021-06-06' AND DATE '2021-06-07'
    AND n.is_on_topic
ORDER BY n.run_label, n.event_type, n.pmid;

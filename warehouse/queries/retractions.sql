-- What was retracted, questioned, corrected or reinstated, and which drugs does it name?
SELECT
    r.event_type,
    r.run_label,
    r.pmid,
    r.notice_pmid,
    r.ref_type,
    r.drug_ids,
    r.title
FROM out.retraction_alerts AS r
ORDER BY r.run_label DESC, r.event_type ASC, r.pmid ASC;

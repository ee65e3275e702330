-- Which papers that a digest showed as evidence were retracted, questioned or corrected?
SELECT
    r.event_type,
    r.run_label,
    r.pmid,
    r.notice_pmid,
    r.digest_ids,
    r.title
FROM out.retraction_alerts AS r
WHERE len(r.digest_ids) > 0
ORDER BY r.run_label, r.event_type, r.pmid;

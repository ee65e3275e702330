-- Which rows was the newest digest made from, as they read when it was frozen?
SELECT
    e.event_type,
    e.pmid,
    e.drug_name,
    e.role,
    e.design,
    e.evidence_rank,
    i.section
FROM out.evidence_as_of((SELECT max(g.frozen_at) FROM main.digests AS g)) AS e
INNER JOIN main.digests AS d ON e.run_label >= d.period_start AND e.run_label < d.period_end
INNER JOIN main.digest_items AS i ON d.digest_id = i.digest_id AND e.pmid = i.pmid
WHERE
    d.frozen_at = (SELECT max(f.frozen_at) FROM main.digests AS f)
    AND e.role IN ('studied', 'comparator')
ORDER BY i.position, e.event_id, e.drug_id;

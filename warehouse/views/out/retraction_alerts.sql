-- One row per event by which a record was corrected, questioned, retracted or reinstated.
CREATE OR REPLACE VIEW out.retraction_alerts AS
WITH named AS (
    SELECT
        a.version_id,
        list(DISTINCT d.drug_id ORDER BY d.drug_id) AS drug_ids
    FROM main.article_evidence AS a
    INNER JOIN main.article_drugs AS d USING (annotation_id)
    WHERE a.superseded_at IS NULL
    GROUP BY a.version_id
),

mailed AS (
    SELECT
        i.pmid,
        list(DISTINCT i.digest_id ORDER BY i.digest_id) AS digest_ids
    FROM main.digest_items AS i
    WHERE i.section <> 'alert'
    GROUP BY i.pmid
)

SELECT
    e.event_id,
    e.event_type,
    e.event_at,
    e.run_label,
    e.pmid,
    v.title,
    coalesce(n.drug_ids, []) AS drug_ids,
    e.notice_pmid,
    e.notice_source,
    e.ref_type,
    (c.version_id IS NULL) AS is_deleted,
    coalesce(m.digest_ids, []) AS digest_ids
FROM main.evidence_events AS e
LEFT JOIN main.article_versions AS v ON e.version_id = v.version_id
LEFT JOIN main.article_versions AS c ON e.pmid = c.pmid AND c.seen_to IS NULL
LEFT JOIN named AS n ON e.version_id = n.version_id
LEFT JOIN mailed AS m ON e.pmid = m.pmid
WHERE e.event_type IN ('corrected', 'concern', 'retracted', 'reinstated');

COMMENT ON VIEW out.retraction_alerts IS 'Corrections, expressions of concern, retractions and reinstatements, one row each, newest knowledge of the night they were seen';
COMMENT ON COLUMN out.retraction_alerts.event_id IS 'Key of evidence_events';
COMMENT ON COLUMN out.retraction_alerts.event_type IS 'corrected, concern, retracted or reinstated';
COMMENT ON COLUMN out.retraction_alerts.event_at IS 'Start (UTC) of the run that saw it';
COMMENT ON COLUMN out.retraction_alerts.run_label IS 'The night: calendar date in America/New_York at the start of the run';
COMMENT ON COLUMN out.retraction_alerts.pmid IS 'The record that is corrected, questioned, retracted or reinstated; not the notice';
COMMENT ON COLUMN out.retraction_alerts.title IS 'Its title at that time';
COMMENT ON COLUMN out.retraction_alerts.drug_ids IS 'Drugs it names, in whatever role, sorted';
COMMENT ON COLUMN out.retraction_alerts.notice_pmid IS 'PMID of the notice; NULL when not known';
COMMENT ON COLUMN out.retraction_alerts.notice_source IS 'RefSource of the notice, as the record names it';
COMMENT ON COLUMN out.retraction_alerts.ref_type IS 'The @RefType or publication type that said so; NULL for a reinstatement';
COMMENT ON COLUMN out.retraction_alerts.is_deleted IS 'PubMed no longer shows the record';
COMMENT ON COLUMN out.retraction_alerts.digest_ids IS 'Digests that showed the record as evidence, before or since: key of digests';

-- One row per drug, setting and line of therapy. A record that names two lines or settings counts in each; one that names
-- none counts under "unspecified".
CREATE OR REPLACE VIEW out.evidence_by_line_and_setting AS
WITH placed AS (
    SELECT
        c.drug_id,
        c.drug_name,
        c.pmid,
        c.role,
        c.design_group,
        c.evidence_rank,
        c.n_patients,
        c.is_retracted,
        c.has_concern,
        unnest(CASE WHEN len(c.setting) = 0 THEN ['unspecified'] ELSE c.setting END) AS setting,
        CASE WHEN len(c.line) = 0 THEN ['unspecified'] ELSE c.line END AS lines
    FROM out.current_evidence AS c
    WHERE c.is_on_topic AND c.design_group <> 'notice' AND c.role IN ('studied', 'comparator')
),

by_line AS (
    SELECT
        p.*,
        unnest(p.lines) AS line
    FROM placed AS p
)

SELECT
    b.drug_id,
    b.drug_name,
    b.setting,
    b.line,
    count(*) AS n_articles,
    count(*) FILTER (WHERE b.role = 'comparator') AS n_as_comparator,
    count(*) FILTER (WHERE b.design_group = 'randomised') AS n_randomised,
    count(*) FILTER (WHERE b.design_group = 'other_trial') AS n_other_trials,
    count(*) FILTER (WHERE b.design_group = 'synthesis') AS n_syntheses,
    count(*) FILTER (WHERE b.design_group = 'observational') AS n_observational,
    count(*) FILTER (WHERE b.design_group = 'case_report') AS n_case_reports,
    count(*) FILTER (WHERE b.design_group = 'preclinical') AS n_preclinical,
    count(*) FILTER (WHERE b.design_group = 'review') AS n_reviews,
    count(*) FILTER (WHERE b.design_group = 'other') AS n_other,
    max(b.evidence_rank) FILTER (WHERE NOT b.is_retracted) AS best_evidence_rank,
    arg_max(b.pmid, (b.evidence_rank, -b.pmid)) FILTER (WHERE NOT b.is_retracted) AS best_pmid,
    count(*) FILTER (WHERE b.is_retracted) AS n_retracted,
    count(*) FILTER (WHERE b.has_concern) AS n_with_concern
FROM by_line AS b
GROUP BY b.drug_id, b.drug_name, b.setting, b.line;

-- Columns as in: out.new_evidence_by_drug
COMMENT ON VIEW out.evidence_by_line_and_setting IS 'Current records on topic that study a drug or compare with it, by setting and line of therapy; rows of one drug overlap where a record names several';
COMMENT ON COLUMN out.evidence_by_line_and_setting.setting IS 'metastatic, early or unspecified';
COMMENT ON COLUMN out.evidence_by_line_and_setting.line IS 'first, second, third_plus, maintenance or unspecified';

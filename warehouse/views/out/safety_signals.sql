-- One row per drug and harm: the current records on topic that study the drug and name the harm.
CREATE OR REPLACE VIEW out.safety_signals AS
WITH studied AS (
    SELECT
        c.drug_id,
        c.drug_name,
        c.pmid,
        c.created_date,
        c.design_group,
        c.evidence_rank,
        c.safety,
        c.is_retracted,
        c.has_concern
    FROM out.current_evidence AS c
    WHERE c.is_on_topic AND c.design_group <> 'notice' AND c.role = 'studied'
),

of_drug AS (
    SELECT
        s.drug_id,
        count(*) AS n_articles_of_drug
    FROM studied AS s
    GROUP BY s.drug_id
),

by_harm AS (
    SELECT
        s.*,
        unnest(s.safety) AS harm
    FROM studied AS s
)

SELECT
    h.drug_id,
    h.drug_name,
    h.harm,
    count(*) AS n_articles,
    any_value(o.n_articles_of_drug) AS n_articles_of_drug,
    count(*) FILTER (WHERE h.design_group = 'randomised') AS n_randomised,
    count(*) FILTER (WHERE h.design_group = 'other_trial') AS n_other_trials,
    count(*) FILTER (WHERE h.design_group = 'synthesis') AS n_syntheses,
    count(*) FILTER (WHERE h.design_group = 'observational') AS n_observational,
    count(*) FILTER (WHERE h.design_group = 'case_report') AS n_case_reports,
    min(h.created_date) AS first_created_date,
    max(h.created_date) AS last_created_date,
    list(h.pmid ORDER BY h.created_date DESC NULLS LAST, h.pmid DESC) AS pmids,
    arg_max(h.pmid, (h.evidence_rank, -h.pmid)) FILTER (WHERE NOT h.is_retracted) AS best_pmid,
    count(*) FILTER (WHERE h.is_retracted) AS n_retracted,
    count(*) FILTER (WHERE h.has_concern) AS n_with_concern
FROM by_harm AS h
INNER JOIN of_drug AS o ON h.drug_id = o.drug_id
GROUP BY h.drug_id, h.drug_name, h.harm;

-- Columns as in: out.new_evidence_by_drug
COMMENT ON VIEW out.safety_signals IS 'Which harms are named in current records on topic that study a drug, how often and since when: papers that name a harm, not patients who had it';
COMMENT ON COLUMN out.safety_signals.harm IS 'ild, cardiac, diarrhoea, hepatic, haematological, neuropathy, skin or other';
COMMENT ON COLUMN out.safety_signals.n_articles IS 'Distinct PMIDs that name the harm';
COMMENT ON COLUMN out.safety_signals.n_articles_of_drug IS 'Distinct PMIDs that study the drug, with or without a harm';
COMMENT ON COLUMN out.safety_signals.first_created_date IS 'Earliest created_date among them';
COMMENT ON COLUMN out.safety_signals.last_created_date IS 'Latest created_date among them';
COMMENT ON COLUMN out.safety_signals.pmids IS 'Those records, newest first';
COMMENT ON COLUMN out.safety_signals.best_pmid IS 'The one with the highest evidence_rank, the lowest PMID of several; never a retracted one';

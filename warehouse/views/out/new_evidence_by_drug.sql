-- One row per drug and month of arrival: on-topic records that study the drug or compare with it and were news that month.
-- History that a first run or a backfill brought is no news: drug_month counts it by created_date.
CREATE OR REPLACE VIEW out.new_evidence_by_drug AS
WITH news AS (
    SELECT DISTINCT
        n.drug_id,
        n.drug_name,
        date_trunc('month', n.run_label)::DATE AS month,
        n.pmid,
        n.role,
        n.design_group,
        n.evidence_rank,
        n.is_secondary,
        n.has_cns,
        n.has_resistance,
        (len(n.safety) > 0) AS has_safety,
        n.is_retracted,
        n.has_concern,
        n.is_corrected
    FROM out.new_evidence AS n
    WHERE
        n.is_on_topic
        AND NOT n.is_deleted
        AND n.role IN ('studied', 'comparator')
        AND n.design_group <> 'notice'
        AND n.event_type IN ('appeared', 'late_arrival')
)

SELECT
    s.drug_id,
    s.drug_name,
    s.month,
    count(*) AS n_articles,
    count(*) FILTER (WHERE s.role = 'comparator') AS n_as_comparator,
    count(*) FILTER (WHERE s.design_group = 'randomised') AS n_randomised,
    count(*) FILTER (WHERE s.design_group = 'other_trial') AS n_other_trials,
    count(*) FILTER (WHERE s.design_group = 'synthesis') AS n_syntheses,
    count(*) FILTER (WHERE s.design_group = 'observational') AS n_observational,
    count(*) FILTER (WHERE s.design_group = 'case_report') AS n_case_reports,
    count(*) FILTER (WHERE s.design_group = 'preclinical') AS n_preclinical,
    count(*) FILTER (WHERE s.design_group = 'review') AS n_reviews,
    count(*) FILTER (WHERE s.design_group = 'other') AS n_other,
    count(*) FILTER (WHERE s.is_secondary) AS n_secondary,
    count(*) FILTER (WHERE s.has_cns) AS n_cns,
    count(*) FILTER (WHERE s.has_resistance) AS n_resistance,
    count(*) FILTER (WHERE s.has_safety) AS n_safety,
    max(s.evidence_rank) FILTER (WHERE NOT s.is_retracted) AS best_evidence_rank,
    arg_max(s.pmid, (s.evidence_rank, -s.pmid)) FILTER (WHERE NOT s.is_retracted) AS best_pmid,
    count(*) FILTER (WHERE s.is_retracted) AS n_retracted,
    count(*) FILTER (WHERE s.has_concern) AS n_with_concern,
    count(*) FILTER (WHERE s.is_corrected) AS n_corrected
FROM news AS s
GROUP BY s.drug_id, s.drug_name, s.month;

COMMENT ON VIEW out.new_evidence_by_drug IS 'Records on topic that study a drug or compare with it, by drug and by the month they arrived here as news; deleted records and notices are not counted';
COMMENT ON COLUMN out.new_evidence_by_drug.drug_id IS 'Key of drugs';
COMMENT ON COLUMN out.new_evidence_by_drug.drug_name IS 'Name shown to readers';
COMMENT ON COLUMN out.new_evidence_by_drug.month IS 'First day of the month whose nights brought the records';
COMMENT ON COLUMN out.new_evidence_by_drug.n_articles IS 'Distinct PMIDs: the sum of the eight counts by design from n_randomised to n_other';
COMMENT ON COLUMN out.new_evidence_by_drug.n_as_comparator IS 'Of them, those that only compare something else with the drug';
COMMENT ON COLUMN out.new_evidence_by_drug.n_randomised IS 'Of them, randomised trials';
COMMENT ON COLUMN out.new_evidence_by_drug.n_other_trials IS 'Of them, trials of phase 1 to 3 without randomisation';
COMMENT ON COLUMN out.new_evidence_by_drug.n_syntheses IS 'Of them, guidelines, systematic reviews and meta-analyses';
COMMENT ON COLUMN out.new_evidence_by_drug.n_observational IS 'Of them, observational studies';
COMMENT ON COLUMN out.new_evidence_by_drug.n_case_reports IS 'Of them, case reports';
COMMENT ON COLUMN out.new_evidence_by_drug.n_preclinical IS 'Of them, preclinical work';
COMMENT ON COLUMN out.new_evidence_by_drug.n_reviews IS 'Of them, narrative reviews';
COMMENT ON COLUMN out.new_evidence_by_drug.n_other IS 'Of them, everything else: protocols, economics, letters; notices are not counted at all';
COMMENT ON COLUMN out.new_evidence_by_drug.n_secondary IS 'Of them, secondary, subgroup or pooled analyses';
COMMENT ON COLUMN out.new_evidence_by_drug.n_cns IS 'Of them, on brain or meningeal disease';
COMMENT ON COLUMN out.new_evidence_by_drug.n_resistance IS 'Of them, on resistance';
COMMENT ON COLUMN out.new_evidence_by_drug.n_safety IS 'Of them, those that name a harm';
COMMENT ON COLUMN out.new_evidence_by_drug.best_evidence_rank IS 'Highest evidence_rank among those not retracted, 0-100; NULL when all are';
COMMENT ON COLUMN out.new_evidence_by_drug.best_pmid IS 'The record of that rank, the lowest PMID of several; never a retracted one';
COMMENT ON COLUMN out.new_evidence_by_drug.n_retracted IS 'Of them, retracted since';
COMMENT ON COLUMN out.new_evidence_by_drug.n_with_concern IS 'Of them, under an expression of concern';
COMMENT ON COLUMN out.new_evidence_by_drug.n_corrected IS 'Of them, corrected';

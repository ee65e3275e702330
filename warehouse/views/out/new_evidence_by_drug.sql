-- One row per drug and month of event: on-topic records that are about the drug and were news that month.
CREATE OR REPLACE VIEW out.new_evidence_by_drug AS
WITH news AS (
    SELECT DISTINCT
        n.drug_id,
        n.drug_name,
        date_trunc('month', n.event_at)::DATE AS month,
        n.pmid,
        n.design,
        n.phase,
        n.evidence_rank,
        n.is_retracted,
        n.has_concern,
        n.is_secondary,
        n.has_cns
    FROM out.new_evidence AS n
    WHERE
        n.is_on_topic
        AND n.role IN ('studied', 'comparator')
        AND n.event_type IN ('appeared', 'late_arrival', 'loaded')
)

SELECT
    s.drug_id,
    s.drug_name,
    s.month,
    count(DISTINCT s.pmid) AS n_articles,
    count(DISTINCT s.pmid) FILTER (WHERE s.design IN ('phase3_rct', 'other_rct')) AS n_randomised,
    count(DISTINCT s.pmid) FILTER (WHERE s.design IN ('phase3_nonrandomised', 'phase2', 'phase1')) AS n_other_trials,
    count(DISTINCT s.pmid) FILTER (WHERE s.design IN ('guideline', 'systematic_review_meta_analysis')) AS n_syntheses,
    count(DISTINCT s.pmid) FILTER (WHERE s.design = 'observational') AS n_observational,
    count(DISTINCT s.pmid) FILTER (WHERE s.design = 'case_report') AS n_case_reports,
    count(DISTINCT s.pmid) FILTER (WHERE s.design = 'preclinical') AS n_preclinical,
    count(DISTINCT s.pmid) FILTER (WHERE s.is_secondary) AS n_secondary,
    count(DISTINCT s.pmid) FILTER (WHERE s.has_cns) AS n_cns,
    max(s.evidence_rank) AS best_evidence_rank,
    arg_max(s.pmid, s.evidence_rank) AS best_pmid,
    count(DISTINCT s.pmid) FILTER (WHERE s.is_retracted) AS n_retracted,
    count(DISTINCT s.pmid) FILTER (WHERE s.has_concern) AS n_with_concern
FROM news AS s
GROUP BY s.drug_id, s.drug_name, s.month;

COMMENT ON VIEW out.new_evidence_by_drug IS 'Records on topic that study a drug or compare with it, by drug and by the month they arrived here';
COMMENT ON COLUMN out.new_evidence_by_drug.drug_id IS 'Key of drugs';
COMMENT ON COLUMN out.new_evidence_by_drug.drug_name IS 'Name shown to readers';
COMMENT ON COLUMN out.new_evidence_by_drug.month IS 'First day of the month (UTC) in which the records arrived';
COMMENT ON COLUMN out.new_evidence_by_drug.n_articles IS 'Distinct PMIDs';
COMMENT ON COLUMN out.new_evidence_by_drug.n_randomised IS 'Of them, randomised trials';
COMMENT ON COLUMN out.new_evidence_by_drug.n_other_trials IS 'Of them, trials of phase 1 to 3 without randomisation';
COMMENT ON COLUMN out.new_evidence_by_drug.n_syntheses IS 'Of them, guidelines, systematic reviews and meta-analyses';
COMMENT ON COLUMN out.new_evidence_by_drug.n_observational IS 'Of them, observational studies';
COMMENT ON COLUMN out.new_evidence_by_drug.n_case_reports IS 'Of them, case reports';
COMMENT ON COLUMN out.new_evidence_by_drug.n_preclinical IS 'Of them, preclinical work';
COMMENT ON COLUMN out.new_evidence_by_drug.n_secondary IS 'Of them, secondary, subgroup or pooled analyses';
COMMENT ON COLUMN out.new_evidence_by_drug.n_cns IS 'Of them, on brain or meningeal disease';
COMMENT ON COLUMN out.new_evidence_by_drug.best_evidence_rank IS 'Highest evidence_rank among them, 0-100';
COMMENT ON COLUMN out.new_evidence_by_drug.best_pmid IS 'A record of that rank';
COMMENT ON COLUMN out.new_evidence_by_drug.n_retracted IS 'Of them, retracted since';
COMMENT ON COLUMN out.new_evidence_by_drug.n_with_concern IS 'Of them, under an expression of concern';

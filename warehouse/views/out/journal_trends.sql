-- One row per journal and month of created_date in which it has current records on topic.
CREATE OR REPLACE VIEW out.journal_trends AS
WITH placed AS (
    SELECT
        v.nlm_unique_id,
        c.journal,
        c.journal_country,
        date_trunc('month', c.created_date)::DATE AS month,
        c.pmid,
        c.design_group,
        c.evidence_rank,
        c.is_retracted,
        c.has_concern
    FROM out.current_articles AS c
    INNER JOIN main.article_versions AS v ON c.version_id = v.version_id
    WHERE c.is_on_topic AND c.design_group <> 'notice' AND c.journal IS NOT NULL AND c.created_date IS NOT NULL
)

SELECT
    p.journal,
    p.nlm_unique_id,
    any_value(p.journal_country) AS journal_country,
    p.month,
    count(*) AS n_articles,
    count(*) FILTER (WHERE p.design_group = 'randomised') AS n_randomised,
    count(*) FILTER (WHERE p.design_group = 'other_trial') AS n_other_trials,
    count(*) FILTER (WHERE p.design_group = 'synthesis') AS n_syntheses,
    count(*) FILTER (WHERE p.design_group = 'observational') AS n_observational,
    max(p.evidence_rank) FILTER (WHERE NOT p.is_retracted) AS best_evidence_rank,
    arg_max(p.pmid, (p.evidence_rank, -p.pmid)) FILTER (WHERE NOT p.is_retracted) AS best_pmid,
    count(*) FILTER (WHERE p.is_retracted) AS n_retracted,
    count(*) FILTER (WHERE p.has_concern) AS n_with_concern
FROM placed AS p
GROUP BY p.journal, p.nlm_unique_id, p.month;

-- Columns as in: out.new_evidence_by_drug, main.article_versions
COMMENT ON VIEW out.journal_trends IS 'Current records on topic by journal and by the month NCBI added them; months without any are absent';
COMMENT ON COLUMN out.journal_trends.journal IS 'MedlineTA, else the journal''s title';
COMMENT ON COLUMN out.journal_trends.month IS 'First day of the calendar month of created_date';
COMMENT ON COLUMN out.journal_trends.n_articles IS 'Distinct PMIDs of any design';

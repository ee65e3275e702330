-- One row per country and month of created_date: current records on topic with an author there; a record of several countries
-- counts in each. country is NULL for records whose affiliations name none that is known.
CREATE OR REPLACE VIEW out.country_trends AS
WITH placed AS (
    SELECT
        a.country,
        coalesce(a.is_first_author, FALSE) AS is_first_author,
        date_trunc('month', c.created_date)::DATE AS month,
        c.pmid,
        c.design_group,
        c.evidence_rank,
        c.is_retracted,
        c.has_concern
    FROM out.current_articles AS c
    LEFT JOIN core.article_countries AS a ON c.version_id = a.version_id
    WHERE c.is_on_topic AND c.design_group <> 'notice' AND c.created_date IS NOT NULL
)

SELECT
    p.country,
    p.month,
    count(*) AS n_articles,
    count(*) FILTER (WHERE p.is_first_author) AS n_first_author,
    count(*) FILTER (WHERE p.design_group = 'randomised') AS n_randomised,
    count(*) FILTER (WHERE p.design_group = 'other_trial') AS n_other_trials,
    count(*) FILTER (WHERE p.design_group = 'synthesis') AS n_syntheses,
    count(*) FILTER (WHERE p.design_group = 'observational') AS n_observational,
    max(p.evidence_rank) FILTER (WHERE NOT p.is_retracted) AS best_evidence_rank,
    arg_max(p.pmid, (p.evidence_rank, -p.pmid)) FILTER (WHERE NOT p.is_retracted) AS best_pmid,
    count(*) FILTER (WHERE p.is_retracted) AS n_retracted,
    count(*) FILTER (WHERE p.has_concern) AS n_with_concern
FROM placed AS p
GROUP BY p.country, p.month;

-- Columns as in: out.new_evidence_by_drug
COMMENT ON VIEW out.country_trends IS 'Current records on topic by country of their authors, as affiliations print it, and by the month NCBI added them; not where patients were treated';
COMMENT ON COLUMN out.country_trends.country IS 'Country an author''s affiliation ends with, in English; NULL where none is printed or known';
COMMENT ON COLUMN out.country_trends.month IS 'First day of the calendar month of created_date';
COMMENT ON COLUMN out.country_trends.n_articles IS 'Distinct PMIDs with an author there; a record of several countries counts in each';
COMMENT ON COLUMN out.country_trends.n_first_author IS 'Of them, those whose first author is there';

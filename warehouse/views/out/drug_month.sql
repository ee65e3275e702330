-- One row per drug and calendar month of created_date; months without articles are present with 0.
CREATE OR REPLACE VIEW out.drug_month AS
WITH tagged AS (
    SELECT DISTINCT
        d.drug_id,
        v.pmid,
        date_trunc('month', v.created_date)::DATE AS month
    FROM main.article_versions AS v
    INNER JOIN main.article_evidence AS a ON v.version_id = a.version_id AND a.superseded_at IS NULL
    INNER JOIN main.article_drugs AS d ON a.annotation_id = d.annotation_id
    WHERE
        v.seen_to IS NULL
        AND v.created_date IS NOT NULL
        AND d.role IN ('studied', 'comparator')
        AND a.design NOT IN ('erratum', 'expression_of_concern', 'retraction_notice')
),

months AS (
    SELECT unnest(generate_series(min(t.month)::TIMESTAMP, max(t.month)::TIMESTAMP, INTERVAL 1 MONTH))::DATE AS month
    FROM tagged AS t
),

seen_drugs AS (
    SELECT DISTINCT t.drug_id
    FROM tagged AS t
)

SELECT
    s.drug_id,
    n.drug_name,
    m.month,
    count(t.pmid) AS n_articles
FROM seen_drugs AS s
CROSS JOIN months AS m
INNER JOIN main.drugs AS n ON s.drug_id = n.drug_id
LEFT JOIN tagged AS t ON s.drug_id = t.drug_id AND m.month = t.month
GROUP BY s.drug_id, n.drug_name, m.month;

COMMENT ON VIEW out.drug_month IS 'Current records that study a drug or compare with it, by the month NCBI added them, notices left out; a month without any is there with 0';
COMMENT ON COLUMN out.drug_month.drug_id IS 'Key of drugs';
COMMENT ON COLUMN out.drug_month.drug_name IS 'Name shown to readers';
COMMENT ON COLUMN out.drug_month.month IS 'First day of the calendar month of created_date';
COMMENT ON COLUMN out.drug_month.n_articles IS 'Distinct PMIDs that study the drug or compare with it, deleted ones excluded';

-- One row per effect estimate and drug that its record studies; drug_id is NULL where the record studies none.
-- A combination gives one row for each of its drugs: count estimates by (pmid, position).
CREATE OR REPLACE VIEW out.outcome_table AS
WITH roles AS (
    SELECT
        d.annotation_id,
        list(d.drug_id ORDER BY d.position) FILTER (WHERE d.role = 'studied') AS studied_drug_ids,
        list(d.drug_id ORDER BY d.position) FILTER (WHERE d.role = 'comparator') AS comparator_drug_ids
    FROM main.article_drugs AS d
    GROUP BY d.annotation_id
),

studied AS (
    SELECT
        d.annotation_id,
        d.drug_id,
        n.drug_name
    FROM main.article_drugs AS d
    LEFT JOIN main.drugs AS n ON d.drug_id = n.drug_id
    WHERE d.role = 'studied'
)

SELECT
    c.pmid,
    o.position,
    s.drug_id,
    s.drug_name,
    coalesce(r.studied_drug_ids, []) AS studied_drug_ids,
    coalesce(r.comparator_drug_ids, []) AS comparator_drug_ids,
    o.endpoint,
    o.measure,
    o.value,
    o.ci_low,
    o.ci_high,
    o.ci_level,
    o.p,
    o.arm,
    o.timepoint_months,
    o.quote,
    o.evidence_sentence,
    o.flags,
    c.title,
    c.created_date,
    c.design,
    c.design_group,
    c.phase,
    c.is_secondary,
    c.n_patients,
    c.setting,
    c.line,
    c.evidence_rank,
    c.trial_ids,
    c.is_retracted,
    c.has_concern,
    c.is_corrected,
    c.is_on_topic
FROM main.article_outcomes AS o
INNER JOIN out.current_articles AS c ON o.annotation_id = c.annotation_id
LEFT JOIN roles AS r ON o.annotation_id = r.annotation_id
LEFT JOIN studied AS s ON o.annotation_id = s.annotation_id;

-- Columns as in: main.article_outcomes, out.current_evidence
COMMENT ON VIEW out.outcome_table IS 'Effect estimates printed in current records, by drug studied and what it is compared with; abstracts only, as printed; retracted ones flagged';
COMMENT ON COLUMN out.outcome_table.position IS 'Order of the estimate in its record; with pmid the key of the estimate';
COMMENT ON COLUMN out.outcome_table.drug_id IS 'A drug the record studies: key of drugs; NULL where it studies none';
COMMENT ON COLUMN out.outcome_table.studied_drug_ids IS 'Every drug the record studies, so that a combination is seen as one';
COMMENT ON COLUMN out.outcome_table.comparator_drug_ids IS 'Drugs it compares them with; empty where none is named';
COMMENT ON COLUMN out.outcome_table.created_date IS '[crdt]: when NCBI added the record';

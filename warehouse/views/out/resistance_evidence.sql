-- One row per record and drug it studies or compares with, where resistance is a subject of the record.
CREATE OR REPLACE VIEW out.resistance_evidence AS
WITH said AS (
    SELECT
        f.annotation_id,
        arg_min(f.evidence_place, f.position) AS resistance_place,
        arg_min(f.evidence_sentence, f.position) AS resistance_sentence
    FROM main.article_facets AS f
    WHERE f.facet = 'resistance' AND f.value <> 'excluded'
    GROUP BY f.annotation_id
)

SELECT
    c.pmid,
    c.title,
    c.first_author,
    c.journal,
    c.pub_date,
    c.created_date,
    c.drug_id,
    c.drug_name,
    c.is_her2_targeted,
    c.role,
    c.design,
    c.design_group,
    c.phase,
    c.n_patients,
    c.her2_status,
    c.setting,
    c.line,
    s.resistance_place,
    s.resistance_sentence,
    c.finding,
    c.evidence_rank,
    c.trial_ids,
    c.is_retracted,
    c.has_concern,
    c.is_corrected,
    c.is_on_topic
FROM out.current_evidence AS c
INNER JOIN said AS s ON c.annotation_id = s.annotation_id
WHERE c.role IN ('studied', 'comparator');

-- Columns as in: out.current_evidence
COMMENT ON VIEW out.resistance_evidence IS 'Current records on resistance, by drug they study or compare with, each with the sentence that says so; retracted ones flagged';
COMMENT ON COLUMN out.resistance_evidence.resistance_place IS 'Where resistance was read: title, abstract, keyword, mesh, …';
COMMENT ON COLUMN out.resistance_evidence.resistance_sentence IS 'The sentence or term it was read from, as NLM wrote it';

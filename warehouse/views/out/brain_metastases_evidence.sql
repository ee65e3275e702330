-- One row per record and drug it studies or compares with, where brain or meningeal disease is a subject of the record.
CREATE OR REPLACE VIEW out.brain_metastases_evidence AS
WITH said AS (
    SELECT
        f.annotation_id,
        arg_min(f.evidence_place, f.position) AS cns_place,
        arg_min(f.evidence_sentence, f.position) AS cns_sentence
    FROM main.article_facets AS f
    WHERE f.facet = 'cns' AND f.value <> 'excluded'
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
    s.cns_place,
    s.cns_sentence,
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
COMMENT ON VIEW out.brain_metastases_evidence IS 'Current records on brain or meningeal disease, by drug they study or compare with, each with the sentence that says so; retracted ones flagged';
COMMENT ON COLUMN out.brain_metastases_evidence.cns_place IS 'Where brain or meningeal disease was read: title, abstract, keyword, mesh, …';
COMMENT ON COLUMN out.brain_metastases_evidence.cns_sentence IS 'The sentence or term it was read from, as NLM wrote it';

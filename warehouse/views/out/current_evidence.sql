-- One row per record that PubMed shows now and drug it names; drug_id is NULL where it names none.
CREATE OR REPLACE VIEW out.current_evidence AS
SELECT
    c.pmid,
    c.version_id,
    c.annotation_id,
    c.title,
    c.first_author,
    c.journal,
    c.pub_date,
    c.pub_year,
    c.created_date,
    c.first_seen_at,
    d.drug_id,
    n.drug_name,
    n.drug_class,
    n.is_her2_targeted,
    d.role,
    d.decided_by,
    d.n_mentions,
    d.evidence_place,
    d.evidence_sentence,
    substring(d.evidence_sentence, d.evidence_start + 1, d.evidence_end - d.evidence_start) AS evidence_words,
    c.design,
    c.design_group,
    c.design_decided_by,
    c.is_secondary,
    c.phase,
    c.n_patients,
    c.her2_status,
    c.tumour,
    c.setting,
    c.line,
    c.has_cns,
    c.has_resistance,
    c.safety,
    c.evidence_rank,
    c.finding,
    c.doi,
    c.trial_ids,
    c.is_retracted,
    c.has_concern,
    c.is_corrected,
    c.is_on_topic
FROM out.current_articles AS c
LEFT JOIN main.article_drugs AS d ON c.annotation_id = d.annotation_id
LEFT JOIN main.drugs AS n ON d.drug_id = n.drug_id;

-- Columns as in: out.current_articles, out.new_evidence, main.article_drugs
COMMENT ON VIEW out.current_evidence IS 'Which drugs each record names now, in which role, and the sentence that says so; deleted records are absent, retracted ones flagged';
COMMENT ON COLUMN out.current_evidence.evidence_words IS 'The words in evidence_sentence that named the drug';

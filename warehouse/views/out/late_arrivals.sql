-- Records NCBI added long before her2lit first saw them, one row per event and drug; not history.
CREATE OR REPLACE VIEW out.late_arrivals AS
SELECT
    n.event_id,
    n.event_type,
    n.run_id,
    n.run_label,
    n.event_at,
    n.pmid,
    n.title,
    n.journal,
    n.pub_date,
    n.pub_year,
    n.created_date,
    n.first_seen_at,
    n.drug_id,
    n.drug_name,
    n.drug_class,
    n.is_her2_targeted,
    n.role,
    n.decided_by,
    n.design,
    n.design_decided_by,
    n.is_secondary,
    n.phase,
    n.n_patients,
    n.her2_status,
    n.tumour,
    n.setting,
    n.line,
    n.has_cns,
    n.has_resistance,
    n.safety,
    n.evidence_rank,
    n.finding,
    n.doi,
    n.trial_ids,
    n.is_retracted,
    n.has_concern,
    n.is_corrected,
    n.is_on_topic,
    n.strategies,
    n.changed_fields,
    n.first_author,
    n.has_abstract
FROM out.new_evidence AS n
WHERE n.event_type = 'late_arrival';

COMMENT ON VIEW out.late_arrivals IS 'Records that NCBI added long before her2lit first saw them; the columns of new_evidence';
COMMENT ON COLUMN out.late_arrivals.event_id IS 'Key of evidence_events';
COMMENT ON COLUMN out.late_arrivals.event_type IS 'appeared, late_arrival, loaded, revised, indexed, corrected, concern, retracted, reinstated, deleted or reappeared';
COMMENT ON COLUMN out.late_arrivals.run_id IS 'The run that saw it: key of runs';
COMMENT ON COLUMN out.late_arrivals.run_label IS 'The night: calendar date in America/New_York at the start of the run';
COMMENT ON COLUMN out.late_arrivals.event_at IS 'Start (UTC) of the run that saw it';
COMMENT ON COLUMN out.late_arrivals.pmid IS 'PubMed identifier';
COMMENT ON COLUMN out.late_arrivals.title IS 'ArticleTitle, plain text';
COMMENT ON COLUMN out.late_arrivals.journal IS 'MedlineTA, else the journal''s title';
COMMENT ON COLUMN out.late_arrivals.pub_date IS 'Publication date as printed';
COMMENT ON COLUMN out.late_arrivals.pub_year IS 'Year of pub_date; NULL when none could be read';
COMMENT ON COLUMN out.late_arrivals.created_date IS '[crdt]: when NCBI added the record';
COMMENT ON COLUMN out.late_arrivals.first_seen_at IS 'When her2lit first loaded the record (UTC)';
COMMENT ON COLUMN out.late_arrivals.drug_id IS 'Key of drugs; NULL where the record names no drug';
COMMENT ON COLUMN out.late_arrivals.drug_name IS 'Name shown to readers';
COMMENT ON COLUMN out.late_arrivals.drug_class IS 'Class of the drug';
COMMENT ON COLUMN out.late_arrivals.is_her2_targeted IS 'Whether the drug itself targets HER2; NULL without a drug';
COMMENT ON COLUMN out.late_arrivals.role IS 'studied, comparator, prior, background or negated; NULL without a drug';
COMMENT ON COLUMN out.late_arrivals.decided_by IS 'What named the drug: text, substance or mesh';
COMMENT ON COLUMN out.late_arrivals.design IS 'Study design; NULL when the record was not judged';
COMMENT ON COLUMN out.late_arrivals.design_decided_by IS 'text, publication_type, comments_corrections, mesh or default';
COMMENT ON COLUMN out.late_arrivals.is_secondary IS 'A secondary, subgroup or pooled analysis';
COMMENT ON COLUMN out.late_arrivals.phase IS '1, 1/2, 2, 2/3, 3, 4 or NULL';
COMMENT ON COLUMN out.late_arrivals.n_patients IS 'Patients reported on; NULL when not printed';
COMMENT ON COLUMN out.late_arrivals.her2_status IS 'HER2 classes named: positive, low, ultralow, mutant, negative';
COMMENT ON COLUMN out.late_arrivals.tumour IS 'Tumours named, e.g. breast, gastric';
COMMENT ON COLUMN out.late_arrivals.setting IS 'metastatic, early, …';
COMMENT ON COLUMN out.late_arrivals.line IS 'Lines of therapy named';
COMMENT ON COLUMN out.late_arrivals.has_cns IS 'Brain or meningeal disease is a subject; not where such patients were only excluded';
COMMENT ON COLUMN out.late_arrivals.has_resistance IS 'Resistance is a subject';
COMMENT ON COLUMN out.late_arrivals.safety IS 'Harms named, e.g. ild, cardiac';
COMMENT ON COLUMN out.late_arrivals.evidence_rank IS '0-100, for ordering only';
COMMENT ON COLUMN out.late_arrivals.finding IS 'The sentence that states the main result, exactly as in the abstract';
COMMENT ON COLUMN out.late_arrivals.doi IS 'The record''s own DOI, lower case';
COMMENT ON COLUMN out.late_arrivals.trial_ids IS 'Registry ids printed in the record';
COMMENT ON COLUMN out.late_arrivals.is_retracted IS 'Retracted, as the record itself or a notice says';
COMMENT ON COLUMN out.late_arrivals.has_concern IS 'Under an expression of concern';
COMMENT ON COLUMN out.late_arrivals.is_corrected IS 'Has an erratum or was corrected and republished';
COMMENT ON COLUMN out.late_arrivals.is_on_topic IS 'Breast, and a HER2-targeted drug is studied or compared, or HER2 is positive, low or ultralow';
COMMENT ON COLUMN out.late_arrivals.strategies IS 'Provenance strategies that matched the record, sorted';
COMMENT ON COLUMN out.late_arrivals.changed_fields IS 'Fields that changed, for a revision; else empty';
COMMENT ON COLUMN out.late_arrivals.first_author IS 'First author as "Last FM", or the collective';
COMMENT ON COLUMN out.late_arrivals.has_abstract IS 'Whether there is an abstract';

-- One row per event and drug; drug_id is NULL where the record names no drug. What it says of the record is current.
-- Explicit infinity: the same text as evidence_as_of, so that the two can never drift apart.
CREATE OR REPLACE VIEW out.new_evidence AS
SELECT
    event_id,
    event_type,
    run_id,
    run_label,
    event_at,
    pmid,
    title,
    journal,
    pub_date,
    pub_year,
    created_date,
    first_seen_at,
    drug_id,
    drug_name,
    drug_class,
    is_her2_targeted,
    role,
    decided_by,
    design,
    design_group,
    design_decided_by,
    is_secondary,
    phase,
    n_patients,
    her2_status,
    tumour,
    setting,
    line,
    has_cns,
    has_resistance,
    safety,
    evidence_rank,
    finding,
    doi,
    trial_ids,
    is_retracted,
    has_concern,
    is_corrected,
    is_deleted,
    is_on_topic,
    strategies,
    changed_fields,
    first_author,
    has_abstract
FROM out.evidence_as_of(TIMESTAMP 'infinity');

COMMENT ON VIEW out.new_evidence IS 'What is new, by drug: one row per event and drug the record names; drug_id is NULL where it names none';
COMMENT ON COLUMN out.new_evidence.event_id IS 'Key of evidence_events';
COMMENT ON COLUMN out.new_evidence.event_type IS 'appeared, late_arrival, loaded, revised, indexed, corrected, concern, retracted, reinstated, deleted or reappeared';
COMMENT ON COLUMN out.new_evidence.run_id IS 'The run that saw it: key of runs';
COMMENT ON COLUMN out.new_evidence.run_label IS 'The night: calendar date in America/New_York at the start of the run';
COMMENT ON COLUMN out.new_evidence.event_at IS 'Start (UTC) of the run that saw it';
COMMENT ON COLUMN out.new_evidence.pmid IS 'PubMed identifier';
COMMENT ON COLUMN out.new_evidence.title IS 'ArticleTitle, plain text';
COMMENT ON COLUMN out.new_evidence.journal IS 'MedlineTA, else the journal''s title';
COMMENT ON COLUMN out.new_evidence.pub_date IS 'Publication date as printed';
COMMENT ON COLUMN out.new_evidence.pub_year IS 'Year of pub_date; NULL when none could be read';
COMMENT ON COLUMN out.new_evidence.created_date IS '[crdt]: when NCBI added the record';
COMMENT ON COLUMN out.new_evidence.first_seen_at IS 'When her2lit first loaded the record (UTC)';
COMMENT ON COLUMN out.new_evidence.drug_id IS 'Key of drugs; NULL where the record names no drug';
COMMENT ON COLUMN out.new_evidence.drug_name IS 'Name shown to readers';
COMMENT ON COLUMN out.new_evidence.drug_class IS 'Class of the drug';
COMMENT ON COLUMN out.new_evidence.is_her2_targeted IS 'Whether the drug itself targets HER2; NULL without a drug';
COMMENT ON COLUMN out.new_evidence.role IS 'studied, comparator, prior, background or negated; NULL without a drug';
COMMENT ON COLUMN out.new_evidence.decided_by IS 'What named the drug: text, keyword, substance or mesh';
COMMENT ON COLUMN out.new_evidence.design IS 'Study design; NULL when the record was not judged';
COMMENT ON COLUMN out.new_evidence.design_group IS 'randomised, other_trial, synthesis, observational, case_report, preclinical, review, other or notice; see core.design_groups';
COMMENT ON COLUMN out.new_evidence.design_decided_by IS 'text, publication_type, comments_corrections, mesh or default';
COMMENT ON COLUMN out.new_evidence.is_secondary IS 'A secondary, subgroup or pooled analysis';
COMMENT ON COLUMN out.new_evidence.phase IS '1, 1/2, 2, 2/3, 3, 4 or NULL';
COMMENT ON COLUMN out.new_evidence.n_patients IS 'Patients reported on; NULL when not printed';
COMMENT ON COLUMN out.new_evidence.her2_status IS 'HER2 classes named: positive, low, ultralow, mutant, negative';
COMMENT ON COLUMN out.new_evidence.tumour IS 'Tumours named, e.g. breast, gastric';
COMMENT ON COLUMN out.new_evidence.setting IS 'metastatic, early, …';
COMMENT ON COLUMN out.new_evidence.line IS 'Lines of therapy named';
COMMENT ON COLUMN out.new_evidence.has_cns IS 'Brain or meningeal disease is a subject; not where such patients were only excluded';
COMMENT ON COLUMN out.new_evidence.has_resistance IS 'Resistance is a subject';
COMMENT ON COLUMN out.new_evidence.safety IS 'Harms named, e.g. ild, cardiac';
COMMENT ON COLUMN out.new_evidence.evidence_rank IS '0-100, for ordering only';
COMMENT ON COLUMN out.new_evidence.finding IS 'The sentence that states the main result, exactly as in the abstract';
COMMENT ON COLUMN out.new_evidence.doi IS 'The record''s own DOI, lower case';
COMMENT ON COLUMN out.new_evidence.trial_ids IS 'Registry ids printed in the record';
COMMENT ON COLUMN out.new_evidence.is_retracted IS 'Retracted, as the record itself or a notice says';
COMMENT ON COLUMN out.new_evidence.has_concern IS 'Under an expression of concern';
COMMENT ON COLUMN out.new_evidence.is_corrected IS 'Has an erratum or was corrected and republished';
COMMENT ON COLUMN out.new_evidence.is_deleted IS 'PubMed no longer shows the record; what is said of it is its last version';
COMMENT ON COLUMN out.new_evidence.is_on_topic IS 'Breast, and a HER2-targeted drug is studied or compared, or HER2 is positive, low or ultralow';
COMMENT ON COLUMN out.new_evidence.strategies IS 'Provenance strategies that matched the record, sorted';
COMMENT ON COLUMN out.new_evidence.changed_fields IS 'Fields that changed, for a revision; else empty';
COMMENT ON COLUMN out.new_evidence.first_author IS 'First author as "Last FM", or the collective';
COMMENT ON COLUMN out.new_evidence.has_abstract IS 'Whether there is an abstract';

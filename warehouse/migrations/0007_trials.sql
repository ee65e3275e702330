-- Landmark trials with their papers, and what the topic said of each drug and when.

CREATE TABLE trials (
    trial VARCHAR NOT NULL,
    names VARCHAR[] NOT NULL,
    is_randomised BOOLEAN NOT NULL,
    phase VARCHAR,
    nct VARCHAR,
    drug_ids VARCHAR[] NOT NULL
);
COMMENT ON TABLE trials IS 'One row per landmark trial, as topic/landmarks.toml says now';
COMMENT ON COLUMN trials.trial IS 'Name of the trial, the key';
COMMENT ON COLUMN trials.names IS 'Acronyms and study numbers by which a title names it';
COMMENT ON COLUMN trials.is_randomised IS 'Whether patients were randomised, which a report need not print';
COMMENT ON COLUMN trials.phase IS '1, 1/2, 2, 2/3, 3, 4 or NULL';
COMMENT ON COLUMN trials.nct IS 'ClinicalTrials.gov id; NULL where it was not verified';
COMMENT ON COLUMN trials.drug_ids IS 'Drugs of the trial: keys of drugs';

CREATE TABLE trial_reports (
    pmid BIGINT NOT NULL,
    trial VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    journal VARCHAR NOT NULL,
    year INTEGER NOT NULL
);
COMMENT ON TABLE trial_reports IS 'One row per sentinel: a paper of a landmark trial by its verified PMID, as topic/landmarks.toml says now';
COMMENT ON COLUMN trial_reports.pmid IS 'PubMed identifier of the paper, the key';
COMMENT ON COLUMN trial_reports.trial IS 'Key of trials';
COMMENT ON COLUMN trial_reports.title IS 'What the paper is called here, not its ArticleTitle';
COMMENT ON COLUMN trial_reports.journal IS 'Journal it appeared in';
COMMENT ON COLUMN trial_reports.year IS 'Year of publication';

CREATE TABLE drug_versions (
    drug_id VARCHAR NOT NULL,
    drug_name VARCHAR NOT NULL,
    drug_class VARCHAR NOT NULL,
    is_her2_targeted BOOLEAN NOT NULL,
    rolls_up_to VARCHAR,
    seen_from TIMESTAMP NOT NULL,
    seen_to TIMESTAMP
);
COMMENT ON TABLE drug_versions IS 'One row per drug and wording of the topic: drugs is what holds now, this is what held when';
COMMENT ON COLUMN drug_versions.drug_id IS 'Key of drugs; a drug the topic has dropped stays here';
COMMENT ON COLUMN drug_versions.drug_name IS 'Name shown to readers at that time';
COMMENT ON COLUMN drug_versions.drug_class IS 'Class of the drug at that time';
COMMENT ON COLUMN drug_versions.is_her2_targeted IS 'Whether the topic said that the drug itself targets HER2';
COMMENT ON COLUMN drug_versions.rolls_up_to IS 'The drug this one also counted as, else NULL';
COMMENT ON COLUMN drug_versions.seen_from IS 'Start (UTC) of the run that first had it from the topic; 1970-01-01 for what was so from the start';
COMMENT ON COLUMN drug_versions.seen_to IS 'Start (UTC) of the run that no longer had it so; NULL while it holds';

INSERT INTO drug_versions
SELECT
    d.drug_id,
    d.drug_name,
    d.drug_class,
    d.is_her2_targeted,
    d.rolls_up_to,
    TIMESTAMP '1970-01-01 00:00:00' AS seen_from,
    NULL AS seen_to
FROM drugs AS d;

-- The event keeps the version that was deleted, so that its title can still be read.
COMMENT ON COLUMN evidence_events.version_id IS 'The record''s current version after the change; of a deletion, the version that went';

-- One row per study design: the group in which the views count it. Every design belongs to one group.
CREATE OR REPLACE VIEW core.design_groups AS
SELECT
    g.design,
    g.design_group
FROM (
    VALUES
    ('phase3_rct', 'randomised'),
    ('other_rct', 'randomised'),
    ('phase3_nonrandomised', 'other_trial'),
    ('phase2', 'other_trial'),
    ('phase1', 'other_trial'),
    ('guideline', 'synthesis'),
    ('systematic_review_meta_analysis', 'synthesis'),
    ('observational', 'observational'),
    ('case_report', 'case_report'),
    ('preclinical', 'preclinical'),
    ('review', 'review'),
    ('protocol', 'other'),
    ('economic', 'other'),
    ('letter_comment_editorial', 'other'),
    ('other', 'other'),
    ('erratum', 'notice'),
    ('expression_of_concern', 'notice'),
    ('retraction_notice', 'notice')
) AS g (design, design_group);

COMMENT ON VIEW core.design_groups IS 'The group in which views count a study design; every design has one';
COMMENT ON COLUMN core.design_groups.design IS 'Study design, as in article_evidence';
COMMENT ON COLUMN core.design_groups.design_group IS 'randomised, other_trial (phase 1 to 3 without randomisation), synthesis (guideline, systematic review, meta-analysis), observational, case_report, preclinical, review, other, or notice (erratum, concern, retraction: about a paper, no evidence itself)';

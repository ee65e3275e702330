-- One row per statement, known at the instant *as_of* (UTC), that a record was retracted, questioned or corrected.
-- Either end may say so: the record itself, with or without the notice's PMID, or the notice that names the record.
CREATE OR REPLACE MACRO core.integrity_marks_as_of(as_of) AS TABLE
WITH ref_types (ref_type, mark, is_own_end) AS (
    VALUES
    ('RetractionIn', 'retracted', TRUE),
    ('RetractedandRepublishedIn', 'retracted', TRUE),
    ('ExpressionOfConcernIn', 'concern', TRUE),
    ('ErratumIn', 'corrected', TRUE),
    ('CorrectedandRepublishedIn', 'corrected', TRUE),
    ('RetractionOf', 'retracted', FALSE),
    ('RetractedandRepublishedFrom', 'retracted', FALSE),
    ('ExpressionOfConcernFor', 'concern', FALSE),
    ('ErratumFor', 'corrected', FALSE),
    ('CorrectedandRepublishedFrom', 'corrected', FALSE)
)

SELECT DISTINCT
    r.mark,
    r.is_own_end,
    c.ref_type,
    CASE WHEN r.is_own_end THEN c.pmid ELSE c.ref_pmid END AS pmid,
    CASE WHEN r.is_own_end THEN c.ref_pmid ELSE c.pmid END AS notice_pmid,
    CASE WHEN r.is_own_end THEN c.ref_source END AS notice_source
FROM main.comments_corrections AS c
INNER JOIN ref_types AS r USING (ref_type)
INNER JOIN out.articles_as_of(as_of) AS v USING (version_id)
WHERE r.is_own_end OR c.ref_pmid IS NOT NULL
UNION ALL
-- Publication type "Retracted Publication" stands on the retracted record itself.
SELECT
    'retracted' AS mark,
    TRUE AS is_own_end,
    'Retracted Publication' AS ref_type,
    p.pmid,
    NULL AS notice_pmid,
    NULL AS notice_source
FROM main.publication_types AS p
INNER JOIN out.articles_as_of(as_of) AS v USING (version_id)
WHERE p.publication_type_ui = 'D016441' OR p.publication_type = 'Retracted Publication';

COMMENT ON MACRO TABLE core.integrity_marks_as_of IS 'Statements known at an instant (UTC) that a record was retracted, questioned or corrected, from either end';

-- One row per PMID that is retracted, questioned or corrected at the instant *as_of* (UTC).
CREATE OR REPLACE MACRO core.integrity_as_of(as_of) AS TABLE
SELECT
    m.pmid,
    bool_or(m.mark = 'retracted') AS is_retracted,
    bool_or(m.mark = 'concern') AS has_concern,
    bool_or(m.mark = 'corrected') AS is_corrected
FROM core.integrity_marks_as_of(as_of) AS m
GROUP BY m.pmid;

COMMENT ON MACRO TABLE core.integrity_as_of IS 'Which records were retracted, questioned or corrected at an instant (UTC)';

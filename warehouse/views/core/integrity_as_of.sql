-- One row per PMID with any mark at the instant *as_of* (UTC).
-- A correction that both ends report is counted once: by the notice's PMID, and a report without
-- a PMID is matched with a notice that the record itself does not name.
CREATE OR REPLACE MACRO core.integrity_as_of(as_of) AS TABLE
WITH counted AS (
    SELECT
        pmid,
        mark,
        count(DISTINCT notice_pmid) AS n_named,
        count(DISTINCT notice_source) FILTER (WHERE is_own_end AND notice_pmid IS NULL AND ref_type <> 'Retracted Publication')
            AS n_unnamed,
        count(DISTINCT notice_pmid) FILTER (WHERE is_own_end) AS n_named_by_record,
        bool_or(ref_type = 'Retracted Publication') AS has_type
    FROM core.integrity_marks_as_of(as_of)
    GROUP BY pmid, mark
),

effective AS (
    SELECT
        pmid,
        mark,
        has_type,
        n_named + greatest(0, n_unnamed - (n_named - n_named_by_record)) AS n_notices
    FROM counted
)

SELECT
    pmid,
    bool_or(mark = 'retracted') AS is_retracted,
    coalesce(sum(n_notices) FILTER (WHERE mark = 'concern'), 0)::INTEGER AS n_concerns,
    coalesce(sum(n_notices) FILTER (WHERE mark = 'corrected'), 0)::INTEGER AS n_corrections
FROM effective
GROUP BY pmid;

COMMENT ON MACRO TABLE core.integrity_as_of IS 'Which records were retracted, questioned or corrected at an instant (UTC), and by how many notices';

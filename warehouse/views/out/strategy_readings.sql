-- One row per strategy and arm: how PubMed read it last, and the reading it is compared with.
CREATE OR REPLACE VIEW out.strategy_readings AS
WITH newest AS (
    SELECT
        s.*,
        row_number() OVER (PARTITION BY s.strategy, s.arm ORDER BY s.started_at DESC, s.position DESC) AS newness
    FROM main.search_runs AS s
    WHERE s.query_translation IS NOT NULL
),

pinned AS (
    SELECT
        p.*,
        row_number() OVER (
            PARTITION BY p.strategy, p.arm, p.strategy_sha256 ORDER BY p.pinned_at DESC, p.is_approved DESC
        ) AS newness
    FROM main.strategy_pins AS p
)

SELECT
    n.strategy,
    t.title AS strategy_title,
    n.arm,
    n.run_id,
    r.label AS run_label,
    n.count,
    n.warnings,
    n.outcome,
    n.reason,
    n.query_translation,
    p.translation AS pinned_translation,
    p.pinned_at,
    p.is_approved,
    CASE WHEN p.pinned_at > n.started_at THEN NULL ELSE n.drift END AS drift,
    n.strategy_sha256,
    coalesce(t.strategy_sha256 = n.strategy_sha256, FALSE) AS is_current_text
FROM newest AS n
LEFT JOIN main.runs AS r ON n.run_id = r.run_id
LEFT JOIN main.strategies AS t ON n.strategy = t.strategy
LEFT JOIN pinned AS p
    ON n.strategy = p.strategy AND n.arm = p.arm AND n.strategy_sha256 = p.strategy_sha256 AND p.newness = 1
WHERE n.newness = 1;

-- Columns as in: main.search_runs
COMMENT ON VIEW out.strategy_readings IS 'How PubMed read each strategy last, and the reading that was pinned; a drift stands until somebody approves it';
COMMENT ON COLUMN out.strategy_readings.strategy_title IS 'What the strategy looks for, in words; NULL for the watch and for strategies no longer in use';
COMMENT ON COLUMN out.strategy_readings.run_label IS 'The night of the last run that asked';
COMMENT ON COLUMN out.strategy_readings.pinned_translation IS 'The reading it is compared with, without dates and posted sets';
COMMENT ON COLUMN out.strategy_readings.pinned_at IS 'When (UTC) that was pinned';
COMMENT ON COLUMN out.strategy_readings.is_approved IS 'TRUE when a person approved it, FALSE when it was the first reading seen';
COMMENT ON COLUMN out.strategy_readings.drift IS 'How the last reading differs from the pinned one; NULL when it does not, or was approved since';
COMMENT ON COLUMN out.strategy_readings.is_current_text IS 'Whether that is the text in use now';

-- One row per search as sent and answered: what PRISMA-S asks a review to report of each (database and platform, the full
-- strategy as run, limits, date, number of records).
CREATE OR REPLACE VIEW out.search_log AS
SELECT
    s.run_id,
    r.label AS run_label,
    s.position,
    'PubMed' AS source,
    'NCBI E-utilities' AS platform,
    s.strategy,
    t.title AS strategy_title,
    s.arm,
    s.window_since,
    s.window_until,
    s.term,
    s.query_translation,
    s.count,
    s.warnings,
    s.drift,
    s.outcome,
    s.reason,
    s.started_at,
    s.finished_at,
    s.n_requests,
    s.strategy_sha256
FROM main.search_runs AS s
LEFT JOIN main.runs AS r ON s.run_id = r.run_id
LEFT JOIN main.strategies AS t ON s.strategy = t.strategy;

-- Columns as in: main.search_runs
COMMENT ON VIEW out.search_log IS 'Every search as sent and answered, ready for a PRISMA-S report';
COMMENT ON COLUMN out.search_log.run_label IS 'The night: calendar date in America/New_York at the start of the run';
COMMENT ON COLUMN out.search_log.source IS 'Database that was searched';
COMMENT ON COLUMN out.search_log.platform IS 'How it was searched';
COMMENT ON COLUMN out.search_log.strategy_title IS 'What the strategy looks for, in words; NULL when it is no longer in use';
COMMENT ON COLUMN out.search_log.term IS 'The term exactly as sent';
COMMENT ON COLUMN out.search_log.query_translation IS 'What PubMed made of it';
COMMENT ON COLUMN out.search_log.count IS 'Records PubMed reported; NULL when it did not answer';

-- One row per run, as the ledger has it.
CREATE OR REPLACE VIEW out.run_health AS
SELECT
    r.run_id,
    r.label,
    r.kind,
    r.outcome,
    r.started_at,
    r.finished_at,
    date_diff('second', r.started_at, r.finished_at) AS duration_s,
    r.n_articles,
    r.n_new,
    r.n_revised,
    r.n_unchanged,
    r.n_reannotated,
    r.n_rejects,
    r.n_events,
    r.n_requests,
    r.her2lit_version,
    r.rule_version,
    r.message
FROM main.runs AS r;

COMMENT ON VIEW out.run_health IS 'How every run went; a run that was killed is interrupted';
COMMENT ON COLUMN out.run_health.run_id IS 'label and attempt, e.g. 2021-06-07.1';
COMMENT ON COLUMN out.run_health.label IS 'The night: calendar date in America/New_York at its start';
COMMENT ON COLUMN out.run_health.kind IS 'nightly, backfill, reconcile, …';
COMMENT ON COLUMN out.run_health.outcome IS 'running, clean, incomplete, failed or interrupted';
COMMENT ON COLUMN out.run_health.started_at IS 'UTC';
COMMENT ON COLUMN out.run_health.finished_at IS 'UTC; NULL while running or interrupted';
COMMENT ON COLUMN out.run_health.duration_s IS 'Seconds from start to finish';
COMMENT ON COLUMN out.run_health.n_articles IS 'Record versions received';
COMMENT ON COLUMN out.run_health.n_new IS 'PMIDs seen for the first time';
COMMENT ON COLUMN out.run_health.n_revised IS 'PMIDs with new content';
COMMENT ON COLUMN out.run_health.n_unchanged IS 'Received with the content already held';
COMMENT ON COLUMN out.run_health.n_reannotated IS 'Held versions judged anew';
COMMENT ON COLUMN out.run_health.n_rejects IS 'Records that could not be read';
COMMENT ON COLUMN out.run_health.n_events IS 'Rows added to evidence_events';
COMMENT ON COLUMN out.run_health.n_requests IS 'Requests sent to E-utilities';
COMMENT ON COLUMN out.run_health.her2lit_version IS 'Version of the program';
COMMENT ON COLUMN out.run_health.rule_version IS 'Version of lexicon and rules';
COMMENT ON COLUMN out.run_health.message IS 'What was missing or went wrong, for people';

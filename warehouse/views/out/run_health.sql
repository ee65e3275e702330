-- One row per run, as the ledger has it, with how its searches went.
CREATE OR REPLACE VIEW out.run_health AS
WITH searches AS (
    SELECT
        s.run_id,
        count(*) AS n_searches,
        count(*) FILTER (WHERE s.outcome <> 'clean') AS n_searches_not_clean,
        count(DISTINCT s.strategy) FILTER (WHERE s.drift IS NOT NULL) AS n_drifted
    FROM main.search_runs AS s
    GROUP BY s.run_id
),

away AS (
    SELECT
        b.run_id,
        count(*) AS n_absent
    FROM main.absences AS b
    GROUP BY b.run_id
)

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
    coalesce(s.n_searches, 0) AS n_searches,
    coalesce(s.n_searches_not_clean, 0) AS n_searches_not_clean,
    r.her2lit_version,
    r.rule_version,
    r.message,
    coalesce(s.n_drifted, 0) AS n_drifted,
    coalesce(a.n_absent, 0) AS n_absent
FROM main.runs AS r
LEFT JOIN searches AS s ON r.run_id = s.run_id
LEFT JOIN away AS a ON r.run_id = a.run_id;

-- Columns as in: main.runs
COMMENT ON VIEW out.run_health IS 'How every run went; a run that was killed is interrupted';
COMMENT ON COLUMN out.run_health.duration_s IS 'Seconds from start to finish';
COMMENT ON COLUMN out.run_health.n_searches IS 'Searches it sent and noted; 0 for a run that was killed before it loaded';
COMMENT ON COLUMN out.run_health.n_searches_not_clean IS 'Of them, held or failed';
COMMENT ON COLUMN out.run_health.n_drifted IS 'Strategies that PubMed read differently than pinned';
COMMENT ON COLUMN out.run_health.n_absent IS 'Held records it noted as absent from PubMed';

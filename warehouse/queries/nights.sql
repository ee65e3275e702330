-- How did the last nights go?
SELECT
    r.label,
    r.run_id,
    r.outcome,
    r.n_searches,
    r.n_searches_not_clean,
    r.n_articles,
    r.n_new,
    r.n_revised,
    r.n_events,
    r.message
FROM out.run_health AS r
ORDER BY r.started_at DESC
LIMIT 14;

-- Which nights between the first and the last have no run that ended clean?
SELECT
    d.night::DATE AS night,
    coalesce(string_agg(r.outcome, ', ' ORDER BY r.started_at), 'no run') AS outcomes
FROM (
    SELECT unnest(generate_series(min(h.label)::TIMESTAMP, max(h.label)::TIMESTAMP, INTERVAL 1 DAY)) AS night
    FROM out.run_health AS h
) AS d
LEFT JOIN out.run_health AS r ON d.night::DATE = r.label
GROUP BY d.night
HAVING NOT coalesce(bool_or(r.outcome = 'clean'), FALSE)
ORDER BY night;
